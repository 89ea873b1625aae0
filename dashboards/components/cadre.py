"""What every page shares: style, name, navigation target, fictitious banner, foot."""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from dashboards import lecture, textes
from dashboards.app_pages import PAGES
from dashboards.components import mention
from dashboards.components.donnees import Publication

STATIQUE = Path(__file__).resolve().parent.parent / "static"
STYLE = STATIQUE / "observatoire.css"
# The state of accessibility is written at the foot of every page (RGAA, decree 2019-768).
LIBELLES = {"accessibilite": f"Accessibilité\u00a0: {textes.CONFORMITE}"}


def style() -> None:
    """The style sheet, once per run."""
    st.html(STYLE)


def nom_departement(pub: Publication) -> str:
    """Name of the département of the publication."""
    noms = {t.code: t.libelle for t in pub.lire(lecture.territoires) if t.niveau == "departement"}
    return noms.get(pub.departement) or next(iter(noms.values()), "")


def bandeau(pub: Publication) -> None:
    """« Données fictives » on every page of a demonstration."""
    if pub.edition.fictif:
        st.html(f'<div class="ob-fictif" role="note"><p>{textes.FICTIF}</p></div>')


def titre(pub: Publication, texte: str, chapeau: str) -> None:
    """Title of a page: where we are, what it shows."""
    bandeau(pub)
    st.html(
        f'<header class="ob-titre"><p class="sur">{escape(textes.NOM)} · {escape(nom_departement(pub))}</p>'
        f"<h1>{escape(texte)}</h1><p>{escape(chapeau)}</p></header>"
    )


def section(texte: str, chapeau: str = "") -> None:
    """Heading of a part of a page."""
    suite = f"<p>{escape(chapeau)}</p>" if chapeau else ""
    st.html(f'<div class="ob-section"><h2>{escape(texte)}</h2>{suite}</div>')


def sous_titre(texte: str) -> None:
    """Heading of a box, under that of its part."""
    st.html(f'<h3 class="ob-bloc">{escape(texte)}</h3>')


def adresse_entiere() -> str:
    """Address of this very view, outside the page that shows it in a frame."""
    filtres = urlencode(st.query_params.to_dict())
    return (st.context.url or ".") + (f"?{filtres}" if filtres else "")


def pied(pub: Publication) -> None:
    """Foot of a page: the publication, and the way to the other pages (the menu is folded on a phone)."""
    fictif = " · données fictives de démonstration" if pub.edition.fictif else ""
    st.html(f'<footer class="ob-pied"><p>{mention.reference(pub.edition)}{fictif}.</p></footer>')
    if st.context.is_embedded:
        st.html(
            f'<p class="ob-source-page"><a href="{escape(adresse_entiere())}" target="_blank" rel="noopener">'
            f"{escape(textes.PAGE_ENTIERE)}</a></p>"
        )
        return
    with st.container(horizontal=True, key="pages"):
        for page in PAGES:
            st.page_link(
                f"app_pages/{page.fichier}", label=LIBELLES.get(page.adresse, page.titre), icon=page.icone
            )
