-- grain: one row per association, year and survey questionnaire answered
select cle_association, cast(millesime as integer) as millesime, 'associations' as questionnaire, min(commune) as commune
from courant.associations
group by cle_association, millesime
union all
select cle_association, cast(millesime as integer), 'benevolat', min(commune)
from courant.benevolat
group by cle_association, millesime
union all
select cle_association, cast(millesime as integer), 'emploi', min(commune)
from courant.emploi
group by cle_association, millesime
union all
select cle_association, cast(millesime as integer), 'ressources', min(commune)
from courant.ressources
group by cle_association, millesime
union all
select cle_association, cast(millesime as integer), 'impact', min(commune)
from courant.impact
group by cle_association, millesime
