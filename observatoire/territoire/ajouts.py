"""The lists that a network adds to its territory: priority districts (QPV) and groupings of communes.

One CSV per level in `Settings.territoires`, written by `observatoire sources ajouter` and read by the territory.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from observatoire.territoire.lieux import QPV, REGROUPEMENT

FICHIERS = {QPV: "qpv.csv", REGROUPEMENT: "regroupements.csv"}


@dataclass(frozen=True, slots=True)
class Ajout:
    """One zone of a list. `perimetre`: year of the decree that draws a district; `source`: file it comes from."""

    niveau: str
    code: str
    libelle: str
    communes: tuple[str, ...]
    population: int | None = None
    perimetre: int | None = None
    source: str = ""
    ajoute_le: str = ""

    @property
    def note(self) -> str:
        """What a table prints beside the name."""
        return f"périmètre de {self.perimetre}" if self.perimetre else ""


def lire_ajouts(dossier: Path) -> Iterator[Ajout]:
    """Zones of the lists of this folder, by level then code."""
    for niveau, nom in FICHIERS.items():
        chemin = dossier / nom
        if chemin.is_file():
            with chemin.open(encoding="utf-8", newline="") as flux:
                yield from sorted((_ajout(niveau, x) for x in csv.DictReader(flux)), key=lambda a: a.code)


def ecrire_ajouts(dossier: Path, niveau: str, ajouts: Iterable[Ajout]) -> None:
    """Write the whole list of a level; an empty one leaves no file."""
    chemin = dossier / FICHIERS[niveau]
    liste = sorted(ajouts, key=lambda a: a.code)
    if not liste:
        chemin.unlink(missing_ok=True)
        return
    dossier.mkdir(parents=True, exist_ok=True)
    provisoire = chemin.with_suffix(".tmp")
    with provisoire.open("w", encoding="utf-8", newline="") as flux:
        noms = [c.name for c in fields(Ajout) if c.name != "niveau"]
        ecrivain = csv.DictWriter(flux, noms, extrasaction="ignore", lineterminator="\n")
        ecrivain.writeheader()
        for ajout in liste:
            ecrivain.writerow(asdict(ajout) | {"communes": " ".join(ajout.communes)})
    provisoire.replace(chemin)


def _ajout(niveau: str, ligne: dict[str, str]) -> Ajout:
    return Ajout(
        niveau,
        ligne["code"],
        ligne["libelle"],
        tuple(ligne["communes"].split()),
        int(ligne["population"]) if ligne["population"] else None,
        int(ligne["perimetre"]) if ligne["perimetre"] else None,
        ligne["source"],
        ligne["ajoute_le"],
    )
