-- grain: one row per indicator, year, zone and sector ('tous' included) whose estimator looks at the whole
-- distribution over the associations: median and Gini index
with placees as (
    select u.indicateur, u.millesime, u.domaine, u.valeur, z.niveau, z.code
    from unites as u
    inner join regles as g on u.indicateur = g.indicateur
    inner join zones as z on z.niveau = 'departement'
    where g.estimateur in ('mediane', 'gini')
    union all
    select u.indicateur, u.millesime, u.domaine, u.valeur, r.niveau, r.code
    from unites as u
    inner join regles as g on u.indicateur = g.indicateur
    inner join rattachements as r on u.code_commune = r.code_commune
    where g.estimateur in ('mediane', 'gini') and r.niveau <> 'departement' and (g.communes or r.niveau <> 'commune')
),

doublees as (
    select indicateur, millesime, niveau, code, domaine, valeur
    from placees
    where niveau <> 'commune'
    union all
    select indicateur, millesime, niveau, code, 'tous', valeur
    from placees
),

rangees as (
    select
        *,
        row_number() over (partition by indicateur, millesime, niveau, code, domaine order by valeur) as rang,
        count(*) over (partition by indicateur, millesime, niveau, code, domaine) as n
    from doublees
)

select
    indicateur, millesime, niveau, code, domaine,
    avg(case when 2 * rang between n and n + 2 then valeur end) as mediane,
    2 * sum(rang * valeur) / nullif(max(n) * sum(valeur), 0) - (max(n) + 1) / nullif(cast(max(n) as double), 0) as gini
from rangees
group by indicateur, millesime, niveau, code, domaine
