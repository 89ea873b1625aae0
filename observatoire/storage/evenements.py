"""What happened, for who runs the service: one JSON line per command and per gesture, never a value.

A text is kept only when it is a plain word (a command, a code, a deposit number): no name, no answer, no path can be
written here. A log that cannot be written stops nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re

from observatoire.config.settings import Settings

MOIS_GARDES = 12
TU = "…"
_MOT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}|[0-9a-f]{12}(-[0-9]{1,4})?|[0-9]{1,9}")


def noter(settings: Settings, evenement: str, **champs: str | int | float | bool | None) -> None:
    """Add one line to the file of the month, when the data folder is there."""
    if not settings.donnees.is_dir():
        return
    quand = dt.datetime.now(dt.UTC)
    ligne = {
        "quand": quand.isoformat(timespec="milliseconds"),
        "evenement": _propre(evenement),
        "pid": os.getpid(),
    }
    ligne |= {nom: _propre(valeur) for nom, valeur in champs.items()}
    octets = json.dumps(ligne, ensure_ascii=False).encode() + b"\n"
    # A full or read-only disk: the gesture counts, not what is said of it.
    with contextlib.suppress(OSError):
        settings.evenements.mkdir(mode=0o700, exist_ok=True)
        chemin = settings.evenements / f"{quand:%Y-%m}.jsonl"
        nouveau = not chemin.exists()
        descripteur = os.open(chemin, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descripteur, octets)
        finally:
            os.close(descripteur)
        if nouveau:
            _oter_les_vieux(settings)


def noter_geste(settings: Settings, quoi: str, objet: str, ordre: int) -> None:
    """A line of the journal: what was done, to which deposit, its number; nothing of what was answered."""
    depot = objet if re.fullmatch(r"[0-9a-f]{12}(-[0-9]{1,4})?|[0-9]{1,9}", objet) else None
    noter(settings, "geste", quoi=quoi, objet=depot, ordre=ordre)


def _propre(valeur: str | int | float | bool | None) -> str | int | float | bool | None:
    if isinstance(valeur, str):
        return valeur if _MOT.fullmatch(valeur) else TU
    return valeur


def _oter_les_vieux(settings: Settings) -> None:
    fichiers = sorted(settings.evenements.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"))
    for vieux in fichiers[: -MOIS_GARDES - 1]:
        vieux.unlink(missing_ok=True)
