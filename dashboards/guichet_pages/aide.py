"""« Aide »: what each message means and what to do about it, from the catalogue."""

import streamlit as st

from dashboards import acces
from dashboards.guichet_blocs import aide, commun
from observatoire.comptes.identite import Role

g = acces.guichet(Role.LECTEUR)
commun.titre(
    "Aide", "Chaque message de l’outil porte un code. Voici ce qu’il veut dire et ce qu’il faut faire."
)
aide.afficher(g, st.query_params.get("code", "").upper())
