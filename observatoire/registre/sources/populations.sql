-- grain: one row per commune and year
select
    code_insee(l.code_commune) as code_commune, l.commune, l.annee, cast(round(nombre(l.population)) as bigint) as population,
    departement(code_insee(l.code_commune), null) as code_departement
from lues as l
where nombre(l.population) is not null
