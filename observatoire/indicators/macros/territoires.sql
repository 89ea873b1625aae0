-- grain: one row per zone
select niveau, code, libelle, cast(population as bigint) as population, note, code_departement
from zones
order by niveau, code
