-- grain: one row per indicator, year, zone, sector and funder; nothing but its status leaves a cell that is not ok
select
    c.indicateur,
    cast(c.millesime as integer) as millesime,
    c.niveau,
    c.code as code_territoire,
    c.domaine,
    c.financeur,
    'repondantes' as vue,
    cast(case when c.statut = 'ok' then c.valeur end as double) as valeur,
    cast(case when c.statut = 'ok' then c.basse end as double) as borne_basse,
    cast(case when c.statut = 'ok' then c.haute end as double) as borne_haute,
    cast(null as double) as cv,
    cast(case when c.statut <> 'secret' then c.n end as integer) as n_repondants,
    cast(null as double) as taux_reponse,
    c.statut,
    cast($version as integer) as publication
from cellules as c
order by c.indicateur, c.millesime, c.niveau, c.code, c.domaine, c.financeur
