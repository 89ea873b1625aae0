-- grain: one row per association and year; a volunteer counts once in each association.
-- Regular plus occasional volunteers, else the total the association gives, else the one group it knows.
with reponses as (
    select
        cle_association,
        millesime,
        commune,
        distincts,
        case when reguliers is not null and occasionnels is not null then reguliers + occasionnels
            when reguliers is not null or occasionnels is not null then coalesce(distincts, reguliers, occasionnels)
        end as declarees
    from base_benevolat
),

-- the same person may serve in several categories: their totals are not summed, the largest is a floor
participations as (
    select
        cle_association,
        millesime,
        min(commune) as commune,
        coalesce(sum(declarees), max(distincts)) as nb
    from reponses
    group by cle_association, millesime
)

select
    p.cle_association,
    p.millesime,
    coalesce(p.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    p.nb as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    p.nb as nb_personnes
from participations as p
inner join base_situation as s on p.cle_association = s.cle_association and p.millesime = s.millesime
where p.nb is not null
