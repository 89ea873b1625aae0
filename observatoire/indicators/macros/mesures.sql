-- grain: one row per indicator, year, zone, sector, funder and view; nothing but its status leaves a cell that is not
-- shown. The secret comes first, then the reliability (ok, prudence: shown; non_publie: not).
-- Sorted by place: the figures of a territory lie together, and its page reads one block of the file.
-- A masked cell has a row in every view of its indicator, year and level, answered or not: a view that only answered
-- cells have would tell them from the empty ones that are masked among them.
with vues as (
    select distinct indicateur, millesime, niveau, vue
    from cellules
),

masquees as (
    select distinct indicateur, millesime, niveau, code, domaine, financeur
    from cellules
    where statut = 'secret'
),

jugees as (
    select
        c.indicateur, c.millesime, c.niveau, c.code, c.domaine, c.financeur, c.vue,
        c.valeur, c.basse, c.haute, c.cv, c.n, c.taux_reponse,
        case when c.statut = 'ok' then c.fiabilite else c.statut end as etat
    from cellules as c
    where c.statut <> 'secret'
    union all
    select
        m.indicateur, m.millesime, m.niveau, m.code, m.domaine, m.financeur, v.vue,
        null, null, null, null, null, null,
        'secret' as etat
    from masquees as m
    inner join vues as v on m.indicateur = v.indicateur and m.millesime = v.millesime and m.niveau = v.niveau
)

select
    j.indicateur,
    cast(j.millesime as integer) as millesime,
    j.niveau,
    j.code as code_territoire,
    j.domaine,
    j.financeur,
    j.vue,
    cast(case when j.etat in ('ok', 'prudence') then j.valeur end as double) as valeur,
    cast(case when j.etat in ('ok', 'prudence') then j.basse end as double) as borne_basse,
    cast(case when j.etat in ('ok', 'prudence') then j.haute end as double) as borne_haute,
    cast(case when j.etat in ('ok', 'prudence') then j.cv end as double) as cv,
    cast(j.n as integer) as n_repondants,
    cast(j.taux_reponse as double) as taux_reponse,
    j.etat as statut,
    cast($version as integer) as publication
from jugees as j
order by j.niveau, j.code, j.indicateur, j.millesime, j.domaine, j.financeur, j.vue
