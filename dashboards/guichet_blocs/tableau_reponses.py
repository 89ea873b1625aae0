"""Page « Réponses »: response rate in all, by EPCI, sector and size, each with its counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun
from dashboards.guichet_blocs.reception import annees
from observatoire.comptes.identite import Role
from pipelines.guichet.en_cours import titres_questionnaires

if TYPE_CHECKING:
    from pipelines.guichet import Guichet


def choisir() -> tuple[str, int]:
    """Questionnaire and year, kept in the URL."""
    titres = titres_questionnaires()
    gauche, droite = st.columns(2)
    with gauche:
        nom = st.selectbox(
            "Questionnaire",
            list(titres),
            format_func=titres.__getitem__,
            key="questionnaire",
            bind="query-params",
        )
    with droite:
        annee = st.selectbox("Année", annees(), key="annee", bind="query-params")
    return nom, annee


def afficher(g: Guichet, questionnaire: str, annee: int) -> None:
    """The board and the reminder list."""
    with commun.phrases():
        board = g.tableau_reponses(questionnaire, annee)
        ensemble = board.ensemble
        commun.encart(
            board.phrase,
            f"Taux de réponse\u00a0: {taux(ensemble)}"
            if ensemble.base
            else fr.accord(ensemble.repondantes, "association a répondu", "associations ont répondu"),
        )
        for titre, lignes in (
            ("Par intercommunalité", board.par_epci),
            ("Par secteur", board.par_secteur),
            ("Par taille", board.par_taille),
        ):
            _coupe(titre, lignes)
        if g.qui.peut(Role.DEPOSANT):
            _relances(g, questionnaire, annee)


def taux(ligne: Any) -> str:
    """« 12 % (3 sur 25) », or the answers alone when nobody knows who was asked."""
    if not ligne.base:
        return fr.accord(ligne.repondantes, "réponse")
    return f"{fr.pourcentage(ligne.taux, 0)} ({fr.nombre(ligne.repondantes)} sur {fr.nombre(ligne.base)})"


def _coupe(titre: str, lignes: Sequence[Any]) -> None:
    if not lignes:
        return
    commun.section(titre)
    sans_base = all(x.base is None for x in lignes)
    colonnes = [
        Colonne(titre.removeprefix("Par ").capitalize(), entete_de_ligne=True),
        Colonne("Réponses", nombre=True),
    ]
    if not sans_base:
        colonnes += [Colonne("Sur", nombre=True), Colonne("Taux", nombre=True)]
    tableau.afficher(
        colonnes,
        [
            [x.libelle, fr.nombre(x.repondantes), fr.nombre(x.base), fr.pourcentage(x.taux, 0)][
                : len(colonnes)
            ]
            for x in lignes
        ],
        f"Réponses {titre.lower()}",
        defilant=len(lignes) > 12,
    )


def _relances(g: Guichet, questionnaire: str, annee: int) -> None:
    relances = g.relances(questionnaire, annee)
    if not relances:
        return
    commun.section("Relancer", f"{fr.accord(len(relances), 'association')} sans réponse.")
    commun.telecharger_csv(
        "Télécharger la liste de relance (CSV)", relances, "relances", questionnaire, annee
    )
