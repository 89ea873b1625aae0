-- grain: one row per association weighed and year; dedans is false where it has no value (a zero of svy)
with valeurs as (
    select millesime, cle_association, sum(valeur) as y, sum(poids) as x, sum(nb_personnes) as nb_personnes
    from unites
    where indicateur = $indicateur
    group by millesime, cle_association
),

classes_retenues as (
    select cle_association, min(classe) as classe
    from cadre
    group by cle_association
)

select
    p.cle_association, p.millesime, c.classe, p.poids,
    coalesce(v.y, 0) as y, coalesce(v.x, 0) as x, v.y is not null as dedans,
    coalesce(v.nb_personnes, 0) as nb_personnes
from jeux as j
inner join poids as p on j.jeu = p.jeu
inner join classes_retenues as c on p.cle_association = c.cle_association
left join valeurs as v on p.cle_association = v.cle_association and p.millesime = v.millesime
where j.indicateur = $indicateur and j.vue = $vue
order by p.millesime, p.cle_association
