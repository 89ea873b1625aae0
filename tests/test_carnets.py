"""The notebooks run from end to end on a small publication, and are committed without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from observatoire.config.settings import load_settings
from pipelines import depot
from tests.test_bout_en_bout import fichiers_subventions, remplir_gabarit

CARNETS = sorted((Path(__file__).parents[1] / "dashboards" / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def donnees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("carnets")
    settings = load_settings(dossier / "donnees")
    for nom in ("associations", "benevolat"):
        depot.deposer(remplir_gabarit(nom, dossier / f"{nom}.xlsx"), settings)
    for fichier in fichiers_subventions(dossier):
        depot.deposer(fichier, settings)
    depot.publier(settings)
    return settings.donnees


@pytest.mark.parametrize("chemin", CARNETS, ids=lambda p: p.stem)
def test_carnet(chemin: Path, donnees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carnet = nbformat.read(chemin, as_version=4)
    assert all(not c.get("outputs") for c in carnet.cells), "sorties à retirer"
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(donnees))
    NotebookClient(carnet, timeout=120, kernel_name="python3").execute()
    textes = [s.get("text", "") for c in carnet.cells for s in c.get("outputs", [])]
    # Four files: one funder over two years, three over one.
    assert any("5 chiffres refaits, plus grand écart 0.0000" in t for t in textes)


def test_il_y_a_un_carnet() -> None:
    assert CARNETS
