"""Sheets of a file in progress: read or not, first rows, and the row of titles that one click moves."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.guichet_blocs import commun

if TYPE_CHECKING:
    from pipelines.guichet import Guichet
    from pipelines.guichet.en_cours import Chantier, Verdict

OUVERTES = 2


def feuilles(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    """Every sheet with its preview; the first ones read are open."""
    if not verdict.feuilles:
        return
    lues = [f.nom for f in verdict.feuilles if f.lue]
    commun.section(
        "Les feuilles",
        f"{fr.accord(len(lues), 'feuille lue', 'feuilles lues')} sur {len(verdict.feuilles)}. "
        f"La ligne des titres est surlignée{fr.FINE}; un clic la déplace.",
    )
    for rang, vue in enumerate(verdict.feuilles):
        with st.container(border=True, key=f"feuille-{rang}"):
            _feuille(g, chantier, vue, rang, ouverte=vue.nom in lues[:OUVERTES] or not lues)


def _feuille(g: Guichet, chantier: Chantier, vue: Any, rang: int, *, ouverte: bool) -> None:
    masquee = " · feuille masquée" if not vue.visible else ""
    tournee = " · titres dans la première colonne" if vue.transposee else ""
    st.html(
        f'<h3 class="gu-feuille">{escape(vue.nom)}</h3>'
        f'<p class="gu-detail">{fr.accord(vue.lignes, "ligne remplie", "lignes remplies")}, '
        f"{fr.accord(vue.colonnes, 'colonne')}{masquee}{tournee}</p>"
    )
    lue = st.toggle("Lire cette feuille", value=vue.lue, key=f"lire-{rang}-{chantier.revision}")
    if lue != vue.lue:
        commun.faire(lambda: g.decider(chantier.id, feuilles={**chantier.decisions.feuilles, vue.nom: lue}))
    with st.expander("Premières lignes", expanded=ouverte, key=f"apercu-{rang}-{ouverte:d}"):
        if not vue.apercu:
            commun.note("Cette feuille est vide.")
            return
        entete = vue.ligne_entete or chantier.decisions.entetes.get(vue.nom)
        st.html(grille(vue, entete))
        _ligne_des_titres(g, chantier, vue, rang, entete)


def _ligne_des_titres(g: Guichet, chantier: Chantier, vue: Any, rang: int, entete: int | None) -> None:
    mot = "colonne" if vue.transposee else "ligne"
    with st.container(horizontal=True, key=f"titres-{rang}", gap="xsmall", vertical_alignment="center"):
        st.text(f"Les titres sont à la {mot}", width="content")
        for numero in range(vue.premiere, vue.premiere + len(vue.apercu)):
            ici = numero == entete
            if (
                st.button(
                    str(numero),
                    type="primary" if ici else "secondary",
                    help=f"Titres à la {mot} {numero}",
                    key=f"titre-{rang}-{numero}",
                )
                and not ici
            ):
                nouvelles = {**chantier.decisions.entetes, vue.nom: numero}
                commun.faire(partial(g.decider, chantier.id, entetes=nouvelles))


def grille(vue: Any, entete: int | None) -> str:
    """The first rows as a table with the numbers and letters of the spreadsheet."""
    largeur = max(map(len, vue.apercu))
    lettres = "".join(f'<th scope="col">{escape(x)}</th>' for x in vue.lettres[:largeur])
    corps = []
    for numero, cellules in enumerate(vue.apercu, vue.premiere):
        marque = ' class="choisie" aria-current="true"' if numero == entete else ""
        cases = "".join(f"<td>{escape(c)}</td>" for c in [*cellules, *[""] * (largeur - len(cellules))])
        corps.append(f'<tr{marque}><th scope="row">{numero}</th>{cases}</tr>')
    nom = escape(f"Premières lignes de la feuille {vue.nom}", quote=True)
    return (
        f'<div class="ob-tableau gu-grille" role="region" tabindex="0" aria-label="{nom}"><table>'
        f'<thead><tr><th scope="col"><span class="gu-cache">Ligne</span></th>{lettres}</tr></thead>'
        f"<tbody>{''.join(corps)}</tbody></table></div>"
    )
