"""« Dépôts »: everything that was loaded; one deposit with its receipt, undone or redone here."""

import streamlit as st

from dashboards import acces
from dashboards.guichet_blocs import commun, liste_depots, recu
from observatoire.comptes.identite import Role

g = acces.guichet(Role.LECTEUR)
commun.titre("Dépôts", "Ce qui a été chargé, par qui, et ce que cela compte.")
depot_id = st.query_params.get("id", "")
if depot_id:
    commun.lien("depots", "Tous les dépôts", ":material/arrow_back:")
    recu.afficher(g, depot_id)
else:
    liste_depots.afficher(g)
