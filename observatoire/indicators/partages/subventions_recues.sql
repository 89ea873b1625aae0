-- grain: one row per beneficiary and year; the amounts of all funders add up as they are published
with montants as (
    select cle_association, millesime, min(commune) as commune, sum(montant) as montant
    from base_subventions
    where montant is not null
    group by cle_association, millesime
)

select
    m.cle_association,
    m.millesime,
    coalesce(m.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    m.montant as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from montants as m
inner join base_situation as s on m.cle_association = s.cle_association and m.millesime = s.millesime
