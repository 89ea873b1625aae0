-- grain: one row per association and year with persons who answered before and after; valeur counts those whose
-- note rose by the smallest change that matters, or more
with ecarts as (
    select
        e.cle_association,
        e.millesime,
        min(e.commune) as commune,
        sum(case when e.ecart >= p.valeur then 1 else 0 end) as hausses,
        count(*) as nb
    from base_paires as e
    inner join base_parametres as p on p.id = $seuil and e.millesime = p.millesime
    where e.question = $question
    group by e.cle_association, e.millesime
)

select
    e.cle_association,
    e.millesime,
    coalesce(e.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    cast(e.hausses as double) as valeur,
    cast(e.nb as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(e.nb as double) as nb_personnes
from ecarts as e
inner join base_situation as s on e.cle_association = s.cle_association and e.millesime = s.millesime
