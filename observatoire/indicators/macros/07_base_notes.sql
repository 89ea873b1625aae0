-- grain: one row per answer on the effects and question asked; note is a mean over nb respondents.
-- est_avant: answered before the activity; personne: number of a respondent inside its association and year.
with reponses as (
    select
        *,
        coalesce(cast(nb_repondants as double), 1) as nb,
        case when vague = 'avant' then 1 else 0 end as est_avant,
        case when groupe = 'comparaison' then 1 else 0 end as est_comparaison
    from courant.impact
    -- an empty number is one person; a number that was refused is a group of unknown size
    where nb_repondants is not null or coalesce(qualite, '') not like '%"nb_repondants"%'
),

notes as (
    select *, 'ons4_satisfaction' as question, cast(ons4_satisfaction as double) as note
    from reponses
    union all
    select *, 'ons4_utilite', cast(ons4_utilite as double)
    from reponses
    union all
    select *, 'ons4_bonheur', cast(ons4_bonheur as double)
    from reponses
    union all
    select *, 'ons4_anxiete', cast(ons4_anxiete as double)
    from reponses
    union all
    select *, 'oms5',
        coalesce(
            4 * (cast(oms5_1 as double) + oms5_2 + oms5_3 + oms5_4 + oms5_5),
            cast(oms5_score as double)
        )
    from reponses
    union all
    select *, 'gses',
        coalesce(
            cast(gses_1 as double) + gses_2 + gses_3 + gses_4 + gses_5 + gses_6 + gses_7 + gses_8 + gses_9 + gses_10,
            cast(gses_score as double)
        )
    from reponses
)

select
    cle_association,
    cast(millesime as integer) as millesime,
    commune,
    coalesce(dispositif, 'satisfaction') as dispositif,
    est_avant,
    est_comparaison,
    code_vague as personne,
    question,
    note,
    nb
from notes
where note is not null and nb > 0
