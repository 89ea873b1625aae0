-- grain: one row per cell, indicator and view of the tables that the secret protects, in a fixed order
select
    famille, millesime, indicateur, vue, estimateur, secret, dominance, n_min, p_min, statut,
    niveau, code, domaine, financeur, n, nb_personnes, part_max, taille
from cellules_statut
where secret <> 'aucun'
order by famille, millesime, case when indicateur = famille then 0 else 1 end, indicateur, vue,
    niveau, code, domaine, financeur
