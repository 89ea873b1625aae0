"""« Méthode »: what was run to make these figures, thresholds, definitions, privacy."""

from dashboards import lecture
from dashboards.components import bloc_methode, cadre, donnees

pub = donnees.exiger()
cadre.titre(
    pub,
    "Méthode",
    "Comment les chiffres sont faits, ce qu’ils permettent de dire et ce qu’ils ne permettent pas de dire.",
)
methode = bloc_methode.document_courant(pub)
bloc_methode.tete(methode, pub)
bloc_methode.corps(methode, pub.lire(lecture.parametres), pub)
bloc_methode.etats()
bloc_methode.definitions(pub.lire(lecture.indicateurs))
bloc_methode.vie_privee()
bloc_methode.accessibilite()
cadre.pied(pub)
