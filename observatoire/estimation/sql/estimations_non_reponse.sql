-- grain: one row updated per estimate of a question left out too often; the worse of two reliabilities holds
update estimations
set fiabilite = f.fiabilite
from fiabilites as f
where estimations.indicateur = f.indicateur and estimations.millesime = f.millesime
    and (f.fiabilite = 'non_publie' or (f.fiabilite = 'prudence' and estimations.fiabilite = 'ok'))
