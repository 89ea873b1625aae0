"""The five steps of a deposit, always the same words: which one needs the person, which ones are done."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards.guichet_blocs import commun

if TYPE_CHECKING:
    from pipelines.guichet.en_cours import Verdict

ETAPES = {
    "deposer": "Déposer",
    "reconnaitre": "Reconnaître",
    "correspondre": "Faire correspondre",
    "verifier": "Vérifier",
    "charger": "Charger",
}
TABLE_MIN = 3
RANGS = {code: rang for rang, code in enumerate(ETAPES)}


def oubliees(verdict: Verdict) -> list[Any]:
    """Visible sheets with a table at least as long as what is read, and that nobody reads: last year's beside this one's."""
    lues = [f.lignes for f in verdict.feuilles if f.lue]
    seuil = max([TABLE_MIN, *lues])
    return [
        f
        for f in verdict.feuilles
        if f.visible and not f.lue and f.lignes >= seuil and f.colonnes >= TABLE_MIN
    ]


def manquantes(verdict: Verdict) -> list[str]:
    """Titles of the required columns that nothing feeds."""
    return [c.titre for c in verdict.colonnes if c.obligatoire and c.etat == "absent"]


def derniere_ouverte(verdict: Verdict) -> str:
    """The furthest step that can be shown: what comes before it is settled."""
    if verdict.refus or verdict.deja or verdict.bloque_par_personnel:
        return "reconnaitre"
    if manquantes(verdict):
        return "correspondre"
    return "charger" if verdict.chargeable else "verifier"


def premiere_utile(verdict: Verdict) -> str:
    """The first step that needs the person."""
    ouverte = derniere_ouverte(verdict)
    if oubliees(verdict):
        return "reconnaitre"
    if ouverte in ("reconnaitre", "correspondre"):
        return ouverte
    if any(c.etat == "propose" for c in verdict.colonnes):
        return "correspondre"
    rien = not (verdict.cellules or verdict.retenues or verdict.questions or verdict.a_revoir)
    return "charger" if rien and verdict.chargeable else "verifier"


def courante(verdict: Verdict) -> str:
    """The step of the URL when it can be shown, else the first one that needs the person."""
    demandee = st.query_params.get("etape", "")
    if demandee in RANGS and 0 < RANGS[demandee] <= RANGS[derniere_ouverte(verdict)]:
        return demandee
    return premiere_utile(verdict)


def passer(etape: str) -> None:
    """Show another step; its name goes to the URL."""
    for passager in ("annoter", "confirmer"):
        st.query_params.pop(passager, None)
    st.query_params["etape"] = etape
    st.rerun()


def frise(identifiant: str, etape: str, ouverte: str) -> None:
    """The steps on one line: those that can be shown are links, the present one is told to screen readers."""
    with st.container(horizontal=True, key="etapes", gap="xsmall", vertical_alignment="center"):
        for rang, (code, mot) in enumerate(ETAPES.items()):
            if code == etape:
                st.html(
                    f'<p class="gu-etape courante" aria-current="step"><b>{rang + 1}</b> {escape(mot)}</p>',
                    width="content",
                )
            elif code == "deposer":
                commun.lien("deposer", mot, ":material/check:")
            elif rang <= RANGS[ouverte]:
                icone = ":material/check:" if rang < RANGS[etape] else f":material/counter_{rang + 1}:"
                commun.lien("depot", mot, icone, depot=identifiant, etape=code)
            else:
                faite = " faite" if rang < RANGS[etape] else ""
                st.html(f'<p class="gu-etape{faite}"><b>{rang + 1}</b> {escape(mot)}</p>', width="content")


def bas(retour: str | None, suite: str, *, texte: str = "Continuer", empeche: str = "") -> None:
    """« Retour » and « Continuer » at the foot of a step; `empeche` says what must be done first."""
    if empeche:
        commun.note(empeche)
    with st.container(horizontal=True, key="suite"):
        if st.button("Retour", icon=":material/arrow_back:", key="retour"):
            if retour is None:
                commun.aller("deposer")
            else:
                passer(retour)
        if st.button(texte, type="primary", disabled=bool(empeche), key="continuer"):
            passer(suite)
