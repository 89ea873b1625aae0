"""« Dépôt »: one deposit in progress, in five steps; its id and its step are in the URL."""

from dashboards import acces
from dashboards.guichet_blocs import parcours
from observatoire.comptes.identite import Role

g = acces.guichet(Role.DEPOSANT)
parcours.afficher(g)
