"""Page « Qui est qui »: a name beside its candidates; two keys decide, nothing is final."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.guichet_blocs import commun, recu
from observatoire.comptes.identite import Role

if TYPE_CHECKING:
    from pipelines.guichet import Guichet

COMPTES = {"sur": "liées d’office", "a_decider": "à décider", "confirme": "confirmées", "refuse": "écartées"}
_PASSEES, _DERNIERE = "paires-passees", "paires-noms"


def afficher(g: Guichet) -> None:
    """Counts, then the pair to look at."""
    comptes = g.resume_paires()
    resume(comptes)
    if not g.qui.peut(Role.VALIDEUR):
        commun.note("Décider demande le droit de validation.")
        return
    _defaire(g)
    passees: set[str] = st.session_state.setdefault(_PASSEES, set())
    restantes = g.paires()
    paire = next((p for p in restantes if p.cle not in passees), None)
    if paire is not None:
        _comparer(g, paire)
    elif restantes:
        commun.encart("Vous avez passé toutes les paires montrées.")
        if st.button("Revoir les paires passées", icon=":material/replay:", key="revoir"):
            passees.clear()
            st.rerun()
    else:
        commun.encart("Aucune paire à décider.", genre="bien")


def resume(comptes: dict[str, int]) -> None:
    """How many names are linked, to decide, decided."""
    cases = "".join(
        f"<div><dt>{escape(mot)}</dt><dd>{fr.nombre(comptes.get(cle, 0))}</dd></div>"
        for cle, mot in COMPTES.items()
    )
    st.html(f'<dl class="gu-comptes">{cases}</dl>')


def _comparer(g: Guichet, paire: Any) -> None:
    rang = _rang(paire)
    candidat = paire.candidats[rang]
    gauche, droite = st.columns(2)
    with gauche, st.container(border=True, key="paire-depot"):
        st.html(fiche("Dans le dépôt", paire.nom, paire.commune))
        st.text(f"{fr.accord(paire.lignes, 'ligne')}, dans {', '.join(paire.fichiers)}")
    with droite, st.container(border=True, key="paire-registre"):
        st.html(
            fiche(
                "Dans le registre", candidat.nom, candidat.commune, candidat.vers.replace(":", fr.INSECABLE)
            )
        )
        st.text(f"Ressemblance\u00a0: {fr.pourcentage(candidat.score, 0)} ({candidat.raison})")
    _touches(g, paire, candidat)
    if len(paire.candidats) > 1:
        _autres(paire, rang)


def _rang(paire: Any) -> int:
    """Candidate shown: the first one, or the one chosen in the list."""
    choisi = st.session_state.get(f"candidat-{paire.cle}", 0)
    return choisi if isinstance(choisi, int) and 0 <= choisi < len(paire.candidats) else 0


def fiche(titre: str, nom: str, commune: str | None, numero: str = "") -> str:
    """One side of a pair."""
    suite = f'<p class="gu-detail">{escape(numero)}</p>' if numero else ""
    lieu = escape(commune or "commune non dite")
    return f'<div class="gu-paire"><p class="gu-detail">{titre}</p><h2>{escape(nom)}</h2><p>{lieu}</p>{suite}</div>'


def _autres(paire: Any, rang: int) -> None:
    st.radio(
        "Comparer à un autre candidat",
        range(len(paire.candidats)),
        index=rang,
        format_func=lambda i: commun.proteger(
            f"{paire.candidats[i].nom}, {paire.candidats[i].commune or 'commune non dite'} "
            f"({fr.pourcentage(paire.candidats[i].score, 0)})"
        ),
        key=f"candidat-{paire.cle}",
    )


def _touches(g: Guichet, paire: Any, candidat: Any) -> None:
    with st.container(horizontal=True, key="touches"):
        oui = st.button("Même association", type="primary", shortcut="o", icon=":material/check:", key="meme")
        non = st.button("Aucune de celles-ci", shortcut="n", icon=":material/close:", key="autre")
        passer = st.button("Passer", shortcut="p", icon=":material/skip_next:", key="passer")
    commun.note("Au clavier : o pour la même association, n pour aucune, p pour passer.")
    if passer:
        st.session_state[_PASSEES].add(paire.cle)
        st.rerun()
    if oui or non:
        vers = candidat.vers if oui else None
        with commun.phrases():
            g.decider_paire(paire.cle, vers)
            st.session_state.setdefault(_DERNIERE, {})[paire.cle] = paire.nom
            st.rerun()


def derniere_decision(lignes: Sequence[Any], qui: str) -> str | None:
    """The name this person decided on last, among those nobody came back to since; lines latest first."""
    vues: set[str] = set()
    for ligne in lignes:
        if ligne.quoi not in (recu.RAPPROCHER, recu.DEFAIRE) or ligne.objet in vues:
            continue
        vues.add(ligne.objet)
        if ligne.quoi == recu.RAPPROCHER and ligne.qui == qui:
            return str(ligne.objet)
    return None


def _defaire(g: Guichet) -> None:
    """The last decision can be taken back, even another day from another window."""
    cle = derniere_decision(g.journal(), g.qui.sujet)
    if cle is None:
        return
    nom = st.session_state.get(_DERNIERE, {}).get(cle) or cle.partition(":")[2]
    with st.container(horizontal=True, vertical_alignment="center", key="derniere"):
        st.text(f"Décidé pour «{fr.INSECABLE}{nom}{fr.INSECABLE}».", width="content")
        if st.button("Défaire", icon=":material/undo:", type="tertiary", key="defaire-paire"):
            with commun.phrases():
                g.revenir_paire(cle)
                st.rerun()
