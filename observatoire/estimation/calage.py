"""Raking on the sums of the cases, and the cycle that trims then rakes: what svy 0.35 gives, without its detours.

Answers that are in the same levels of every margin take the same factor: the sweeps work on the sums of the cases, a
few thousand at most, and the answers are read twice only. What stops is what stops `Sample.weighting.rake`: no factor
of a sweep is further from 1 than the tolerance. svy codes each answer in Python and looks at the margins level by
level over all of them: fourteen times as long, for equal weights (`tests/unit/test_calage.py` holds them to 1e-12,
trimming and bounds included).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import polars as pl

Vecteur = npt.NDArray[np.float64]
Entiers = npt.NDArray[np.int64]
# A sum below is nothing.
NUL = 1e-10


@dataclass(frozen=True, slots=True)
class Rognage:
    """The largest weight, in median weights, and how often to trim then rake."""

    medianes: float
    cycles: int


@dataclass(frozen=True, slots=True)
class Marges:
    """What the weights must meet.

    `case`: the case of each answer. For each margin, `niveaux` is the level of each case and `cibles` the total of each
    level.
    """

    case: Entiers
    niveaux: Sequence[Entiers]
    cibles: Sequence[Vecteur]

    @classmethod
    def lire(cls, donnees: pl.DataFrame, controles: Mapping[str, Mapping[str, float]]) -> Marges:
        """From the columns of `controles` (column → level → total); each level of the data must have a total.

        The levels are sorted: the same totals in another order give the same weights, to the last bit.
        """
        import polars as pl

        case = np.zeros(donnees.height, dtype=np.int64)
        niveaux: list[Entiers] = [np.zeros(1, dtype=np.int64)]
        for colonne, totaux in controles.items():
            codes = donnees[colonne].cast(pl.Enum(sorted(totaux))).to_physical().to_numpy()
            combien = len(niveaux[0])
            case *= len(totaux)
            case += codes
            # Each case so far is cut in as many as there are levels, empty ones too unless there are more than answers.
            rangs = np.arange(combien * len(totaux))
            if len(rangs) > donnees.height:
                rangs, case = np.unique(case, return_inverse=True)
            avant, celui_ci = np.divmod(rangs, len(totaux))
            niveaux = [*(n[avant] for n in niveaux), celui_ci]
        return cls(
            case,
            niveaux[1:],
            [np.array([t[n] for n in sorted(t)], dtype=np.float64) for t in controles.values()],
        )

    def facteurs(self, poids: Vecteur, tolerance: float, tours: int) -> tuple[Vecteur, bool] | None:
        """Factor of each case, and whether a sweep ended within the tolerance; None when a level cannot be filled."""
        avant = np.bincount(self.case, poids, len(self.niveaux[0]))
        sommes, tampon = avant.copy(), np.empty_like(avant)
        fini = False
        for _ in range(tours):
            plus_loin = 0.0
            for niveaux, cibles in zip(self.niveaux, self.cibles, strict=True):
                obtenus = np.bincount(niveaux, sommes, len(cibles))
                pleins = obtenus > NUL
                if (cibles[~pleins] > NUL).any():
                    return None
                ecarts = np.divide(cibles, obtenus, out=np.ones_like(cibles), where=pleins)
                plus_loin = max(plus_loin, float(np.abs(ecarts - 1).max()))
                np.take(ecarts, niveaux, out=tampon, mode="clip")
                sommes *= tampon
            fini = plus_loin <= tolerance
            if fini:
                break
        return np.divide(sommes, avant, out=np.ones_like(avant), where=avant > 0), fini

    def ecart(self, poids: Vecteur) -> float:
        """The furthest that a level is from its total, relative to it."""
        sommes = np.bincount(self.case, poids, len(self.niveaux[0]))
        plus_loin = 0.0
        for niveaux, cibles in zip(self.niveaux, self.cibles, strict=True):
            demandes = cibles > NUL
            obtenus = np.bincount(niveaux, sommes, len(cibles))[demandes]
            plus_loin = max(plus_loin, float(np.abs(obtenus / cibles[demandes] - 1).max(initial=0)))
        return plus_loin


def caler(
    poids: Vecteur,
    marges: Marges,
    tolerance: float,
    tours: int,
    bornes: tuple[float, float] = (0.0, np.inf),
    rognage: Rognage | None = None,
) -> Vecteur | None:
    """`poids` raked to `marges`; None when bounds, trimming or convergence fail.

    `bornes` are those of the factor of each raking, looked at once it has converged: they do not hold it on the way.
    """
    calees, tenues = _un_calage(poids, marges, tolerance, tours, bornes)
    if calees is None or rognage is None:
        return calees if tenues else None
    for _ in range(rognage.cycles):
        plafond = rognage.medianes * float(np.median(calees[calees > 0]))
        if tenues and calees.max() <= plafond * (1 + tolerance):
            return calees
        calees, tenues = _un_calage(rogner(calees, plafond, rognage.cycles), marges, tolerance, tours, bornes)
        if calees is None:
            return None
    plafond = rognage.medianes * float(np.median(calees[calees > 0]))
    return calees if tenues and calees.max() <= plafond * (1 + tolerance) else None


def _un_calage(
    poids: Vecteur, marges: Marges, tolerance: float, tours: int, bornes: tuple[float, float]
) -> tuple[Vecteur | None, bool]:
    """The weights after one raking and whether they meet the margins; no weights when a level or a bound fails."""
    trouves = marges.facteurs(poids, tolerance, tours)
    if trouves is None:
        return None, False
    facteurs, fini = trouves
    de_chacune = facteurs[marges.case]
    if fini and not ((de_chacune >= bornes[0]) & (de_chacune <= bornes[1])).all():
        return None, False
    calees: Vecteur = poids * de_chacune
    return calees, marges.ecart(calees) <= tolerance


def rogner(poids: Vecteur, plafond: float, tours: int) -> Vecteur:
    """No weight above `plafond`: what is cut goes to the others, in proportion, and again while it lifts some above."""
    poids = poids.copy()
    for _ in range(tours):
        hors = poids > plafond
        if not hors.any():
            break
        coupe = (poids[hors] - plafond).sum()
        poids[hors] = plafond
        libres = poids < plafond
        reste = poids[libres].sum()
        if reste <= 0:
            break
        poids[libres] *= 1 + coupe / reste
    return poids
