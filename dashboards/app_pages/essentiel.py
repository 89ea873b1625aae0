"""« L’essentiel »: key figures of one territory and their trend, subsidies by funder, one figure by sector, all figures."""

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
    "Ce que les associations disent de leurs bénévoles, de leurs emplois et de leurs moyens.",
)
choix = filtres.barre(pub)
cartes = {carte.indicateur: carte for carte in pub.lire(lecture.indicateurs)}
territoire = choix.territoire
fiche = pub.lire(lecture.fiche, choix.annee, territoire.niveau, territoire.code, choix.domaine)
cadrage = blocs.cadrer(choix, pub)
reference = blocs.reference(choix, pub)

blocs.chapeau_territoire(choix, fiche, cadrage)
with blocs.grille():
    for identifiant in CHIFFRES_CLES:
        if identifiant in cartes:
            carte_chiffre.afficher(blocs.composer(cartes[identifiant], fiche, reference, cadrage, pub), pub)

if SUBVENTIONS in cartes:
    blocs.subventions(cartes[SUBVENTIONS], choix, pub)
if PAR_DOMAINE in cartes:
    blocs.par_domaine(cartes[PAR_DOMAINE], choix, cadrage, pub)
blocs.tous_les_chiffres(cartes, fiche, choix, cadrage, pub)
cadre.pied(pub)
