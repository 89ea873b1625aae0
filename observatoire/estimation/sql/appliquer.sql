-- grain: one row per cell; a cell masked in its family is masked in each of its indicators
create or replace temp table cellules as
select
    c.* exclude (statut, famille, secret, n_min, p_min),
    case when c.statut = 'ok' and b.masque = 1 then 'secret' else c.statut end as statut
from cellules_statut as c
left join blocs as b
    on c.famille = b.famille and c.millesime = b.millesime and c.niveau = b.niveau and c.code = b.code
    and c.domaine = b.domaine and c.financeur = b.financeur
