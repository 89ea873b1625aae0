"""« Mots »: the glossary of every technical word that the pages use."""

from dashboards.components import bloc_comprendre, cadre, donnees

pub = donnees.exiger()
cadre.titre(pub, "Mots", "Les mots employés dans ces pages, en une phrase chacun.")
bloc_comprendre.glossaire(pub)
cadre.pied(pub)
