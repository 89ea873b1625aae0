"""From a figure back to the cell of the file received."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import duckdb

from observatoire.domain.francais import date_courte
from observatoire.storage.depots import depot
from pipelines.ingestion.grille import adresse_notee, position


def provenance(
    con: duckdb.DuckDBPyConnection, depot_id: str, questionnaire: str, champ: str, feuille: str, ligne: int
) -> tuple[str, str] | None:
    """Sheet and A1 address of the cell that fed `champ` in a row; None when no cell did (one value for all).

    In a sheet whose titles go down a column, the correspondence keeps the number of the row and `ligne` is
    the rank of the column.
    """
    if depot(con, depot_id).questionnaire != questionnaire:
        return None
    axe = _axe(con, "", depot_id, feuille, champ)
    return (feuille, adresse_notee(axe, ligne)) if axe else None


@dataclass(frozen=True, slots=True)
class Origine:
    """Where a typed row was read; `lignes_source` are the rows it sums when there are several."""

    depot_id: str
    questionnaire: str
    feuille: str
    ligne: int
    lignes_source: Sequence[int] | None


@dataclass(frozen=True, slots=True)
class CelluleLue:
    """One cell: its row, its A1 address (None for one value given to the whole deposit), its text as kept."""

    ligne: int
    adresse: str | None
    texte: str | None
    corrigee: bool


class Lecteur:
    """Reads cells of the deposits of an attached warehouse, a deposit at a time kept in memory."""

    def __init__(self, con: duckdb.DuckDBPyConnection, base: str) -> None:
        self._con, self._base = con, f"{base}."
        self._axes = cache(self._lire_axe)
        self._textes = cache(self._lire_ligne)
        self._corrections = cache(self._lire_corrections)
        self._depots = cache(self._lire_depot)

    def lire(self, origine: Origine, champ: str) -> Iterator[CelluleLue]:
        """The cells that fed a field of a row: one, or one for each row that it sums."""
        axe = self._axes(origine.depot_id, origine.feuille, champ)
        if axe is None:
            yield CelluleLue(origine.ligne, None, None, False)
            return
        for ligne in origine.lignes_source or [origine.ligne]:
            cellule = adresse_notee(axe, ligne)
            corrigee = self._corrections(origine.depot_id).get((origine.feuille, cellule))
            texte = corrigee if corrigee is not None else self._texte(origine, axe, ligne)
            yield CelluleLue(ligne, cellule, texte, corrigee is not None)

    def depose_le(self, depot_id: str) -> str:
        """Day of the deposit, in France."""
        return date_courte(self._depots(depot_id)[0])

    def ancetres(self, depot_id: str) -> tuple[str, ...]:
        """The deposits it replaces, directly or not, the nearest first."""
        chaine: list[str] = []
        suivant = self._depots(depot_id)[1]
        while suivant and suivant not in chaine:
            chaine.append(suivant)
            suivant = self._depots(suivant)[1]
        return tuple(chaine)

    def _texte(self, origine: Origine, axe: str, ligne: int) -> str | None:
        """Text of the cell, as read; rows are kept as the engine turned them."""
        colonne = int(axe) - 1 if axe.isdigit() else (position(f"{axe}1") or (0, 0))[1]
        cellules = self._textes(origine.depot_id, origine.feuille, ligne)
        return cellules[colonne] if colonne < len(cellules) else None

    def _lire_axe(self, depot_id: str, feuille: str, champ: str) -> str | None:
        return _axe(self._con, self._base, depot_id, feuille, champ)

    def _lire_ligne(self, depot_id: str, feuille: str, ligne: int) -> list[str | None]:
        lignes = self._con.execute(
            f"select cellules from {self._base}depot.lignes_brutes where depot_id = ? and feuille = ? and ligne = ?",
            [depot_id, feuille, ligne],
        ).fetchall()
        return lignes[0][0] if lignes else []

    def _lire_corrections(self, depot_id: str) -> dict[tuple[str, str], str | None]:
        lignes = self._con.execute(
            f"select feuille, cellule, apres from {self._base}depot.corrections where depot_id = ? order by rowid",
            [depot_id],
        ).fetchall()
        return {(feuille, cellule): apres for feuille, cellule, apres in lignes}

    def _lire_depot(self, depot_id: str) -> tuple[dt.datetime, str | None]:
        ((quand, remplace),) = self._con.execute(
            f"select depose_le, remplace from {self._base}depot.depots where depot_id = ?", [depot_id]
        ).fetchall()
        return quand, remplace


def _axe(con: duckdb.DuckDBPyConnection, base: str, depot_id: str, feuille: str, champ: str) -> str | None:
    """Column of the sheet that fed a field: its letter, its row number when the sheet is turned."""
    requete = f"""
        select colonne from {base}depot.correspondances
        where depot_id = ? and feuille = ? and champ = ? order by rowid limit 1"""
    with con.cursor() as cur:
        lignes = cur.execute(requete, [depot_id, feuille, champ]).fetchall()
    return lignes[0][0] if lignes else None
