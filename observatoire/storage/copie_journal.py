"""The copy of the journal outside the warehouse: one JSON line per gesture, from which the warehouse is rebuilt.

The warehouse is right: a line is committed there first. Each writer then appends to the copy the lines that it lacks,
so that a process killed between the two is caught up with by the next one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.storage import evenements
from observatoire.storage.archive import EN_COURS, synchroniser

CHARGER = "charger"
_BLOC = 1 << 16
_CHAMPS = ("ordre", "quand", "qui", "quoi", "objet", "avant", "apres", "detail")
# What the ledger says of a deposit and that never changes: a deposit is loaded again from it.
REGISTRE = (
    "sha256", "nom_fichier", "taille", "questionnaire", "source", "millesime", "statut", "depose_le", "lignes_lues",
    "lignes_chargees", "lignes_en_attente", "lignes_ignorees", "fictif", "archive", "depose_par", "remplace",
    "decisions", "empreinte_contenu", "empreinte_archive",
)  # fmt: skip
Ligne = dict[str, Any]


def rattraper(con: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Append the lines that the copy lacks; returns their number. A disk that refuses is caught up with later."""
    try:
        dernier = _reparer(settings.journal)
        lignes = list(_lignes(con, dernier))
        if lignes:
            settings.journal.touch(mode=0o600)
            with settings.journal.open("ab") as flux:
                flux.write(b"".join(_octets(x) for x in lignes))
                flux.flush()
                os.fsync(flux.fileno())
    except OSError:
        return 0
    for ligne in lignes:
        evenements.noter_geste(settings, ligne["quoi"], ligne["objet"], ligne["ordre"])
    return len(lignes)


def refaire(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write the whole copy again, in one move."""
    provisoire = settings.journal.with_name(EN_COURS + settings.journal.name)
    provisoire.write_bytes(b"".join(_octets(x) for x in _lignes(con, 0)))
    provisoire.chmod(0o600)
    synchroniser(provisoire)
    provisoire.replace(settings.journal)
    synchroniser(settings.donnees)


def lire_copie(chemin: Path) -> list[Ligne]:
    """The lines of a copy, in order; one cut short by a crash, at the end, is left out."""
    if not chemin.is_file():
        return []
    with chemin.open("rb") as flux:
        return [json.loads(ligne) for ligne in flux if ligne.endswith(b"\n")]


def dernier_copie(chemin: Path) -> int:
    """Number of the last whole line; 0 without any."""
    ligne = _derniere(chemin)[0]
    return int(json.loads(ligne)["ordre"]) if ligne else 0


def _reparer(chemin: Path) -> int:
    """Cut what a killed process left after the last whole line; returns its number."""
    _, fin = _derniere(chemin)
    if chemin.is_file() and fin < chemin.stat().st_size:
        os.truncate(chemin, fin)
    return dernier_copie(chemin)


def _derniere(chemin: Path) -> tuple[bytes, int]:
    """The last whole line, and where it ends."""
    if not chemin.is_file():
        return b"", 0
    with chemin.open("rb") as flux:
        taille = flux.seek(0, os.SEEK_END)
        recul = _BLOC
        while True:
            debut = flux.seek(max(0, taille - recul))
            bloc = flux.read(taille - debut)
            fin = bloc.rfind(b"\n")
            avant = bloc.rfind(b"\n", 0, fin) if fin >= 0 else -1
            if debut == 0 or avant >= 0:
                return (bloc[avant + 1 : fin], debut + fin + 1) if fin >= 0 else (b"", 0)
            recul *= 4


def _lignes(con: duckdb.DuckDBPyConnection, apres: int) -> Iterator[Ligne]:
    with con.cursor() as cur:
        requete = f"select {', '.join(_CHAMPS)} from depot.journal where ordre > ? order by ordre"
        lignes = [dict(zip(_CHAMPS, x, strict=True)) for x in cur.execute(requete, [apres]).fetchall()]
        for ligne in lignes:
            detail = json.loads(ligne["detail"] or "{}")
            if ligne["quoi"] == CHARGER:
                detail = _registre(cur, ligne["objet"]) | detail
            yield ligne | {"quand": ligne["quand"].isoformat(), "detail": detail}


def _registre(cur: duckdb.DuckDBPyConnection, depot_id: str) -> Ligne:
    requete = f"select {', '.join(REGISTRE)} from depot.depots where depot_id = ?"
    for valeurs in cur.execute(requete, [depot_id]).fetchall():
        fiche = dict(zip(REGISTRE, valeurs, strict=True))
        return fiche | {"depose_le": fiche["depose_le"].isoformat()}
    return {}


def _octets(ligne: Ligne) -> bytes:
    return json.dumps(ligne, ensure_ascii=False, sort_keys=True).encode() + b"\n"
