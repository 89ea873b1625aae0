"""Step « Vérifier »: everything in one pass, then three ways out: correct here, annotated file, load what is good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import annote, commun, corriger, etapes, problemes, questions, retenues

if TYPE_CHECKING:
    from pipelines.guichet import Guichet
    from pipelines.guichet.en_cours import Chantier, Verdict


def afficher(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    """The whole step."""
    resume(verdict)
    if verdict.corrections_perdues:
        commun.encart(
            f"Ces corrections ne visent plus aucune cellule lue{fr.INSECABLE}: {', '.join(verdict.corrections_perdues)}.",
            genre="attention",
        )
    questions.afficher(g, chantier, verdict)
    problemes.afficher(verdict)
    corriger.afficher(g, chantier, verdict)
    retenues.afficher(g, chantier, verdict)
    annote.afficher(g, chantier, verdict)
    texte = "Charger ce qui est bon" if verdict.lignes_en_attente else "Continuer"
    rien = "Aucune ligne ne peut être chargée pour le moment. Corrigez ici, ou dans votre fichier."
    etapes.bas("correspondre", "charger", texte=texte, empeche="" if verdict.chargeable else rien)


def phrase(verdict: Verdict) -> str:
    """« 405 lignes sur 412 seront chargées, 5 attendent, 2 sont ignorées. »"""
    morceaux = [
        f"{fr.accord(verdict.lignes_chargees, 'ligne')} sur {fr.nombre(verdict.lignes_lues)} "
        + ("sera chargée" if verdict.lignes_chargees < 2 else "seront chargées")
    ]
    if verdict.lignes_en_attente:
        morceaux.append(
            f"{fr.nombre(verdict.lignes_en_attente)} "
            + ("attend" if verdict.lignes_en_attente < 2 else "attendent")
        )
    if verdict.lignes_ignorees:
        morceaux.append(
            f"{fr.nombre(verdict.lignes_ignorees)} "
            + ("est ignorée" if verdict.lignes_ignorees < 2 else "sont ignorées")
            + " (total, note, ligne vide ou doublon)"
        )
    return ", ".join(morceaux) + "."


def resume(verdict: Verdict) -> None:
    """What will be loaded, in a sentence and in sums."""
    genre = "bien" if verdict.chargeable and not verdict.a_revoir else "attention"
    seuil = " Beaucoup de lignes attendent : ce dépôt sera marqué « à revoir »." if verdict.a_revoir else ""
    ecartees = ""
    if verdict.valeurs_ecartees:
        seule = verdict.valeurs_ecartees < 2
        ecartees = (
            f" {fr.accord(verdict.valeurs_ecartees, 'valeur facultative', 'valeurs facultatives')} de lignes chargées "
            + (
                "n’y entrera pas, faute d’avoir été comprise."
                if seule
                else "n’y entreront pas, faute d’avoir été comprises."
            )
        )
    commun.encart(phrase(verdict) + fr.typographie(ecartees + seuil), "Ce qui sera chargé", genre)
    if verdict.sommes:
        with st.expander(
            f"Les sommes, colonne par colonne ({len(verdict.sommes)})", expanded=len(verdict.sommes) <= 3
        ):
            sommes(verdict.sommes)


def sommes(lignes: list[tuple[str, str, float, float, float]]) -> None:
    """Sums read, loaded and waiting of every quantity: the middle two add up to the first."""
    tableau.afficher(
        (
            Colonne("Grandeur", entete_de_ligne=True),
            Colonne("Lue", nombre=True),
            Colonne("Chargée", nombre=True),
            Colonne("En attente", nombre=True),
        ),
        [
            [titre, fr.tel_quel(lue), fr.tel_quel(chargee), fr.tel_quel(attente)]
            for _, titre, lue, chargee, attente in lignes
        ],
        "Somme lue = somme chargée + somme en attente",
    )
