-- What the tables share: the département of a place, its state, numbers and numbers of identity as people write them.
create or replace temp macro code_insee(code) as
    case when regexp_full_match(code, '[0-9]{4}') then '0' || code else upper(code) end;

create or replace temp macro tranche_departement(code) as
    case when substr(code, 1, 2) in ('97', '98') then substr(code, 1, 3) else substr(code, 1, 2) end;

-- The commune says it; failing that the postcode, the two of Corsica apart.
create or replace temp macro departement(code, postal) as
    case
        when regexp_full_match(code, '[0-9]{5}|2[AB][0-9]{3}') and code <> '00000' then tranche_departement(code)
        when postal like '20%' and length(postal) = 5 then case when postal < '20200' then '2A' else '2B' end
        when regexp_full_match(postal, '[0-9]{5}') and postal <> '00000' then tranche_departement(postal)
    end;

create or replace temp macro nombre(texte) as
    try_cast(replace(regexp_replace(texte, '[\s\x{00A0}\x{202F}€]|euros?', '', 'g'), ',', '.') as double);

create or replace temp macro chiffres(texte) as
    regexp_replace(regexp_replace(texte, '\.0$', ''), '[\s\x{00A0}''.]', '', 'g');

create or replace temp macro jour(texte) as
    coalesce(
        try_cast(texte as date), try_strptime(texte, ['%d/%m/%Y', '%Y/%m/%d', '%Y-%m-%d %H:%M:%S', '%Y'])::date
    );

-- The check digit of SIREN and SIRET, counted from the right (Luhn); a number rounded by a spreadsheet fails it.
create or replace temp macro luhn(numero) as
    list_sum(list_transform(
        range(1, length(numero) + 1),
        lambda i: case
            when (length(numero) - i) % 2 = 0 then cast(substr(numero, i, 1) as integer)
            else (cast(substr(numero, i, 1) as integer) * 2) // 10 + (cast(substr(numero, i, 1) as integer) * 2) % 10
        end
    )) % 10 = 0;

create or replace temp macro est_siren(numero) as
    case when regexp_full_match(numero, '[0-9]{9}') and numero <> '000000000' then luhn(numero) else false end;

create or replace temp macro est_siret(numero) as
    case when regexp_full_match(numero, '[0-9]{14}') then luhn(numero) and est_siren(substr(numero, 1, 9)) else false end;
