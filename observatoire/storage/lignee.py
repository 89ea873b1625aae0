"""Deposits that replace one another: at most one of a lineage is in force."""

from __future__ import annotations

import duckdb


def ancetres(cur: duckdb.DuckDBPyConnection, depot_id: str) -> list[str]:
    """The deposits that `depot_id` replaces, directly or not, the nearest first."""
    return _remonter(_liens(cur), depot_id)


def en_vigueur_de_la_lignee(cur: duckdb.DuckDBPyConnection, depot_id: str) -> list[str]:
    """The other deposits in force that share a replaced deposit with `depot_id`, in loading order."""
    liens = _liens(cur)
    racine = [depot_id, *_remonter(liens, depot_id)][-1]
    actifs = cur.execute("select depot_id from depot.en_vigueur order by ordre").fetchall()
    return [d for (d,) in actifs if d != depot_id and [d, *_remonter(liens, d)][-1] == racine]


def _liens(cur: duckdb.DuckDBPyConnection) -> dict[str, str]:
    requete = "select depot_id, remplace from depot.depots where remplace is not null"
    return dict(cur.execute(requete).fetchall())


def _remonter(liens: dict[str, str], depot_id: str) -> list[str]:
    chemin: list[str] = []
    while (depot_id := liens.get(depot_id, "")) and depot_id not in chemin:
        chemin.append(depot_id)
    return chemin
