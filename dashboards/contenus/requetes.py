"""Example queries on the published file, from `requetes.toml`; a test runs them all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dashboards.contenus.chargement import DOSSIER, ContenuInvalide, entrees, manques, texte

REQUETES = DOSSIER / "requetes.toml"


@dataclass(frozen=True, slots=True)
class Requete:
    """What it answers, and its SQL."""

    titre: str
    sql: str


@cache
def lire_requetes(chemin: Path = REQUETES) -> tuple[Requete, ...]:
    """All queries. ContenuInvalide lists every fault."""
    brutes = entrees(chemin, "requete")
    fautes = [f for x in brutes for f in manques(x, ("titre", "sql"), str(x.get("titre") or "sans titre"))]
    if fautes:
        raise ContenuInvalide(chemin.name, fautes)
    return tuple(Requete(texte(x["titre"]), x["sql"].strip()) for x in brutes)
