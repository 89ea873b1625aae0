"""Classes of a choropleth: quantiles of the published values, bounds that are real values of the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from dashboards.modeles import Mesure

NB_CLASSES = 5
ZERO, SECRET, NON_PUBLIE, ND = "zero", "secret", "non_publie", "nd"
# Nobody answered: said only by a map of the answers themselves.
ABSENTE = "absente"


@dataclass(frozen=True, slots=True)
class Classe:
    """One class: its rank, the lowest and highest values it holds, how many territories."""

    rang: int
    bas: float
    haut: float
    effectif: int


@dataclass(frozen=True, slots=True)
class Classement:
    """`rangs` gives for each code a class rank, or one of ZERO, SECRET, NON_PUBLIE, ND."""

    classes: tuple[Classe, ...]
    rangs: Mapping[str, int | str]

    def effectif(self, etat: str) -> int:
        """Number of territories in a special state."""
        return sum(1 for rang in self.rangs.values() if rang == etat)


def _etat(mesure: Mesure | None, valeur: float | None) -> str | None:
    """Special state of a territory, None when its value is classed."""
    if mesure is not None and valeur is not None:
        return ZERO if valeur == 0 else None
    return mesure.statut if mesure is not None and mesure.statut in (SECRET, NON_PUBLIE) else ND


def quantiles(valeurs: list[float], nb_classes: int = NB_CLASSES) -> list[float]:
    """Upper bounds of at most `nb_classes` classes with about as many values each, equal values together."""
    tri, distinctes = sorted(valeurs), sorted(set(valeurs))
    if len(distinctes) <= nb_classes:
        return distinctes
    return sorted({tri[ceil(len(tri) * (rang + 1) / nb_classes) - 1] for rang in range(nb_classes)})


def classer(
    codes: list[str], mesures: Mapping[str, Mesure], valeurs: Mapping[str, float | None]
) -> Classement:
    """Class the territories `codes`. `valeurs` are the values drawn (raw, or per inhabitant)."""
    rangs: dict[str, int | str] = {}
    classees: dict[str, float] = {}
    for code in codes:
        valeur = valeurs.get(code)
        etat = _etat(mesures.get(code), valeur)
        if etat is None and valeur is not None:
            classees[code] = valeur
        else:
            rangs[code] = etat or ND
    bornes = quantiles(list(classees.values()))
    contenu: dict[int, list[float]] = {}
    for code, valeur in classees.items():
        rang = next(r for r, borne in enumerate(bornes) if valeur <= borne)
        rangs[code] = rang
        contenu.setdefault(rang, []).append(valeur)
    classes = tuple(Classe(r, min(v), max(v), len(v)) for r, v in sorted(contenu.items()))
    return Classement(classes, rangs)


def sans_reponse(classement: Classement) -> Classement:
    """For a map of the number of answers: no data means that nobody answered."""
    return Classement(
        classement.classes,
        {code: ABSENTE if rang in (ND, ZERO) else rang for code, rang in classement.rangs.items()},
    )
