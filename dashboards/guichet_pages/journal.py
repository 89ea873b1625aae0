"""« Journal »: who did what, when, to which deposit."""

import streamlit as st

from dashboards import acces
from dashboards.guichet_blocs import commun, recu
from observatoire.comptes.identite import Role

g = acces.guichet(Role.LECTEUR)
commun.titre("Journal", "Tout ce qui a été fait, le plus récent en premier.")
objet = st.query_params.get("id") or None
lignes = g.journal(objet)
noms = {d.depot_id: d.nom_fichier for d in g.depots()}
recu.journal(lignes, f"Dépôt {objet}" if objet else "Les derniers gestes", noms, seul=bool(objet))
if lignes:
    exportees = [dict(zip(recu.COLONNES_JOURNAL, recu.ligne_journal(x, noms), strict=True)) for x in lignes]
    commun.telecharger_csv("Télécharger le journal (CSV)", exportees, "journal")
