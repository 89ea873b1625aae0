"""The attack: how closely the masked cells of a table can be guessed from the shown ones, by linear programming.

Unknowns are the masked cells and the pieces that no table shows; constraints are the equalities of the table and
the smallest value that a reader gives to each unknown. A cell is safe once two tables that fit everything shown
differ enough there: one optimum moves many cells at once, and only those that stay doubtful are each driven to
their smallest and largest value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from observatoire.estimation.optimum import ouvrir

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Vecteur = NDArray[np.float64]
# Of the cells: whether each interval (lowest, highest) is wide enough.
Juge = Callable[[Vecteur, Vecteur, NDArray[np.intp]], NDArray[np.bool_]]
# Moves of many cells at once before cells are taken one by one, and their fixed seed.
LANCERS, GRAINE = 6, 20260101


@dataclass(frozen=True, slots=True)
class Intervalles:
    """Of each unknown asked for: lowest and highest value found, and whether both are the true bounds.

    When `prouve` is False the interval is at least this wide, which was enough.
    """

    bas: Vecteur
    haut: Vecteur
    prouve: NDArray[np.bool_]


def attaquer(
    matrice: csr_array,
    valeurs: Vecteur,
    planchers: Vecteur,
    cibles: Sequence[int],
    juge: Juge,
    plafonds: Vecteur,
) -> Intervalles:
    """Bounds of the unknowns `cibles` of `matrice` @ x = 0, where x equals `valeurs` where that is not NaN.

    `planchers`, `plafonds`: smallest and largest value of each unknown, the second beyond anything that matters
    when nothing is known of it. Work stops on a cell as soon as `juge(lowest, highest, cells)` is true.
    Incompatible when nothing fits.
    """
    bas, haut = np.full(len(valeurs), np.inf), np.full(len(valeurs), -np.inf)
    prouve = np.zeros(len(valeurs), bool)
    demandees = np.zeros(len(valeurs), bool)
    demandees[list(cibles)] = True
    for bloc in _blocs(matrice, valeurs, planchers, plafonds):
        visees = bloc.inconnues[demandees[bloc.inconnues]]
        if len(visees):
            _explorer(bloc, visees, planchers, bas, haut, prouve, juge)
    indices = np.asarray(list(cibles), dtype=np.intp)
    libres = ~np.isfinite(bas[indices])
    bas[indices[libres]] = planchers[indices[libres]]
    haut[indices[libres]] = plafonds[indices[libres]]
    return Intervalles(bas[indices], haut[indices], prouve[indices])


@dataclass(frozen=True, slots=True)
class _Bloc:
    """Unknowns tied together: `matrice` @ y = `second`, each y the sum of the unknowns that appear as one.

    `groupe[i]`: the y of unknown `inconnues[i]`; `planchers` are those of the y.
    """

    inconnues: NDArray[np.intp]
    groupe: NDArray[np.intp]
    matrice: csr_array
    second: Vecteur
    planchers: Vecteur
    plafonds: Vecteur


def _blocs(matrice: csr_array, valeurs: Vecteur, planchers: Vecteur, plafonds: Vecteur) -> Iterator[_Bloc]:
    from scipy.sparse import bmat
    from scipy.sparse.csgraph import connected_components

    inconnues = np.flatnonzero(np.isnan(valeurs))
    second = -(matrice @ np.nan_to_num(valeurs))
    reduite = matrice[:, inconnues]
    lignes = np.flatnonzero(np.diff(reduite.indptr))
    reduite = reduite[lignes]
    _, composantes = connected_components(bmat([[None, reduite], [reduite.T, None]]), directed=False)
    for numero in np.unique(composantes[len(lignes) :]):
        ici = np.flatnonzero(composantes[: len(lignes)] == numero)
        la = np.flatnonzero(composantes[len(lignes) :] == numero)
        if len(ici):
            yield _grouper(inconnues[la], reduite[ici][:, la], second[lignes[ici]], planchers, plafonds)


def _grouper(
    inconnues: NDArray[np.intp],
    matrice: csr_array,
    second: Vecteur,
    planchers: Vecteur,
    plafonds: Vecteur,
) -> _Bloc:
    """Unknowns of the same equalities (the masked communes of one piece) are one unknown for the solver."""
    sommet = plafonds.max()
    colonnes = matrice.tocsc()
    rangs: dict[bytes, int] = {}
    groupe = np.empty(len(inconnues), dtype=np.intp)
    premiers: list[int] = []
    for i in range(len(inconnues)):
        debut, fin = colonnes.indptr[i], colonnes.indptr[i + 1]
        cle = colonnes.indices[debut:fin].tobytes() + colonnes.data[debut:fin].tobytes()
        if plafonds[inconnues[i]] < sommet:
            cle += i.to_bytes(4, "big")
        if cle not in rangs:
            rangs[cle] = len(premiers)
            premiers.append(i)
        groupe[i] = rangs[cle]
    sommes = np.bincount(groupe, weights=planchers[inconnues], minlength=len(premiers)).astype(np.float64)
    hauts = plafonds[inconnues[premiers]]
    return _Bloc(inconnues, groupe, colonnes[:, premiers].tocsr(), second, sommes, hauts)


def _explorer(
    bloc: _Bloc,
    visees: NDArray[np.intp],
    planchers: Vecteur,
    bas: Vecteur,
    haut: Vecteur,
    prouve: NDArray[np.bool_],
    juge: Juge,
) -> None:
    rang = {int(cellule): i for i, cellule in enumerate(bloc.inconnues)}
    position = bloc.groupe[[rang[int(c)] for c in visees]]
    est_seule = np.bincount(bloc.groupe)[bloc.groupe] == 1
    propres = planchers[bloc.inconnues]
    autres = bloc.planchers[bloc.groupe] - propres
    programme = ouvrir(bloc.matrice, bloc.second, bloc.planchers, bloc.plafonds)

    def optimiser(objectif: Vecteur) -> None:
        x = programme.minimiser(objectif)[bloc.groupe]
        bas[bloc.inconnues] = np.minimum(bas[bloc.inconnues], np.where(est_seule, x, propres))
        haut[bloc.inconnues] = np.maximum(haut[bloc.inconnues], x - autres)

    rng = np.random.default_rng(GRAINE)
    reste = np.arange(len(visees))
    for _ in range(LANCERS if len(visees) > 2 else 0):
        objectif = np.zeros(len(bloc.planchers))
        objectif[position[reste]] = rng.choice([-1.0, 1.0], len(reste)) * rng.uniform(0.5, 1.5, len(reste))
        for sens in (1.0, -1.0):
            optimiser(sens * objectif)
            reste = reste[~juge(bas[visees[reste]], haut[visees[reste]], visees[reste])]
            if not len(reste):
                return
    for i in reste:
        cellule = visees[i : i + 1]
        for sens in (-1.0, 1.0):
            if juge(bas[cellule], haut[cellule], cellule)[0]:
                break
            objectif = np.zeros(len(bloc.planchers))
            objectif[position[i]] = sens
            optimiser(objectif)
        else:
            prouve[cellule] = True
