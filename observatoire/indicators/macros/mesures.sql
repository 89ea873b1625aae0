-- grain: one row per indicator, year, zone, sector, funder and view; nothing but its status leaves a cell that is not
-- shown. The secret comes first, then the reliability (ok, prudence: shown; non_publie: not).
with jugees as (
    select
        c.*,
        case when c.statut = 'ok' then c.fiabilite else c.statut end as etat
    from cellules as c
)

select
    c.indicateur,
    cast(c.millesime as integer) as millesime,
    c.niveau,
    c.code as code_territoire,
    c.domaine,
    c.financeur,
    c.vue,
    cast(case when c.etat in ('ok', 'prudence') then c.valeur end as double) as valeur,
    cast(case when c.etat in ('ok', 'prudence') then c.basse end as double) as borne_basse,
    cast(case when c.etat in ('ok', 'prudence') then c.haute end as double) as borne_haute,
    cast(case when c.etat in ('ok', 'prudence') then c.cv end as double) as cv,
    cast(case when c.etat <> 'secret' then c.n end as integer) as n_repondants,
    cast(case when c.etat <> 'secret' then c.taux_reponse end as double) as taux_reponse,
    c.etat as statut,
    cast($version as integer) as publication
from jugees as c
order by c.indicateur, c.millesime, c.niveau, c.code, c.domaine, c.financeur, c.vue
