"""Two sheets of one file that hold the same rows are said: their amounts would count twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.loader import load_enquetes
from pipelines.analyse import analyser
from tests.fabrique_fichiers import xlsx

TITRES = ["Nom de l’attribuant", "Nom du bénéficiaire", "Date de la convention", "Montant de la subvention"]


def lignes(montants: list[int], *suite: str) -> list[list[object]]:
    titres: list[object] = [*TITRES, *suite]
    return [titres, *(["Ville", f"Club {i}", "15/03/2024", m, *suite] for i, m in enumerate(montants))]


def dites(chemin: Path) -> list[Anomalie]:
    return [a for a in analyser(chemin, load_enquetes()).lot.anomalies if a.code == "DO-06"]


def test_copie_a_cote_de_l_original(tmp_path: Path) -> None:
    """A column more in one sheet makes no row different."""
    montants = [100, 250, 300, 450, 500, 600]
    chemin = xlsx(
        tmp_path / "a.xlsx", {"Brut": lignes(montants, "Commentaire"), "Propre": lignes([*montants[:5], 7])}
    )
    (anomalie,) = dites(chemin)
    assert (anomalie.feuille, anomalie.details) == ("Propre", {"autre": "Brut", "nb": "5"})


@pytest.mark.parametrize("autres", [[110, 260, 310, 460, 510, 610], [100, 250, 300, 450, 1, 2]])
def test_feuilles_differentes(tmp_path: Path, autres: list[int]) -> None:
    chemin = xlsx(
        tmp_path / "a.xlsx", {"2023": lignes([100, 250, 300, 450, 500, 600]), "2024": lignes(autres)}
    )
    assert dites(chemin) == []


def test_deux_petites_feuilles(tmp_path: Path) -> None:
    chemin = xlsx(tmp_path / "a.xlsx", {"A": lignes([100, 250]), "B": lignes([100, 250])})
    assert dites(chemin) == []
