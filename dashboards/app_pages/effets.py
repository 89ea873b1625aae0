"""« Effets sur les personnes »: what people declare, what changed for those asked twice, and what it does not prove."""

from dashboards.components import bloc_effets, bloc_theme

BIEN_ETRE = ("ons4_satisfaction", "ons4_utilite", "ons4_bonheur", "ons4_anxiete", "oms5", "gses")
SEUILS = ("oms5_part_basse",)
CHANGEMENTS = ("oms5_changement", "ons4_satisfaction_changement", "gses_changement", "oms5_part_hausse")
RETROUVEES = ("oms5_part_retrouvees",)

page = bloc_theme.ouvrir(
    "Effets sur les personnes",
    "Ce que déclarent les personnes accueillies. Un changement observé n’est pas un changement causé.",
)
bloc_effets.avis(page)
page.cartes_de("Le bien-être", bloc_effets.mention("satisfaction"), BIEN_ETRE)
page.cartes_de("Un bien-être bas", bloc_effets.PEU, SEUILS)
bloc_effets.aide()
page.cartes_de("Avant et après", bloc_effets.mention("avant_apres"), CHANGEMENTS)
page.cartes_de("Combien ont répondu deux fois", bloc_effets.PERDUES, RETROUVEES)
bloc_effets.dispositifs()
page.finir()
