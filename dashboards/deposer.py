"""Entry point of the staff application: who is there, then the pages her role opens."""

from __future__ import annotations

import streamlit as st

from dashboards import acces, textes
from dashboards.components import cadre
from dashboards.guichet_pages import PAGES
from observatoire.comptes import Role


def principal() -> None:
    """The whole application, once per run of the script."""
    st.set_page_config(
        page_title=f"Dépôt · {textes.NOM}",
        page_icon=str(cadre.STATIQUE / "logo.svg"),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    cadre.style()
    identite = acces.exiger(Role.LECTEUR)
    st.logo(str(cadre.STATIQUE / "logo.svg"), size="medium")
    permises = [p for p in PAGES if identite.peut(p.role)]
    if not permises:
        acces.bandeau(identite)
        st.info("Aucune page n’est ouverte à votre rôle pour le moment.", icon=":material/info:")
        st.stop()
    pages = [
        st.Page(
            f"guichet_pages/{p.fichier}",
            title=p.titre,
            url_path=p.adresse,
            icon=p.icone,
            help=p.aide,
            visibility="visible" if p.au_menu else "hidden",
        )
        for p in permises
    ]
    # Streamlit gives no address of its own to the default page: an address sent to somebody of another role would fail.
    accueil = st.Page(lambda: st.switch_page(pages[0]), title="Accueil", default=True, visibility="hidden")
    page = st.navigation([accueil, *pages], position="top")
    acces.bandeau(identite)
    page.run()


# The workers, started from here, import this file under another name: they must not run the page.
if __name__ == "__main__":
    principal()
