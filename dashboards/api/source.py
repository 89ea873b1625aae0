"""The publication an answer comes from: the one in force, or an earlier one whose file is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from dashboards.api.reponses import Refus
from dashboards.textes import PUBLICATION_ILLISIBLE, SANS_PUBLICATION
from observatoire.config.settings import Settings, load_settings
from observatoire.storage.connexion import ouvrir_publication
from observatoire.storage.erreurs import PublicationAbsente
from observatoire.storage.fichiers import JEU, PARQUET, PUBLIC, SOMMES, cible


@dataclass(frozen=True, slots=True)
class Source:
    """One publication: number, real path of its file, identity of that very file (the same in every process)."""

    settings: Settings
    version: int
    chemin: Path
    identite: str

    def ouvrir(self) -> duckdb.DuckDBPyConnection:
        """A connection to close after use; Refus when the file cannot be read."""
        try:
            return ouvrir_publication(self.chemin)
        except (duckdb.Error, PublicationAbsente) as faute:
            raise Refus(503, PUBLICATION_ILLISIBLE) from faute

    @property
    def parquets(self) -> dict[str, Path]:
        """Parquet copies by name of table."""
        return {f.stem: f for f in sorted(PARQUET.final(self.settings, self.version).glob("*.parquet"))}

    @property
    def dossier(self) -> dict[str, Path]:
        """Files of the folder to carry away, by path in it; none for a publication of before the folders."""
        racine = JEU.final(self.settings, self.version)
        return {f.relative_to(racine).as_posix(): f for f in sorted(racine.rglob("*")) if f.is_file()}

    @property
    def sommes(self) -> Path:
        """Checksums of the files of the publication."""
        return PARQUET.final(self.settings, self.version) / SOMMES


def courante() -> Source:
    """The publication in force; Refus when there is none."""
    settings = load_settings()
    chemin = cible(settings.publication)
    source = None if chemin is None else _source(settings, chemin)
    if source is None:
        raise Refus(503, SANS_PUBLICATION.replace("`", ""))
    return source


def ancienne(version: int) -> Source | None:
    """An earlier publication; None when its file is not kept."""
    settings = load_settings()
    return _source(settings, PUBLIC.final(settings, version))


def _source(settings: Settings, chemin: Path) -> Source | None:
    version = PUBLIC.version(chemin)
    try:
        etat = chemin.stat()
    except FileNotFoundError:
        return None
    return (
        None
        if version is None
        else Source(settings, version, chemin, f"{version}-{int(etat.st_mtime)}-{etat.st_size}")
    )
