"""« Emploi et précarité »: jobs, contracts, and the rules of alert with their evidence."""

from dashboards.components import bloc_alertes, bloc_theme

EMPLOIS = (
    "nb_salaries",
    "etp_salaries",
    "part_employeuses",
    "etp_par_poste",
    "etp_1000_habitants",
    "part_salariees",
)
CONTRATS = ("part_cdi", "part_cdd", "part_contrats_aides", "part_alternants")
FRAGILITES = ("part_temps_partiel", "part_etp_fragiles", "taux_depart", "postes_non_pourvus")

page = bloc_theme.ouvrir(
    "Emploi et précarité",
    "Les emplois des associations au 31 décembre, leurs contrats, et les signes de fragilité.",
)
page.cartes_de("Les emplois", "Contrats en cours à une date, et non embauches de l’année.", EMPLOIS)
bloc_alertes.afficher(page)
page.cartes_de(
    "Les contrats",
    "L’alternance est une formation\u00a0: elle est comptée à part, et non dans la précarité.",
    CONTRATS,
)
page.cartes_de(
    "Les fragilités", "Temps partiel, financement court, départs, postes sans candidat.", FRAGILITES
)
page.par_domaine("nb_salaries")
page.finir()
