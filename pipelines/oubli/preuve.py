"""The proof: every file of the data folder read again, and a sealed report without any identifier."""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from observatoire.config.cle import lire_cle
from observatoire.config.settings import Settings
from observatoire.domain.francais import accord, ecrire_nombre
from observatoire.exploitation.recherche import Publiques, fouiller
from observatoire.storage.archive import synchroniser
from pipelines.oubli.objets import Oubli, Rapport
from pipelines.oubli.reperage import chemin_du_plan
from pipelines.publication import DU_REGISTRE


def prouver(settings: Settings, oubli: Oubli, effaces: Mapping[str, int], qui: str) -> Rapport:
    """Read every file again. Official files are public and hold no answer: what repeats them is counted apart."""
    nombre = octets = registre = 0
    restent: dict[str, int] = {}
    racines = [settings.donnees, settings.quarantaine]
    publiques = Publiques((settings.registre.parent, settings.sources), DU_REGISTRE)
    for fouille in fouiller(racines, oubli.aiguilles, sauf=[chemin_du_plan(settings)], publiques=publiques):
        nombre, octets, registre = nombre + 1, octets + fouille.octets, registre + fouille.publiques
        if fouille.trouvees:
            lieu = next(r for r in racines if r in fouille.chemin.parents)
            restent[fouille.chemin.relative_to(lieu).as_posix()] = fouille.trouvees
    partages = len(oubli.cles) and sum(1 for c in oubli.cles if c.startswith("NOM:")) - len(oubli.textes)
    return Rapport(
        marque_de(settings, oubli.cle),
        dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        qui,
        {k: v for k, v in effaces.items() if v},
        nombre,
        octets,
        restent,
        registre,
        max(0, partages),
    )


def marque_de(settings: Settings, cle: str) -> str:
    """What stands for the association: who knows its key and that of the installation can find it again."""
    return hmac.new(lire_cle(settings), cle.encode(), "sha256").hexdigest()[:12]


def signer(settings: Settings, rapport: Rapport) -> Path:
    """Write the report, with a seal made with the key of the installation."""
    objet = {c: v for c, v in asdict(rapport).items() if c != "signature"}
    objet["signature"] = sceau(settings, objet)
    dossier = settings.donnees / "oublis"
    dossier.mkdir(mode=0o700, exist_ok=True)
    chemin = dossier / f"{rapport.fait_le.replace(':', '').replace('+0000', '')}-{rapport.association}.json"
    chemin.write_text(json.dumps(objet, ensure_ascii=False, indent=1), encoding="utf-8")
    synchroniser(chemin)
    return chemin


def sceau(settings: Settings, objet: Mapping[str, Any]) -> str:
    """Seal of a report: anybody who holds the key can make it again."""
    texte = json.dumps(
        {c: v for c, v in objet.items() if c != "signature"}, ensure_ascii=False, sort_keys=True
    )
    return hmac.new(lire_cle(settings), texte.encode(), "sha256").hexdigest()


def phrases(rapport: Rapport, chemin: Path) -> Iterable[str]:
    """The report in French sentences."""
    quoi: Sequence[str] = [f"{nombre} {nom}" for nom, nombre in rapport.effaces.items()]
    yield f"Effacé : {', '.join(quoi) or 'rien'}."
    yield f"{accord(rapport.fichiers, 'fichier relu', 'fichiers relus')} en entier ({ecrire_nombre(rapport.octets / 1e6, 1)} Mo)."
    if rapport.prouve:
        yield "Il en reste 0 occurrence."
    for nom, nombre in rapport.restent.items():
        yield f"Il en reste {nombre} dans « {nom} »."
    if rapport.registre:
        yield (
            f"Les fichiers officiels et ce qui les reprend la citent {rapport.registre} fois : ils sont publics et ne "
            "contiennent aucune réponse."
        )
    if rapport.noms_partages:
        yield "Un nom que d’autres associations portent aussi n’a pas été cherché."
    yield "Hors d’atteinte : les sauvegardes déjà faites et les fichiers déjà téléchargés. Détruisez les premières."
    yield f"Rapport signé : {chemin}"
