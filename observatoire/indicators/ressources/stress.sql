-- grain: one row per association and year that receives public subsidies and gives its charges;
-- 1 when its resources, less $baisse of its subsidies, no longer cover its charges
select
    b.cle_association,
    b.millesime,
    coalesce(b.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    cast(case when b.total - $baisse * b.subventions < b.charges then 1 else 0 end as double) as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from base_budgets as b
inner join base_situation as s on b.cle_association = s.cle_association and b.millesime = s.millesime
where b.subventions > 0 and b.charges is not null
