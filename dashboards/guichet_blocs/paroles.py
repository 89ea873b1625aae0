"""Page « Paroles à relire »: an extract, what may give its association away, and what to do with it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.paroles import MARQUE
from observatoire.storage.paroles import A_RELIRE, ACCEPTEE, COUPEE, RAISON_MAX, REFUSEE

if TYPE_CHECKING:
    from pipelines.guichet import Guichet

ETATS = {A_RELIRE: "à relire", ACCEPTEE: "acceptés", COUPEE: "coupés", REFUSEE: "refusés"}
DECISIONS = {ACCEPTEE: "Accepté", COUPEE: "Coupé", REFUSEE: "Refusé"}
DITES = {
    ACCEPTEE: "L’extrait paraîtra dans la prochaine publication.",
    COUPEE: "L’extrait coupé paraîtra dans la prochaine publication.",
}
RAISONS = (
    "permet de reconnaître l’association",
    "met en cause une personne",
    "propos injurieux ou contraire à la loi",
    "hors du sujet",
)
REGLE = (
    f"On peut seulement ôter des mots, ou les remplacer par «\u00a0{MARQUE}\u00a0»\u00a0: aucun ajout, aucune correction. "
    f"Chaque coupe est marquée {MARQUE}, même si vous ne l’écrivez pas."
)
SEUL = (
    "Aucune autre personne n’a le droit de validation. Un extrait est relu par quelqu’un d’autre que la personne qui l’a "
    "déposé\u00a0: ceux que vous avez déposés attendent qu’un second compte soit ouvert (page Comptes)."
)
MONTREES, DECIDEES = 10, 30


def afficher(g: Guichet) -> None:
    """Counts, the extracts to read, those already read, those put aside when loaded."""
    relecture = g.paroles()
    _compter(relecture)
    if g.relecteurs() <= 1:
        commun.encart(SEUL, "Une seule personne pour relire", "attention")
    a_lire = relecture.dans(A_RELIRE)
    if not relecture.paroles:
        commun.encart("Aucun extrait avec accord de publication n’a été déposé.")
    elif not a_lire:
        commun.encart("Tous les extraits sont relus.", genre="bien")
    else:
        commun.section("À relire", REGLE)
        for parole in a_lire[:MONTREES]:
            _relire(g, parole)
        if len(a_lire) > MONTREES:
            commun.note(f"Encore {fr.accord(len(a_lire) - MONTREES, 'extrait')} après ceux-ci.")
    _decidees(g, relecture)
    _ecartees(relecture)


def _compter(relecture: Any) -> None:
    comptes = {mot: len(relecture.dans(etat)) for etat, mot in ETATS.items()}
    comptes["sans accord, jamais montrés"] = relecture.sans_accord
    cases = "".join(f"<div><dt>{mot}</dt><dd>{fr.nombre(nb)}</dd></div>" for mot, nb in comptes.items())
    st.html(f'<dl class="gu-comptes">{cases}</dl>')
    if total := len(relecture.paroles):
        faits = total - comptes[ETATS[A_RELIRE]]
        st.progress(
            faits / total, text=f"{fr.accord(faits, 'extrait relu', 'extraits relus')} sur {fr.nombre(total)}"
        )


def _relire(g: Guichet, parole: Any) -> None:
    extrait, cle = parole.extrait, parole.extrait.identifiant
    with st.container(border=True, key=f"parole-{cle}"):
        st.html(_citation(parole))
        for avertissement in parole.avertissements:
            commun.encart(f"L’extrait {avertissement}.", "On peut reconnaître l’association", "attention")
        if parole.bloquee:
            commun.encart(f"L’extrait {parole.bloquee}\u00a0: il ne peut pas être publié.", genre="refus")
        if extrait.depose_de(g.qui.sujet):
            commun.encart(
                "Vous avez déposé cet extrait\u00a0: une autre personne doit le relire.", genre="attention"
            )
            return
        texte = st.text_area(
            "Texte à publier", extrait.texte, key=f"texte-{cle}", height=110, disabled=bool(parole.bloquee)
        )
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"choix-{cle}"):
            accepter = st.button(
                "Accepter",
                type="primary",
                icon=":material/check:",
                key=f"accepter-{cle}",
                disabled=bool(parole.bloquee),
            )
            raison = st.selectbox(
                "Raison du refus", RAISONS, index=None, placeholder="Choisir ou écrire", accept_new_options=True,
                key=f"raison-{cle}", help=f"{RAISON_MAX} caractères au plus. Elle n’est montrée qu’ici.",
            )  # fmt: skip
            refuser = st.button("Refuser", icon=":material/close:", key=f"refuser-{cle}")
    if accepter:
        with commun.phrases():
            commun.annoncer(DITES[g.accepter_parole(cle, texte)])
            st.rerun()
    if refuser:
        commun.faire(lambda: g.refuser_parole(cle, raison or ""), "L’extrait ne paraîtra pas.")


def _citation(parole: Any) -> str:
    """The extract, who wrote it and where it was deposited: for this page only."""
    x = parole.extrait
    secteurs = charger_nomenclature("secteurs")
    secteur = secteurs.libelle(x.secteur) if x.secteur in secteurs.codes else "secteur non dit"
    qui = f"{x.nom}, {parole.libelle_commune or 'commune non dite'}. {secteur}, {x.millesime}."
    ou = f"{x.nom_fichier}, {x.lieu}{f', déposé par {x.depose_par}' if x.depose_par else ''}."
    return (
        f'<blockquote class="gu-parole"><p>{escape(x.texte)}</p></blockquote>'
        f'<p class="gu-detail">{escape(qui)}</p><p class="gu-detail">{escape(ou)}</p>'
    )


def _decidees(g: Guichet, relecture: Any) -> None:
    decidees = sorted(relecture.dans(*DECISIONS), key=lambda p: p.extrait.decision.quand, reverse=True)
    if not decidees:
        return
    with st.expander(f"Déjà relus ({fr.nombre(len(decidees))})", icon=":material/task_alt:"):
        commun.note(
            "Revenir sur une décision remet l’extrait à relire. La publication déjà faite ne change pas."
        )
        for parole in decidees[:DECIDEES]:
            _decidee(g, parole)
        if len(decidees) > DECIDEES:
            commun.note(f"Les {DECIDEES} derniers sont montrés.")


def _decidee(g: Guichet, parole: Any) -> None:
    prise, cle = parole.extrait.decision, parole.extrait.identifiant
    with st.container(border=True, key=f"decidee-{cle}"):
        coupe = f'<p class="gu-detail">Texte publié\u00a0: {escape(prise.texte)}</p>' if prise.texte else ""
        raison = f"\u00a0: {prise.raison}" if prise.raison else ""
        dit = f"{DECISIONS[prise.decision]} par {prise.qui} le {commun.quand(prise.quand)}{raison}."
        st.html(f'{_citation(parole)}{coupe}<p class="gu-detail">{escape(dit)}</p>')
        if st.button(
            "Revenir sur cette décision", icon=":material/undo:", type="tertiary", key=f"revenir-{cle}"
        ):
            commun.faire(lambda: g.revenir_parole(cle), "L’extrait est de nouveau à relire.")


def _ecartees(relecture: Any) -> None:
    """Cells that were never loaded: where they are, without what they said."""
    if not relecture.ecartees:
        return
    with st.expander(
        f"Écartés au chargement ({fr.nombre(len(relecture.ecartees))})", icon=":material/block:"
    ):
        commun.note("Une donnée personnelle ou un texte trop long\u00a0: ces extraits ne sont pas chargés.")
        tableau.afficher(
            (Colonne("Fichier", entete_de_ligne=True), Colonne("Où et pourquoi")),
            [[fichier, message] for fichier, _, message in relecture.ecartees],
            "Extraits écartés au chargement",
        )
