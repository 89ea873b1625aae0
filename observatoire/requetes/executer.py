"""Run a query on the analysts' file in a child process: read-only, no other file, bounded in time, memory and rows."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatoire.requetes.dire import RequeteRefusee, de_duckdb
from observatoire.storage.connexion import CONFIG_PUBLICATION

if TYPE_CHECKING:
    from collections.abc import Iterator

ENFANT = Path(__file__).with_name("enfant.py")
ENVIRONNEMENT = {"PATH": "", "LC_ALL": "C.UTF-8"}
LONGUEUR_MAX = 20_000
# Queries that run together on one server, and how long one waits for its turn.
ENSEMBLE, ATTENTE = 2, 5.0
_places = threading.BoundedSemaphore(ENSEMBLE)
# Locked as pages are, with less memory, and never a byte on the disk.
CONFIG: Mapping[str, object] = {
    **CONFIG_PUBLICATION,
    "memory_limit": "400MB",
    "temp_directory": "",
    "errors_as_json": True,
}
_MEGA = 1 << 20
_LITTERAL = re.compile(r"'(?:[^']|'')*'|(?<![\w.])\d[\d_.]*(?:e[+-]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bornes:
    """What a query may take: seconds on the clock and of processor, bytes, rows, characters."""

    duree: float = 20.0
    cpu: int = 50
    memoire_processus: int = 3 << 30
    lignes: int = 10_000
    volume: int = 8 * _MEGA
    cellule: int = 32_767


@dataclass(frozen=True, slots=True)
class Resultat:
    """What a query gives. `colonnes`: name and whether it is a number. `coupe`: empty, `lignes` or `volume`.

    `abregees`: cells longer than a spreadsheet holds, cut. `secondes`: on the clock.
    """

    colonnes: tuple[tuple[str, bool], ...]
    lignes: tuple[tuple[Any, ...], ...]
    coupe: str
    abregees: int
    secondes: float


def executer(fichier: Path, sql: str, bornes: Bornes = Bornes()) -> Resultat:
    """The rows that one query reads in a published file. RequeteRefusee says in French why there are none."""
    if not sql.strip():
        raise RequeteRefusee("vide")
    if len(sql) > LONGUEUR_MAX:
        raise RequeteRefusee("longue")
    with _place():
        debut = time.monotonic()
        reponse = _demander(fichier, sql, bornes)
    if "refus" in reponse:
        raise _refus(reponse, sql)
    return Resultat(
        tuple((nom, nombre) for nom, nombre in reponse["colonnes"]),
        tuple(tuple(ligne) for ligne in reponse["lignes"]),
        reponse["coupe"],
        reponse["abregees"],
        time.monotonic() - debut,
    )


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=ATTENTE):
        raise RequeteRefusee("occupe")
    try:
        yield
    finally:
        _places.release()


def _demander(fichier: Path, sql: str, bornes: Bornes) -> dict[str, Any]:
    reglages = {**asdict(bornes), "fichier": str(fichier.resolve()), "config": dict(CONFIG)}
    with subprocess.Popen(
        [sys.executable, "-I", str(ENFANT), json.dumps(reglages)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ENVIRONNEMENT,
        start_new_session=True,
    ) as enfant:
        try:
            sortie, _ = enfant.communicate(sql.encode(), timeout=bornes.duree)
        except subprocess.TimeoutExpired:
            duree = f"{bornes.duree:g}".replace(".", ",")
            raise RequeteRefusee("delai", duree=duree) from None
        finally:
            enfant.kill()
    try:
        reponse: dict[str, Any] = json.loads(sortie)
    except ValueError:
        raise RequeteRefusee("interrompue") from None
    return reponse


def _refus(reponse: Mapping[str, str], sql: str) -> RequeteRefusee:
    if reponse["refus"] == "duckdb":
        return de_duckdb(reponse["genre"], reponse["dit"], sql)
    return RequeteRefusee(reponse["refus"], dit=reponse.get("dit", ""))


def empreinte(sql: str) -> str:
    """Print of the shape of a query, its values left out: what the journal keeps of it."""
    forme = " ".join(_LITTERAL.sub("?", sql.lower()).split())
    return hashlib.sha256(forme.encode()).hexdigest()[:12]
