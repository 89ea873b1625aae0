"""What may be printed about a place: its sheet first, its slides, the key figures of the département. Made on demand."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboards.components.donnees import Publication
from dashboards.fiches import CLES, DIAPORAMA, FICHE, ecrire
from dashboards.modeles import Territoire
from observatoire.storage.connexion import ouvrir_publication

# Kind of document (dashboards/fiches), words of its button, its icon, whether it is about the place.
DOCUMENTS = (
    (FICHE, "Imprimer la fiche (PDF, une page)", ":material/print:", True),
    (DIAPORAMA, "Diaporama (PDF)", ":material/slideshow:", True),
    (CLES, "Chiffres clés du département (PDF)", ":material/picture_as_pdf:", False),
)


def boutons(pub: Publication, lieu: Territoire) -> None:
    """One button a document; the file is composed when somebody asks for it."""
    with st.container(horizontal=True, key="imprimes"):
        for rang, (genre, titre, icone, est_local) in enumerate(DOCUMENTS):
            nom = f"{genre}-{lieu.niveau}-{lieu.code}" if est_local else f"{genre}-{pub.departement}"
            st.download_button(
                titre,
                data=_composer(pub, genre, lieu if est_local else None),
                file_name=f"{nom}-publication-{pub.edition.version}.pdf",
                mime="application/pdf",
                icon=icone,
                on_click="ignore",
                key=f"imprimer-{genre}",
                type="secondary" if rang == 0 else "tertiary",
            )


def _composer(pub: Publication, genre: str, lieu: Territoire | None) -> Callable[[], bytes]:
    def document() -> bytes:
        with ouvrir_publication(pub.chemin) as con:
            return ecrire(con, genre, lieu)

    return document
