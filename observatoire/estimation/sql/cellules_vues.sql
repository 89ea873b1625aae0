-- grain: one row per cell and view; the reliability of the respondents' view is that of the question alone;
-- the beneficiaries of published subsidies answered nothing: they have no response rate
create or replace temp table cellules as
with repondantes as (
    select
        c.*, 'repondantes' as vue, cast(null as double) as cv, coalesce(f.fiabilite, 'ok') as fiabilite,
        case
            when e.n_bas > 0 and c.financeur = 'tous' and not g.beneficiaires then least(1, c.n / cast(e.n_bas as double))
        end as taux_reponse
    from cellules as c
    inner join regles as g on c.indicateur = g.indicateur
    left join fiabilites as f on c.indicateur = f.indicateur and c.millesime = f.millesime
    left join effectifs_cadre as e
        on c.millesime = e.millesime and c.niveau = e.niveau and c.code = e.code and c.domaine = e.domaine
)

select *
from repondantes
union all by name
select
    r.* replace (
        e.vue as vue, e.valeur as valeur, e.basse as basse, e.haute as haute, e.cv as cv, e.fiabilite as fiabilite,
        case when g.estimateur = 'total' then e.valeur end as numerateur
    )
from repondantes as r
inner join estimations as e
    on r.indicateur = e.indicateur and r.millesime = e.millesime and r.niveau = e.niveau and r.code = e.code
    and r.domaine = e.domaine
inner join regles as g on r.indicateur = g.indicateur
where r.financeur = 'tous' and r.n > 0
