"""Read a large workbook straight into Arrow text columns, in a bounded child process.

For bulk files whose rows go to the raw layer without being looked at cell by cell. `lecteur` is the careful
reader: merged ranges, error cells and formulas never calculated are known there only, and empty here.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from pipelines.ingestion.grille import FichierRefuse
from pipelines.ingestion.limites import MASSE, PARTAGER, Limites, trop_lourd, volume

ENFANT = Path(__file__).with_name("brut_enfant.py")
ENVIRONNEMENT = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class FeuilleBrute:
    """One sheet as text: row i of `table` is row i+1 of the sheet, column j its column j+1; None is empty."""

    nom: str
    visible: bool
    table: pa.Table


def lire_brut_arrow(chemin: Path, limites: Limites = MASSE) -> list[FeuilleBrute]:
    """All the sheets of an xlsx, xls or ods file. FichierRefuse (FI-01, 02, 04, 05, 06, 07, 10) otherwise.

    The tables are mapped on a file that has no name any more: nothing is left behind, even by a crash.
    """
    try:
        entree = chemin.open("rb")
    except OSError as erreur:
        raise FichierRefuse("FI-10", fichier=chemin.name) from erreur
    with entree, tempfile.TemporaryFile() as echange:
        taille = os.fstat(entree.fileno()).st_size
        if taille == 0:
            raise FichierRefuse("FI-07", fichier=chemin.name)
        if taille > limites.taille:
            limite = f"plus de {volume(limites.taille)}"
            raise FichierRefuse("FI-05", fichier=chemin.name, **trop_lourd(limite, PARTAGER))
        feuilles = _lancer(entree, echange, chemin.name, limites)
        if os.fstat(echange.fileno()).st_size == 0:
            return []
        tampon = pa.py_buffer(mmap.mmap(echange.fileno(), 0, access=mmap.ACCESS_READ))
    return [
        FeuilleBrute(nom, visible, pa.ipc.open_stream(tampon.slice(debut, fin - debut)).read_all())
        for nom, visible, debut, fin in feuilles
    ]


def _lancer(entree: IO[bytes], echange: IO[bytes], nom: str, limites: Limites) -> list[Any]:
    """Run the child to its end; what it wrote about the sheets, or the refusal it amounts to."""
    descripteurs = (entree.fileno(), echange.fileno())
    arguments = [*map(str, descripteurs), nom, json.dumps(asdict(limites))]
    try:
        fini = subprocess.run(
            [sys.executable, "-I", str(ENFANT), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=descripteurs,
            env=ENVIRONNEMENT,
            start_new_session=True,
            timeout=limites.duree,
            check=False,
        )
    except subprocess.TimeoutExpired as erreur:
        limite = f"plus de {limites.duree} secondes"
        raise FichierRefuse("FI-05", fichier=nom, **trop_lourd(limite)) from erreur
    message = json.loads(fini.stdout) if fini.returncode == 0 and fini.stdout else {}
    if "feuilles" in message:
        return list(message["feuilles"])
    if "refus" in message:
        raise FichierRefuse(message["refus"], **{"fichier": nom, **message["details"]})
    if fini.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise FichierRefuse("FI-05", fichier=nom, **trop_lourd(f"plus de {limites.cpu} secondes de calcul"))
    if fini.returncode < 0:
        raise FichierRefuse(
            "FI-05", fichier=nom, **trop_lourd(f"plus de {volume(limites.memoire)} de mémoire")
        )
    raise FichierRefuse("FI-04", fichier=nom)
