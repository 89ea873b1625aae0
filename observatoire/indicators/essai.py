"""Try an indicator on the analysts' file: the same queries as a publication, on the answers it holds."""

from __future__ import annotations

from pathlib import Path

import duckdb

from observatoire.indicators.catalogue import Carte
from observatoire.indicators.run import preparer, remplir_unites
from observatoire.storage.connexion import CONFIG_ENTREPOT, litteral, nom_sql

BASE = "fichier"


def ouvrir_essai(chemin: Path | str) -> duckdb.DuckDBPyConnection:
    """A database in memory where the queries of the indicators run; the file at `chemin` is attached to it, read-only.

    `courant.<questionnaire>` are the answers in force, `ref.*` and `base_*` what the queries share, and
    `fichier.*` everything else that the file holds (`fichier.mesures`, `fichier.ponderation.poids`…).
    """
    con = duckdb.connect(":memory:", config=CONFIG_ENTREPOT)
    con.execute(f"attach {litteral(str(Path(chemin).resolve()))} as {BASE} (read_only)")
    con.execute("create schema courant")
    con.execute("create schema ref")
    tables = con.execute(
        f"select schema_name, table_name from duckdb_tables() where database_name = '{BASE}'"
    ).fetchall()
    for schema, nom in tables:
        if schema == "enquete":
            con.execute(f"create view courant.{nom_sql(nom)} as from {BASE}.enquete.{nom_sql(nom)}")
    for nom in ("domaines", "parametres"):
        con.execute(f"create view ref.{nom} as from {BASE}.main.{nom}")
    if ("ponderation", "registre") in tables:
        con.execute(f"""
            create table ref.registre as
            select cle as cle_association, cast(substr(cast(date_creation as varchar), 1, 4) as integer) as annee_creation,
                code_commune, secteur
            from {BASE}.ponderation.registre where date_creation is not null""")
    preparer(con)
    return con


def essayer(con: duckdb.DuckDBPyConnection, carte: Carte) -> int:
    """Fill the table `unites` with the value of each association for this indicator; how many rows."""
    remplir_unites(con, [carte])
    ((nombre,),) = con.execute("select count(*) from unites").fetchall()
    return int(nombre)
