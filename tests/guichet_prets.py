"""Persons at the counter and deposits made through it, for the tests of the services."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from observatoire.comptes.identite import Identite, Role
from observatoire.config.settings import Settings
from pipelines.chantiers.verdict import Verdict
from pipelines.guichet import Guichet, ouvrir_atelier
from tests import fabrique


def guichet(settings: Settings, sujet: str = "nadia", role: Role | None = Role.VALIDEUR) -> Guichet:
    """The counter for one person; the work is done at once, in this process."""
    return Guichet(settings, Identite(sujet, sujet.capitalize(), role), ouvrir_atelier(direct=True))


def ouvrir(g: Guichet, octets: bytes, nom: str = "réponses.xlsx", **decisions: Any) -> str:
    """A deposit in progress, with these choices."""
    (identifiant,) = g.ouvrir([(nom, octets)])
    if decisions:
        g.decider(identifiant, **decisions)
    return identifiant


def verdict(g: Guichet, identifiant: str) -> Verdict:
    """The verdict of the present revision, which must be there."""
    trouve = g.verdict(identifiant)
    assert trouve is not None
    return trouve


def charger(g: Guichet, identifiant: str) -> str:
    """Load a deposit in progress; its id."""
    g.charger(identifiant)
    depot_id, refus = g.chargement(identifiant)
    assert refus is None, refus
    assert depot_id is not None
    return depot_id


def deposer(g: Guichet, octets: bytes, nom: str = "réponses.xlsx", **decisions: Any) -> str:
    """Open, choose and load; the id of the deposit."""
    return charger(g, ouvrir(g, octets, nom, **decisions))


def benevolat(dossier: Path, lignes: list[list[Any]], nom: str = "b.xlsx") -> bytes:
    """A small clean workbook of volunteering: name, commune, year, volunteers, hours."""
    titres = ["Nom de l’association", "Commune du siège", "Année des données", "Bénévoles réguliers"]
    titres.append("Total des heures de l’année")
    dossier.mkdir(parents=True, exist_ok=True)
    return fabrique.ecrire_xlsx(dossier / nom, [titres, *lignes]).read_bytes()


def simples(nombre: int, premier: int = 0) -> list[list[Any]]:
    """Clean rows of volunteering."""
    return [
        [f"Club {i}", fabrique.COMMUNES[i % 8], 2025, 10 + i, 100 + i]
        for i in range(premier, premier + nombre)
    ]


def dormir(temoin: Path, duree: float) -> None:
    """A job that says which process does it, then lasts."""
    temoin.with_suffix(".en-cours").write_text(str(os.getpid()), encoding="ascii")
    temoin.with_suffix(".en-cours").replace(temoin)
    time.sleep(duree)


def contenants(racine: Path, aiguilles: Collection[bytes]) -> list[tuple[str, bytes]]:
    """(file, needle) for each needle found in a file under `racine`, what zips hold included."""
    trouves = []
    for chemin in sorted(racine.rglob("*")):
        if chemin.is_file() and not chemin.is_symlink():
            for nom, octets in [(chemin.name, chemin.read_bytes()), *_dedans(chemin)]:
                trouves += [(nom, a) for a in aiguilles if a in octets or a in nom.encode()]
    return trouves


def _dedans(chemin: Path) -> list[tuple[str, bytes]]:
    if not zipfile.is_zipfile(chemin):
        return []
    with zipfile.ZipFile(chemin) as z:
        return [(f"{chemin.name}!{n}", z.read(n)) for n in z.namelist()]
