"""Rows that wait: why, and whether to leave them out; a row left out can be taken back."""

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

MONTREES = 20


def afficher(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    """Rows that wait with a box each, then rows already left out."""
    if verdict.retenues:
        _attentes(g, chantier, verdict.retenues, verdict.totaux.get("retenues", len(verdict.retenues)))
    _ecartees(g, chantier)


def _attentes(g: Guichet, chantier: Chantier, lignes: list[Any], total: int) -> None:
    verbe = "attend" if total < 2 else "attendent"
    commun.section(
        f"{fr.accord(total, 'ligne')} {verbe}",
        "Elles n’entreront dans aucun chiffre tant qu’elles ne sont pas corrigées. "
        "Chargez le reste : elles vous attendront dans « En attente ».",
    )
    with st.form(f"retenues-{chantier.revision}"):
        cochees = [
            (ligne.feuille, ligne.ligne)
            for rang, ligne in enumerate(lignes[:MONTREES])
            if _case(rang, ligne, chantier.revision)
        ]
        if total > MONTREES:
            commun.note(
                f"Les {MONTREES} premières sont montrées{fr.FINE}; toutes sont dans le fichier annoté."
            )
        envoyer = st.form_submit_button(
            "Laisser de côté les lignes cochées", icon=":material/visibility_off:"
        )
    if envoyer and not cochees:
        commun.note("Cochez d’abord une ligne.")
    elif envoyer:
        nb = fr.accord(len(cochees), "ligne laissée", "lignes laissées")
        commun.faire(lambda: g.ecarter(chantier.id, cochees), f"{nb} de côté.")


def _case(rang: int, ligne: Any, revision: int) -> bool:
    repere = ligne.repere or "sans nom"
    coche = st.checkbox(
        commun.proteger(f"{ligne.feuille}, ligne {ligne.ligne} — {repere}"), key=f"retenue-{rang}-{revision}"
    )
    for probleme in ligne.problemes:
        st.html(f'<p class="gu-detail gu-retrait">{escape(probleme)}</p>')
    return coche


def _ecartees(g: Guichet, chantier: Chantier) -> None:
    ecartees = [(f, n) for f, numeros in chantier.decisions.ecartees.items() for n in numeros]
    if not ecartees:
        return
    with st.expander(fr.accord(len(ecartees), "ligne laissée de côté", "lignes laissées de côté")):
        for rang, (feuille, numero) in enumerate(ecartees):
            with st.container(horizontal=True, vertical_alignment="center", key=f"ecartee-{rang}"):
                st.text(f"{feuille}, ligne {numero}", width="content")
                if st.button("Remettre", icon=":material/undo:", type="tertiary", key=f"remettre-{rang}"):
                    ligne = [(feuille, numero)]
                    commun.faire(partial(g.ecarter, chantier.id, ligne, oui=False), "Ligne remise.")
