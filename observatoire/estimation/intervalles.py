"""Intervals and reliability of figures already estimated, on arrays: Wilson, Student, Kish, symbols.

The estimates and their standard errors come from svy (or from the sums of `estimer.py`, tested equal). Only
what svy does not give stands here:
- its Wilson interval is empty at 0 % and at 100 % (svy 0.35, `_compute_prop_ci`: NaN whenever the standard
  error is forced to zero), where a voluntary survey of a few answers most needs one;
- it takes no finite population in that case, and Kish's effective size is not an output.
Sources: Wilson (1927); Kish (1965); Insee, enquête Associations, for the thresholds of reliability.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping

Vecteur = npt.NDArray[np.float64]
NIVEAU = 0.95
OK, PRUDENCE, NON_PUBLIE = "ok", "prudence", "non_publie"


def quantile(ddl: npt.ArrayLike | None = None) -> Vecteur:
    """Two-sided 95 % quantile: normal without degrees of freedom, else Student's; NaN when there are none."""
    from scipy.special import ndtri, stdtrit

    if ddl is None:
        return np.asarray(ndtri(0.5 + NIVEAU / 2))
    degres = np.asarray(ddl, dtype=float)
    return np.where(degres > 0, stdtrit(np.where(degres > 0, degres, 1.0), 0.5 + NIVEAU / 2), np.nan)


def symetrique(
    valeur: npt.ArrayLike, ecart_type: npt.ArrayLike, ddl: npt.ArrayLike | None = None
) -> tuple[Vecteur, Vecteur]:
    """Both ends of estimate ± quantile × standard error."""
    centre, demi = np.asarray(valeur, dtype=float), quantile(ddl) * np.asarray(ecart_type, dtype=float)
    return centre - demi, centre + demi


def taille_efficace(somme: npt.ArrayLike, carres: npt.ArrayLike) -> Vecteur:
    """Kish's effective size from Σw and Σw²: how many equal weights would be worth these ones."""
    s, c = np.asarray(somme, dtype=float), np.asarray(carres, dtype=float)
    return np.divide(s * s, c, out=np.zeros(np.broadcast(s, c).shape), where=c > 0)


def taille_corrigee(n_efficace: npt.ArrayLike, population: npt.ArrayLike) -> Vecteur:
    """Effective size with the finite population correction: n* = n (N − 1) / max(N − n, 1)."""
    n, grand_n = np.asarray(n_efficace, dtype=float), np.asarray(population, dtype=float)
    return n * np.maximum(grand_n - 1, 1) / np.maximum(grand_n - n, 1)


def taille_du_plan(part: npt.ArrayLike, ecart_type: npt.ArrayLike, n: npt.ArrayLike) -> Vecteur:
    """Size n* of the simple random sample that has this standard error: p(1 − p) / se² × n / (n − 1).

    The last factor undoes the n − 1 of the variance of svy, so that equal weights without finite population
    give n itself. NaN where the standard error is zero.
    """
    p, se, nb = (np.asarray(x, dtype=float) for x in (part, ecart_type, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        taille = p * (1 - p) / se**2 * nb / np.maximum(nb - 1, 1)
    return np.where((se > 0) & (p > 0) & (p < 1), taille, np.nan)


def wilson(
    part: npt.ArrayLike, n: npt.ArrayLike, ddl: npt.ArrayLike | None = None
) -> tuple[Vecteur, Vecteur]:
    """Wilson score interval of a proportion (0–1) on `n` answers, whole or effective; [0, 1] for no answer."""
    p, nb = np.asarray(part, dtype=float), np.maximum(np.asarray(n, dtype=float), 1e-12)
    z = quantile(ddl)
    centre = (p + z**2 / (2 * nb)) / (1 + z**2 / nb)
    demi = z / (1 + z**2 / nb) * np.sqrt(np.maximum(p * (1 - p), 0) / nb + z**2 / (4 * nb**2))
    return np.clip(centre - demi, 0, 1), np.clip(centre + demi, 0, 1)


def fiabilite(cv: npt.ArrayLike, n: npt.ArrayLike, constantes: Mapping[str, float]) -> npt.NDArray[np.str_]:
    """`ok`, `prudence` or `non_publie` for each coefficient of variation (share) and count of respondents.

    An unknown coefficient (NaN: nothing tells the dispersion) is not published. Below the smallest group a
    weighted figure is never published.
    """
    c, nb = np.asarray(cv, dtype=float), np.asarray(n, dtype=float)
    inconnu = ~(c <= constantes["cv_non_publie"]) | (nb < constantes["poids_min_groupe"])
    return np.where(inconnu, NON_PUBLIE, np.where(c > constantes["cv_prudence"], PRUDENCE, OK))
