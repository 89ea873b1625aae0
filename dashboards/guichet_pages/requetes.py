"""« Requêtes »: read-only SQL on the analysts' file, what it holds, and the notebooks to go further."""

from dashboards import acces
from dashboards.guichet_blocs import carnets, commun, requetes, schema
from observatoire.comptes.identite import Role

g = acces.guichet(Role.ANALYSTE)
commun.titre(
    "Requêtes", "Interroger en SQL les réponses et les poids de la dernière publication, sans rien changer."
)
contenu = requetes.ouvrir(g)
if contenu is not None:
    requetes.ecrire(g, contenu)
    schema.parcourir(contenu)
carnets.lister()
