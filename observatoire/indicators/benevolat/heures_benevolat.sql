-- grain: one row per association and year with yearly hours of volunteering
with heures as (
    select cle_association, millesime, min(commune) as commune, sum(heures) as heures
    from base_benevolat
    where heures is not null
    group by cle_association, millesime
)

select
    h.cle_association,
    h.millesime,
    coalesce(h.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    h.heures as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from heures as h
inner join base_situation as s on h.cle_association = s.cle_association and h.millesime = s.millesime
