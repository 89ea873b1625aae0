-- grain: one row per association and year that fills the field; the rows of an association add up
with valeurs as (
    select cle_association, millesime, min(commune) as commune, sum(valeur) as valeur
    from base_valeurs
    where champ = $champ
    group by cle_association, millesime
)

select
    v.cle_association,
    v.millesime,
    coalesce(v.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    v.valeur as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    v.valeur * $personnes as nb_personnes
from valeurs as v
inner join base_situation as s on v.cle_association = s.cle_association and v.millesime = s.millesime
