"""« Méthode »: definitions, thresholds, what the figures say and do not say, privacy."""

from dashboards import lecture
from dashboards.components import bloc_methode, cadre, donnees

pub = donnees.exiger()
cadre.titre(
    pub,
    "Méthode",
    "Comment les chiffres sont faits, ce qu’ils permettent de dire et ce qu’ils ne permettent pas de dire.",
)
bloc_methode.lire_les_chiffres()
bloc_methode.etats()
bloc_methode.definitions(pub.lire(lecture.indicateurs))
bloc_methode.parametres(pub.lire(lecture.parametres), pub)
bloc_methode.vie_privee()
bloc_methode.accessibilite()
cadre.pied(pub)
