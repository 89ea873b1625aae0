"""How near two names of associations are: which words are shared, missing, in excess, written otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA

SEUIL_MOT = 0.72  # two words nearer than that are one word, typed wrong
PREFIXE_MIN = 3  # « mun » may be « municipal »
NOTE_PREFIXE, NOTE_INITIALE, NOTE_COLLE, NOTE_COURT = 0.85, 0.6, 0.97, 0.6
PART_COMMUNE = 0.1  # what the name of the commune weighs in a name, once the commune itself agrees

Poids = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Alignement:
    """Words of a name asked for against words of a name of the register.

    `score` from 0 to 1: weight of what is shared over the weight of both names. `en_trop` and `manquants` are
    the words that tell something and have no partner; `changes` the pairs that differ.
    """

    score: float
    changes: tuple[tuple[str, str], ...]
    en_trop: tuple[str, ...]
    manquants: tuple[str, ...]
    ajoute: float  # heaviest word asked for without partner
    gagne: float  # weight of the words shared


@lru_cache(maxsize=262144)
def proximite(a: str, b: str) -> float:
    """From 0 to 1, how much `b` may be `a` typed wrong or shortened; 0 for two other words."""
    if a[0].isdigit() and b[0].isdigit():
        return float(a == b)
    court, long = (a, b) if (len(a), a) <= (len(b), b) else (b, a)
    if len(court) == 1:
        return NOTE_INITIALE if long[0] == court else 0.0
    if len(court) >= PREFIXE_MIN and long.startswith(court) and len(long) > len(court):
        return NOTE_PREFIXE
    if len(long) < 4:
        return NOTE_COURT if len(court) > 1 and OSA.distance(a, b) == 1 else 0.0
    note: float = OSA.normalized_similarity(a, b)
    return note if note >= SEUIL_MOT else 0.0


def aligner(
    demandes: tuple[str, ...],
    fiche: tuple[str, ...],
    poids: Poids,
    lieu: frozenset[str] = frozenset(),
    meme_lieu: bool = False,
) -> Alignement:
    """Pair the words of both names, the nearest first, ties by alphabet.

    `lieu` are the words of the commune of the register: they hardly count when missing on one side.
    """
    communs = set(demandes).intersection(fiche)
    restes = [m for m in demandes if m not in communs]
    libres = [m for m in fiche if m not in communs]
    paires = _apparier(restes, libres) if restes and libres else []
    pris_d = {m for a, _, _ in paires for m in a.split()} | communs
    pris_f = {m for _, b, _ in paires for m in b.split()} | communs
    gagne = total = 0.0
    for mot in communs:
        w = poids(mot) * (PART_COMMUNE if mot in lieu and meme_lieu else 1.0)
        gagne += 2 * w
        total += 2 * w
    for _, b, note in paires:
        w = sum(poids(m) * (PART_COMMUNE if m in lieu and meme_lieu else 1.0) for m in b.split())
        gagne += 2 * w * note
        total += 2 * w
    en_trop = [m for m in demandes if m not in pris_d and not _est_du_lieu(m, lieu)]
    manquants = [m for m in fiche if m not in pris_f and m not in lieu]
    manque_lieu = [m for m in fiche if m not in pris_f and m in lieu]
    perdu, ajoute = [poids(m) for m in manquants], [poids(m) for m in en_trop]
    total += (
        sum(perdu) + sum(ajoute) + sum(poids(m) for m in manque_lieu) * (0.0 if meme_lieu else PART_COMMUNE)
    )
    changes = tuple((a, b) for a, b, _ in paires)
    return Alignement(
        gagne / total if total else 0.0,
        changes,
        tuple(en_trop),
        tuple(manquants),
        max(ajoute, default=0.0),
        gagne / 2,
    )


@lru_cache(maxsize=262144)
def _est_du_lieu(mot: str, lieu: frozenset[str]) -> bool:
    return mot in lieu or any(len(mot) > PREFIXE_MIN and proximite(mot, m) for m in lieu)


def _apparier(restes: list[str], libres: list[str]) -> list[tuple[str, str, float]]:
    """Greedy pairs (asked, register words, note); a word may be two words of the register stuck together."""
    notes = [(-n, a, b) for a in restes for b in libres if (n := proximite(a, b))]
    if len(libres) > 1:
        for b, c in pairwise(libres):
            colle = b + c
            notes += [(-NOTE_COLLE * n, a, f"{b} {c}") for a in restes if (n := _colle(a, colle))]
    if len(restes) > 1:
        for a, c in pairwise(restes):
            colle = a + c
            notes += [(-NOTE_COLLE * n, f"{a} {c}", b) for b in libres if (n := _colle(colle, b))]
    notes.sort()
    paires: list[tuple[str, str, float]] = []
    pris_a: set[str] = set()
    pris_b: set[str] = set()
    for note, a, b in notes:
        if pris_a.isdisjoint(a.split()) and pris_b.isdisjoint(b.split()):
            paires.append((a, b, -note))
            pris_a.update(a.split())
            pris_b.update(b.split())
    return paires


@lru_cache(maxsize=262144)
def _colle(a: str, b: str) -> float:
    if len(b) < 5 or abs(len(a) - len(b)) > 2:
        return 0.0
    note: float = OSA.normalized_similarity(a, b)
    return note if note >= 0.85 else 0.0
