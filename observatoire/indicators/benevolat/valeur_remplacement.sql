-- grain: one row per association and year whose levels cover the hours of the row (within the tolerance), in euros:
-- hours of each level at the hourly cost of the table given by the network; nothing without that table
with couts as (
    select
        millesime,
        max(case when id = $execution then valeur end) as execution,
        max(case when id = $encadrement then valeur end) as encadrement,
        max(case when id = $expertise then valeur end) as expertise
    from base_parametres
    group by millesime
),

valeurs as (
    select
        b.cle_association,
        b.millesime,
        min(b.commune) as commune,
        sum(b.execution * c.execution + b.encadrement * c.encadrement + b.expertise * c.expertise) as valeur
    from base_benevolat as b
    inner join couts as c on b.millesime = c.millesime
    where b.heures > 0 and abs(b.execution + b.encadrement + b.expertise - b.heures) <= $tolerance * b.heures
    group by b.cle_association, b.millesime
)

select
    v.cle_association,
    v.millesime,
    coalesce(v.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    v.valeur as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from valeurs as v
inner join base_situation as s on v.cle_association = s.cle_association and v.millesime = s.millesime
where v.valeur is not null
