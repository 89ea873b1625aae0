"""« Parole du terrain »: what associations accept to publish of a success or a difficulty; words, not figures."""

from dashboards import textes
from dashboards.components import bloc_parole, cadre, donnees, filtres

pub = donnees.exiger()
cadre.titre(
    pub,
    "Parole du terrain",
    "Une réussite, une difficulté, en une phrase\u00a0: ce que des associations acceptent de publier.",
)
with filtres.grille(4):
    annee = filtres.annee(pub)
    echelle = filtres.niveau(pub, tuple(textes.NIVEAUX))
    lieu = filtres.territoire(pub, echelle)
    domaine = filtres.domaine(pub, "epci")
bloc_parole.avertir()
bloc_parole.extraits(pub, annee, lieu, domaine)
bloc_parole.choix(pub)
cadre.pied(pub)
