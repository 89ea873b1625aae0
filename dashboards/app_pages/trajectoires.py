"""« Trajectoires »: one figure year after year, for all the associations and for the same ones."""

from dashboards.components import bloc_trajectoires, cadre, donnees

pub = donnees.exiger()
cadre.titre(
    pub,
    "Trajectoires",
    "Un chiffre d’année en année, ce qui a bougé pour de bon, et ce que l’on ne peut pas dire.",
)
suivi = bloc_trajectoires.choisir(pub)
bloc_trajectoires.entete(suivi)
bloc_trajectoires.graphiques(suivi, pub)
bloc_trajectoires.reperes(suivi)
bloc_trajectoires.table(suivi, pub)
cadre.pied(pub)
