"""The public sources that were added, as they were read: schema `source` of the analysts' file."""

from __future__ import annotations

import duckdb

from observatoire.config.settings import Settings
from observatoire.publications.dictionnaire import lire_dictionnaire
from observatoire.registre.formats import SOURCES
from observatoire.registre.magasin import bilans, table
from observatoire.storage.connexion import litteral, nom_sql

SCHEMA = "source"


def poser_sources(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """Copy into the file `pub` the tables of the sources that the register does not hold; their names.

    Rows of the département, and those that no source places; files of one source are put end to end. The columns are
    those that the dictionary of the publication describes.
    """
    fichiers: dict[str, list[str]] = {}
    for bilan in bilans(settings):
        if not SOURCES[bilan.source].registre:
            fichiers.setdefault(bilan.table, []).append(str(table(settings, bilan)))
    for nom, chemins in fichiers.items():
        source = f"read_parquet([{', '.join(map(litteral, chemins))}], union_by_name = true)"
        ecrites = {colonne for colonne, *_ in con.execute(f"describe from {source}").fetchall()}
        connues = ", ".join(c for c in lire_dictionnaire()[f"{SCHEMA}.{nom}"].colonnes if c in ecrites)
        con.execute(
            f"create table pub.{SCHEMA}.{nom_sql(nom)} as select {connues} from {source} "
            f"where coalesce(code_departement, {litteral(settings.departement)}) = {litteral(settings.departement)} "
            "order by all"
        )
    return list(fichiers)
