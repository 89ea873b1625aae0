-- grain: one row per association and year; total resources in euros
select
    r.cle_association,
    cast(r.millesime as integer) as millesime,
    coalesce(r.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    cast(r.montant_total as double) as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from courant.ressources as r
inner join base_situation as s on r.cle_association = s.cle_association and r.millesime = s.millesime
where r.montant_total is not null
