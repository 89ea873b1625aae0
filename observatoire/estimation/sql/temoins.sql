-- grain: one row per year, dimension and level whose number of respondents is masked
select distinct millesime, 'secteur' as dimension, domaine as modalite
from cellules
where indicateur = $temoin and vue = 'repondantes' and niveau = 'departement' and domaine <> 'tous'
    and financeur = 'tous' and statut = 'secret'
union all
select distinct millesime, 'epci', code
from cellules
where indicateur = $temoin and vue = 'repondantes' and niveau = 'epci' and domaine = 'tous'
    and financeur = 'tous' and statut = 'secret'
