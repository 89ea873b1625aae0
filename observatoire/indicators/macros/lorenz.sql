-- grain: one row per indicator, year, sector and EPCI that shows a total per inhabitant, the poorest first;
-- nothing when a cell of the same indicator, year and sector is masked: the rest would tell it
with zones_montrees as (
    select
        c.indicateur, c.millesime, c.domaine, c.code, c.numerateur as total,
        cast(z.population as double) as population,
        max(case when c.statut = 'secret' then 1 else 0 end)
            over (partition by c.indicateur, c.millesime, c.domaine) as masque
    from cellules as c
    inner join regles as g on c.indicateur = g.indicateur
    inner join zones as z on c.niveau = z.niveau and c.code = z.code
    where g.estimateur = 'gini_territoires' and c.vue = 'repondantes' and c.niveau = 'epci' and c.financeur = 'tous'
        and c.n > 0 and z.population > 0
),

cumulees as (
    select
        indicateur, millesime, domaine, code,
        row_number() over (
            partition by indicateur, millesime, domaine order by total / nullif(population, 0), code
        ) as rang,
        sum(population) over (
            partition by indicateur, millesime, domaine order by total / nullif(population, 0), code
        ) / nullif(sum(population) over (partition by indicateur, millesime, domaine), 0) as part_population,
        sum(total) over (
            partition by indicateur, millesime, domaine order by total / nullif(population, 0), code
        ) / nullif(sum(total) over (partition by indicateur, millesime, domaine), 0) as part_valeur
    from zones_montrees
    where masque = 0
)

select
    indicateur, cast(millesime as integer) as millesime, domaine, cast(rang as integer) as rang,
    code as code_territoire, part_population, part_valeur
from cumulees
where part_valeur is not null
order by indicateur, millesime, domaine, rang
