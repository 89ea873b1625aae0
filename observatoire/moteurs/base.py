"""What an engine does for the indicators: hold the tables of the answers, run the queries of the repository.

The queries are written in the SQL of DuckDB, with bound values (`$nom`); an engine of another dialect translates them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from observatoire.indicators.valeurs import Requete
from observatoire.storage.erreurs import ErreurEntrepot


class MoteurIndisponible(ErreurEntrepot):
    """An engine that cannot be had here: the sentence says what to install or to set."""


class Moteur(Protocol):
    """An engine, for the length of a `with` block. Tables are named as the queries do: `courant.associations`."""

    nom: str

    def __enter__(self) -> Self: ...

    def __exit__(
        self, genre: type[BaseException] | None, faute: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def poser(self, table: str, fichiers: Sequence[Path]) -> None:
        """Name the rows of Parquet files of one schema as a table."""
        ...

    def creer(self, table: str, requetes: Iterable[Requete]) -> None:
        """Make a table of the rows of queries alike, one after the other."""
        ...

    def renommer(self, table: str, nom: str) -> None:
        """Let a table take the name of another, which goes."""
        ...

    def ecrire(self, table: str, cible: Path) -> int:
        """Write a table into one Parquet file; the number of its rows."""
        ...
