"""Starts the public pages for a test, as `observatoire servir` does, on a free port of this machine."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboards import servir
from observatoire.config.settings import Settings

# Seconds before a server is said to be stuck, whatever else the machine does.
DELAI = 180.0
# Below the ports the system lends to whoever goes out: between the choice and the server, no visitor can take it. Each
# worker of the tests has its own, one after the other.
PREMIER, PAR_OUVRIER = 20_000, 1_000
_suivants = itertools.count()


def port_libre() -> int:
    """A port nobody listens on, given once."""
    ouvrier = int(os.environ.get("PYTEST_XDIST_WORKER", "gw9").removeprefix("gw")) % 10
    while True:
        port = PREMIER + PAR_OUVRIER * ouvrier + (os.getpid() + next(_suivants)) % PAR_OUVRIER
        with socket.socket() as prise, contextlib.suppress(OSError):
            prise.bind(("127.0.0.1", port))
            return port


def _repond(adresse: str) -> bool:
    try:
        with urllib.request.urlopen(f"{adresse}/_stcore/health", timeout=2) as reponse:
            return bool(reponse.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


@contextmanager
def pages_servies(donnees: Path) -> Iterator[str]:
    """Address of the pages of this data folder; the server is stopped at the end."""
    reglages = Settings(donnees=donnees)
    port = port_libre()
    adresse = f"http://127.0.0.1:{port}"
    journal = donnees / "serveur.log"
    with journal.open("wb") as sortie:
        serveur = subprocess.Popen(
            servir.commande(reglages, port, "127.0.0.1"),
            env=servir.environnement(reglages),
            cwd=donnees,  # nothing may depend on the current directory
            stdout=sortie,
            stderr=subprocess.STDOUT,
        )
    try:
        fin = time.monotonic() + DELAI
        while not _repond(adresse):
            if serveur.poll() is not None or time.monotonic() > fin:
                raise AssertionError(journal.read_text(encoding="utf-8", errors="replace"))
            time.sleep(0.2)
        yield adresse
    finally:
        serveur.terminate()
        serveur.wait(timeout=DELAI)
