"""Masked cells that the equalities of the tables, put together, give away exactly.

Each equality « total = sum of its parts » is one linear equation between masked and shown cells.
Eliminating the masked ones leaves, for each cell given away, the very formula that computes it from the
shown ones; masking a cell of that formula breaks it. Sparse rows, whole numbers modulo a large prime: no
rounding.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

PREMIER = (1 << 61) - 1
Ligne = dict[Hashable, int]


@dataclass(frozen=True, slots=True)
class Egalite:
    """total = sum of `parts`, plus what no part shows when `n_hors` respondents are in none of them.

    `est_hors_fragile`: these respondents are too few for their own sum to be read.
    """

    total: int
    parts: tuple[int, ...]
    n_hors: int = 0
    est_hors_fragile: bool = False

    @property
    def equation(self) -> Ligne:
        """Coefficient of each term; one remainder of a total is one unknown in all its equalities."""
        termes: Ligne = {self.total: -1, **dict.fromkeys(self.parts, 1)}
        if self.n_hors:
            termes[self.hors] = 1
        return termes

    @property
    def hors(self) -> tuple[int, int]:
        """Name of the unknown that stands for the remainder."""
        return self.total, self.n_hors


def formules(
    equations: Iterable[Mapping[Hashable, int]], montrees: Set[Hashable]
) -> dict[Hashable, set[Hashable]]:
    """Unknowns to which the equations leave one value, each with the known terms that compute it."""
    pivots: dict[Hashable, Ligne] = {}
    for equation in equations:
        ligne = {cle: valeur % PREMIER for cle, valeur in equation.items()}
        for cle in [c for c in ligne if c in pivots]:
            _soustraire(ligne, pivots[cle], ligne[cle])
        pivot = next((cle for cle in ligne if cle not in montrees), None)
        if pivot is None:
            continue
        inverse = pow(ligne[pivot], -1, PREMIER)
        ligne = {cle: valeur * inverse % PREMIER for cle, valeur in ligne.items()}
        for autre in pivots.values():
            if pivot in autre:
                _soustraire(autre, ligne, autre[pivot])
        pivots[pivot] = ligne
    return {
        pivot: ligne.keys() - {pivot}
        for pivot, ligne in pivots.items()
        if all(cle in montrees for cle in ligne if cle != pivot)
    }


def _soustraire(ligne: Ligne, autre: Mapping[Hashable, int], facteur: int) -> None:
    for cle, valeur in autre.items():
        reste = (ligne.get(cle, 0) - facteur * valeur) % PREMIER
        if reste:
            ligne[cle] = reste
        else:
            ligne.pop(cle, None)


def a_masquer(
    egalites: Sequence[Egalite], masquees: Set[int], couts: Mapping[int, tuple[float, ...]]
) -> set[int]:
    """Cheapest shown cell of the formula of each masked cell given away; empty when there is none.

    A remainder may be given away when its respondents are enough to be read as a cell.
    """
    montrees = {t for e in egalites for t in (e.total, *e.parts)} - masquees
    lisibles = {e.hors for e in egalites if not e.est_hors_fragile}
    choix: set[int] = set()
    for inconnue, termes in formules((e.equation for e in egalites), montrees).items():
        if inconnue in lisibles:
            continue
        connus = [t for t in termes if isinstance(t, int)]
        if connus and not choix & set(connus):
            choix.add(min(connus, key=couts.__getitem__))
    return choix
