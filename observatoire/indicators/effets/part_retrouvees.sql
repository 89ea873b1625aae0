-- grain: one row per association and year that asked people before; valeur counts those who answered again after
with avant as (
    select cle_association, millesime, min(commune) as commune, count(*) as nb
    from base_notes
    where question = $question and est_avant = 1 and est_comparaison = 0 and nb = 1
        and dispositif in ('avant_apres', 'avant_apres_comparaison')
    group by cle_association, millesime
),

paires as (
    select cle_association, millesime, count(*) as nb
    from base_paires
    where question = $question
    group by cle_association, millesime
)

select
    a.cle_association,
    a.millesime,
    coalesce(a.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    cast(coalesce(p.nb, 0) as double) as valeur,
    cast(a.nb as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(a.nb as double) as nb_personnes
from avant as a
left join paires as p on a.cle_association = p.cle_association and a.millesime = p.millesime
inner join base_situation as s on a.cle_association = s.cle_association and a.millesime = s.millesime
