"""Starts the public pages for a test, as `observatoire servir` does, on a free port of this machine."""

from __future__ import annotations

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

DELAI = 60.0


def port_libre() -> int:
    """A port nobody listens on."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return int(prise.getsockname()[1])


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
        serveur.wait(timeout=20)
