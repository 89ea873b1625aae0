-- grain: one row per association and year with at least one employee, both counts known
select
    e.cle_association,
    cast(e.millesime as integer) as millesime,
    coalesce(e.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    cast(e.nb_cdi as double) as valeur,
    cast(e.nb_salaries as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(e.nb_salaries as double) as nb_personnes
from courant.emploi as e
inner join base_situation as s on e.cle_association = s.cle_association and e.millesime = s.millesime
where e.nb_cdi is not null and e.nb_salaries > 0
