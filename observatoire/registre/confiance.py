"""How sure the best candidate is: a probability from a few plain traits of the comparison.

The coefficients and the threshold are fitted on one seed of the bench (`python scripts/rapprochement.py --caler`)
and judged on others; docs/registre.md gives the figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from observatoire.registre.alignement import Alignement

MARGE_MAX = 0.4  # a second candidate further behind than that changes nothing
GAGNE_MAX = 30.0

# Fitted on 22 November 2026, seed 1.
GRAINE_DE_CALAGE = 1
CONSTANTE = -3.220
COEFFICIENTS = {
    "score": 2.825,
    "marge": 12.269,
    "homonyme_ailleurs": 1.874,
    "commune_inconnue": -1.547,
    "ajoute": -0.182,
    "gagne": 0.127,
}
SEUIL_SUR = 0.92
TRAITS = ("score", "marge", "homonyme_ailleurs", "commune_inconnue", "ajoute", "gagne")


def traits(
    score: float,
    marge: float | None,
    alignement: Alignement,
    *,
    homonyme_ailleurs: bool,
    commune_connue: bool,
) -> tuple[float, ...]:
    """The values of `TRAITS`. `homonyme_ailleurs`: the commune alone tells the two best candidates apart."""
    return (
        score,
        MARGE_MAX if marge is None else min(MARGE_MAX, marge),
        float(homonyme_ailleurs),
        float(not commune_connue),
        alignement.ajoute,
        min(GAGNE_MAX, alignement.gagne),
    )


def confiance(valeurs: Sequence[float]) -> float:
    """Probability that the best candidate is the one meant."""
    somme = CONSTANTE + sum(COEFFICIENTS[nom] * x for nom, x in zip(TRAITS, valeurs, strict=True))
    return round(1 / (1 + math.exp(-somme)), 6)
