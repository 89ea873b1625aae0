-- grain: one row added per cell of the indicator in the view
insert into estimations
select $indicateur, $vue, millesime, niveau, code, domaine, valeur, basse, haute, cv, fiabilite
from estimees
where valeur is not null
