"""From a figure back to the cell of the file received."""

from __future__ import annotations

import duckdb

from observatoire.storage.depots import depot
from pipelines.ingestion.grille import adresse_notee


def provenance(
    con: duckdb.DuckDBPyConnection, depot_id: str, questionnaire: str, champ: str, feuille: str, ligne: int
) -> tuple[str, str] | None:
    """Sheet and A1 address of the cell that fed `champ` in a row; None when no cell did (one value for all).

    In a sheet whose titles go down a column, the correspondence keeps the number of the row and `ligne` is
    the rank of the column.
    """
    if depot(con, depot_id).questionnaire != questionnaire:
        return None
    requete = """
        select colonne from depot.correspondances
        where depot_id = ? and feuille = ? and champ = ? order by rowid limit 1"""
    with con.cursor() as cur:
        lignes = cur.execute(requete, [depot_id, feuille, champ]).fetchall()
    return (feuille, adresse_notee(lignes[0][0], ligne)) if lignes else None
