-- grain: one row per answer on the effects and question asked; note is a mean over nb respondents.
-- Only what people say at the end or once: answers collected before the activity are left out.
with reponses as (
    select
        *,
        coalesce(cast(nb_repondants as double), 1) as nb
    from courant.impact
    where coalesce(vague, 'unique') in ('apres', 'unique')
        -- an empty number is one person; a number that was refused is a group of unknown size
        and (nb_repondants is not null or coalesce(qualite, '') not like '%"nb_repondants"%')
),

notes as (
    select cle_association, millesime, commune, nb, 'ons4_satisfaction' as question,
        cast(ons4_satisfaction as double) as note
    from reponses
    union all
    select cle_association, millesime, commune, nb, 'ons4_utilite', cast(ons4_utilite as double)
    from reponses
    union all
    select cle_association, millesime, commune, nb, 'ons4_bonheur', cast(ons4_bonheur as double)
    from reponses
    union all
    select cle_association, millesime, commune, nb, 'ons4_anxiete', cast(ons4_anxiete as double)
    from reponses
    union all
    select cle_association, millesime, commune, nb, 'oms5',
        coalesce(
            4 * (cast(oms5_1 as double) + oms5_2 + oms5_3 + oms5_4 + oms5_5),
            cast(oms5_score as double)
        )
    from reponses
)

select cle_association, cast(millesime as integer) as millesime, commune, question, note, nb
from notes
where note is not null and nb > 0
