"""« Données ouvertes »: what may be downloaded, under which licence, how to quote and to query it."""

from dashboards.components import bloc_ouvertes, cadre, donnees

pub = donnees.exiger()
cadre.titre(
    pub,
    "Données ouvertes",
    "Les chiffres de ces pages, à reprendre librement, avec de quoi les vérifier et les citer.",
)
bloc_ouvertes.fichiers(pub)
bloc_ouvertes.citer(pub)
bloc_ouvertes.tables(pub)
bloc_ouvertes.requetes(pub)
cadre.pied(pub)
