-- grain: one row per person and statement: how far they agree, from 1 to 5, or 'nsp'.
-- Only what people who took part say at the end or once. « Ne sait pas » is kept beside the answers, in qualite.
with reponses as (
    select *
    from courant.impact
    where coalesce(vague, 'unique') in ('apres', 'unique') and coalesce(groupe, 'action') = 'action'
        and coalesce(cast(nb_repondants as double), 1) = 1
        and (nb_repondants is not null or coalesce(qualite, '') not like '%"nb_repondants"%')
),

avis as (
    select
        cle_association, millesime, commune, 'li_lien_social' as question,
        case when qualite like '%"li_lien_social": {"motif": "nsp"%' then 'nsp' else li_lien_social end as avis
    from reponses
    union all
    select
        cle_association, millesime, commune, 'li_confiance' as question,
        case when qualite like '%"li_confiance": {"motif": "nsp"%' then 'nsp' else li_confiance end as avis
    from reponses
    union all
    select
        cle_association, millesime, commune, 'li_competences' as question,
        case when qualite like '%"li_competences": {"motif": "nsp"%' then 'nsp' else li_competences end as avis
    from reponses
    union all
    select
        cle_association, millesime, commune, 'li_autonomie' as question,
        case when qualite like '%"li_autonomie": {"motif": "nsp"%' then 'nsp' else li_autonomie end as avis
    from reponses
    union all
    select
        cle_association, millesime, commune, 'li_acces_droits' as question,
        case when qualite like '%"li_acces_droits": {"motif": "nsp"%' then 'nsp' else li_acces_droits end as avis
    from reponses
    union all
    select
        cle_association, millesime, commune, 'li_pouvoir_agir' as question,
        case when qualite like '%"li_pouvoir_agir": {"motif": "nsp"%' then 'nsp' else li_pouvoir_agir end as avis
    from reponses
)

select cle_association, cast(millesime as integer) as millesime, commune, question, avis
from avis
where avis is not null
