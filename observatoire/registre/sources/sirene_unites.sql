-- grain: one row per association (legal category 92xx) of the whole country: the file gives no address
select
    l.*,
    cast(null as varchar) as code_departement,
    case l.position when 'A' then 'active' when 'C' then 'dissoute' else 'inconnue' end as etat
from lues as l
where l.categorie like '92%' and l.nom is distinct from '[ND]'
