"""Mounts the SVG map with its legend: a click on a shape selects the territory, as the list beside does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import streamlit as st

from dashboards.components import mention
from dashboards.figures.carte_svg import Entree, pastille

_ICI = Path(__file__)
_monter = st.components.v2.component(
    "observatoire_carte",
    html='<div class="ob-carte"></div>\n<!-- SVG -->',
    css=_ICI.with_suffix(".css").read_text(encoding="utf-8"),
    js=_ICI.with_suffix(".js").read_text(encoding="utf-8"),
)


def html(
    svg: str,
    legende: Sequence[Entree],
    titre_legende: str,
    sources: Sequence[str],
    unites: float,
    dites: mention.Paires,
) -> str:
    """Map, legend, mention and credits as one HTML figure; labels are escaped, the SVG is ours."""
    lignes = "".join(
        f"<li>{pastille(e.classe, unites)}<span>{escape(e.libelle)} "
        f'<span class="eff">({e.effectif})</span></span></li>'
        for e in legende
    )
    return (
        f'<figure {mention.CHIFFRES}="{escape(titre_legende)}">{svg}<p class="titre">{escape(titre_legende)}</p><ul>{lignes}</ul>'
        f"{mention.liste(dites)}<figcaption>"
        f"Entre parenthèses, le nombre de territoires. {escape('. '.join(sources))}.</figcaption></figure>"
    )


def afficher(contenu: str, cle: str, au_choix: Callable[[str], None]) -> None:
    """Mount the figure; `au_choix` receives the code of the shape somebody clicks, before the page runs."""

    def choisir() -> None:
        code = st.session_state[cle].choix
        if code:
            au_choix(str(code))

    _monter(
        data={"html": contenu, "empreinte": str(hash(contenu))},
        key=cle,
        on_choix_change=choisir,
    )
