"""Small results kept on the disk under a name that says all that they come from, so as not to work them out again.

Private, and only a gain of time: what is read again is what the work would give, bit for bit, and the folder may be
removed at any moment.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# What nobody asked for in this time is forgotten.
JOURS = 45


class Souvenirs:
    """JSON values in `dossier`; without one, nothing is kept. `base` is what all the names depend on (code, versions)."""

    def __init__(self, dossier: Path | None, base: Iterable[bytes] = ()) -> None:
        self.dossier = dossier
        self._base = hashlib.sha256()
        for morceau in base:
            self._base.update(hashlib.sha256(morceau).digest())

    def nom(self, *morceaux: bytes) -> str:
        """Name of the result that comes from `morceaux`; their limits count."""
        resume = self._base.copy()
        for morceau in morceaux:
            resume.update(hashlib.sha256(morceau).digest())
        return resume.hexdigest()

    def lire(self, nom: str) -> Any:
        """The value kept under `nom`, or None."""
        if self.dossier is None:
            return None
        chemin = self.dossier / f"{nom}.json"
        try:
            valeur = json.loads(chemin.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        # Its date is that of its last use.
        os.utime(chemin)
        return valeur

    def garder(self, nom: str, valeur: Any) -> None:
        """Keep `valeur`; floats come back as they are, to the last bit."""
        if self.dossier is None:
            return
        self.dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written apart, then put in place: another publication may read at the same time.
        with tempfile.NamedTemporaryFile("w", dir=self.dossier, suffix=".part", delete=False) as flux:
            json.dump(valeur, flux)
        Path(flux.name).replace(self.dossier / f"{nom}.json")

    def oublier(self, jours: float = JOURS) -> int:
        """Remove what was not used for `jours` days; returns how many files."""
        if self.dossier is None or not self.dossier.is_dir():
            return 0
        limite = time.time() - jours * 86_400
        vieux = [c for c in self.dossier.iterdir() if c.stat().st_mtime < limite]
        for chemin in vieux:
            chemin.unlink(missing_ok=True)
        return len(vieux)
