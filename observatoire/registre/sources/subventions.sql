-- grain: one row per row of the file; an amount is repeated for each beneficiary of one decision: see `pourcentage`
-- A beneficiary without a true number may be a person: its name is not kept. No address is given: no département.
with propres as (
    select
        l.*,
        chiffres(l.siret) as chiffres_siret,
        upper(chiffres(l.rna)) as w
    from lues as l
),

numerotees as (
    select
        p.*,
        case when est_siret(p.chiffres_siret) or est_siren(p.chiffres_siret) then p.chiffres_siret end as numero,
        case when regexp_full_match(p.w, 'W[0-9][0-9A-Z][0-9]{7}') then p.w end as numero_rna
    from propres as p
)

select
    n.nom_attribuant, chiffres(n.id_attribuant) as siret_attribuant,
    case when n.numero is not null or n.numero_rna is not null then n.beneficiaire end as beneficiaire,
    case when length(n.numero) = 14 then n.numero end as siret, substr(n.numero, 1, 9) as siren, n.numero_rna as rna,
    jour(n.date) as date_convention, coalesce(year(jour(n.date)), try_cast(substr(n.date, 1, 4) as integer)) as annee,
    nombre(n.montant) as montant, n.nature, n.periode, nombre(n.pourcentage) as pourcentage, n.dispositif,
    cast(null as varchar) as code_departement,
    case when n.numero is not null or n.numero_rna is not null then 'numero'
        when n.siret is not null then 'numero_faux'
        else 'sans_numero' end as etat
from numerotees as n
