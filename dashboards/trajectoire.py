"""A figure over the years: points, breaks. Pure functions, no SQL, no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards import affichage
from dashboards.chiffre import CONSTANTS, COUPES, COURANTS, PANEL
from dashboards.modeles import Evolution, Indicateur, Mesure
from observatoire.chiffres import phrase


@dataclass(frozen=True, slots=True)
class Point:
    """One year of a line. `valeur` is None when the figure is not shown; bounds when it has an interval."""

    annee: int
    valeur: float | None
    bas: float | None = None
    haut: float | None = None
    n: int | None = None
    statut: str = "ok"


def points(mesures: Sequence[Mesure]) -> list[Point]:
    """One point a year; only a sampling interval makes a ribbon, not a range of conventions."""
    suite = []
    for m in mesures:
        estimee = affichage.est_estimee(m)
        bornes = (m.borne_basse, m.borne_haute) if estimee else (None, None)
        suite.append(Point(m.millesime, m.valeur, *bornes, m.n_repondants, m.statut))
    return suite


def prix_de(carte_en_euros: bool, constants: bool) -> str:
    """Kind of euros asked for; current ones for what is not an amount."""
    return CONSTANTS if carte_en_euros and constants else COURANTS


def evolutions_de(indicateur: str, methode: str, prix: str, toutes: Sequence[Evolution]) -> list[Evolution]:
    """The moves of an indicator by one method, in one kind of euros, year after year."""
    gardees = [e for e in toutes if e.indicateur == indicateur and e.methode == methode and e.prix == prix]
    return sorted(gardees, key=lambda e: e.a)


def points_du_panel(evolutions: Sequence[Evolution]) -> list[Point]:
    """Figures of the associations that are there every year: the panel is one set for all the years."""
    par_annee: dict[int, Point] = {}
    for e in evolutions:
        montree = e.statut == "ok"
        avant = Point(
            e.de, e.valeur_avant if montree else None, n=e.n_avant if montree else None, statut=e.statut
        )
        apres = Point(
            e.a, e.valeur_apres if montree else None, n=e.n_apres if montree else None, statut=e.statut
        )
        par_annee.setdefault(e.de, avant)
        par_annee[e.a] = apres
    return [par_annee[annee] for annee in sorted(par_annee)]


def ruptures(indicateur: str, toutes: Sequence[Evolution]) -> dict[int, str]:
    """First year that is not to be compared with the one before → why."""
    return {e.a: e.rupture for e in toutes if e.indicateur == indicateur and e.rupture}


def phrases(carte: Indicateur, evolutions: Sequence[Evolution], lieu: phrase.UnLieu) -> list[str]:
    """Each move in words, a rise or a fall only when it is sure."""
    return [phrase.phrase_evolution(carte, _publique(e), lieu) for e in evolutions]


def _publique(e: Evolution) -> phrase.Evolution:
    return phrase.Evolution(
        e.indicateur, e.methode, e.vue, e.prix, e.de, e.a, e.valeur_avant, e.valeur_apres, e.difference, e.borne_basse,
        e.borne_haute, e.est_significative, e.n_avant, e.n_apres, e.rupture, e.statut,
    )  # fmt: skip


__all__ = [
    "COUPES",
    "PANEL",
    "Point",
    "evolutions_de",
    "phrases",
    "points",
    "points_du_panel",
    "prix_de",
    "ruptures",
]
