"""« Paroles à relire »: extracts that may be published, read again by somebody else than who deposited them."""

from dashboards import acces
from dashboards.guichet_blocs import commun, paroles
from observatoire.comptes.identite import Role

g = acces.guichet(Role.VALIDEUR)
commun.titre(
    "Paroles à relire",
    "Les extraits que leur association accepte de publier. Rien ne paraît sans cette relecture.",
)
paroles.afficher(g)
