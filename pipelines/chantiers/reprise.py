"""Take a loaded deposit up again from its archive, with its choices: to finish its pending lines or correct it."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from observatoire.config.settings import Settings
from observatoire.storage import depots as ledger
from observatoire.storage.archive import GRILLE
from observatoire.storage.depots import Depot
from observatoire.storage.entrepot import EntrepotLecture
from pipelines.chantiers import chantier as chantiers
from pipelines.chantiers.chantier import Chantier, FichierRecu
from pipelines.ingestion.decisions import Decisions

EXTENSION_GRILLE, EXTENSION_DOSSIER = GRILLE, ".dossier"
FICHIERS_JSON = "fichiers.json"


class RepriseImpossible(Exception):
    """This deposit cannot be taken up again; the message is French."""


def reprendre(settings: Settings, qui: str, depot_id: str) -> Chantier:
    """A deposit in progress made of a loaded one; loading it replaces the latter."""
    with EntrepotLecture(settings) as con:
        depot = ledger.depot(con, depot_id)
    if not depot.actif:
        raise RepriseImpossible("Ce dépôt est annulé : rétablissez-le avant de le reprendre.")
    archive = settings.donnees / (depot.archive or "")
    if not depot.archive or not archive.is_file():
        raise RepriseImpossible("Le fichier de ce dépôt n’est plus dans l’archive : déposez-le de nouveau.")
    decisions = _decisions(depot)
    if depot.archive.endswith(EXTENSION_GRILLE):
        recu = FichierRecu(depot.nom_fichier, depot.sha256, depot.taille, 1)
        return chantiers.rouvrir(settings, qui, depot_id, [recu], [archive], decisions, grille=True)
    if depot.archive.endswith(EXTENSION_DOSSIER):
        with tempfile.TemporaryDirectory() as dossier:
            recus, sources = deballer(archive, Path(dossier))
            return chantiers.rouvrir(settings, qui, depot_id, recus, sources, decisions, grille=False)
    recu = FichierRecu(depot.nom_fichier, depot.sha256, depot.taille, 1)
    return chantiers.rouvrir(settings, qui, depot_id, [recu], [archive], decisions, grille=False)


def _decisions(depot: Depot) -> Decisions:
    """The choices kept with the deposit; one loaded by the command keeps at least its questionnaire and year."""
    if depot.decisions:
        return Decisions.from_dict(json.loads(depot.decisions))
    return Decisions(questionnaire=depot.questionnaire, millesime=depot.millesime)


def emballer(fichiers: Sequence[tuple[FichierRecu, bytes]], sortie: IO[bytes]) -> None:
    """Write the files of one deposit as a single archive, always the same bytes."""
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as z:
        noms = [{"nom": r.nom, "sha256": r.sha256, "taille": r.taille, "rang": r.rang} for r, _ in fichiers]
        _entrer(z, FICHIERS_JSON, json.dumps(noms, ensure_ascii=False).encode())
        for recu, octets in fichiers:
            _entrer(z, recu.sur_disque, octets)


def _entrer(archive: zipfile.ZipFile, nom: str, octets: bytes) -> None:
    entree = zipfile.ZipInfo(nom, (1980, 1, 1, 0, 0, 0))
    entree.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entree, octets)


def deballer(archive: Path, dossier: Path) -> tuple[list[FichierRecu], list[Path]]:
    """The files of an archive of several, written in `dossier`."""
    with zipfile.ZipFile(archive) as z:
        recus = [FichierRecu(**f) for f in json.loads(z.read(FICHIERS_JSON))]
        chemins = []
        for recu in recus:
            chemin = dossier / recu.sur_disque
            chemin.write_bytes(z.read(recu.sur_disque))
            chemins.append(chemin)
    return recus, chemins
