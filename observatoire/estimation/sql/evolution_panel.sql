-- grain: one row per year and association that has a value in every year of the indicator
with valeurs as (
    select millesime, cle_association, sum(valeur) as y, sum(poids) as x, sum(nb_personnes) as nb_personnes
    from unites
    where indicateur = $indicateur
    group by millesime, cle_association
),

fideles as (
    select cle_association
    from valeurs
    group by cle_association
    having count(*) = (select count(distinct millesime) from valeurs)
)

select
    v.cle_association, v.millesime, 'toutes' as classe, cast(1 as double) as poids, v.y, v.x, true as dedans,
    v.nb_personnes
from valeurs as v
inner join fideles as f on v.cle_association = f.cle_association
order by v.millesime, v.cle_association
