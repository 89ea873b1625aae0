-- grain: one row per association of the register declared in a year that the answers speak of
with annees as (
    select distinct millesime
    from base_reponses
)

select r.cle_association, a.millesime, r.code_commune, coalesce(r.secteur, 'non_classe') as domaine
from ref.registre as r
inner join annees as a on r.annee_creation = a.millesime
