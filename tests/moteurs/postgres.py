"""A PostgreSQL of one's own for the length of a test: a temporary folder, a local socket, no network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import duckdb

PORT = "5432"
SANS_DROITS = 65534


def binaires() -> Path | None:
    """Folder of the newest server of Debian, else that of the PATH."""
    trouves = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    seul = shutil.which("initdb")
    return trouves[-1].parent if trouves else Path(seul).parent if seul else None


def manque() -> str:
    """Why the lake cannot be tried here; empty when it can."""
    if duckdb.__version__ != "1.5.5" or not all(
        find_spec(f"duckdb_extension_{nom}") for nom in ("ducklake", "postgres_scanner")
    ):
        return "extra « federation » absent (make moteurs l’installe)"
    return "" if binaires() else "serveur PostgreSQL absent (paquet Debian « postgresql »)"


@contextmanager
def serveur() -> Iterator[str]:
    """Words of libpq that reach an empty database `lac`."""
    programmes = binaires()
    assert programmes is not None
    dossier = Path(tempfile.mkdtemp(prefix="lac-"))
    dossier.chmod(0o755)
    base = dossier / "pg"
    base.mkdir(mode=0o700)
    # PostgreSQL refuses to run as root.
    qui = SANS_DROITS if os.getuid() == 0 else None
    if qui is not None:
        os.chown(base, qui, qui)
        os.chown(dossier, qui, qui)
    droits = {"user": qui, "group": qui, "extra_groups": []} if qui is not None else {}
    commun = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": dossier, **droits}
    subprocess.run(
        [programmes / "initdb", "-D", base, "-U", "obs", "--auth=trust", "-E", "UTF8", "--no-sync"],
        check=True,
        **commun,
    )
    arguments = ["-k", str(dossier), "-c", "listen_addresses=", "-p", PORT, "-c", "max_connections=60"]
    processus = subprocess.Popen([programmes / "postgres", "-D", base, *arguments], **commun)
    try:
        for _ in range(100):
            if (dossier / f".s.PGSQL.{PORT}").exists():
                fait = subprocess.run(
                    [programmes / "createdb", "-h", dossier, "-p", PORT, "-U", "obs", "lac"], **commun
                )
                if fait.returncode == 0:
                    break
            time.sleep(0.1)
        else:
            raise RuntimeError("PostgreSQL ne démarre pas")
        yield f"host={dossier} port={PORT} user=obs dbname=lac"
    finally:
        processus.send_signal(signal.SIGINT)
        processus.wait(30)
        shutil.rmtree(dossier, ignore_errors=True)
