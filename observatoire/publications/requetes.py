"""Example queries on the published file, from `requetes.toml`; a test runs them all."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REQUETES = Path(__file__).with_name("requetes.toml")


class RequetesInvalides(ValueError):
    """The file of the queries cannot be used; the message lists all its faults."""


@dataclass(frozen=True, slots=True)
class Requete:
    """What it answers, and its SQL."""

    titre: str
    sql: str


@cache
def lire_requetes(chemin: Path = REQUETES) -> tuple[Requete, ...]:
    """All queries. RequetesInvalides lists every fault."""
    brutes = tomllib.loads(chemin.read_text(encoding="utf-8")).get("requete", [])
    fautes = [
        f"{x.get('titre') or 'sans titre'} : « {champ} » manque"
        for x in brutes
        for champ in ("titre", "sql")
        if not x.get(champ)
    ]
    if fautes:
        raise RequetesInvalides(f"{chemin.name} : " + " ; ".join(fautes))
    return tuple(Requete(x["titre"].strip(), x["sql"].strip()) for x in brutes)
