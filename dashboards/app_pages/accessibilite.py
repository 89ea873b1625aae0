"""« Accessibilité »: the declared state, what is checked, what is missing, whom to tell."""

from dashboards.components import bloc_accessibilite, cadre, donnees

pub = donnees.exiger()
cadre.titre(
    pub,
    "Accessibilité",
    "Ce qui est vérifié, ce qui ne l’est pas encore, et comment obtenir une information qui vous est inaccessible.",
)
bloc_accessibilite.afficher()
cadre.pied(pub)
