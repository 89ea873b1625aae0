"""DuckDB over the lake of the federation (observatoire/federation)."""

from __future__ import annotations

from pathlib import Path

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.federation.lac import brancher
from observatoire.federation.lecture import poser_courant
from observatoire.moteurs.duckdb import MoteurDuckdb


class MoteurDucklake(MoteurDuckdb):
    """The answers are those of the lake, of one département or of all; what is made stays in this process."""

    nom = "ducklake"

    def __init__(self, settings: Settings, temporaire: Path, departement: str = "") -> None:
        super().__init__(temporaire)
        brancher(self.con, settings, lecture=True)
        poser_courant(self.con, load_enquetes().values(), departement)
