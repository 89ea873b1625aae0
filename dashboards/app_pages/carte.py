"""« Carte »: one indicator by EPCI or commune, as a map and, beside it, as a table."""

import streamlit as st

from dashboards import lecture
from dashboards.components import bloc_carte, cadre, donnees, filtres

pub = donnees.exiger()
cadre.titre(
    pub,
    "Carte",
    "Un indicateur à la fois, par intercommunalité ou par commune. Le tableau donne les mêmes valeurs.",
)
vue = bloc_carte.choisir_vue(pub)
mesures = pub.lire(lecture.carte, vue.carte.indicateur, vue.annee, vue.maille, vue.domaine, vue.vue)
cadre.section(vue.titre, vue.carte.definition)
gauche, droite = st.columns(2, gap="medium")
with droite:
    lieu = filtres.territoire_facultatif(pub, vue.maille)
    choisi = None if lieu is None else lieu.code
    bloc_carte.fiche(vue, pub, lieu, mesures)
    bloc_carte.table(vue, pub, mesures, choisi)
with gauche:
    bloc_carte.carte(vue, pub, mesures, choisi)
    bloc_carte.avertissements(vue)
cadre.pied(pub)
