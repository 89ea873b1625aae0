"""« Bénévolat »: how much is given, by whom, what the hours would be worth."""

from dashboards.components import bloc_theme

COMBIEN = (
    "participations",
    "heures_benevolat",
    "etp_benevolat",
    "heures_mediane",
    "heures_par_participation",
    "part_benevoles_reguliers",
)
QUI = (
    "part_benevoles_femmes",
    "part_benevoles_moins_30",
    "part_dirigeantes",
    "part_dirigeants_moins_40",
    "part_dirigeants_65_plus",
    "taux_renouvellement_dirigeants",
)
VALEUR = ("valeur_benevolat", "valeur_remplacement", "viva")
CONTRAINTES = ("heures_contraintes",)

page = bloc_theme.ouvrir(
    "Bénévolat",
    "Ce que les bénévoles donnent, qui ils sont, qui dirige. Une participation n’est pas une personne\u00a0: "
    "qui aide deux associations compte deux fois.",
)
page.cartes_de("Combien", "Participations et heures, d’après les associations.", COMBIEN)
page.par_domaine("heures_benevolat")
page.cartes_de("Qui", "Bénévoles et dirigeants, femmes et hommes, jeunes et anciens.", QUI)
page.cartes_de(
    "Une valeur équivalente",
    "Ce que coûteraient ces heures si elles étaient payées\u00a0: une fourchette de conventions. Personne n’a dépensé "
    "ni épargné cette somme.",
    VALEUR,
    1,
)
page.cartes_de(
    "À part",
    "Du temps non payé mais non choisi\u00a0: il n’est pas dans le bénévolat.",
    CONTRAINTES,
)
page.finir()
