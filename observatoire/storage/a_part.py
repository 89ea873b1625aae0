"""Folders where a command works aside: gone when it ends, and swept by the next one when it was killed."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from observatoire.storage.archive import EN_COURS

_TENU, _NEUF = "tenu", "tenu.neuf"


@contextlib.contextmanager
def dossier_a_part(lieu: Path, nom: str) -> Iterator[Path]:
    """A folder of `lieu` that only its owner may enter, and that no backup takes.

    What killed commands left there is removed first; the folder of a living one is left alone.
    """
    for reste in abandonnes(lieu):
        shutil.rmtree(reste, ignore_errors=True)
    dossier = Path(tempfile.mkdtemp(prefix=f"{EN_COURS}{nom}-", dir=lieu))
    verrou = FileLock(dossier / _NEUF)
    try:
        # A disk without locks only loses the sweeping.
        with contextlib.suppress(OSError, NotImplementedError):
            # Locked before it bears the name that the others look for: they never find it free.
            verrou.acquire()
            (dossier / _NEUF).rename(dossier / _TENU)
        yield dossier
    finally:
        shutil.rmtree(dossier, ignore_errors=True)
        verrou.release()


def abandonnes(lieu: Path) -> list[Path]:
    """The folders of `lieu` whose command was killed."""
    return [d for d in sorted(lieu.glob(f"{EN_COURS}*")) if _est_abandonne(d)]


def _est_abandonne(dossier: Path) -> bool:
    """True when the process that worked there is dead: the system dropped its lock."""
    if not (dossier / _TENU).is_file():
        return False
    verrou = FileLock(dossier / _TENU, timeout=0)
    try:
        verrou.acquire()
    except (Timeout, OSError, NotImplementedError):
        return False
    verrou.release()
    return True
