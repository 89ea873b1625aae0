"""A deposit in progress from its URL: progress while it is examined, then the step that needs the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import format_fr as fr
from dashboards.guichet_blocs import charger, commun, correspondre, etapes, reconnaitre, recu, suivi, verifier

if TYPE_CHECKING:
    from pipelines.guichet import Guichet
    from pipelines.guichet.en_cours import Chantier, Verdict

# What a press on these buttons accepts is what was on the screen, nothing newer.
ACCORDS = ("continuer", "charger")
_MONTREE = "guichet-revision-montree"
VUES = {
    "reconnaitre": reconnaitre.afficher,
    "correspondre": correspondre.afficher,
    "verifier": verifier.afficher,
    "charger": charger.afficher,
}


def afficher(g: Guichet) -> None:
    """The deposit that the URL names."""
    identifiant = st.query_params.get("depot", "")
    if not identifiant:
        commun.titre("Dépôt")
        commun.encart("Déposez d’abord un fichier, ou choisissez un dépôt en cours.")
        commun.lien("deposer", "Déposer", ":material/upload_file:")
        return
    with commun.phrases():
        chantier = g.chantier(identifiant)
        commun.titre(chantier.nom, sur="Dépôt en cours" if chantier.ouvert else "Dépôt")
        _ouvert(g, chantier) if chantier.ouvert else _clos(g, chantier)


def _clos(g: Guichet, chantier: Chantier) -> None:
    if chantier.depot_id is None:
        commun.encart("Ce dépôt a été abandonné. Rien n’a été chargé.")
        commun.lien("deposer", "Déposer un fichier", ":material/upload_file:")
        return
    etapes.frise(chantier.id, "charger", "deposer")
    recu.afficher(g, chantier.depot_id)


def _ouvert(g: Guichet, chantier: Chantier) -> None:
    if g.chargement_en_cours(chantier.id):
        etapes.frise(chantier.id, "charger", "deposer")
        charger.en_cours(g, chantier)
        return
    verdict = g.verdict(chantier.id)
    if _accord_perime(chantier, None if verdict is None else chantier.revision):
        commun.annoncer(
            "Ce dépôt venait de changer, peut-être dans une autre fenêtre\u00a0: relisez avant de continuer.",
            reussite=False,
        )
        if verdict is not None:
            st.rerun()
    elif verdict is None:
        commun.redire()
    if verdict is None:
        etapes.frise(chantier.id, st.query_params.get("etape", "reconnaitre"), "deposer")
        suivi.attendre(lambda: g.verdict(chantier.id) is not None, lambda: g.avancement(chantier.id))
        return
    if verdict.panne:
        _panne(g, chantier, verdict)
        return
    etape = etapes.courante(verdict)
    st.query_params["etape"] = etape
    etapes.frise(chantier.id, etape, etapes.derniere_ouverte(verdict))
    if verdict.corrige:
        suite = " Il remplacera le dépôt déjà chargé." if chantier.remplace else ""
        commun.note(f"C’est votre copie annotée qui revient : vos choix ont été repris.{suite}")
    VUES[etape](g, chantier, verdict)
    _abandon(g, chantier)


def _accord_perime(chantier: Chantier, revision: int | None) -> bool:
    """Whether a button was pressed on a state of the deposit that is no longer its own; remembers the one shown now."""
    montree = st.session_state.get(_MONTREE)
    st.session_state[_MONTREE] = (chantier.id, revision)
    presse = any(st.session_state.get(bouton) for bouton in ACCORDS)
    return presse and montree is not None and montree != (chantier.id, revision)


def _panne(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    commun.encart(verdict.panne or "", "L’examen s’est arrêté", "refus")
    if st.button("Recommencer l’examen", type="primary", icon=":material/refresh:", key="recommencer"):
        commun.faire(lambda: g.recommencer(chantier.id))
    _abandon(g, chantier)


def _abandon(g: Guichet, chantier: Chantier) -> None:
    def abandonner() -> None:
        with commun.phrases():
            g.abandonner(chantier.id)
            commun.annoncer("Dépôt abandonné. Rien n’a été chargé.")
            commun.aller("deposer")

    commun.confirmer(
        "abandonner",
        "Abandonner ce dépôt",
        f"Le fichier reçu et vos choix seront oubliés. Rien n’avait été chargé{fr.INSECABLE}: vous pourrez "
        "redéposer votre fichier.",
        ":material/delete:",
        abandonner,
        discret=True,
    )
