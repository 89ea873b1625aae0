-- grain: one row per cell; a cell masked in its family is masked in each of its indicators and views
create or replace temp table cellules as
select
    c.* exclude (statut, famille, estimateur, secret, dominance, n_min, p_min),
    case when m.famille is not null then 'secret' else c.statut end as statut
from cellules_statut as c
left join masques as m
    on c.famille = m.famille and c.millesime = m.millesime and c.niveau = m.niveau and c.code = m.code
    and c.domaine = m.domaine and c.financeur = m.financeur
