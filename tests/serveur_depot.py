"""Starts the staff application for a test, as its command does, on a free port of this machine."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from dashboards import servir
from observatoire.config.settings import Settings
from tests.serveur_public import DELAI, _repond, port_libre


@dataclass(frozen=True)
class Depot:
    """A running staff application."""

    adresse: str
    reglages: Settings
    journal: Path
    pid: int

    def processeur(self) -> float:
        """Seconds of processor taken until now by the application, its workers and the readers they started."""
        racine, total = psutil.Process(self.pid), 0.0
        for processus in (racine, *racine.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # a reader that has just finished is counted by its parent
                total += sum(processus.cpu_times()[:4])
        return total

    def lien_premier_admin(self) -> str:
        """The link the server printed when it started."""
        fin = time.monotonic() + DELAI
        while time.monotonic() < fin:
            if lien := re.search(r"http\S+/invitation/\S+", self.journal.read_text(encoding="utf-8")):
                return lien[0]
            time.sleep(0.1)
        raise AssertionError(self.journal.read_text(encoding="utf-8"))


@contextmanager
def depot_servi(donnees: Path, port: int = 0, ajouts: Mapping[str, str] | None = None) -> Iterator[Depot]:
    """The staff application of this data folder; the server is stopped at the end."""
    reglages = Settings(donnees=donnees)
    port = port or port_libre()
    adresse = f"http://127.0.0.1:{port}"
    journal = donnees / "depot.log"
    with journal.open("wb") as sortie:
        serveur = subprocess.Popen(
            servir.commande_deposer(reglages, port),
            env={**servir.environnement(reglages), **(ajouts or {})},
            cwd=donnees,
            stdout=sortie,
            stderr=subprocess.STDOUT,
        )
    try:
        fin = time.monotonic() + DELAI
        while not _repond(adresse):
            if serveur.poll() is not None or time.monotonic() > fin:
                raise AssertionError(journal.read_text(encoding="utf-8", errors="replace"))
            time.sleep(0.2)
        yield Depot(adresse, reglages, journal, serveur.pid)
    finally:
        serveur.terminate()
        serveur.wait(timeout=DELAI)
