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
    try_cast(replace(regexp_replace(texte, '[\s\x{00A0}\x{202F}€]', '', 'g'), ',', '.') as double);

create or replace temp macro chiffres(texte) as
    regexp_replace(regexp_replace(texte, '\.0$', ''), '[\s\x{00A0}''.]', '', 'g');

create or replace temp macro jour(texte) as
    coalesce(
        try_cast(texte as date), try_strptime(texte, ['%d/%m/%Y', '%Y/%m/%d', '%Y-%m-%d %H:%M:%S', '%Y'])::date
    );
