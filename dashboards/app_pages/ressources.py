"""« Ressources »: what associations live on, on whom they depend, what a fall in subsidies would do."""

from dashboards.components import bloc_ressources, bloc_theme, blocs

BUDGET = ("budget_total", "budget_median", "part_deficit")
DEPENDANCE = (
    "part_financement_public",
    "part_premier_financeur",
    "part_dependance_forte",
    "hhi_financeurs",
    "part_pluriannuel",
)
SOLIDITE = ("reserves_mois", "tresorerie_mois", "part_reserves_faibles")
APPELS = ("etp_aap", "heures_par_aap", "taux_reussite_aap")
SUBVENTIONS = "montant_subventions"

page = bloc_theme.ouvrir(
    "Ressources",
    "De quoi vivent les associations, de qui elles dépendent, et ce qui arriverait si les subventions baissaient.",
)
page.cartes_de(
    "Le budget", "Une grosse association pèse beaucoup dans un total, pas dans une médiane.", BUDGET
)
bloc_ressources.structure(page)
page.cartes_de("De qui dépendent-elles", "Un seul financeur qui se retire peut suffire.", DEPENDANCE)
bloc_ressources.simulateur(page)
page.cartes_de("De quoi tenir", "Réserves et trésorerie, en mois d’activité.", SOLIDITE, 0)
page.cartes_de("Le temps des appels à projets", "Du temps de travail pris sur l’action.", APPELS, 0)
subventions = page.chiffre(SUBVENTIONS)
if subventions is not None:
    blocs.subventions(subventions.carte, page.choix, subventions, page.pub)
page.finir()
