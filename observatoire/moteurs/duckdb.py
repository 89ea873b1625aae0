"""DuckDB, in this process: the reference that the other engines must equal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from observatoire.indicators.valeurs import Requete
from observatoire.storage.connexion import CONFIG_ENTREPOT, litteral, nom_sql


class MoteurDuckdb:
    """The queries as they are written, on an in-memory base; `temporaire`: where it may spill."""

    nom = "duckdb"

    def __init__(self, temporaire: Path | None = None) -> None:
        lieu = {"temp_directory": str(temporaire)} if temporaire else {}
        self.con = duckdb.connect(":memory:", config={**CONFIG_ENTREPOT, **lieu})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, genre: type[BaseException] | None, faute: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.con.close()

    def poser(self, table: str, fichiers: Sequence[Path]) -> None:
        """A view on the files."""
        liste = ", ".join(litteral(str(f)) for f in fichiers)
        self.con.execute(f"create or replace view {self._nommer(table)} as from read_parquet([{liste}])")

    def creer(self, table: str, requetes: Iterable[Requete]) -> None:
        """A table of this process."""
        verbe = f"create or replace table {self._nommer(table)} as"
        for requete in requetes:
            self.con.execute(f"{verbe} {requete.sql}", requete.valeurs)
            verbe = f"insert into {self._nommer(table)}"

    def renommer(self, table: str, nom: str) -> None:
        """The rows are not copied."""
        self.con.execute(f"drop table if exists {nom_sql(nom)}")
        self.con.execute(f"alter table {nom_sql(table)} rename to {nom_sql(nom)}")

    def ecrire(self, table: str, cible: Path) -> int:
        """One file, written at once."""
        requete = f"copy {self._nommer(table)} to {litteral(str(cible))} (format parquet)"
        ((lignes,),) = self.con.execute(requete).fetchall()
        return int(lignes)

    def _nommer(self, table: str) -> str:
        parties = table.split(".")
        if len(parties) > 1:
            self.con.execute(f"create schema if not exists {nom_sql(parties[0])}")
        return ".".join(map(nom_sql, parties))
