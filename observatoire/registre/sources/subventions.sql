-- grain: one row per row of the file; an amount is repeated for each beneficiary of one decision: see `pourcentage`
-- A beneficiary without any number may be a person: its name is not kept. No address is given: no département.
with lues_bien as (
    select
        l.*,
        case when regexp_full_match(chiffres(l.siret), '[0-9]{14}|[0-9]{9}') then chiffres(l.siret) end as numero,
        case when regexp_full_match(upper(chiffres(l.rna)), 'W[0-9][0-9A-Z][0-9]{7}') then upper(chiffres(l.rna)) end as w
    from lues as l
)

select
    l.nom_attribuant, chiffres(l.id_attribuant) as siret_attribuant,
    case when l.numero is not null or l.w is not null then l.beneficiaire end as beneficiaire,
    case when length(l.numero) = 14 then l.numero end as siret, substr(l.numero, 1, 9) as siren, l.w as rna,
    jour(l.date) as date_convention, coalesce(year(jour(l.date)), try_cast(substr(l.date, 1, 4) as integer)) as annee,
    nombre(l.montant) as montant, l.nature, l.periode, nombre(l.pourcentage) as pourcentage, l.dispositif,
    cast(null as varchar) as code_departement,
    case when l.numero is not null or l.w is not null then 'numero' else 'sans_numero' end as etat
from lues_bien as l
