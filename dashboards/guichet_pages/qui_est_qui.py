"""« Qui est qui »: names to compare side by side with the register, one key to decide."""

from dashboards import acces
from dashboards.guichet_blocs import commun, paires, registre
from observatoire.comptes.identite import Role

g = acces.guichet(Role.LECTEUR)
commun.titre(
    "Qui est qui",
    "Deux écritures, une seule association ? Deux touches pour décider.",
)
paires.afficher(g)
registre.afficher(g)
