"""The three views of a figure: which one is shown, why, and in what words. Pure functions.

A reader asks for one view of the whole page, or lets each figure take the one that suits it. A figure that has no
such view is shown in another one, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboards.format_fr import INSECABLE
from dashboards.modeles import Indicateur, Mesure
from observatoire.indicators.catalogue import (
    OPINIONS,
    POIDS_ECONOMIQUE,
    REPONDANTES,
    REPRESENTATIF,
    VUES,
)

AU_MIEUX = "au_mieux"
LIBELLES = {
    AU_MIEUX: "Selon le chiffre",
    REPONDANTES: "1\u00a0association = 1\u00a0voix",
    REPRESENTATIF: VUES[REPRESENTATIF],
    POIDS_ECONOMIQUE: VUES[POIDS_ECONOMIQUE],
}
SENS = {
    AU_MIEUX: (
        "Chaque chiffre prend la vue qui lui convient, écrite sous lui\u00a0: une quantité est estimée pour toutes les "
        "associations quand un registre est chargé\u202f; une parole reste celle des répondantes."
    ),
    REPONDANTES: (
        "Ce que disent les associations qui ont répondu\u00a0: chacune compte autant, rien n’est étendu aux autres. "
        "Ne pas y lire un total du territoire."
    ),
    REPRESENTATIF: (
        "Ce que l’on sait de l’ensemble des associations\u00a0: chaque réponse est pondérée pour que l’ensemble "
        "ressemble au registre (taille, domaine, intercommunalité)."
    ),
    POIDS_ECONOMIQUE: (
        "Où sont l’argent et les emplois\u00a0: une association compte à proportion de son budget. "
        "Ne pas y lire un avis."
    ),
}
PUBLIEES = "Données publiées, sans pondération"
# What associations say of themselves: one voice each, whatever the register knows of them.
PAROLES = (*OPINIONS, "gouvernance", "droits")
PLUS_SURES = ("ok", "prudence")
SANS_REGISTRE = "Aucun registre des associations n’est chargé\u00a0: répondantes seulement."


@dataclass(frozen=True, slots=True)
class Retenue:
    """The measure that is shown, its view, and why it is not the view asked for (empty when it is)."""

    mesure: Mesure | None
    vue: str
    raison: str = ""


def libelle(carte: Indicateur, vue: str) -> str:
    """Name of the view as it is written beside a figure."""
    if vue == REPONDANTES and carte.des_financeurs:
        return PUBLIEES
    return LIBELLES[vue]


def convenable(carte: Indicateur, niveau: str) -> str:
    """View that suits an indicator at a level, among those the publication has for it.

    A commune has too few answers to speak for its other associations.
    """
    if carte.theme in PAROLES or niveau == "commune" or REPRESENTATIF not in carte.vues:
        return REPONDANTES
    return REPRESENTATIF


def pour_indicateur(carte: Indicateur, demandee: str, niveau: str, *, avec_registre: bool) -> tuple[str, str]:
    """View of a whole chart or map of one indicator, and why it is not the one asked for."""
    if demandee == AU_MIEUX:
        return convenable(carte, niveau), ""
    if demandee in carte.vues:
        return demandee, ""
    if not avec_registre:
        return REPONDANTES, SANS_REGISTRE
    repli = REPRESENTATIF if demandee == POIDS_ECONOMIQUE and REPRESENTATIF in carte.vues else REPONDANTES
    return repli, (
        f"Cet indicateur n’a pas de vue «{INSECABLE}{LIBELLES[demandee]}{INSECABLE}»{INSECABLE}: il est montré en "
        f"vue «{INSECABLE}{libelle(carte, repli)}{INSECABLE}»."
    )


def retenir(
    carte: Indicateur, mesures: Mapping[str, Mesure], demandee: str, niveau: str, *, avec_registre: bool
) -> Retenue:
    """The measure to show among those of a cell, by view.

    Left to choose, a figure too imprecise for all the associations is that of the respondents, when there is one.
    """
    vue, raison = pour_indicateur(carte, demandee, niveau, avec_registre=avec_registre)
    mesure, des_repondantes = mesures.get(vue), mesures.get(REPONDANTES)
    if vue == REPONDANTES or (mesure is not None and mesure.statut != "non_publie"):
        return Retenue(mesure, vue, raison)
    montrable = des_repondantes is not None and des_repondantes.statut in PLUS_SURES
    if mesure is None:
        manque = f"Rien ne permet ici la vue «{INSECABLE}{LIBELLES[vue]}{INSECABLE}»{INSECABLE}: "
        suite = "le chiffre est celui des seules répondantes." if montrable else "aucune réponse à montrer."
        return Retenue(des_repondantes, REPONDANTES, raison or manque + suite)
    if demandee == AU_MIEUX and montrable:
        return Retenue(
            des_repondantes,
            REPONDANTES,
            f"Trop peu de réponses pour estimer l’ensemble des associations{INSECABLE}: le chiffre est celui des "
            "seules répondantes.",
        )
    return Retenue(mesure, vue, raison)
