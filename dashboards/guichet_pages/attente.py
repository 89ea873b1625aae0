"""« En attente »: rows that entered no figure yet, of all deposits, and the way to finish them."""

from dashboards import acces
from dashboards.guichet_blocs import attente, commun
from observatoire.comptes.identite import Role

g = acces.guichet(Role.LECTEUR)
commun.titre(
    "En attente",
    "Ces lignes ont été lues et gardées, mais n’entrent dans aucun chiffre tant qu’il leur manque quelque chose.",
)
attente.afficher(g)
