-- grain: one row per association of the frame of the year
select cle_association, classe, secteur, code_epci, est_actif, est_plausible
from cadre
where millesime = $millesime
order by cle_association
