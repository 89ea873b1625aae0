"""Who holds the warehouse: written beside the lock by its holder, read by `observatoire sante`."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from observatoire.config.settings import Settings

_MOT = re.compile(r"[a-z-]{1,30}")


@dataclass(frozen=True, slots=True)
class Tenue:
    """A holder: its process, what it does (a command, nothing else), since when (UTC), whether it still lives."""

    pid: int
    quoi: str
    depuis: dt.datetime
    vivant: bool


def noter_tenue(settings: Settings) -> None:
    """Say that this process holds the lock. A disk that refuses changes nothing: the lock holds all the same."""
    fiche = {"pid": os.getpid(), "quoi": _quoi(), "depuis": dt.datetime.now(dt.UTC).isoformat()}
    with contextlib.suppress(OSError):
        settings.tenu.write_text(json.dumps(fiche), encoding="utf-8")


def oublier_tenue(settings: Settings) -> None:
    """Say that nobody holds it any more."""
    with contextlib.suppress(OSError):
        settings.tenu.unlink(missing_ok=True)


def lire_tenue(settings: Settings) -> Tenue | None:
    """The last one that said it held the lock; None when it said it gave it back."""
    try:
        fiche = json.loads(settings.tenu.read_text(encoding="utf-8"))
        pid, depuis = int(fiche["pid"]), dt.datetime.fromisoformat(fiche["depuis"])
        return Tenue(pid, str(fiche["quoi"]), depuis, _vivant(pid))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _quoi() -> str:
    """The command, without what follows it: a file name may name somebody."""
    suite = sys.argv[1] if len(sys.argv) > 1 else ""
    nom = Path(sys.argv[0]).stem if sys.argv else ""
    return suite if _MOT.fullmatch(suite) else nom if _MOT.fullmatch(nom) else "python"


def _vivant(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
