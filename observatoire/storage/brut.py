"""Raw rows: the cells of a deposit as they were read, addressed by sheet and row."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import duckdb
import numpy as np
import pyarrow as pa

from observatoire.storage.connexion import nom_sql
from observatoire.storage.insertion import inserer

# Rows already addressed: (sheet, 1-based row, cells as text).
LigneBrute: TypeAlias = tuple[str, int, Sequence[str | None]]
# Either such rows, or one grid per sheet: row i of the Arrow table is row i+1 of the sheet.
Brutes: TypeAlias = Sequence[LigneBrute] | Mapping[str, pa.Table]

_VUE = "grille_brute"
# Texts that hardly repeat: what DuckDB chooses after having tried everything, at half its time. A block is written as
# soon as it is full: the rows of a deposit do not wait in memory together.
_REGLAGES = {"force_compression": "fsst", "write_buffer_row_group_count": 1}


@contextlib.contextmanager
def ecriture_rapide(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Until the end of the block, commit included, texts are written without trying how."""
    for reglage, valeur in _REGLAGES.items():
        con.execute(f"set {reglage} = '{valeur}'")
    try:
        yield
    finally:
        # Gone with the instance when DuckDB itself gave up (full disk).
        with contextlib.suppress(duckdb.Error):
            for reglage in _REGLAGES:
                con.execute(f"reset {reglage}")


def charger_lignes_brutes(
    con: duckdb.DuckDBPyConnection, depot_id: str, feuille: str, table_arrow: pa.Table
) -> int:
    """Insert a whole grid of text cells: row i of `table_arrow` is row i+1 of the sheet, its columns too.

    Runs in the transaction of `con` if there is one. Returns the number of rows.
    """
    if table_arrow.num_rows == 0 or table_arrow.num_columns == 0:
        return 0
    noms = [f"c{j}" for j in range(table_arrow.num_columns)]
    rangs = _rangs(table_arrow.num_rows)
    grille = table_arrow.rename_columns(noms).append_column("ligne", rangs)
    con.register(_VUE, grille)
    try:
        cellules = ", ".join(f"{nom_sql(n)}::varchar" for n in noms)
        requete = f"insert into depot.lignes_brutes select ?, ?, ligne, [{cellules}] from {_VUE}"
        return int(con.execute(requete, [depot_id, feuille]).fetchall()[0][0])
    finally:
        con.unregister(_VUE)


def _rangs(nombre: int) -> pa.Array:
    """1 to `nombre`, built without `pa.array`, which imports pandas (one second, 90 MB)."""
    valeurs = np.arange(1, nombre + 1, dtype=np.int32)
    return pa.Array.from_buffers(pa.int32(), nombre, [None, pa.py_buffer(valeurs)])


def inserer_brutes(cur: duckdb.DuckDBPyConnection, depot_id: str, brutes: Brutes) -> int:
    """Insert the raw rows of a deposit, in either form; returns their number."""
    if isinstance(brutes, Mapping):
        return sum(charger_lignes_brutes(cur, depot_id, nom, table) for nom, table in brutes.items())
    if not brutes:
        return 0
    feuilles, lignes, cellules = zip(*brutes, strict=True)
    colonnes = {"feuille": feuilles, "ligne": lignes, "cellules": cellules}
    return inserer(cur, "depot.lignes_brutes", colonnes, depot_id=depot_id)


def nombre_brutes(brutes: Brutes) -> int:
    """Number of raw rows that will be written."""
    if isinstance(brutes, Mapping):
        return sum(t.num_rows for t in brutes.values() if t.num_columns)
    return len(brutes)


def empreinte_contenu(
    feuilles: Iterable[Iterable[Sequence[str | None]]], questionnaire: str, millesime: int | None
) -> str | None:
    """Fingerprint of the cells read, sheet by sheet: a workbook saved again keeps it.

    Empty rows, the empty cells at the end of a row and the names of the sheets do not count. None when there
    is no cell at all.
    """
    somme = hashlib.sha256(f"{questionnaire}\x1d{millesime or ''}".encode())
    vide = True
    for lignes in feuilles:
        somme.update(b"\x1d")
        for ligne in lignes:
            texte = "\x1f".join([cellule or "" for cellule in ligne]).rstrip("\x1f")
            if texte:
                vide = False
                somme.update(texte.encode("utf-8", "surrogatepass") + b"\x1e")
    return None if vide else somme.hexdigest()
