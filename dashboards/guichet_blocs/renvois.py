"""What is sent back to one association: its template already filled, its own sheet beside its peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards.components.export import nom_fichier
from dashboards.guichet_blocs import commun
from dashboards.guichet_blocs.annote import XLSX

if TYPE_CHECKING:
    from pipelines.guichet import Guichet


def afficher(g: Guichet, questionnaire: str, annee: int) -> None:
    """Choice of an association, then its two documents."""
    commun.section(
        "Renvoyer à une association", "Son questionnaire prérempli pour l’an prochain, et sa fiche."
    )
    noms = dict(g.repondantes(questionnaire, annee))
    if not noms:
        commun.note("Aucune association n’a répondu à ce questionnaire cette année-là.")
        return
    cle = st.selectbox(
        "Association",
        list(noms),
        index=None,
        format_func=noms.__getitem__,
        placeholder="Choisissez",
        key="association",
    )
    if cle is None:
        return
    with st.container(horizontal=True, key="renvois"):
        st.download_button(
            f"Gabarit prérempli {annee + 1}",
            data=lambda: g.gabarit_prerempli(cle, questionnaire, annee + 1)[1],
            file_name=f"{nom_fichier('gabarit', noms[cle], annee + 1)}.xlsx",
            mime=XLSX,
            on_click="ignore",
            icon=":material/download:",
            key="prerempli",
        )
        st.download_button(
            f"Fiche de l’association {annee}",
            data=lambda: g.fiche_association(cle, annee).encode("utf-8"),
            file_name=f"{nom_fichier('fiche', noms[cle], annee)}.html",
            mime="text/html",
            on_click="ignore",
            icon=":material/description:",
            key="fiche",
        )
