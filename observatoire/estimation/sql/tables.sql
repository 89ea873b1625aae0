-- grain: one row per cell, indicator and view of the tables that the secret protects, in a fixed order
-- A table that nobody answered has nothing to protect, unless an earlier publication masked some of its cells.
with utiles as (
    select famille, millesime from cellules_statut where secret <> 'aucun' and n > 0
    union
    select unnest(cast($familles as varchar[])), unnest(cast($annees as integer[]))
)

select
    c.famille, c.millesime, c.indicateur, c.vue, c.estimateur, c.secret, c.dominance, c.n_min, c.p_min, c.statut,
    c.niveau, c.code, c.domaine, c.financeur, c.n, c.nb_personnes, c.part_max, c.taille
from cellules_statut as c
inner join utiles as u on c.famille = u.famille and c.millesime = u.millesime
where c.secret <> 'aucun'
order by c.famille, c.millesime, case when c.indicateur = c.famille then 0 else 1 end, c.indicateur, c.vue,
    c.niveau, c.code, c.domaine, c.financeur
