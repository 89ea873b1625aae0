-- grain: one row per person who took part and answered a question both before and after, under one code.
-- A code that two persons share, or that is met once, pairs nobody.
with codes as (
    select
        cle_association,
        millesime,
        question,
        personne,
        min(commune) as commune,
        sum(est_avant) as nb_avant,
        count(*) as nb_reponses,
        max(case when est_avant = 1 then note end) as avant,
        max(case when est_avant = 0 then note end) as apres
    from base_notes
    where personne is not null and nb = 1 and est_comparaison = 0
        and dispositif in ('avant_apres', 'avant_apres_comparaison')
    group by cle_association, millesime, question, personne
)

select cle_association, millesime, commune, question, personne, avant, apres, apres - avant as ecart
from codes
where nb_avant = 1 and nb_reponses = 2
