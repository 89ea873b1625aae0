"""Reads of the pages Comparer, Trajectoires and Données ouvertes. No Streamlit; values are bound."""

from __future__ import annotations

from typing import Any

import duckdb

from dashboards.lecture_base import MESURE, lire_facultatives, lire_lignes, lire_tableau
from dashboards.modeles import Mesure
from dashboards.textes import TOUS

# Columns of `communes` that name the territory a commune belongs to, by level.
PARENTS = {"epci": "code_epci", "arrondissement": "code_arrondissement", "canton": "code_canton"}


def communes_de(con: duckdb.DuckDBPyConnection, niveau: str) -> dict[str, tuple[str, ...]]:
    """Communes of each territory of a level; a commune holds itself. Empty for a level that splits communes."""
    if niveau == "commune":
        return {code: (code,) for (code,) in lire_lignes(con, "select code from communes order by code")}
    if niveau not in PARENTS:
        return {}
    colonne = PARENTS[niveau]
    sql = f"select {colonne}, list(code order by code) from communes where {colonne} is not null group by 1"
    return {code: tuple(communes) for code, communes in lire_lignes(con, sql)}


def serie(
    con: duckdb.DuckDBPyConnection, indicateur: str, niveau: str, code: str, domaine: str, vue: str
) -> tuple[Mesure, ...]:
    """One indicator of a territory in one view, year after year."""
    sql = MESURE + (
        "and indicateur = ? and niveau = ? and code_territoire = ? and domaine = ? and financeur = ? and vue = ? "
        "order by millesime"
    )
    return tuple(Mesure(*x) for x in lire_lignes(con, sql, indicateur, niveau, code, domaine, TOUS, vue))


def dictionnaire(con: duckdb.DuckDBPyConnection) -> tuple[dict[str, Any], ...]:
    """Every column of the publication with its meaning; empty for the oldest publications."""
    if not lire_facultatives(con, "dictionnaire", "select 1 from dictionnaire limit 1"):
        return ()
    return lire_tableau(con, "select * from dictionnaire")


def tables(con: duckdb.DuckDBPyConnection) -> tuple[tuple[str, int, int], ...]:
    """Tables of the publication: name, rows, columns."""
    sql = """
        select table_name, estimated_size, column_count from duckdb_tables()
        where not internal and schema_name = 'main' order by table_name
    """
    return tuple((nom, lignes, colonnes) for nom, lignes, colonnes in lire_lignes(con, sql))


def source_des_prix(con: duckdb.DuckDBPyConnection) -> str:
    """Where the index of the latest year comes from; empty without one."""
    sql = "select source from parametres where id = 'ipc' order by valable_du desc limit 1"
    return next((str(source) for (source,) in lire_lignes(con, sql)), "")
