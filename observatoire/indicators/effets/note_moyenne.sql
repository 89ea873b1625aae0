-- grain: one row per association and year in which people answered the question; valeur is the sum of the notes
with notes as (
    select cle_association, millesime, min(commune) as commune, sum(note * nb) as somme, sum(nb) as nb
    from base_effets
    where question = $question
    group by cle_association, millesime
)

select
    n.cle_association,
    n.millesime,
    coalesce(n.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    n.somme as valeur,
    n.nb as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    n.nb as nb_personnes
from notes as n
inner join base_situation as s on n.cle_association = s.cle_association and n.millesime = s.millesime
