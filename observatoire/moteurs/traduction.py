"""From the SQL of DuckDB to that of Spark (and Sail, which speaks it), by sqlglot."""

from __future__ import annotations

from functools import lru_cache

from sqlglot import exp, parse_one

SOURCE, CIBLE = "duckdb", "spark"


@lru_cache(maxsize=512)
def traduire(sql: str) -> str:
    """The query for Spark: `courant.x` becomes `courant_x` (its views have no schema), `$nom` becomes `:nom`."""
    arbre = parse_one(sql, read=SOURCE)
    for table in arbre.find_all(exp.Table):
        if table.db:
            table.set("this", exp.to_identifier(vue(f"{table.db}.{table.name}")))
            table.set("db", None)
    return arbre.sql(CIBLE, comments=False)


def vue(table: str) -> str:
    """Name of the Spark view that holds a table."""
    return table.replace(".", "_")
