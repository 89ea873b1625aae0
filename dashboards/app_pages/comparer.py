"""« Comparer »: two to four territories of a kind, the same figures, the differences that are sure."""

from dashboards.components import bloc_comparer, cadre, choix_comparer, donnees

pub = donnees.exiger()
cadre.titre(
    pub,
    "Comparer",
    "Deux à quatre territoires qui se ressemblent, les mêmes chiffres, et leurs différences quand elles sont sûres.",
)
choix = choix_comparer.choisir(pub)
bloc_comparer.chapeau(choix, pub)
lues = choix_comparer.mesures(choix, pub)
bloc_comparer.graphique(choix, lues, pub)
cadre.section(choix.theme, "La différence est celle avec le premier territoire choisi.")
bloc_comparer.table(choix, lues, pub)
cadre.pied(pub)
