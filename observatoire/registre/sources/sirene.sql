-- grain: one row per establishment of an association (legal category 92xx); never a person (category 1000)
select
    l.*,
    departement(l.code_commune, l.code_postal) as code_departement,
    case l.position when 'A' then 'active' when 'C' then 'dissoute' else 'inconnue' end as etat
from lues as l
where l.categorie like '92%' and l.nom is distinct from '[ND]'
