-- grain: one row per answer on volunteering (association, year, category); hours are yearly or null.
-- Weekly and monthly rates need the number of weeks of activity: nothing is supposed when it is missing.
-- Compelled hours stand in their own field and are never read here.
with lignes as (
    select
        cle_association,
        cast(millesime as integer) as millesime,
        commune,
        cast(nb_benevoles_reguliers as double) as reguliers,
        cast(nb_benevoles_occasionnels as double) as occasionnels,
        cast(nb_benevoles_distincts as double) as distincts,
        cast(heures_total_an as double) as total_an,
        case when heures_reguliers is not null or heures_occasionnels is not null
            then coalesce(cast(heures_reguliers as double), 0) + coalesce(cast(heures_occasionnels as double), 0)
        end as declarees,
        case coalesce(unite_heures, 'an')
            when 'an' then 1
            when 'semaine' then cast(nb_semaines_activite as double)
            when 'mois' then cast(nb_semaines_activite as double) * 12 / 52
        end as periodes,
        coalesce(cast(heures_execution as double), 0) as execution,
        coalesce(cast(heures_encadrement as double), 0) as encadrement,
        coalesce(cast(heures_expertise as double), 0) as expertise,
        case when nb_actions is not null and heures_reguliers is null and heures_occasionnels is null
            then 1 else 0
        end as est_suivi
    from courant.benevolat
),

annuelles as (
    select *, coalesce(total_an, declarees * periodes) as heures
    from lignes
),

-- hours followed action by action are the detail of a yearly declaration when there is one
origines as (
    select
        *,
        max(case when est_suivi = 0 and heures is not null then 1 else 0 end)
            over (partition by cle_association, millesime) as est_declaree
    from annuelles
)

select
    cle_association, millesime, commune,
    reguliers, occasionnels, distincts,
    case when est_suivi = 0 or est_declaree = 0 then heures end as heures,
    execution, encadrement, expertise
from origines
