"""Linear programs that differ by their objective only, solved one after the other by the HiGHS that scipy ships.

`scipy.optimize.linprog` forgets the last optimum; the same HiGHS, kept open, starts from it and answers about
ten times faster. That door of scipy is not a promise: where it is missing, linprog serves, with the same bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Vecteur = NDArray[np.float64]
PRIMAL = 4


class Incompatible(ValueError):
    """No point fits the equalities and the bounds, to the precision of the solver."""


class Optimum(Protocol):
    """A set of points {x : matrix @ x = second, floors ≤ x ≤ ceilings}."""

    def minimiser(self, objectif: Vecteur) -> Vecteur:
        """The point where `objectif` @ x is smallest; Incompatible when there is none."""
        ...

    def borner(self, rang: int, plancher: float, plafond: float) -> None:
        """Change the bounds of one unknown."""
        ...


def ouvrir(matrice: csr_array, second: Vecteur, planchers: Vecteur, plafonds: Vecteur) -> Optimum:
    """The fastest solver at hand for this set."""
    try:
        from scipy.optimize._highspy import _core
    except ImportError:
        return Froid(matrice, second, planchers, plafonds)
    return Chaud(_core, matrice, second, planchers, plafonds)


class Froid:
    """Each program on its own, through the public function of scipy."""

    def __init__(self, matrice: csr_array, second: Vecteur, planchers: Vecteur, plafonds: Vecteur) -> None:
        self.matrice, self.second = matrice, second
        self.bornes = np.column_stack([planchers, plafonds])

    def minimiser(self, objectif: Vecteur) -> Vecteur:
        """See Optimum."""
        from scipy.optimize import linprog

        sortie = linprog(objectif, A_eq=self.matrice, b_eq=self.second, bounds=self.bornes, method="highs")
        if sortie.x is None:
            raise Incompatible(sortie.message)
        return np.asarray(sortie.x, dtype=np.float64)

    def borner(self, rang: int, plancher: float, plafond: float) -> None:
        """See Optimum."""
        self.bornes[rang] = plancher, plafond


class Chaud:
    """One solver kept open: each program starts from the optimum of the one before."""

    def __init__(
        self, coeur: Any, matrice: csr_array, second: Vecteur, planchers: Vecteur, plafonds: Vecteur
    ) -> None:
        modele = coeur.HighsLp()
        modele.num_row_, modele.num_col_ = matrice.shape
        modele.col_cost_ = np.zeros(matrice.shape[1])
        modele.col_lower_, modele.col_upper_ = planchers, plafonds
        modele.row_lower_ = modele.row_upper_ = second
        modele.a_matrix_.format_ = coeur.MatrixFormat.kRowwise
        modele.a_matrix_.num_row_, modele.a_matrix_.num_col_ = matrice.shape
        modele.a_matrix_.start_, modele.a_matrix_.index_ = matrice.indptr, matrice.indices
        modele.a_matrix_.value_ = matrice.data
        self.optimal = coeur.HighsModelStatus.kOptimal
        self.indices = np.arange(matrice.shape[1], dtype=np.int32)
        self.solveur = coeur._Highs()
        for option, valeur in (("output_flag", False), ("threads", 1), ("random_seed", 1)):
            self.solveur.setOptionValue(option, valeur)
        self.solveur.passModel(modele)
        self.solveur.run()
        self.solveur.setOptionValue("simplex_strategy", PRIMAL)

    def minimiser(self, objectif: Vecteur) -> Vecteur:
        """See Optimum."""
        self.solveur.changeColsCost(len(self.indices), self.indices, objectif)
        self.solveur.run()
        if self.solveur.getModelStatus() != self.optimal:
            raise Incompatible(str(self.solveur.getModelStatus()))
        return np.asarray(self.solveur.getSolution().col_value, dtype=np.float64)

    def borner(self, rang: int, plancher: float, plafond: float) -> None:
        """See Optimum."""
        self.solveur.changeColBounds(rang, plancher, plafond)
