"""« Télécharger mon fichier annoté »: made on demand by a worker, then offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards.guichet_blocs import commun, suivi

if TYPE_CHECKING:
    from pipelines.guichet import Guichet
    from pipelines.guichet.en_cours import Chantier, Verdict

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def afficher(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    """The button that asks for it, its progress, the download."""
    if not (verdict.causes or verdict.reparations):
        return
    commun.section(
        "Corriger dans mon fichier",
        "Une copie de votre fichier, cellules à corriger en couleur avec un commentaire, et une feuille "
        "« À corriger ». Redéposez-la ensuite : elle sera reconnue.",
    )
    pret = g.annote(chantier.id)
    if pret is not None:
        nom, octets = pret
        st.download_button(
            "Télécharger mon fichier annoté",
            octets,
            file_name=nom,
            mime=XLSX,
            on_click="ignore",
            icon=":material/download:",
            key="annote",
        )
        return
    refus = g.refus_annote(chantier.id)
    if refus:
        commun.encart(refus, genre="attention")
    if st.query_params.get("annoter") == str(chantier.revision) and not refus:
        with commun.phrases():
            g.annoter(chantier.id)
        suivi.attendre(
            lambda: g.annote(chantier.id) is not None or g.refus_annote(chantier.id) is not None,
            lambda: ("Préparation de votre fichier annoté", 0.5),
        )
    elif st.button("Préparer mon fichier annoté", icon=":material/draw:", key="annoter"):
        st.query_params["annoter"] = str(chantier.revision)
        st.rerun()
