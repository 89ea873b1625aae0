"""Imports go one way: dashboards → pipelines.guichet → observatoire; the library knows nothing above it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

RACINE = Path(__file__).parents[1]
SOCLE = {"observatoire.config", "observatoire.domain", "observatoire.territoire"}
MOTEURS = {
    "observatoire.indicators",
    "observatoire.storage",
    "observatoire.estimation",
    "observatoire.registre",
    "observatoire.comptes",
}
INTERDITS_BIBLIOTHEQUE = {"streamlit", "plotly", "great_expectations", "pandas", "pipelines", "dashboards"}
TIERS_PERMIS = {"observatoire.domain": {"stdnum"}, "observatoire.territoire": {"rapidfuzz"}}
DASHBOARDS_PERMIS = {"pipelines.guichet"}


def modules() -> list[Path]:
    dossiers = ("observatoire", "pipelines", "dashboards")
    return sorted(p for d in dossiers for p in (RACINE / d).rglob("*.py"))


def imports(chemin: Path) -> set[str]:
    noms: set[str] = set()
    for noeud in ast.walk(ast.parse(chemin.read_text(encoding="utf-8"))):
        if isinstance(noeud, ast.Import):
            noms |= {a.name for a in noeud.names}
        elif isinstance(noeud, ast.ImportFrom) and noeud.module and not noeud.level:
            noms |= {noeud.module, *(f"{noeud.module}.{a.name}" for a in noeud.names)}
    return noms


def nom_module(chemin: Path) -> str:
    return ".".join(chemin.relative_to(RACINE).with_suffix("").parts)


def couche(module: str) -> str:
    return ".".join(module.split(".")[:2])


@pytest.mark.parametrize("chemin", modules(), ids=nom_module)
def test_imports(chemin: Path) -> None:
    module, noms = nom_module(chemin), imports(chemin)
    racines = {n.split(".")[0] for n in noms}
    if module.startswith("observatoire"):
        assert not racines & INTERDITS_BIBLIOTHEQUE
        voisins = {couche(n) for n in noms if n.startswith("observatoire.")} & (SOCLE | MOTEURS)
        if couche(module) in SOCLE:
            assert not voisins & MOTEURS
    for prefixe, permis in TIERS_PERMIS.items():
        if module.startswith(prefixe):
            tiers = {r for r in racines if r not in __import__("sys").stdlib_module_names}
            assert tiers - {"observatoire", "__future__"} <= permis
    if module.startswith("pipelines") and not module.startswith("pipelines.cli"):
        assert not racines & {"dashboards", "streamlit", "plotly"}
    if module.startswith("dashboards"):
        amont = {n for n in noms if n.startswith("pipelines")} - {"pipelines"}
        assert all(any(n == p or n.startswith(p + ".") for p in DASHBOARDS_PERMIS) for n in amont)
        assert "great_expectations" not in racines


def test_regle_vivante() -> None:
    """The test above would be empty if the folders moved."""
    assert len(modules()) > 20
    assert imports(RACINE / "pipelines" / "cli.py") >= {"typer"}
