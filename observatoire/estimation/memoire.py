"""Masks already worked out: a table that holds exactly what it held is masked as it was, without working again.

One small file per table, named by all that decides of its masks: the cells and their values, the thresholds, the
territory, what earlier publications masked, and the code of this package. Private, and only a gain of time: the
folder may be removed at any moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import NamedTuple

from observatoire.estimation.complement import Table
from observatoire.estimation.souvenirs import Souvenirs
from observatoire.estimation.systeme import Case, Decoupage

# The code that decides of the masks; a change there forgets all.
_CODE = ("attaque", "complement", "optimum", "secret", "systeme", "tau")


class Masques(NamedTuple):
    """What the work on a table gave: rounds, masks of τ-Argus (None: given up), whether all of it is masked."""

    tours: int
    argus: int | None
    est_entiere: bool


class Memoire:
    """The masks kept in `dossier`; without one, nothing is kept."""

    def __init__(self, dossier: Path | None, decoupage: Decoupage, reglages: object) -> None:
        territoire = (sorted(decoupage.zones.items()), sorted(decoupage.communes.items()))
        self.souvenirs = Souvenirs(dossier, (_code(), repr(reglages).encode(), repr(territoire).encode()))

    def cle(self, table: Table, place: tuple[str, int]) -> str:
        """Name of the table of `place` (family, year) as the primary rules leave it.

        Two tables that hold the same do not mask the same empty cells: which ones hangs on their place.
        """
        regles = (table.n_min, table.p_min, table.est_personnes, table.est_dominance, sorted(table.tues))
        mesures = [(m.est_effectif, m.ecart) for m in table.mesures]
        cases = [
            (
                *case, masque, table.n[case], table.personnes[case], table.tailles[case], table.parts_max[case],
                *(m.valeurs.get(case, 0.0) for m in table.mesures),
            )
            for case, masque in sorted(table.masquees.items())
        ]  # fmt: skip
        contenu = (place, regles, mesures, sorted(table.vides), cases)
        return self.souvenirs.nom(*(repr(morceau).encode() for morceau in contenu))

    def suite(self, cle: str, ajouts: Collection[Case]) -> str:
        """Name of the table named `cle` once `ajouts`, masked from before, are masked too."""
        return self.souvenirs.nom(cle.encode(), repr(sorted(ajouts)).encode())

    def retrouver(self, cle: str, table: Table) -> Masques | None:
        """Mask `table` as it was; None when it was never worked on."""
        contenu = self.souvenirs.lire(cle)
        if contenu is None:
            return None
        table.masquees.update((Case(*case), True) for case in contenu["masquees"])
        vides = table.vides | table.leurres
        table.leurres = {Case(*case) for case in contenu["leurres"]}
        table.vides = vides - table.leurres
        return Masques(contenu["tours"], contenu["argus"], contenu["est_entiere"])

    def retenir(self, cle: str, table: Table, travail: Masques) -> None:
        """Keep the masks of `table`."""
        masquees = sorted(case for case, masque in table.masquees.items() if masque)
        contenu = {**travail._asdict(), "masquees": masquees, "leurres": sorted(table.leurres)}
        self.souvenirs.garder(cle, contenu)


@cache
def _code() -> bytes:
    ici = Path(__file__).parent
    morceaux = [ici / f"{nom}.py" for nom in _CODE] + sorted((ici / "sql").glob("*.sql"))
    return hashlib.sha256(b"".join(c.read_bytes() for c in morceaux)).digest()
