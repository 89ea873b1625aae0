"""« L’essentiel »: key figures of one territory and their trend, subsidies by funder, one figure by sector, all figures."""

from dashboards.components import bloc_theme, blocs, imprimes

CHIFFRES_CLES = (
    "participations",
    "heures_benevolat",
    "valeur_benevolat",
    "nb_salaries",
    "budget_total",
    "part_financement_public",
)
SUBVENTIONS = "montant_subventions"
PAR_DOMAINE = "participations"

page = bloc_theme.ouvrir(
    "L’essentiel",
    "Ce que les associations disent de leurs bénévoles, de leurs emplois et de leurs moyens.",
    recherche=True,
)
imprimes.boutons(page.pub, page.choix.territoire)
bloc_theme.grille(page.chiffres(CHIFFRES_CLES), page.pub)
subventions = page.chiffre(SUBVENTIONS)
if subventions is not None:
    blocs.subventions(subventions.carte, page.choix, subventions, page.pub)
page.par_domaine(PAR_DOMAINE)
page.finir()
