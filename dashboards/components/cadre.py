"""What every page shares: style, name, navigation target, fictitious banner, foot."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from dashboards import lecture, textes
from dashboards.app_pages import PAGES
from dashboards.components import mention
from dashboards.components.donnees import Publication

STATIQUE = Path(__file__).resolve().parent.parent / "static"
STYLE = STATIQUE / "observatoire.css"


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


def pied(pub: Publication) -> None:
    """Foot of a page: the publication, and the way to the other pages (the menu is folded on a phone)."""
    fictif = " · données fictives de démonstration" if pub.edition.fictif else ""
    st.html(f'<footer class="ob-pied"><p>{mention.reference(pub.edition)}{fictif}.</p></footer>')
    with st.container(horizontal=True, key="pages"):
        for page in PAGES:
            st.page_link(f"app_pages/{page.fichier}", label=page.titre, icon=page.icone)
