"""State of the register of associations, and the way to add an official file to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.guichet_blocs import commun
from observatoire.comptes.identite import Role
from observatoire.registre.formats import GENRES

if TYPE_CHECKING:
    from pipelines.guichet import Guichet

MEGAOCTETS = 200


def afficher(g: Guichet) -> None:
    """What the register holds; loading is for validators."""
    commun.section("Le registre des associations", "C’est à lui que les noms des dépôts sont comparés.")
    with commun.phrases():
        etat = g.etat_registre()
        commun.encart(
            phrase(etat)
            if etat
            else "Aucun registre n’est chargé : les noms ne peuvent pas être rapprochés.".replace(
                " :", "\u00a0:"
            )
        )
    if g.qui.peut(Role.VALIDEUR):
        with st.expander("Ajouter un fichier au registre"):
            _ajouter(g)


def phrase(etat: Any) -> str:
    """How many associations, from which files, since when."""
    sources = ", ".join(dict.fromkeys(GENRES.get(s.genre, s.genre) for s in etat.sources))
    return (
        f"{fr.accord(etat.lignes, 'association')} dont {fr.accord(etat.dissoutes, 'dissoute')} et "
        f"{fr.accord(etat.sollicitees, 'sollicitée')}. Mis à jour le {commun.quand(etat.date)}. Fichiers\u00a0: {sources}."
    )


def _ajouter(g: Guichet) -> None:
    rang = st.session_state.setdefault("registre-rang", 0)
    genre = st.selectbox("Ce fichier est", list(GENRES), format_func=GENRES.__getitem__, key="registre-genre")
    fichier = st.file_uploader(
        "Fichier du registre",
        type=["csv", "txt", "tsv", "xlsx"],
        max_upload_size=MEGAOCTETS,
        key=f"registre-{rang}",
    )
    if fichier is not None and st.button(
        "Ajouter au registre", icon=":material/add:", key="registre-ajouter"
    ):
        with commun.phrases(), st.spinner("Lecture du fichier et nouveau rapprochement des noms…"):
            g.ajouter_registre(genre, fichier.name, fichier.getvalue())
            st.session_state["registre-rang"] = rang + 1
            commun.annoncer("Registre mis à jour.")
            st.rerun()
