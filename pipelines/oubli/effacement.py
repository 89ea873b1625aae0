"""The whole gesture, in an order that a cut leaves easy to finish.

What was asked is written first (`oubli.json`, private): a command cut short is finished by running it again. The
archives are written again without its rows, then one transaction erases it from the warehouse, which is written again;
the next publication, made at once, still keeps its departure from being read (estimation/lots.py), and only then
are the earlier files of the analysts withdrawn.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from observatoire.config.settings import Settings
from observatoire.exploitation.purge import compacter, oter, recopier_journal
from observatoire.storage import fichiers
from observatoire.storage.entrepot import ouvrir_ecriture, verrouiller
from pipelines.oubli.archives import recrire_archives
from pipelines.oubli.entrepot import effacer
from pipelines.oubli.objets import Rapport
from pipelines.oubli.preuve import prouver, signer
from pipelines.oubli.reperage import chemin_du_plan, ecrire_plan, exiger_sans_chantier, reperer, reprendre

Suivi = Callable[[str, float], None]
Publier = Callable[[Settings, str], object]


def oublier(
    settings: Settings, cle: str, qui: str, publier: Publier, *, suivi: Suivi = lambda etape, part: None
) -> tuple[Rapport, Path]:
    """Erase, publish, search; the report and its file. AssociationInconnue when nothing speaks of `cle`."""
    effaces: dict[str, int] = defaultdict(int)
    with verrouiller(settings):
        suivi("Recherche de ses réponses", 0.0)
        oubli = reprendre(settings, cle) or reperer(settings, cle)
        exiger_sans_chantier(settings, oubli)
        ecrire_plan(settings, oubli)
        with ouvrir_ecriture(settings) as con:
            suivi("Archives", 0.1)
            nouvelles, videes = recrire_archives(con, settings, oubli, effaces)
            # Noted before they are named by the ledger: run again, the command knows what to remove.
            ecrire_plan(settings, oubli)
            suivi("Entrepôt", 0.3)
            effacer(con, settings, oubli, nouvelles, videes, effaces, qui)
        compacter(settings)
        recopier_journal(settings)
        oter(settings, oubli.archives)
        _oter_calculs(settings)
    suivi("Publication", 0.4)
    publier(settings, qui)
    with verrouiller(settings):
        effaces["fichiers des analystes"] = _oter_analystes(settings)
        suivi("Recherche dans tous les fichiers", 0.8)
        rapport = prouver(settings, oubli, dict(effaces), qui)
        chemin = signer(settings, rapport)
        if rapport.prouve:
            chemin_du_plan(settings).unlink()
    return replace(rapport, signature=json.loads(chemin.read_text(encoding="utf-8"))["signature"]), chemin


def _oter_calculs(settings: Settings) -> None:
    """What was worked out with its answers is worked out again."""
    for dossier in (settings.memoire_masques, settings.memoire_poids, settings.memoire_evolutions):
        shutil.rmtree(dossier, ignore_errors=True)


def _oter_analystes(settings: Settings) -> int:
    """Withdraw the files and folders of the analysts that precede the current ones."""
    return len(fichiers.retirer_analyses(settings))
