"""« Comprendre »: thirteen ideas in two minutes each, with the figure of the territory, by power of the official."""

from dashboards.components import bloc_comprendre, cadre, donnees

pub = donnees.exiger()
cadre.titre(
    pub,
    "Comprendre",
    "Ce qu’est une association, comment elle vit, comment lire un chiffre. Chaque carte se lit en deux minutes "
    "et montre le chiffre du territoire choisi.",
)
choix, competence, fiche = bloc_comprendre.choisir(pub)
montrees = bloc_comprendre.retenues(competence, fiche)
if competence is not None:
    bloc_comprendre.contribution(competence, choix, pub)
bloc_comprendre.sommaire(montrees)
bloc_comprendre.cartes(montrees, choix, pub)
cadre.pied(pub)
