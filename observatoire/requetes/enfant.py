"""Run one query on one published file, in a process of its own: bounded, read-only, with no other file in reach.

Run as `python -I enfant.py SETTINGS`, the query on the standard input, never imported. It answers with one JSON
object: `colonnes`, `lignes`, `coupe`, `abregees`, or `refus` (and what DuckDB says).
"""

import json
import math
import os
import re
import resource
import sys
from decimal import Decimal
from typing import Any

import duckdb

# What a query that reads may start with; « pragma » and « call » pass for reads in DuckDB, and are more than that.
DEBUTS = (
    "select",
    "from",
    "with",
    "values",
    "table",
    "describe",
    "desc",
    "show",
    "summarize",
    "explain",
    "(",
)
_MOT = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*(\w+|\()", re.DOTALL)
LECTURES = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
NOMBRES = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)")


def borner(reglages: dict[str, Any]) -> None:
    """Bound memory, time, files; a query writes nothing, its child neither."""
    for ressource, valeur in (
        (resource.RLIMIT_AS, reglages["memoire_processus"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CPU, reglages["cpu"]),
    ):
        resource.setrlimit(ressource, (valeur, valeur))


def refus(con: duckdb.DuckDBPyConnection, sql: str) -> str | None:
    """Why this text is not one query that reads; None when it is."""
    mot = _MOT.match(sql)
    instructions = con.extract_statements(sql)
    if not instructions:
        return "vide"
    if mot is None or mot[1].lower() not in DEBUTS:
        return "ecriture"
    if len(instructions) > 1:
        return "plusieurs"
    return None if instructions[0].type in LECTURES else "ecriture"


def lire(con: duckdb.DuckDBPyConnection, sql: str, reglages: dict[str, Any]) -> dict[str, Any]:
    """The first rows, as JSON may carry them, until one of the bounds."""
    con.execute(sql)
    colonnes = [[nom, bool(NOMBRES.fullmatch(str(genre)))] for nom, genre, *_ in con.description]
    lignes: list[list[Any]] = []
    coupe, place, abregees = "", 0, 0
    while not coupe and (paquet := con.fetchmany(500)):
        for ligne in paquet:
            if len(lignes) == reglages["lignes"]:
                coupe = "lignes"
                break
            propre = [_valeur(v) for v in ligne]
            for i, v in enumerate(propre):
                if isinstance(v, str) and len(v) > reglages["cellule"]:
                    propre[i], abregees = v[: reglages["cellule"] - 1] + "…", abregees + 1
            place += sum(len(v) if isinstance(v, str) else 8 for v in propre)
            if place > reglages["volume"]:
                coupe = "volume"
                break
            lignes.append(propre)
    return {"colonnes": colonnes, "lignes": lignes, "coupe": coupe, "abregees": abregees}


def _valeur(v: Any) -> str | int | float | None:
    if v is None or isinstance(v, (bool, int, str)):
        return v
    if isinstance(v, float):
        return v if math.isfinite(v) else str(v)
    if isinstance(v, Decimal):
        return int(v) if v == v.to_integral_value() else float(v)
    if isinstance(v, (list, tuple, dict)):
        return json.dumps(v, ensure_ascii=False, default=str)
    return v.hex() if isinstance(v, (bytes, bytearray)) else str(v)


def repondre(reglages: dict[str, Any], sql: str) -> dict[str, Any]:
    """The answer, or the refusal that DuckDB gives."""
    chemin = reglages["fichier"]
    try:
        con = duckdb.connect(chemin, read_only=True, config=reglages["config"])
    except duckdb.Error as erreur:
        return {"refus": "ouverture", "dit": str(erreur)}
    try:
        motif = refus(con, sql)
        return {"refus": motif} if motif else lire(con, sql, reglages)
    except MemoryError:
        return {"refus": "memoire"}
    except duckdb.Error as erreur:
        return {"refus": "duckdb", "genre": type(erreur).__name__, "dit": str(erreur)}


def principal() -> None:
    """Bound first, then read the query."""
    reglages = json.loads(sys.argv[1])
    borner(reglages)
    reponse = repondre(reglages, sys.stdin.buffer.read().decode("utf-8"))
    sys.stdout.buffer.write(json.dumps(reponse).encode())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    principal()
