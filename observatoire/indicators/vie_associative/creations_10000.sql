-- grain: one row per association declared that year after the register, ten thousand times over
select
    cle_association,
    millesime,
    code_commune,
    domaine,
    cast(null as varchar) as financeur,
    cast($facteur as double) as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from base_creations
