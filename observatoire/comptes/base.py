"""The accounts file: one short connection per call, one clock, one journal of what happened at the door."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from observatoire.comptes.identite import AccesRefuse, Identite, Role
from observatoire.config.settings import Settings

JOUR = 86_400.0
JOURNAL_JOURS = 366
ATTENTE_VERROU = 10.0
_SCHEMA = files("observatoire.comptes").joinpath("schema.sql").read_text(encoding="utf-8")
_ROLES = re.compile(r"check \(role in \([^)]*\)\)")
_ROLES_ACTUELS = _ROLES.findall(_SCHEMA)[0]


def maintenant() -> float:
    """Seconds since 1970; tests put their own clock here."""
    return time.time()


def empreinte(jeton: str) -> str:
    """What is kept of a random token: its SHA-256 (256 random bits need no salt and no slow hash)."""
    return hashlib.sha256(jeton.encode()).hexdigest()


@contextmanager
def lire(settings: Settings) -> Iterator[sqlite3.Connection]:
    """A connection for reading; the file is made at the first call."""
    con = _ouvrir(settings)
    try:
        yield con
    finally:
        con.close()


@contextmanager
def ecrire(settings: Settings) -> Iterator[sqlite3.Connection]:
    """One immediate transaction, kept at the end of the block, undone if it raises."""
    with lire(settings) as con:
        con.execute("begin immediate")
        try:
            yield con
        except BaseException:
            con.execute("rollback")
            raise
        con.execute("commit")


def _ouvrir(settings: Settings) -> sqlite3.Connection:
    chemin = settings.comptes
    nouveau = not chemin.exists()
    if nouveau:
        chemin.parent.mkdir(parents=True, exist_ok=True)
        # Made by us with its mode: SQLite gives -wal and -shm the mode of the file.
        os.close(os.open(chemin, os.O_CREAT | os.O_RDWR, 0o600))
    con = sqlite3.connect(chemin, timeout=ATTENTE_VERROU, isolation_level=None)
    con.row_factory = sqlite3.Row
    con.execute("pragma foreign_keys = on")
    con.execute("pragma synchronous = full")
    if nouveau or not con.execute("select 1 from sqlite_master where name = 'reglages'").fetchone():
        chemin.chmod(0o600)
        con.execute("pragma journal_mode = wal")
        con.executescript(_SCHEMA)
    else:
        _ajouter_roles(con)
    return con


def _ajouter_roles(con: sqlite3.Connection) -> None:
    """Let a file made before a role existed take it: only its CHECK changes, as SQLite documents (lang_altertable)."""
    lues = con.execute(
        "select name, sql from sqlite_master where name in ('comptes', 'invitations')"
    ).fetchall()
    if all(_ROLES_ACTUELS in sql for _, sql in lues):
        return
    con.execute("begin immediate")
    ((version,),) = con.execute("pragma schema_version").fetchall()
    con.execute("pragma writable_schema = on")
    for nom, sql in lues:
        neuf = _ROLES.sub(_ROLES_ACTUELS, sql)
        con.execute("update sqlite_master set sql = ? where type = 'table' and name = ?", (neuf, nom))
    con.execute(f"pragma schema_version = {version + 1}")
    con.execute("pragma writable_schema = off")
    con.execute("commit")


def noter(
    con: sqlite3.Connection,
    evenement: str,
    sujet: str | None = None,
    *,
    par: str | None = None,
    adresse: str | None = None,
    detail: str = "",
) -> None:
    """Write one line of the access journal and drop those older than twelve months."""
    quand = maintenant()
    con.execute("delete from acces where quand < ?", (quand - JOURNAL_JOURS * JOUR,))
    con.execute(
        "insert into acces (quand, evenement, sujet, par, adresse, detail) values (?, ?, ?, ?, ?, ?)",
        (quand, evenement, sujet, par, adresse, detail),
    )


@dataclass(frozen=True, slots=True)
class Acces:
    """One line of the access journal; `quand` in seconds since 1970."""

    quand: float
    evenement: str
    sujet: str | None
    par: str | None
    adresse: str | None
    detail: str


def journal_acces(settings: Settings, par: Identite, limite: int = 1000) -> list[Acces]:
    """The latest lines of the access journal, newest first. Administrators only."""
    exiger_role(par, Role.ADMIN)
    with lire(settings) as con:
        lignes = con.execute(
            "select quand, evenement, sujet, par, adresse, detail from acces order by id desc limit ?",
            (limite,),
        ).fetchall()
    return [Acces(**dict(ligne)) for ligne in lignes]


def exiger_role(par: Identite, role: Role) -> None:
    """Raise AccesRefuse when the person has less than this role."""
    if not par.peut(role):
        raise AccesRefuse(f"Cette action demande le rôle «\u00a0{role.libelle}\u00a0».")


def copier(settings: Settings, vers: Path) -> None:
    """Write a whole copy of the accounts file, while others may use it."""
    with (
        contextlib.closing(sqlite3.connect(settings.comptes, timeout=ATTENTE_VERROU)) as source,
        contextlib.closing(sqlite3.connect(vers)) as copie,
    ):
        source.backup(copie)
    vers.chmod(0o600)
