"""Mounts the SVG map with its legend: a click on a shape selects the territory, as the list beside does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import streamlit as st

from dashboards.components import mention, requete
from dashboards.figures.carte_svg import Entree, pastille, rond

PANNE = "Le fond de carte n’a pas pu être lu. Le tableau donne les mêmes valeurs."
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
    requetes: Sequence[str],
    ronds: Sequence[tuple[float, str]] = (),
) -> str:
    """Map, legend, mention and credits as one HTML figure; labels are escaped, the SVG is ours.

    `requetes` give its figures back; `ronds`: radius and label of the circles of the legend.
    """
    lignes = "".join(f"<li>{rond(rayon)}<span>{escape(libelle)}</span></li>" for rayon, libelle in ronds)
    lignes += "".join(
        f"<li>{pastille(e.classe, unites)}<span>{escape(e.libelle)} "
        f'<span class="eff">({e.effectif})</span></span></li>'
        for e in legende
    )
    return (
        f'<figure {mention.CHIFFRES}="{escape(titre_legende)}">{svg}<p class="titre">{escape(titre_legende)}</p><ul>{lignes}</ul>'
        f"{mention.liste(dites)}<figcaption>"
        f"{'Surface des cercles proportionnelle à la valeur. ' if ronds else ''}"
        f"Entre parenthèses, le nombre de territoires. {escape('. '.join(sources))}.</figcaption>"
        f"{requete.volet(requetes)}</figure>"
    )


def afficher(contenu: str, cle: str, au_choix: Callable[[str], None], fond: str) -> None:
    """Mount the figure; `au_choix` receives the code of the shape somebody clicks, before the page runs.

    `fond`: address of the outlines that the browser puts in, and keeps.
    """

    def choisir() -> None:
        code = st.session_state[cle].choix
        if code:
            au_choix(str(code))

    _monter(
        data={"html": contenu, "empreinte": str(hash(contenu)), "fond": fond, "panne": PANNE},
        key=cle,
        on_choix_change=choisir,
    )
