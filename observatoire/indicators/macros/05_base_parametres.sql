-- grain: one row per dated constant and year of answers; the value in force on 31 December of that year
with annees as (
    select distinct millesime
    from base_reponses
),

en_vigueur as (
    select
        p.id,
        a.millesime,
        cast(p.valeur as double) as valeur,
        row_number() over (partition by p.id, a.millesime order by cast(p.valable_du as date) desc) as rang
    from annees as a
    inner join ref.parametres as p
        on cast(p.valable_du as date) <= cast(concat(cast(a.millesime as varchar), '-12-31') as date)
        and (
            p.valable_au is null
            or cast(p.valable_au as date) >= cast(concat(cast(a.millesime as varchar), '-12-31') as date)
        )
)

select id, millesime, valeur
from en_vigueur
where rang = 1
