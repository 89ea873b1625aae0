-- grain: one row per indicator asked to all and year: what the rate of missing answers allows
create or replace temp table fiabilites as
select
    indicateur, millesime, taux,
    case
        when taux > $inutilisable_au_dela then 'non_publie'
        when taux > $prudence_au_dela then 'prudence'
        else 'ok'
    end as fiabilite
from non_reponses
