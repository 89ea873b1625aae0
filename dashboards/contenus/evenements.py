"""Events that a trajectory marks: what may have moved it, without being the proof of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dashboards.contenus.chargement import DOSSIER, ContenuInvalide, entrees, manques, texte
from observatoire.indicators.catalogue import catalogue

EVENEMENTS = DOSSIER / "evenements.toml"


@dataclass(frozen=True, slots=True)
class Evenement:
    """What happened in a year, for some indicators or for all."""

    annee: int
    titre: str
    texte: str
    indicateurs: tuple[str, ...]
    source: str


@cache
def lire_evenements(chemin: Path = EVENEMENTS) -> tuple[Evenement, ...]:
    """All events, by year. ContenuInvalide lists every fault."""
    bruts, fautes = entrees(chemin, "evenement"), []
    for brut in bruts:
        nom = str(brut.get("titre") or "sans titre")
        fautes += manques(brut, ("annee", "titre", "texte", "source"), nom)
        fautes += [
            f"{nom} : indicateur inconnu « {i} »" for i in brut.get("indicateurs", []) if i not in catalogue()
        ]
        if not isinstance(brut.get("annee", 0), int):
            fautes.append(f"{nom} : « annee » est un nombre entier")
    if fautes:
        raise ContenuInvalide(chemin.name, fautes)
    lus = (
        Evenement(
            x["annee"],
            texte(x["titre"]),
            texte(x["texte"]),
            tuple(x.get("indicateurs", ())),
            texte(x["source"]),
        )
        for x in bruts
    )
    return tuple(sorted(lus, key=lambda e: (e.annee, e.titre)))


def evenements_de(indicateur: str, de: int, a: int) -> tuple[Evenement, ...]:
    """Those of an indicator between two years, both included."""
    return tuple(
        e
        for e in lire_evenements()
        if de <= e.annee <= a and (not e.indicateurs or indicateur in e.indicateurs)
    )
