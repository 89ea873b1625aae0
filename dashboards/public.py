"""Entry point of the public pages, for elected officials. It reads publications and receives nothing."""

from __future__ import annotations

import streamlit as st

from dashboards import textes
from dashboards.app_pages import PAGES, par_partie
from dashboards.components import cadre

st.set_page_config(
    page_title=textes.NOM,
    page_icon=str(cadre.STATIQUE / "logo.svg"),
    layout="wide",
    initial_sidebar_state="collapsed",
)
if not st.context.is_embedded:
    st.logo(str(cadre.STATIQUE / "logo.svg"), size="medium")
page = st.navigation(
    {
        titre: [
            st.Page(
                f"app_pages/{p.fichier}",
                title=p.titre,
                url_path=p.adresse,
                icon=p.icone,
                help=p.aide,
                default=p is PAGES[0],
                visibility="visible" if p.au_menu else "hidden",
            )
            for p in pages
        ]
        for titre, pages in par_partie().items()
    },
    # In the page of another site, only the content: no menu.
    position="hidden" if st.context.is_embedded else "top",
)
cadre.style()
page.run()
