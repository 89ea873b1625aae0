-- grain: one row per association and year with yearly hours of volunteering, in euros: a range.
-- Low: all hours at the gross SMIC. High: hours weighted by level when the levels cover the hours of the row
-- (within the tolerance), else all hours at the weight of the stated hypothesis. valeur repeats the low bound.
with coefficients as (
    select
        millesime,
        max(case when id = $smic then valeur end) as smic,
        max(case when id = $execution then valeur end) as coef_execution,
        max(case when id = $encadrement then valeur end) as coef_encadrement,
        max(case when id = $expertise then valeur end) as coef_expertise,
        max(case when id = $sans_detail then valeur end) as coef_sans_detail
    from base_parametres
    group by millesime
),

niveaux as (
    select
        b.cle_association, b.millesime, b.commune, b.heures, c.smic, c.coef_sans_detail,
        b.execution + b.encadrement + b.expertise as detail,
        b.execution * c.coef_execution + b.encadrement * c.coef_encadrement
        + b.expertise * c.coef_expertise as ponderees
    from base_benevolat as b
    inner join coefficients as c on b.millesime = c.millesime
    where b.heures is not null
),

valeurs as (
    select
        cle_association, millesime, commune,
        heures * smic as basse,
        heures * smic * case when detail > 0 and abs(detail - heures) <= $tolerance * heures
            then ponderees / nullif(detail, 0)
            else coef_sans_detail
        end as haute
    from niveaux
),

sommes as (
    select cle_association, millesime, min(commune) as commune, sum(basse) as basse, sum(haute) as haute
    from valeurs
    group by cle_association, millesime
)

select
    v.cle_association,
    v.millesime,
    coalesce(v.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    v.basse as valeur,
    cast(1 as double) as poids,
    v.basse as valeur_basse,
    v.haute as valeur_haute,
    cast(0 as double) as nb_personnes
from sommes as v
inner join base_situation as s on v.cle_association = s.cle_association and v.millesime = s.millesime
