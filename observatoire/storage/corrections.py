"""Cells typed again in the application before a deposit was loaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import duckdb

from observatoire.storage.insertion import inserer
from observatoire.storage.journal import maintenant


class ACorriger(Protocol):
    """A cell of the file received, and its text before and after."""

    @property
    def feuille(self) -> str:
        """Sheet."""

    @property
    def cellule(self) -> str:
        """A1 address."""

    @property
    def avant(self) -> str | None:
        """Text in the file."""

    @property
    def apres(self) -> str | None:
        """Text that was read instead."""


@dataclass(frozen=True, slots=True)
class CorrectionFaite:
    """A corrected cell as the warehouse keeps it; `quand` is in UTC, without zone."""

    feuille: str
    cellule: str
    avant: str | None
    apres: str | None
    qui: str
    quand: dt.datetime


def inscrire_corrections(
    cur: duckdb.DuckDBPyConnection,
    depot_id: str,
    corrections: Sequence[ACorriger],
    qui: str,
    quand: dt.datetime | None = None,
) -> None:
    """Keep the corrected cells of a deposit, in the transaction of `cur`."""
    champs = ("feuille", "cellule", "avant", "apres")
    colonnes = {nom: [getattr(c, nom) for c in corrections] for nom in champs}
    inserer(cur, "depot.corrections", colonnes, depot_id=depot_id, qui=qui, quand=quand or maintenant())


def corrections_de(con: duckdb.DuckDBPyConnection, depot_id: str) -> list[CorrectionFaite]:
    """The corrected cells of a deposit, in the order they were made."""
    requete = """
        select feuille, cellule, avant, apres, qui, quand from depot.corrections
        where depot_id = ? order by rowid"""
    with con.cursor() as cur:
        return [CorrectionFaite(*ligne) for ligne in cur.execute(requete, [depot_id]).fetchall()]
