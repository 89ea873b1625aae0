-- grain: one row per association and year that fills the field; 1 when it lies beyond the constant of the year,
-- above it ($sens = 1) or below it ($sens = -1)
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
    cast(case when (v.valeur - p.valeur) * $sens > 0 then 1 else 0 end as double) as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from valeurs as v
inner join base_situation as s on v.cle_association = s.cle_association and v.millesime = s.millesime
inner join base_parametres as p on p.id = $seuil and v.millesime = p.millesime
