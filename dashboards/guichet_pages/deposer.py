"""« Déposer »: drop files, see deposits in progress, download a template."""

from dashboards import acces
from dashboards.guichet_blocs import commun, reception
from observatoire.comptes.identite import Role

g = acces.guichet(Role.DEPOSANT)
commun.titre(
    "Déposer",
    "Glissez un tableur, même imparfait. Rien n’est chargé avant que vous l’ayez relu, et tout peut être annulé.",
)
reception.deposer(g)
reception.en_cours(g)
reception.gabarits(g)
