"""« Réponses »: who answered and who did not, reminders, pre-filled templates, an association's own sheet."""

from dashboards import acces
from dashboards.guichet_blocs import commun, renvois, tableau_reponses
from observatoire.comptes.identite import Role

g = acces.guichet(Role.LECTEUR)
commun.titre("Réponses", "Qui a répondu, qui relancer, et ce qu’on renvoie à chaque association.")
choix = tableau_reponses.choisir()
tableau_reponses.afficher(g, *choix)
if g.qui.peut(Role.DEPOSANT):
    renvois.afficher(g, *choix)
