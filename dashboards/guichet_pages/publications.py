"""« Publications »: make one, and the list of those made with the deposits each holds."""

from dashboards import acces
from dashboards.guichet_blocs import commun, publications
from observatoire.comptes.identite import Role

g = acces.guichet(Role.LECTEUR)
commun.titre(
    "Publications", "Publier recalcule tous les chiffres avec les dépôts en vigueur et leur donne un numéro."
)
if g.qui.peut(Role.VALIDEUR):
    publications.publier(g)
publications.lister(g)
