"""Questions asked once per column: how « 1.234 » reads, whether a sheet counts in thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.guichet_blocs import commun

if TYPE_CHECKING:
    from pipelines.guichet import Guichet
    from pipelines.guichet.en_cours import Chantier, Verdict

SEPARATEUR, UNITE = "separateur", "unite"


def afficher(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    """One choice per question, then one button for all."""
    if not verdict.questions:
        return
    nb = len(verdict.questions)
    commun.section("Une question avant de lire" if nb < 2 else f"{nb} questions avant de lire")
    with st.form(f"questions-{chantier.revision}"):
        reponses = [_demander(rang, q, chantier.revision) for rang, q in enumerate(verdict.questions)]
        envoyer = st.form_submit_button("Enregistrer mes réponses", type="primary")
    if envoyer:
        commun.faire(lambda: g.decider(chantier.id, **_choix(chantier, verdict.questions, reponses)))


def _demander(rang: int, question: dict[str, Any], revision: int) -> str | None:
    options = lectures(question)
    return st.radio(
        commun.proteger(enonce(question)),
        list(options),
        index=None,
        format_func=lambda o: commun.proteger(options[o]),
        key=f"question-{rang}-{revision}",
    )


def enonce(question: dict[str, Any]) -> str:
    """The question, with an example of the person's own file."""
    titre = f"colonne «{fr.INSECABLE}{question['titre']}{fr.INSECABLE}»"
    if question["genre"] == SEPARATEUR:
        return (
            f"«{fr.INSECABLE}{question['exemple']}{fr.INSECABLE}» se lit… "
            f"({titre}, {fr.accord(question['nb'], 'cellule')}{fr.INSECABLE}: {_cellules(question)})"
        )
    return f"Les montants de la feuille «{fr.INSECABLE}{question['feuille']}{fr.INSECABLE}» sont-ils en milliers d’euros{fr.FINE}?"


def _cellules(question: dict[str, Any]) -> str:
    """First cells of a question: « F6, F7, F8… »."""
    suite = "…" if question["nb"] > len(question["cellules"]) else ""
    return ", ".join(question["cellules"]) + suite


def lectures(question: dict[str, Any]) -> dict[str, str]:
    """Answers a question may have, and how each is written."""
    if question["genre"] == UNITE:
        return {"euros": "Non, en euros", "milliers": "Oui, en milliers d’euros"}
    brut = str(question["exemple"]).strip()
    signe = "." if "." in brut else ","
    entier, _, decimales = brut.rpartition(signe)
    autre = "," if signe == "." else "."
    return {
        autre: f"{entier}{fr.FINE}{decimales} (le signe sépare les milliers)",
        signe: f"{entier},{decimales} (le signe sépare les décimales)",
    }


def _choix(chantier: Any, questions: list[dict[str, Any]], reponses: list[str | None]) -> dict[str, Any]:
    conventions, unites = dict(chantier.decisions.conventions), dict(chantier.decisions.unites)
    for question, reponse in zip(questions, reponses, strict=True):
        if reponse is None:
            continue
        if question["genre"] == SEPARATEUR:
            conventions[question["champ"]] = reponse
        else:
            unites[question["feuille"]] = reponse
    return {"conventions": conventions, "unites": unites}
