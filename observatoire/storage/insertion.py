"""Bulk insertion: columns given by name go through Arrow to a table of the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from observatoire.storage.connexion import nom_sql

Colonnes: TypeAlias = Mapping[str, Sequence[Any]] | pa.Table
_VUE = "a_inserer"
# Published texts that take few values.
CODES = frozenset(
    ("indicateur", "niveau", "code", "code_territoire", "code_commune", "code_epci", "domaine", "secteur", "classe", "financeur", "vue", "statut")
)  # fmt: skip


def inserer(cur: duckdb.DuckDBPyConnection, table: str, lignes: Colonnes, **constantes: object) -> int:
    """Insert `lignes` (column name → values, or an Arrow table) into `table`; returns the number of rows.

    `constantes` give one value to a column of every row. Columns that are not given are NULL; an unknown
    column raises. `table` is `schema.nom`, never text from outside.
    """
    arrow = lignes if isinstance(lignes, pa.Table) else _en_arrow(cur, table, lignes)
    if arrow.num_rows == 0:
        return 0
    ajouts = "".join(f", ? as {nom_sql(nom)}" for nom in constantes)
    cur.register(_VUE, arrow)
    try:
        requete = f"insert into {table} by name select *{ajouts} from {_VUE}"
        return int(cur.execute(requete, list(constantes.values())).fetchall()[0][0])
    finally:
        cur.unregister(_VUE)


def creer_codee(
    con: duckdb.DuckDBPyConnection, table: str, requete: str, valeurs: Mapping[str, object] | None = None
) -> None:
    """Create `table` from a query, its columns of `CODES` packed by dictionary.

    It is what DuckDB chooses for texts of few values, once it has tried every other way on each block: saying it
    spares a fifth of the writing.
    """
    decrites = con.execute(f"describe {requete}", valeurs or {}).fetchall()
    colonnes = ", ".join(
        f"{nom_sql(nom)} {genre}{' using compression dictionary' if nom in CODES else ''}"
        for nom, genre, *_ in decrites
    )
    con.execute(f"create or replace table {table} ({colonnes})")
    con.execute(f"insert into {table} {requete}", valeurs or {})


def en_table(schema: str, nom: str) -> str:
    """`schema.nom`, both quoted."""
    return f"{nom_sql(schema)}.{nom_sql(nom)}"


def _en_arrow(cur: duckdb.DuckDBPyConnection, table: str, lignes: Mapping[str, Sequence[Any]]) -> pa.Table:
    cibles = cur.sql(f"select * from {table} limit 0").to_arrow_table().schema
    inconnues = [nom for nom in lignes if nom not in cibles.names]
    if inconnues:
        raise ValueError(f"{table} : colonnes inconnues {', '.join(inconnues)}")
    return pa.table({nom: _colonne(valeurs, cibles.field(nom).type) for nom, valeurs in lignes.items()})


def _colonne(valeurs: Sequence[Any], cible: pa.DataType) -> pa.Array:
    if not pa.types.is_decimal(cible):
        return pa.array(valeurs, cible)
    if any(isinstance(v, Decimal) for v in valeurs):
        return pa.array([None if v is None else Decimal(str(v)) for v in valeurs])
    # DuckDB rounds a float to the scale of the column; Arrow would refuse it.
    return pa.array(valeurs, pa.float64())
