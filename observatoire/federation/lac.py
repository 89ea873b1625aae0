"""The lake: DuckLake, its catalogue in PostgreSQL, its Parquet files in one shared folder.

    enquete.<questionnaire>   answers in force: departement, the fields that the indicators read, technical columns
    enquete.registre          dated creations of the register of each département
    federation.depots         one line per deposit in force: departement, depot_id, fingerprint of its rows
    federation.envois         one line per sending that changed something

DuckLake keeps no key: two sendings of one département wait for each other on a lock of PostgreSQL, which a killed
process lets go. Extensions come from PyPI, at the version of DuckDB itself: nothing is fetched when they load.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.moteurs.base import MoteurIndisponible
from observatoire.storage.connexion import CONFIG_ENTREPOT, litteral, nom_sql

LAC, CATALOGUE = "lac", "catalogue"
VERSION = "1.5.5"
EXTENSIONS = ("ducklake", "postgres_scanner")
REGISTRE = "registre"
MANQUE = (
    "Le lac demande l’extra « federation » (DuckDB 1.5.5 et ses extensions) : "
    "pip install 'observatoire-associatif[federation]'."
)
SANS_LAC = (
    "Le lac n’est pas réglé : OBSERVATOIRE_LAC (par exemple « host=pg.exemple.fr dbname=lac user=dep77 ») et "
    "OBSERVATOIRE_LAC_DONNEES (dossier partagé des fichiers)."
)
MOT_DE_PASSE = (
    "OBSERVATOIRE_LAC ne doit pas contenir de mot de passe : écrivez-le dans ~/.pgpass (droits 0600)."
)
_SECRET = re.compile(r"\bpassword\s*=|://[^/@]*:[^/@]*@", re.IGNORECASE)
TOUT = "00"
_CODE = re.compile(r"\d{2,3}|2[AB]")


def creer(settings: Settings) -> None:
    """Make the lake and its ledgers; nothing when they are there. Once, by whoever administers the catalogue."""
    with seul(settings, TOUT), duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        brancher(con, settings, neuf=True)
        preparer(con, {})


def brancher(
    con: duckdb.DuckDBPyConnection, settings: Settings, *, lecture: bool = False, neuf: bool = False
) -> None:
    """Attach the lake as `lac`, making it when `neuf`. MoteurIndisponible when it is not set, not installed, or out of reach."""
    _exiger_reglage(settings)
    _charger(con)
    options = f"data_path {litteral(settings.lac_donnees)}, data_inlining_row_limit 0"
    if not neuf:
        # Two processes that make one lake at the same moment spoil it.
        options += ", create_if_not_exists false"
    if lecture:
        options += ", read_only"
    try:
        con.execute(f"attach {litteral(f'ducklake:postgres:{settings.lac}')} as {LAC} ({options})")
    except duckdb.Error as faute:
        raise MoteurIndisponible(
            f"Le lac ne répond pas ou n’est pas prêt : {faute}. La première fois : observatoire federer preparer."
        ) from faute


def _exiger_reglage(settings: Settings) -> None:
    if not (settings.lac and settings.lac_donnees):
        raise MoteurIndisponible(SANS_LAC)
    if _SECRET.search(settings.lac):
        raise MoteurIndisponible(MOT_DE_PASSE)


@contextmanager
def ouvrir(settings: Settings, *, lecture: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """In-memory connection with the lake attached as `lac`."""
    with duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        brancher(con, settings, lecture=lecture)
        yield con


@contextmanager
def seul(settings: Settings, departement: str) -> Iterator[None]:
    """Wait until no other process sends answers of this département; nobody else waits."""
    cle = zlib.crc32(code(departement).encode())
    _exiger_reglage(settings)
    with duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        _charger(con)
        try:
            con.execute(f"attach {litteral(settings.lac)} as {CATALOGUE} (type postgres)")
        except duckdb.Error as faute:
            raise MoteurIndisponible(f"PostgreSQL ne répond pas : {faute}") from faute
        con.execute("begin transaction")
        # Held by the transaction: PostgreSQL lets it go when this process ends, however it ends.
        con.execute(
            f"select * from postgres_query('{CATALOGUE}', 'select pg_advisory_xact_lock({cle})::text')"
        ).fetchall()
        try:
            yield
        finally:
            con.execute("rollback")


def code(departement: str) -> str:
    """The code of a département, once it is seen to be one."""
    if not _CODE.fullmatch(departement):
        raise MoteurIndisponible(f"« {departement} » n’est pas un code de département.")
    return departement


def preparer(con: duckdb.DuckDBPyConnection, tables: Mapping[str, Mapping[str, str]]) -> None:
    """Make what the lake lacks: ledgers, tables and columns of the answers (table → column → type)."""
    for requete in (
        f"create schema if not exists {LAC}.federation",
        f"create schema if not exists {LAC}.enquete",
        f"create table if not exists {LAC}.federation.depots (departement varchar, depot_id varchar, "
        "questionnaire varchar, empreinte varchar, lignes bigint, envoi_le timestamp)",
        f"create table if not exists {LAC}.federation.envois (departement varchar, publication integer, "
        "envoi_le timestamp, nouveaux integer, changes integer, retires integer, lignes bigint)",
    ):
        con.execute(requete)
    for table, colonnes in tables.items():
        presentes = colonnes_de(con, table)
        cible = f"{LAC}.enquete.{nom_sql(table)}"
        if not presentes:
            liste = ", ".join(f"{nom_sql(c)} {genre}" for c, genre in colonnes.items())
            con.execute(f"create table if not exists {cible} (departement varchar, {liste})")
            continue
        for colonne, genre in colonnes.items():
            if colonne not in presentes:
                con.execute(f"alter table {cible} add column {nom_sql(colonne)} {genre}")


def colonnes_de(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Column → type of a table of answers of the lake; empty when there is none."""
    lignes = con.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = $base and schema_name = 'enquete' and table_name = $table order by column_index",
        {"base": LAC, "table": table},
    ).fetchall()
    return dict(lignes)


def instantane(con: duckdb.DuckDBPyConnection) -> int:
    """Number of the last snapshot of the lake."""
    ((numero,),) = con.execute(f"select max(snapshot_id) from ducklake_snapshots('{LAC}')").fetchall()
    return int(numero)


def elaguer(settings: Settings) -> int:
    """Forget the snapshots before now and what they alone still hold; the number of files that went.

    A reader in the middle of its reading of an older snapshot may lose it.
    """
    with seul(settings, TOUT), ouvrir(settings) as con:
        # Rows that were deleted stay in their file until it is written again.
        con.execute(f"call ducklake_rewrite_data_files('{LAC}', delete_threshold => 0)")
        con.execute(f"call ducklake_expire_snapshots('{LAC}', older_than => now())")
        return len(con.execute(f"call ducklake_cleanup_old_files('{LAC}', cleanup_all => true)").fetchall())


def _charger(con: duckdb.DuckDBPyConnection) -> None:
    for nom in EXTENSIONS:
        con.execute(f"load {litteral(str(_extension(nom)))}")


def _extension(nom: str) -> Path:
    paquet = find_spec(f"duckdb_extension_{nom}")
    if duckdb.__version__ != VERSION or paquet is None:
        raise MoteurIndisponible(f"{MANQUE} (DuckDB installé : {duckdb.__version__})")
    dossiers: Iterable[str] = paquet.submodule_search_locations or ()
    for dossier in dossiers:
        for chemin in Path(dossier).glob(f"extensions/v{VERSION}/{nom}.duckdb_extension"):
            return chemin
    raise MoteurIndisponible(MANQUE)
