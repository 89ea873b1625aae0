-- grain: one row per association and year with persons who answered before and after; valeur sums their changes
with ecarts as (
    select cle_association, millesime, min(commune) as commune, sum(ecart) as somme, count(*) as nb
    from base_paires
    where question = $question
    group by cle_association, millesime
)

select
    e.cle_association,
    e.millesime,
    coalesce(e.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    e.somme as valeur,
    cast(e.nb as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(e.nb as double) as nb_personnes
from ecarts as e
inner join base_situation as s on e.cle_association = s.cle_association and e.millesime = s.millesime
