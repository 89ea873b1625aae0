-- grain: one row per association and year in which people answered one by one; valeur counts notes up to the constant
with notes as (
    select cle_association, millesime, min(commune) as commune, note, count(*) as nb
    from base_effets
    where question = $question and nb = 1
    group by cle_association, millesime, note
),

comptes as (
    select
        n.cle_association,
        n.millesime,
        min(n.commune) as commune,
        sum(case when n.note <= p.valeur then n.nb else 0 end) as sous_seuil,
        sum(n.nb) as nb
    from notes as n
    inner join base_parametres as p on p.id = $seuil and n.millesime = p.millesime
    group by n.cle_association, n.millesime
)

select
    c.cle_association,
    c.millesime,
    coalesce(c.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    cast(c.sous_seuil as double) as valeur,
    cast(c.nb as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(c.nb as double) as nb_personnes
from comptes as c
inner join base_situation as s on c.cle_association = s.cle_association and c.millesime = s.millesime
