-- grain: one row per commune of the département
select
    c.code,
    c.libelle,
    cast(c.population as bigint) as population,
    max(case when r.niveau = 'epci' then r.code end) as code_epci,
    max(case when r.niveau = 'arrondissement' then r.code end) as code_arrondissement,
    max(case when r.niveau = 'canton' then r.code end) as code_canton
from zones as c
left join rattachements as r on c.code = r.code_commune
where c.niveau = 'commune'
group by c.code, c.libelle, c.population
order by c.code
