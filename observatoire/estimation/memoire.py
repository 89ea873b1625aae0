"""Masks already worked out: a table that holds exactly what it held is masked as it was, without working again.

One small file per table, named by all that decides of its masks: the cells and their values, the thresholds, the
territory, what earlier publications masked, and the code of this package. Private, and only a gain of time: the
folder may be removed at any moment.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from observatoire.estimation.complement import Table
from observatoire.estimation.systeme import Case, Decoupage

# The code that decides of the masks; a change there forgets all.
_CODE = ("attaque", "complement", "optimum", "secret", "systeme", "tau")
# Masks that no publication asked for in this time are forgotten.
JOURS = 45


class Masques(NamedTuple):
    """What the work on a table gave: rounds, masks of τ-Argus (None: given up), whether all of it is masked."""

    tours: int
    argus: int | None
    est_entiere: bool


class Memoire:
    """The masks kept in `dossier`; without one, nothing is kept."""

    def __init__(self, dossier: Path | None, decoupage: Decoupage, reglages: object) -> None:
        self.dossier = dossier
        base = (_code(), repr(reglages), sorted(decoupage.zones.items()), sorted(decoupage.communes.items()))
        self._base = repr(base).encode()

    def cle(self, table: Table) -> str:
        """Name of the table as the primary rules leave it."""
        resume = hashlib.sha256(self._base)
        resume.update(repr((table.n_min, table.p_min, table.est_personnes, table.est_dominance)).encode())
        for case, masque in sorted(table.masquees.items()):
            ligne = (*case, masque, table.n[case])
            nombres = (table.personnes[case], table.tailles[case], table.parts_max[case])
            valeurs = [m.valeurs.get(case, 0.0) for m in table.mesures]
            resume.update(repr((ligne, [f"{x:.12g}" for x in (*nombres, *valeurs)])).encode())
        resume.update(repr([(m.est_effectif, m.ecart) for m in table.mesures]).encode())
        resume.update(repr((sorted(table.vides), sorted(table.tues))).encode())
        return resume.hexdigest()

    def suite(self, cle: str, ajouts: Collection[Case]) -> str:
        """Name of the table named `cle` once `ajouts`, masked from before, are masked too."""
        return hashlib.sha256(f"{cle} {sorted(ajouts)!r}".encode()).hexdigest()

    def retrouver(self, cle: str, table: Table) -> Masques | None:
        """Mask `table` as it was; None when it was never worked on."""
        if self.dossier is None:
            return None
        chemin = self.dossier / f"{cle}.json"
        try:
            contenu = json.loads(chemin.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        # Its date is that of its last use.
        os.utime(chemin)
        table.masquees.update((Case(*case), True) for case in contenu["masquees"])
        vides = table.vides | table.leurres
        table.leurres = {Case(*case) for case in contenu["leurres"]}
        table.vides = vides - table.leurres
        return Masques(contenu["tours"], contenu["argus"], contenu["est_entiere"])

    def retenir(self, cle: str, table: Table, travail: Masques) -> None:
        """Keep the masks of `table`."""
        if self.dossier is None:
            return
        contenu: dict[str, Any] = {
            **travail._asdict(),
            "masquees": sorted(case for case, masque in table.masquees.items() if masque),
            "leurres": sorted(table.leurres),
        }
        self.dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written apart, then put in place: another publication may read at the same time.
        with tempfile.NamedTemporaryFile("w", dir=self.dossier, suffix=".part", delete=False) as flux:
            json.dump(contenu, flux)
        Path(flux.name).replace(self.dossier / f"{cle}.json")

    def oublier(self, jours: float = JOURS) -> int:
        """Remove what was not used for `jours` days; returns how many files."""
        if self.dossier is None or not self.dossier.is_dir():
            return 0
        limite = time.time() - jours * 86_400
        vieux = [c for c in self.dossier.iterdir() if c.stat().st_mtime < limite]
        for chemin in vieux:
            chemin.unlink(missing_ok=True)
        return len(vieux)


@cache
def _code() -> str:
    ici = Path(__file__).parent
    morceaux = [ici / f"{nom}.py" for nom in _CODE] + sorted((ici / "sql").glob("*.sql"))
    return hashlib.sha256(b"".join(c.read_bytes() for c in morceaux)).hexdigest()
