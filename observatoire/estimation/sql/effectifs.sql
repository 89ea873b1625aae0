-- grain: one row per year, zone and sector of the frame ('tous' included)
create or replace temp table effectifs_cadre as
with placees as (
    select c.millesime, c.secteur, c.est_actif, c.est_plausible, z.niveau, z.code
    from cadre as c
    inner join zones as z on z.niveau = 'departement'
    union all
    select c.millesime, c.secteur, c.est_actif, c.est_plausible, r.niveau, r.code
    from cadre as c
    inner join rattachements as r on c.code_commune = r.code_commune and r.niveau <> 'departement'
)

select
    millesime, niveau, code,
    case when grouping(secteur) = 1 then 'tous' else secteur end as domaine,
    count(*) filter (where est_actif) as n_bas,
    count(*) filter (where est_plausible) as n_haut
from placees
group by grouping sets ((millesime, niveau, code), (millesime, niveau, code, secteur))
