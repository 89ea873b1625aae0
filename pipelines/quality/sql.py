"""The same rules compiled to one DuckDB query, for large batches (parity with GX is tested)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.quality.regles import RegleQualite


def predicat(regle: RegleQualite) -> tuple[str, list[Any]]:
    """SQL condition that is true on a broken row, and its bound values."""
    colonne = f'"{regle.champ}"'
    match regle.genre:
        case "non_vide":
            return f"{colonne} is null", []
        case "bornes":
            bornes = [(regle.params["minimum"], "<"), (regle.params["maximum"], ">")]
            donnees = [(v, signe) for v, signe in bornes if v is not None]
            return " or ".join(f"{colonne} {signe} ?" for _, signe in donnees), [v for v, _ in donnees]
        case "parmi":
            valeurs = list(regle.params["valeurs"])
            return f"{colonne} not in ({', '.join('?' * len(valeurs))})", valeurs
        case "forme":
            return f"not regexp_matches({colonne}, ?)", [regle.params["motif"]]
        case "longueur":
            return f"length({colonne}) > ?", [regle.params["maximum"]]
    raise ValueError(f"genre de règle inconnu : {regle.genre}")


def juger(table: pa.Table, regles: Sequence[RegleQualite]) -> dict[str, list[int]]:
    """Run the rules on the typed table (columns of the fields and `_rang`); rule name → broken `_rang`.

    One pass counts all the rules; only the broken ones are asked for their rows.
    """
    if not regles:
        return {}
    with duckdb.connect(":memory:") as con:
        con.register("lot", table)
        conditions = [predicat(r) for r in regles]
        comptes = con.execute(
            "select " + ", ".join(f"count(*) filter (where {c})" for c, _ in conditions) + " from lot",
            [v for _, valeurs in conditions for v in valeurs],
        ).fetchall()[0]
        fautes: dict[str, list[int]] = {}
        for regle, (condition, valeurs), nombre in zip(regles, conditions, comptes, strict=True):
            rangs = []
            if nombre:
                requete = f"select _rang from lot where {condition} order by _rang"
                rangs = [int(r) for (r,) in con.execute(requete, valeurs).fetchall()]
            fautes[regle.identifiant] = rangs
    return fautes
