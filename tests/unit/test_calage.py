"""Raking: the weights of svy, trimming and bounds included; the vector of the methods; what cannot be met is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
import svy
from svy.errors import WeightingError

from observatoire.estimation.calage import Marges, Rognage, Vecteur, caler, rogner

TOLERANCE, TOURS = 1e-6, 2500
PRECISION = 1e-12


def hasard(graine: int) -> tuple[pl.DataFrame, dict[str, dict[str, float]]]:
    """Answers with skewed weights, two to four margins of two to six levels each, and totals that agree."""
    rng = np.random.default_rng(graine)
    n = int(rng.integers(30, 300))
    niveaux = [int(k) for k in rng.integers(2, 7, rng.integers(2, 5))]
    codes = [rng.permutation(np.concatenate([np.arange(k), rng.integers(0, k, n - k)])) for k in niveaux]
    poids = rng.lognormal(rng.normal(0, 2), rng.uniform(0.1, 1.0), n)
    totaux = [np.bincount(c, poids) * rng.uniform(0.6, 1.6, k) for c, k in zip(codes, niveaux, strict=True)]
    totaux = [t * 1.2 * poids.sum() / t.sum() for t in totaux]
    donnees = pl.DataFrame({"w": poids, **{f"m{j}": [f"n{x}" for x in c] for j, c in enumerate(codes)}})
    return donnees, {f"m{j}": {f"n{i}": float(x) for i, x in enumerate(t)} for j, t in enumerate(totaux)}


def par_svy(donnees: pl.DataFrame, controles: Any, **options: Any) -> Vecteur | None:
    brut = svy.Sample(donnees, svy.Design(wgt="w"))
    try:
        cale = brut.weighting.rake(controls=controles, wgt_name="c", tol=TOLERANCE, max_iter=TOURS, **options)
    except WeightingError:
        return None
    lues = cale.data
    assert isinstance(lues, pl.DataFrame)
    return lues["c"].to_numpy()


def par_nous(donnees: pl.DataFrame, controles: Any, **options: Any) -> Vecteur | None:
    return caler(donnees["w"].to_numpy(), Marges.lire(donnees, controles), TOLERANCE, TOURS, **options)


def memes(une: Vecteur | None, autre: Vecteur | None) -> bool:
    if une is None or autre is None:
        return une is autre
    return bool(np.abs(une / autre - 1).max() <= PRECISION)


def test_l_ordre_des_niveaux_ne_change_rien() -> None:
    """To the last bit: a set comes in another order in another process, and the weights are compared and remembered."""
    for graine in range(20):
        donnees, controles = hasard(graine)
        autre = {marge: dict(reversed(totaux.items())) for marge, totaux in controles.items()}
        une, deux = par_nous(donnees, controles), par_nous(donnees, autre)
        assert une is not None and deux is not None and une.tolist() == deux.tolist(), graine


def test_calage_egal_a_svy() -> None:
    for graine in range(60):
        donnees, controles = hasard(graine)
        obtenus = par_nous(donnees, controles)
        assert memes(obtenus, par_svy(donnees, controles)), graine
        assert obtenus is not None and np.abs(obtenus / donnees["w"].to_numpy() - 1).max() > 0.01


def test_bornes_et_rognage_egaux_a_svy() -> None:
    """Equal weights, and the same refusals: of both there are enough to tell."""
    refus = rognes = 0
    for graine in range(100, 200):
        donnees, controles = hasard(graine)
        medianes, bornes = 2 + graine % 4, (0.2, 2.5)
        rognage = svy.TrimConfig(upper=svy.Threshold("median", medianes), max_iter=20)
        attendus = par_svy(donnees, controles, bounds=bornes, trimming=rognage)
        obtenus = par_nous(donnees, controles, bornes=bornes, rognage=Rognage(medianes, 20))
        assert memes(obtenus, attendus), graine
        refus += obtenus is None
        rognes += obtenus is not None and not memes(obtenus, par_nous(donnees, controles))
    assert refus > 10 and rognes > 10


def test_vecteur_des_methodes() -> None:
    """The weights of docs/estimation.md."""
    cases = (("sans", "sport", 30), ("sans", "social", 20), ("emp", "sport", 10), ("emp", "social", 40))
    lignes = [(emploi, secteur, 1.0) for emploi, secteur, n in cases for _ in range(n)]
    donnees = pl.DataFrame(lignes, schema=["emploi", "secteur", "w"], orient="row")
    marges = {"emploi": {"sans": 870.0, "emp": 130.0}, "secteur": {"sport": 600.0, "social": 400.0}}
    poids = par_nous(donnees, marges)
    assert poids is not None
    assert poids[[0, 30, 50, 60]].tolist() == pytest.approx(
        [18.962344, 15.056483, 3.112967, 2.471758], abs=2e-6
    )
    assert par_nous(donnees, marges, bornes=(0.3, 3.0)) is None


def test_autant_de_cases_que_de_reponses() -> None:
    """More combinations of levels than answers: the cases that nobody is in are left out, the weights are the same."""
    rng = np.random.default_rng(8)
    donnees = pl.DataFrame(
        {"w": np.ones(60), **{f"m{j}": [f"n{x}" for x in rng.permutation(60) % 12] for j in range(4)}}
    )
    controles = {f"m{j}": {f"n{i}": 5.0 + (i + j) % 3 for i in range(12)} for j in range(4)}
    assert len(Marges.lire(donnees, controles).niveaux[0]) <= 60
    assert memes(par_nous(donnees, controles), par_svy(donnees, controles))


def test_ce_qui_ne_peut_etre_tenu() -> None:
    """Two margins that contradict each other, a level that nobody is in, too few sweeps: no weights rather than wrong ones."""
    donnees = pl.DataFrame({"w": [1.0, 1.0, 1.0], "a": ["x", "x", "y"], "b": ["u", "u", "v"]})
    poids = donnees["w"].to_numpy()
    contraires = {"a": {"x": 4.0, "y": 2.0}, "b": {"u": 2.0, "v": 4.0}}
    assert par_nous(donnees, contraires) is None
    vide = {"a": {"x": 2.0, "y": 2.0, "z": 2.0}, "b": {"u": 3.0, "v": 3.0}}
    assert par_nous(donnees, vide) is None
    assert par_nous(donnees, {"a": {"x": 4.0, "y": 2.0, "z": 0.0}}) is not None
    hasardeux, controles = hasard(3)
    assert caler(hasardeux["w"].to_numpy(), Marges.lire(hasardeux, controles), TOLERANCE, 1) is None
    with pytest.raises(pl.exceptions.InvalidOperationError):
        Marges.lire(donnees, {"a": {"x": 3.0}})
    assert rogner(poids, 2.0, 5).tolist() == poids.tolist()


def test_rogner_garde_le_total() -> None:
    poids = np.array([1.0, 2.0, 3.0, 30.0])
    rognes = rogner(poids, 12.0, 20)
    assert rognes.max() <= 12 and rognes.sum() == pytest.approx(36)
    assert (rognes[1:3] / rognes[0]).tolist() == pytest.approx([2, 3])
