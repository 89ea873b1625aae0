"""Page « Déposer »: the drop, the deposits in progress, the templates to fill."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import format_fr as fr
from dashboards.guichet_blocs import commun
from dashboards.guichet_blocs.annote import XLSX
from pipelines.guichet.en_cours import titres_questionnaires

if TYPE_CHECKING:
    from pipelines.guichet import Guichet

FORMATS = ("xlsx", "xls", "ods", "csv")
MEGAOCTETS = 20
_CLE, _VUS = "depot-rang", "depot-vus"
SEPARES, ENSEMBLE = "Un dépôt par fichier", "Un seul dépôt (dossier de fiches, une par association)"


def deposer(g: Guichet) -> None:
    """The drop: one file is examined at once, several wait for a word; once taken in, they leave the page's memory."""
    rang = st.session_state.setdefault(_CLE, 0)
    fichiers = st.file_uploader(
        f"Vos tableurs (Excel, LibreOffice ou CSV, {MEGAOCTETS}{fr.INSECABLE}Mo au plus par fichier)",
        type=list(FORMATS),
        accept_multiple_files=True,
        max_upload_size=MEGAOCTETS,
        key=f"fichiers-{rang}",
    )
    if not fichiers:
        return
    recus = [(f.name, f.getvalue()) for f in fichiers]
    if len(recus) == 1 and rang not in st.session_state.setdefault(_VUS, []):
        # Asked for once: a file that is refused stays there with the sentence that says why.
        st.session_state[_VUS].append(rang)
        _ouvrir(g, recus)
        return
    ensemble = len(recus) > 1 and (
        st.radio(f"Ces {len(recus)} fichiers sont", [SEPARES, ENSEMBLE], key=f"ensemble-{rang}") == ENSEMBLE
    )
    if st.button("Examiner", type="primary", icon=":material/search:", key="examiner"):
        _ouvrir(g, recus, ensemble=ensemble)


def _ouvrir(g: Guichet, recus: list[tuple[str, bytes]], *, ensemble: bool = False) -> None:
    """Take the files in; a single deposit is shown at once."""
    with commun.phrases():
        ouverts = g.ouvrir(recus, ensemble=ensemble)
        st.session_state[_CLE] += 1
        if len(ouverts) == 1:
            commun.aller("depot", depot=ouverts[0])
        commun.annoncer(
            f"{fr.accord(len(ouverts), 'fichier reçu', 'fichiers reçus')}. Reprenez-les un par un ci-dessous."
        )
        st.rerun()


def en_cours(g: Guichet) -> None:
    """Links to the deposits nobody finished yet."""
    chantiers = g.chantiers()
    if not chantiers:
        return
    commun.section("Dépôts en cours", "Ils restent là trente jours, quoi qu’il arrive à cette fenêtre.")
    for chantier in chantiers:
        with st.container(horizontal=True, key=f"chantier-{chantier.id}", vertical_alignment="center"):
            commun.lien("depot", chantier.nom, ":material/edit_document:", depot=chantier.id)
            st.text(f"reçu le {commun.quand(chantier.cree_le)}, {chantier.qui}", width="content")


def gabarits(g: Guichet) -> None:
    """The template of a questionnaire and a year."""
    commun.section("Pas encore de tableur ?", "Téléchargez le gabarit et remplissez-le.")
    titres = titres_questionnaires()
    gauche, droite = st.columns(2)
    with gauche:
        nom = st.selectbox("Questionnaire", list(titres), format_func=titres.__getitem__, key="gabarit-nom")
    with droite:
        annee = st.selectbox("Année", annees(), key="gabarit-annee")
    st.download_button(
        "Télécharger le gabarit",
        data=lambda: g.gabarit(nom, annee)[1],
        file_name=f"gabarit-{nom}-{annee}.xlsx",
        mime=XLSX,
        on_click="ignore",
        icon=":material/download:",
        key="gabarit",
    )


def annees() -> list[int]:
    """Years one may be asked about, last year first."""
    present = dt.date.today().year
    return [present - 1, present, *range(present - 2, present - 12, -1)]
