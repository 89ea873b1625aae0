"""Which territories resemble one another: inhabitants and density. Pure functions.

Areas are measured on the outlines of the communes (generalised, so good to a per cent): enough to tell a town from
a village. Where no outline exists, population alone says who is near.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dashboards import format_fr as fr
from dashboards.modeles import Territoire

_PAS = re.compile(r"([Mlz])|(-?[\d.]+),(-?[\d.]+)")
# Beyond this many times more inhabitants, or more inhabitants a km², two territories are not of a kind.
ECART_MAX = 3.0
_KM2 = 1_000_000
# Bounds of the bands of population, by which a list is read.
TRANCHES = (500, 2_000, 10_000, 50_000, 200_000)


@dataclass(frozen=True, slots=True)
class Profil:
    """A territory with its inhabitants and, where its outline is known, its density (inhabitants a km²)."""

    lieu: Territoire
    population: int
    densite: float | None


def _anneaux(chemin: str) -> Iterator[list[tuple[float, float]]]:
    """Rings of an outline written « M1,2l3,4 -5,6z »: one start, then moves, for each ring."""
    points: list[tuple[float, float]] = []
    x = y = 0.0
    absolu = False
    for lettre, dx, dy in _PAS.findall(chemin):
        if lettre:
            if lettre == "z":
                yield points
                points = []
            absolu = lettre == "M"
            continue
        x, y = (float(dx), float(dy)) if absolu else (x + float(dx), y + float(dy))
        absolu = False
        points.append((x, y))


def surface_km2(chemin: str, metres_par_unite: float) -> float:
    """Area inside an outline; a hole is wound the other way and so taken off."""
    unites = 0.0
    for anneau in _anneaux(chemin):
        boucle = [*anneau, anneau[0]]
        unites += sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(boucle)) / 2
    return abs(unites) * metres_par_unite**2 / _KM2


def profils(
    lieux: Sequence[Territoire],
    communes: Mapping[str, Sequence[str]],
    surfaces: Mapping[str, float],
) -> dict[str, Profil]:
    """Territories with inhabitants, by code. `communes`: those of each territory; `surfaces`: area of a commune."""
    trouves = {}
    for lieu in lieux:
        if not lieu.population:
            continue
        aires = [surfaces.get(c) for c in communes.get(lieu.code, ())]
        connues = [a for a in aires if a is not None]
        aire = sum(connues) if connues and len(connues) == len(aires) else 0.0
        trouves[lieu.code] = Profil(lieu, lieu.population, lieu.population / aire if aire else None)
    return trouves


def ecart(a: Profil, b: Profil) -> float:
    """How far apart two territories are: 0 for twins; population and density count alike, as ratios."""
    population = math.log(a.population / b.population)
    if a.densite is None or b.densite is None:
        return abs(population)
    return math.hypot(population, math.log(a.densite / b.densite))


def proches(code: str, connus: Mapping[str, Profil]) -> list[Profil]:
    """The other territories, the most alike first; all, in the order given, when this one has no inhabitants known."""
    ici = connus.get(code)
    autres = [p for c, p in connus.items() if c != code]
    return autres if ici is None else sorted(autres, key=lambda p: ecart(ici, p))


def tranche(population: int) -> str:
    """Band of population, in words."""
    bornes = [b for b in TRANCHES if population >= b]
    hautes = [b for b in TRANCHES if population < b]
    if not bornes:
        return f"moins de {fr.nombre(TRANCHES[0])} habitants"
    if not hautes:
        return f"{fr.nombre(TRANCHES[-1])} habitants et plus"
    return f"de {fr.nombre(bornes[-1])} à {fr.nombre(hautes[0])} habitants"


def decrire(profil: Profil) -> str:
    """« 56 321 habitants, 3 817 par km² (de 50 000 à 200 000 habitants) »."""
    densite = "" if profil.densite is None else f", {fr.nombre(profil.densite)} par km²"
    return f"{fr.nombre(profil.population)} habitants{densite} ({tranche(profil.population)})"


def reserve(ici: Profil, autre: Profil) -> str:
    """Why two territories are not of a kind; empty when they are."""
    fois = _fois(ici.population, autre.population)
    if fois > ECART_MAX:
        return _dire(ici, autre, fois, "d’habitants", ici.population < autre.population)
    if ici.densite and autre.densite and (fois := _fois(ici.densite, autre.densite)) > ECART_MAX:
        return _dire(ici, autre, fois, "d’habitants au km²", ici.densite < autre.densite)
    return ""


def _fois(a: float, b: float) -> float:
    return max(a, b) / min(a, b)


def _dire(ici: Profil, autre: Profil, fois: float, quoi: str, plus: bool) -> str:
    grand, petit = (autre, ici) if plus else (ici, autre)
    return (
        f"{grand.lieu.libelle} compte {fr.nombre(fois)} fois plus {quoi} que {petit.lieu.libelle}"
        f"{fr.INSECABLE}: une différence peut venir de là."
    )
