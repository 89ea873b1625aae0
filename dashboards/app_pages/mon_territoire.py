"""« Mon territoire »: one place in seven figures, those of its intercommunalité where its own are hidden."""

from dashboards.components import bloc_territoire, bloc_theme, imprimes

CHIFFRES = (
    "participations",
    "heures_benevolat",
    "nb_salaries",
    "budget_total",
    "part_financement_public",
    "nb_beneficiaires",
    "montant_subventions",
)
REPONSES = "nb_associations_repondantes"

page = bloc_theme.ouvrir(
    "Mon territoire",
    "Une commune, une intercommunalité, un canton, un arrondissement ou un quartier, en quelques chiffres.",
    recherche=True,
)
bloc_territoire.ou(page)
imprimes.boutons(page.pub, page.choix.territoire)
bloc_territoire.chiffres(page, CHIFFRES)
bloc_territoire.qui_a_repondu(page, REPONSES)
page.finir()
