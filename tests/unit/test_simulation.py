"""A short version of scripts/simulation.py: intervals hold the truth, and the unweighted mean does not."""

from __future__ import annotations

import pytest

from scripts.simulation import MESURES, Bilan, simuler, tableau

TIRAGES = 25


@pytest.fixture(scope="module")
def bilans() -> dict[str, Bilan]:
    return simuler(TIRAGES, graine=2, taille=5_000)


def test_intervalles(bilans: dict[str, Bilan]) -> None:
    """Out of 25 surveys, 95 % intervals miss the truth four times at most (98 % of the seeds)."""
    assert set(bilans) == set(MESURES)
    for nom, bilan in bilans.items():
        assert bilan.couvertes >= TIRAGES - 4, nom
        assert abs(bilan.biais) < 0.05, nom


def test_moyenne_brute_biaisee(bilans: dict[str, Bilan]) -> None:
    """On the same draws, the mean of the answers is twice the true one, and its interval never holds it."""
    assert bilans["budget_moyen"].biais_naif > 1
    assert bilans["part_employeuses"].biais_naif > 0.5
    assert bilans["heures_moyennes"].biais_naif > 0.1
    assert bilans["budget"].naives == 0


def test_ce_que_le_registre_ignore() -> None:
    """When answering depends on the budget within a class, no weighting mends it: the card has to say so."""
    bilan = simuler(6, graine=2, taille=5_000, cachee=True)["budget_moyen"]
    assert bilan.biais > 0.1
    assert bilan.couvertes < 6


def test_tableau(bilans: dict[str, Bilan]) -> None:
    lignes = tableau(bilans, TIRAGES).splitlines()
    assert len(lignes) == 2 + len(MESURES)
    assert len({ligne.count("|") for ligne in lignes}) == 1
