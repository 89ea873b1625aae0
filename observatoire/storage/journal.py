"""The journal of the warehouse: who did what, when, with the values before and after."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

# What a line may say (`quoi`) and that puts a deposit out of the figures; `avant` is then the status it had.
ANNULER, REMPLACER = "annuler", "remplacer"
SORTIES = (ANNULER, REMPLACER)
# Something was taken away for good: there is nothing to make again.
PURGER, OUBLIER = "purger", "oublier"
# What stands for the object of a line that named who was forgotten.
EFFACE = "…"


@dataclass(frozen=True, slots=True)
class LigneJournal:
    """One line. For « remplacer », `objet` is the deposit put out and `apres` the one that took its place."""

    ordre: int
    quand: dt.datetime
    qui: str
    quoi: str
    objet: str
    avant: str | None
    apres: str | None


def maintenant() -> dt.datetime:
    """Now, UTC, without zone, as the warehouse keeps it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def journaliser(
    cur: duckdb.DuckDBPyConnection,
    quoi: str,
    objet: str,
    *,
    qui: str = "",
    avant: str | None = None,
    apres: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one line to the journal, in the transaction of `cur`; `detail` is what doing it again needs besides."""
    texte = None if detail is None else json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str)
    cur.execute(
        "insert into depot.journal (ordre, quand, qui, quoi, objet, avant, apres, detail) "
        "select coalesce(max(ordre), 0) + 1, ?, ?, ?, ?, ?, ?, ? from depot.journal",
        [maintenant(), qui, quoi, objet, avant, apres, texte],
    )


def lire(con: duckdb.DuckDBPyConnection, limite: int = 200, objet: str | None = None) -> list[LigneJournal]:
    """The last lines, the latest first; with `objet`, those of one deposit, or in which it replaced another."""
    requete = """
        select ordre, quand, qui, quoi, objet, avant, apres from depot.journal
        where $objet is null or objet = $objet or (quoi = $remplacer and apres = $objet)
        order by ordre desc limit $limite"""
    with con.cursor() as cur:
        valeurs = {"objet": objet, "remplacer": REMPLACER, "limite": limite}
        return [LigneJournal(*ligne) for ligne in cur.execute(requete, valeurs).fetchall()]


def derniere_sortie(cur: duckdb.DuckDBPyConnection, depot_id: str) -> LigneJournal | None:
    """The line that last put a deposit out of the figures; None when none ever did."""
    requete = """
        select ordre, quand, qui, quoi, objet, avant, apres from depot.journal
        where objet = ? and list_contains(?, quoi) order by ordre desc limit 1"""
    lignes = cur.execute(requete, [depot_id, list(SORTIES)]).fetchall()
    return LigneJournal(*lignes[0]) if lignes else None
