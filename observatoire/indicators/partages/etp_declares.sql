-- grain: one row per association and year; full-time equivalents, $facteur times over, and the employees behind them
select
    e.cle_association,
    cast(e.millesime as integer) as millesime,
    coalesce(e.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    cast(e.etp_total as double) * $facteur as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    coalesce(cast(e.nb_salaries as double), 0) as nb_personnes
from courant.emploi as e
inner join base_situation as s on e.cle_association = s.cle_association and e.millesime = s.millesime
where e.etp_total is not null
