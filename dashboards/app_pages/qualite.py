"""« Qualité des données »: who answered beside whom; what was deposited, read, loaded; anomalies by cause."""

from dashboards import lecture
from dashboards.components import bloc_qualite, bloc_representativite, cadre, donnees

pub = donnees.exiger()
cadre.titre(
    pub,
    "Qualité des données",
    "Qui a répondu, ce que les chiffres doivent aux tableurs déposés, et ce qu’il y reste à corriger.",
)
depots = pub.lire(lecture.depots)
en_vigueur = tuple(depot for depot in depots if depot.statut != "annule")
bloc_representativite.afficher(pub)
bloc_qualite.invariant(en_vigueur, pub)
bloc_qualite.par_questionnaire(en_vigueur, pub)
bloc_qualite.liste(depots, pub)
bloc_qualite.causes(pub.lire(lecture.causes), en_vigueur, pub)
cadre.pied(pub)
