"""`observatoire fiche benevolat`: the sheet for the accounts, on screen, in Markdown, as a workbook; polite refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from observatoire.config.settings import Settings
from pipelines import cli, depot
from tests.unit.test_suivi import MELUN, charger_reponses

PIEGE = "=HYPERLINK(1)|Les Amis"
LANCER = CliRunner().invoke


def reponse(n: int, **reste: Any) -> dict[str, Any]:
    return {
        "cle": f"RNA:W77000{n:04d}",
        "nom_association": PIEGE if n == 1 else f"Asso {n}",
        "rna": f"W77000{n:04d}",
        "commune": MELUN.code,
    } | reste


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(tmp_path_factory.mktemp("fiche") / "donnees")
    lignes = [reponse(1, heures_total_an=2355.0, heures_contraintes=10.0)]
    lignes += [reponse(n, heures_total_an=100.0) for n in range(2, 8)]
    lignes.append(reponse(8, nb_benevoles_reguliers=4))
    charger_reponses(settings, "heures", lignes, "benevolat")
    vues: list[tuple[str, float]] = []
    depot.publier(settings, suivi=lambda etape, part: vues.append((etape, part)))
    parts = [part for _, part in vues]
    assert parts == sorted(parts) and parts[-1] == 1.0
    assert len({etape for etape, _ in vues}) >= 6
    return settings


def fiche(settings: Settings, n: int, *suite: str) -> Result:
    arguments = ["fiche", "benevolat", "--association", f"RNA:W77000{n:04d}", "--millesime", "2025", *suite]
    return LANCER(cli.app, [*arguments, "--donnees", str(settings.donnees)])


def test_a_l_ecran(settings: Settings) -> None:
    lue = fiche(settings, 1)
    assert lue.exit_code == 0, lue.output
    for texte in (
        "2\u202f355",
        "1,5\u00a0ETP, base 1\u202f607\u00a0h",
        "864 Personnel bénévole",
        "875 Bénévolat",
    ):
        assert texte in lue.output
    assert "règlement ANC n°\u00a02018-06" in lue.output and "Base d’un équivalent temps plein" in lue.output
    assert "10\u00a0heures contraintes" in lue.output
    assert "économi" not in lue.output.lower()


def test_en_fichier(settings: Settings, tmp_path: Path) -> None:
    """The workbook holds the same lines, and a name that looks like a formula stays a text."""
    assert fiche(settings, 1, "--sortie", str(tmp_path / "f.xlsx")).exit_code == 0
    assert fiche(settings, 1, "--sortie", str(tmp_path / "f.md")).exit_code == 0
    feuille = openpyxl.load_workbook(tmp_path / "f.xlsx").active
    assert feuille is not None
    cases = {feuille.cell(r, 1).value: feuille.cell(r, 2) for r in range(1, feuille.max_row + 1)}
    assert (cases["Association"].value, cases["Association"].data_type) == (PIEGE, "s")
    assert str(cases["Débit"].value).startswith("864")
    texte = (tmp_path / "f.md").read_text(encoding="utf-8")
    assert "| Crédit | 875 Bénévolat" in texte and "=HYPERLINK(1)\\|Les Amis" in texte


@pytest.mark.parametrize(
    ("n", "suite", "dit"),
    [
        (8, (), "aucune heure de bénévolat"),
        (999, (), "aucune réponse"),
        (1, ("--sortie", "f.pdf"), "doit finir par .xlsx ou .md"),
    ],
)
def test_refus(settings: Settings, n: int, suite: tuple[str, ...], dit: str) -> None:
    lue = fiche(settings, n, *suite)
    assert lue.exit_code == 2
    assert dit in " ".join(lue.output.split())
    assert "Traceback" not in lue.output
