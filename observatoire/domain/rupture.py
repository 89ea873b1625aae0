"""Breaks of series: the first year a figure no longer measures the same thing. `ruptures.csv` is the source."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHEMIN = Path(__file__).with_name("ruptures.csv")
COLONNES = ("indicateur", "millesime", "raison", "source")


@dataclass(frozen=True, slots=True)
class Rupture:
    """From `millesime` on, `indicateur` is not to be compared with the years before, because of `raison`."""

    indicateur: str
    millesime: int
    raison: str
    source: str


def load_ruptures(chemin: Path = CHEMIN) -> tuple[Rupture, ...]:
    """All breaks in the order of the file. ValueError lists every fault with its line."""
    with chemin.open(encoding="utf-8", newline="") as flux:
        lecteur = csv.DictReader(flux)
        if tuple(lecteur.fieldnames or ()) != COLONNES:
            raise ValueError(f"{chemin.name}: colonnes attendues {', '.join(COLONNES)}")
        lignes = list(lecteur)
    fautes = [
        f"ligne {numero}: « {cle} » vide ou faux"
        for numero, ligne in enumerate(lignes, start=2)
        for cle in COLONNES
        if not ligne[cle] or (cle == "millesime" and not ligne[cle].isdigit())
    ]
    if fautes:
        raise ValueError(f"{chemin.name}: " + " ; ".join(fautes))
    return tuple(Rupture(x["indicateur"], int(x["millesime"]), x["raison"], x["source"]) for x in lignes)


def entre(ruptures: Sequence[Rupture], indicateur: str, de: int, a: int) -> str | None:
    """Why a figure of year `a` is not to be compared with that of year `de`; None when it may be."""
    raisons = [r.raison for r in ruptures if r.indicateur == indicateur and de < r.millesime <= a]
    return " ; ".join(raisons) or None
