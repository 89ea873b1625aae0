"""How a DuckDB file is opened here: one factory for the publications, one transaction helper for the rest.

A connection is never shared by threads: every query takes `con.cursor()`. A publication is opened under its
real path, because DuckDB keeps one instance per path and would serve the old content of a path that changed.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import duckdb

from observatoire.storage.erreurs import PublicationAbsente

# Files written here open in every DuckDB since 1.2.
FORMAT = "v1.2.0"
# Rows read together: a page asks for the few hundred rows of one place, sorted together, not for the 122 880 of an
# ordinary block. Four times faster, for a file a sixth larger.
BLOC = 16_384
# A file is written aside and swept after a crash, never recovered: it needs no log. Its checkpoint puts it on the disk.
POUR_PUBLIER = f"storage_version '{FORMAT}', row_group_size {BLOC}, recovery_mode 'no_wal_writes'"
OUVERTES_MAX = 4
# Name of a file that is opened by `attacher`.
ATTACHE = "lu"
ESSAIS = 5

_SANS_EXTENSION: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
CONFIG_ENTREPOT = {**_SANS_EXTENSION, "storage_compatibility_version": FORMAT}
# `read_only` alone is no sandbox: without these a query could read or write any file of the machine.
CONFIG_PUBLICATION = {
    **_SANS_EXTENSION,
    "enable_external_access": False,
    "lock_configuration": True,
    "threads": 2,
    "memory_limit": "1GB",
}

_ouvertes: OrderedDict[Path, duckdb.DuckDBPyConnection] = OrderedDict()
_verrou = threading.Lock()


def ouvrir_publication(chemin: Path | str) -> duckdb.DuckDBPyConnection:
    """Read-only connection to the file behind `chemin`, a symlink or a numbered file; a cursor per query.

    All the connections to one real path share one instance, opened once; closing one leaves the others.
    PublicationAbsente when there is no such file.
    """
    for _ in range(ESSAIS):
        try:
            reel = Path(chemin).resolve(strict=True)
            with _verrou:
                return _garder(reel).cursor()
        except (FileNotFoundError, duckdb.IOException) as erreur:
            # The file may have been pruned between the two lines above: the symlink names a newer one.
            derniere = erreur
    raise PublicationAbsente(
        f"Aucune publication ne peut être ouverte : « {chemin} ». Lancez d’abord « observatoire publier »."
    ) from derniere


def _garder(reel: Path) -> duckdb.DuckDBPyConnection:
    con = _ouvertes.get(reel)
    if con is None:
        con = duckdb.connect(str(reel), read_only=True, config=CONFIG_PUBLICATION)
        _ouvertes[reel] = con
    _ouvertes.move_to_end(reel)
    while len(_ouvertes) > OUVERTES_MAX:
        # Forgotten, not closed: closing would take the cursors that readers still hold on the oldest file.
        _ouvertes.popitem(last=False)
    return con


@contextlib.contextmanager
def attacher(chemin: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own to a file, read-only and the default database: no setting of a reader is in its way."""
    with duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        con.execute(f"attach {litteral(str(chemin))} as {ATTACHE} (read_only)")
        con.execute(f"use {ATTACHE}")
        yield con


@contextlib.contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor inside one transaction: committed at the end of the block, rolled back on any error."""
    with con.cursor() as cur:
        cur.execute("begin transaction")
        fini = False
        try:
            yield cur
            cur.execute("commit")
            fini = True
        finally:
            if not fini:
                # Already gone when DuckDB itself aborted it (full disk).
                with contextlib.suppress(duckdb.Error):
                    cur.execute("rollback")


def nom_sql(nom: str) -> str:
    """`nom` as a quoted SQL identifier."""
    return '"' + nom.replace('"', '""') + '"'


def litteral(texte: str) -> str:
    """`texte` as an SQL string, for the statements that take no parameter (ATTACH, COMMENT)."""
    return "'" + texte.replace("'", "''") + "'"
