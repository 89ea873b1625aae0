-- grain: one row per association and year that receives public subsidies, gives its charges and its full-time
-- equivalents; these when its resources, less $baisse of its subsidies, no longer cover its charges, else 0
select
    b.cle_association,
    b.millesime,
    coalesce(b.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    case when b.total - $baisse * b.subventions < b.charges then cast(e.etp_total as double)
        else cast(0 as double)
    end as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    coalesce(cast(e.nb_salaries as double), 0) as nb_personnes
from base_budgets as b
inner join courant.emploi as e on b.cle_association = e.cle_association and b.millesime = e.millesime
inner join base_situation as s on b.cle_association = s.cle_association and b.millesime = s.millesime
where b.subventions > 0 and b.charges is not null and e.etp_total is not null
