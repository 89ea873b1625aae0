"""The indicators on an engine: base tables, value of each association, sums and figures by territory.

The weighting and the secret stay in one DuckDB process (indicators/run.py), on `unites`: one row per association.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from observatoire.config.settings import SPARK, Settings
from observatoire.indicators.catalogue import Carte
from observatoire.indicators.valeurs import (
    AGREGATS,
    REFERENCES,
    Requete,
    bases,
    macro,
    requete_places,
    requete_unites,
)
from observatoire.moteurs.base import Moteur
from observatoire.moteurs.duckdb import MoteurDuckdb
from observatoire.storage.a_part import dossier_a_part
from observatoire.storage.connexion import litteral, nom_sql

_CREATIONS = Requete(
    "select cle as cle_association, cast(substr(date_creation, 1, 4) as integer) as annee_creation, code_commune, "
    "secteur from registre where date_creation is not null"
)
_SANS_REGISTRE = Requete(
    "select cast(null as varchar) as cle_association, cast(null as integer) as annee_creation, "
    "cast(null as varchar) as code_commune, cast(null as varchar) as secteur where 1 = 0"
)
RESULTATS = ("unites", *AGREGATS)


@contextmanager
def ouvrir(settings: Settings) -> Iterator[Moteur]:
    """The engine of the settings, on tables to come; MoteurIndisponible when it cannot be had."""
    settings.donnees.mkdir(parents=True, exist_ok=True)
    with dossier_a_part(settings.donnees, "echange") as dossier:
        if settings.moteur == SPARK:
            from observatoire.moteurs.spark import MoteurSpark

            with MoteurSpark(settings.spark, dossier / "spark") as moteur:
                yield moteur
        else:
            with MoteurDuckdb(dossier) as local:
                yield local


def poser_publication(moteur: Moteur, parquet: Path, questionnaires: Iterable[str]) -> None:
    """Name the answers and the register of an analysts' set (`parquet/`) as the queries do."""
    for nom in questionnaires:
        moteur.poser(f"courant.{nom}", [parquet / f"enquete.{nom}.parquet"])
    registre = parquet / "ponderation.registre.parquet"
    if registre.is_file():
        moteur.poser("registre", [registre])
    moteur.creer("ref.registre", [_CREATIONS if registre.is_file() else _SANS_REGISTRE])


def poser_references(moteur: Moteur, con: duckdb.DuckDBPyConnection, dossier: Path) -> None:
    """Give the engine the tables `REFERENCES` of `con`, through Parquet files of `dossier`."""
    exporter(con, REFERENCES, dossier)
    for table in REFERENCES:
        moteur.poser(table, [dossier / f"{table}.parquet"])


def valeurs(moteur: Moteur, cartes: Collection[Carte]) -> None:
    """Make the base tables and `unites` of these indicators."""
    for nom, sql in bases().items():
        moteur.creer(nom, [Requete(sql)])
    moteur.creer("unites", map(requete_unites, cartes))


def agreger(moteur: Moteur) -> None:
    """Put `unites` in their districts, then make the sums and the figures of each territory, before any mask."""
    moteur.creer("lieux", [Requete(macro("quartiers"))])
    moteur.creer("unites_placees", [requete_places()])
    moteur.renommer("unites_placees", "unites")
    for nom in AGREGATS:
        moteur.creer(nom, [Requete(macro(nom))])


def remplir_ailleurs(con: duckdb.DuckDBPyConnection, settings: Settings, cartes: Collection[Carte]) -> None:
    """Make the temporary table `unites` of `con` on the engine of the settings, from its `courant` and its `ref`."""
    tables = [
        f"{schema}.{table}"
        for schema, table in con.execute(
            "select distinct table_schema, table_name from information_schema.tables "
            "where table_catalog = current_database() and table_schema in ('courant', 'ref') order by all"
        ).fetchall()
    ]
    with ouvrir(settings) as moteur, dossier_a_part(settings.donnees, "moteur") as dossier:
        exporter(con, tables, dossier)
        for table in tables:
            moteur.poser(table, [dossier / f"{table}.parquet"])
        valeurs(moteur, cartes)
        moteur.ecrire("unites", dossier / "unites.parquet")
        lues = f"read_parquet({litteral(str(dossier / 'unites.parquet'))})"
        con.execute(f"create or replace temp table unites as from {lues} order by all")


def exporter(con: duckdb.DuckDBPyConnection, tables: Sequence[str], dossier: Path) -> None:
    """Write each table of `con` into `dossier/<table>.parquet`."""
    for table in tables:
        nom = ".".join(map(nom_sql, table.split(".")))
        con.execute(f"copy {nom} to {litteral(str(dossier / f'{table}.parquet'))} (format parquet)")


def ecrire(moteur: Moteur, dossier: Path) -> Mapping[str, int]:
    """Write the tables of `RESULTATS` into a folder; table → rows."""
    dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {table: moteur.ecrire(table, dossier / f"{table}.parquet") for table in RESULTATS}
