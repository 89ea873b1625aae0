"""« L’essentiel »: six figures of one territory, subsidies by funder, one figure by sector, all figures."""

from dashboards import lecture
from dashboards.components import blocs, cadre, carte_chiffre, donnees, filtres

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

pub = donnees.exiger()
cadre.titre(
    pub,
    "L’essentiel",
    "Ce que les associations qui ont répondu disent de leurs bénévoles, de leurs emplois et de leurs moyens.",
)
choix = filtres.barre(pub)
cartes = {carte.indicateur: carte for carte in pub.lire(lecture.indicateurs)}
territoire = choix.territoire
fiche = pub.lire(lecture.fiche, choix.annee, territoire.niveau, territoire.code, choix.domaine)

blocs.chapeau_territoire(choix, fiche)
with blocs.grille():
    for identifiant in CHIFFRES_CLES:
        if identifiant in cartes:
            carte_chiffre.afficher(cartes[identifiant], fiche.get(identifiant), choix.annee, pub)

if SUBVENTIONS in cartes:
    blocs.subventions(cartes[SUBVENTIONS], choix, pub)
if PAR_DOMAINE in cartes:
    blocs.par_domaine(cartes[PAR_DOMAINE], choix, pub)
blocs.tous_les_chiffres(cartes, fiche, choix, pub)
cadre.pied(pub)
