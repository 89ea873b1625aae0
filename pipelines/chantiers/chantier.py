"""A deposit in progress, on disk under its id: files received, choices, verdict. A refresh or a crash loses nothing.

The bytes wait in the quarantine (memory, where there is some) until they have been screened. Clean, they move to the
folder of the deposit; with personal data, only the purified grid ever does, once the depositor agreed to it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from observatoire.config.settings import Settings
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.metadonnees import nom_sans_personne

ETAT, VERDICT, AVANCEMENT, GRILLE = "etat.json", "verdict.json", "avancement.json", "grille.zip"
RETIREES = "retirees.json"
APERCUS = "apercus.json"
FICHIERS = "fichiers"
_GARDE = ".garde-"
ARCHIVE = "archive"
EN_ATTENTE = "En attente de son tour"
_IDENTIFIANT = re.compile(r"[0-9a-f]{16}")
QUARANTAINE_MAX = 24 * 3600.0
CHANTIER_MAX = 30 * 24 * 3600.0
LONGUEUR_NOM = 150
PLEIN = (errno.ENOSPC, errno.EDQUOT)


class ChantierInconnu(LookupError):
    """No deposit in progress has this id; the message is French."""


class PlusDePlace(Exception):
    """The files cannot be written; the message is French."""


@dataclass(frozen=True, slots=True)
class FichierRecu:
    """A file as received. `nom` is only ever shown; on disk a file is called by its rank."""

    nom: str
    sha256: str
    taille: int
    rang: int

    @property
    def sur_disque(self) -> str:
        """Name on disk: rank and a plain extension."""
        suffixe = Path(self.nom).suffix.lower().lstrip(".")
        return f"{self.rang}.{suffixe if suffixe.isascii() and suffixe.isalnum() and len(suffixe) < 8 else 'bin'}"


@dataclass(frozen=True, slots=True)
class Chantier:
    """What is known of a deposit in progress; `revision` grows with each choice, `remplace` is what it replaces.

    `reprise` is the deposit whose file is taken up again (pending lines, correction), `corrige` the deposit in
    progress of which this file is the annotated copy, sent back. `memoire` names the deposit whose matching was taken
    again for the same titles; `sans_memoire` when the person wants none of it. `depot_id` is there once it is loaded.
    """

    id: str
    qui: str
    cree_le: str
    fichiers: tuple[FichierRecu, ...]
    decisions: Decisions = field(default_factory=Decisions)
    revision: int = 1
    remplace: str | None = None
    reprise: str | None = None
    corrige: str | None = None
    memoire: str | None = None
    sans_memoire: bool = False
    depot_id: str | None = None
    abandonne: bool = False

    @property
    def nom(self) -> str:
        """The file's name, or how many files there are."""
        premier = self.fichiers[0].nom
        return premier if len(self.fichiers) == 1 else f"{len(self.fichiers)} fichiers, dont {premier}"

    @property
    def sha256(self) -> str:
        """Hash of the file, or of the sorted list of the files."""
        if len(self.fichiers) == 1:
            return self.fichiers[0].sha256
        liste = "\n".join(sorted(f"{f.sha256} {f.nom}" for f in self.fichiers))
        return hashlib.sha256(liste.encode()).hexdigest()

    @property
    def ouvert(self) -> bool:
        """True while it can still change."""
        return self.depot_id is None and not self.abandonne


def ouvrir(settings: Settings, qui: str, fichiers: Sequence[tuple[str, bytes]]) -> Chantier:
    """Take files in: bytes to the quarantine, state on disk. PlusDePlace leaves nothing behind."""
    identifiant = secrets.token_hex(8)
    _exiger_prive(_dossier_prive(settings.quarantaine))
    recus = tuple(_recevoir(rang, nom, octets) for rang, (nom, octets) in enumerate(fichiers, 1))
    try:
        quarantaine = _dossier_prive(settings.quarantaine / identifiant)
        for recu, (_, octets) in zip(recus, fichiers, strict=True):
            _ecrire(quarantaine / recu.sur_disque, octets)
        return _creer(settings, Chantier(identifiant, qui, _maintenant(), recus))
    except OSError as erreur:
        oublier_quarantaine(settings, identifiant)
        shutil.rmtree(settings.chantiers / identifiant, ignore_errors=True)
        if erreur.errno not in PLEIN:
            raise
        raise PlusDePlace(
            "Il n’y a plus assez de place pour recevoir ce fichier. Terminez ou abandonnez des dépôts en cours, ou "
            "prévenez la personne qui administre l’outil."
        ) from None


def _recevoir(rang: int, nom: str, octets: bytes) -> FichierRecu:
    """A browser may send a whole path, of either kind: its last part is the name."""
    court = nom.replace("\\", "/").rstrip("/").rpartition("/")[2]
    court = "".join(c for c in court if c.isprintable())[-LONGUEUR_NOM:].strip() or "fichier"
    return FichierRecu(nom_sans_personne(court), hashlib.sha256(octets).hexdigest(), len(octets), rang)


def rouvrir(
    settings: Settings,
    qui: str,
    depot_id: str,
    recus: Sequence[FichierRecu],
    sources: Sequence[Path],
    decisions: Decisions,
    *,
    grille: bool,
) -> Chantier:
    """Take a loaded deposit up again from its archive, to finish or correct it."""
    chantier = Chantier(
        secrets.token_hex(8), qui, _maintenant(), tuple(recus), decisions, remplace=depot_id, reprise=depot_id
    )
    dossier = _dossier_prive(settings.chantiers / chantier.id)
    if grille:
        shutil.copyfile(sources[0], dossier / GRILLE)
    else:
        _dossier_prive(dossier / FICHIERS)
        for recu, source in zip(recus, sources, strict=True):
            shutil.copyfile(source, dossier / FICHIERS / recu.sur_disque)
    return _creer(settings, chantier)


def lire(settings: Settings, identifiant: str) -> Chantier:
    """The deposit in progress called so; ChantierInconnu otherwise."""
    brut = _json(_dossier(settings, identifiant) / ETAT)
    if brut is None:
        raise ChantierInconnu(
            "Ce dépôt en cours n’existe pas ou a été effacé. Déposez le fichier de nouveau."
        )
    brut["fichiers"] = tuple(FichierRecu(**f) for f in brut["fichiers"])
    brut["decisions"] = Decisions.from_dict(brut["decisions"])
    return Chantier(**brut)


def lister(settings: Settings) -> list[Chantier]:
    """Deposits in progress that are still open, the latest first."""
    if not settings.chantiers.is_dir():
        return []
    trouves = []
    for dossier in settings.chantiers.iterdir():
        with contextlib.suppress(ChantierInconnu):
            trouves.append(lire(settings, dossier.name))
    return sorted((c for c in trouves if c.ouvert), key=lambda c: (c.cree_le, c.id), reverse=True)


@contextlib.contextmanager
def modifier(settings: Settings, identifiant: str) -> Iterator[_Edition]:
    """Change a deposit in progress alone: two windows never write over each other."""
    dossier = _dossier(settings, identifiant)
    if not dossier.is_dir():
        lire(settings, identifiant)
    with FileLock(dossier / ".verrou", timeout=10):
        edition = _Edition(lire(settings, identifiant))
        avant = edition.chantier
        yield edition
        if edition.chantier != avant:
            _ecrire_json(dossier / ETAT, asdict(edition.chantier))


@dataclass(slots=True)
class _Edition:
    chantier: Chantier

    def changer(self, **champs: Any) -> None:
        """Replace fields; a choice that changes raises the revision."""
        nouveau = replace(self.chantier, **champs)
        if nouveau.decisions != self.chantier.decisions or nouveau.remplace != self.chantier.remplace:
            nouveau = replace(nouveau, revision=self.chantier.revision + 1)
        self.chantier = nouveau


def sources(settings: Settings, chantier: Chantier) -> tuple[list[Path], Path | None]:
    """(files to read, None), or ([], purified grid). ChantierInconnu when the bytes are gone."""
    dossier = _dossier(settings, chantier.id)
    for lieu in (dossier / FICHIERS, settings.quarantaine / chantier.id):
        chemins = [lieu / f.sur_disque for f in chantier.fichiers]
        if all(c.exists() for c in chemins):
            return chemins, None
    if (dossier / GRILLE).exists():
        return [], dossier / GRILLE
    raise ChantierInconnu(
        "Le fichier reçu n’est plus là : un fichier illisible, ou qui contient des données personnelles, n’est gardé "
        "qu’en mémoire et un jour au plus. Déposez-le de nouveau."
    )


def garder(settings: Settings, chantier: Chantier) -> None:
    """The bytes are clean: they may leave the quarantine for the disk."""
    depart, arrivee = settings.quarantaine / chantier.id, _dossier(settings, chantier.id) / FICHIERS
    if not arrivee.exists() and all((depart / f.sur_disque).exists() for f in chantier.fichiers):
        provisoire = Path(tempfile.mkdtemp(prefix=_GARDE, dir=arrivee.parent))
        for recu in chantier.fichiers:
            shutil.copyfile(depart / recu.sur_disque, provisoire / recu.sur_disque)
        with contextlib.suppress(FileExistsError):
            provisoire.rename(arrivee)
        oublier_quarantaine(settings, chantier.id)


def oublier_quarantaine(settings: Settings, identifiant: str) -> None:
    """Drop the received bytes."""
    shutil.rmtree(settings.quarantaine / identifiant, ignore_errors=True)


def oublier(settings: Settings, identifiant: str) -> None:
    """Drop a deposit in progress as if it had never been received."""
    oublier_quarantaine(settings, identifiant)
    shutil.rmtree(_dossier(settings, identifiant), ignore_errors=True)


def effacer(settings: Settings, identifiant: str) -> None:
    """Drop everything of a deposit in progress but its state."""
    oublier_quarantaine(settings, identifiant)
    dossier = _dossier(settings, identifiant)
    shutil.rmtree(dossier / FICHIERS, ignore_errors=True)
    for garde in dossier.glob(f"{_GARDE}*"):
        shutil.rmtree(garde, ignore_errors=True)
    for nom in (GRILLE, VERDICT, RETIREES, AVANCEMENT):
        (dossier / nom).unlink(missing_ok=True)


def chemin_grille(settings: Settings, identifiant: str) -> Path:
    """Where the purified grid of a deposit in progress is kept."""
    return _dossier(settings, identifiant) / GRILLE


def marque_grille(settings: Settings, identifiant: str) -> str | None:
    """What the purified grid was made for: the mark given with it, ARCHIVE for a deposit taken up again, else None."""
    dossier = _dossier(settings, identifiant)
    brut = _json(dossier / RETIREES)
    return str(brut["marque"]) if brut else ARCHIVE if (dossier / GRILLE).exists() else None


def ecrire_retirees(
    settings: Settings, identifiant: str, retirees: Sequence[Mapping[str, Any]], marque: str
) -> None:
    """Remember what was left out of the purified grid, and for which choices it was made."""
    _ecrire_json(_dossier(settings, identifiant) / RETIREES, {"retirees": list(retirees), "marque": marque})


def lire_retirees(settings: Settings, identifiant: str) -> list[dict[str, Any]]:
    """What was left out of the purified grid; empty for a deposit that is taken up again."""
    brut = _json(_dossier(settings, identifiant) / RETIREES)
    return list(brut["retirees"]) if brut else []


def deposer_annote(settings: Settings, chantier: Chantier, octets: bytes) -> Path:
    """Keep the annotated copy in memory only: it may hold what the file held."""
    _exiger_prive(_dossier_prive(settings.quarantaine))
    dossier = _dossier_prive(settings.quarantaine / chantier.id)
    for ancien in dossier.glob("annote-*.xlsx"):
        ancien.unlink(missing_ok=True)
    chemin = dossier / f"annote-{chantier.revision}.xlsx"
    _ecrire(chemin, octets, durable=False)
    return chemin


def lire_annote(settings: Settings, chantier: Chantier) -> bytes | None:
    """The annotated copy of the present revision, once it is made."""
    chemin = settings.quarantaine / chantier.id / f"annote-{chantier.revision}.xlsx"
    return chemin.read_bytes() if chemin.exists() else None


def ecrire_apercus(settings: Settings, chantier: Chantier, apercus: Sequence[Mapping[str, Any]]) -> None:
    """Keep previews beside the bytes, in memory only, as long as these are there."""
    dossier = settings.quarantaine / chantier.id
    if dossier.is_dir():
        objet = {"revision": chantier.revision, "apercus": list(apercus)}
        _ecrire_json(dossier / APERCUS, objet, durable=False)


def lire_apercus(settings: Settings, chantier: Chantier) -> list[dict[str, Any]]:
    """The previews kept in memory for the present revision."""
    brut = _json(settings.quarantaine / chantier.id / APERCUS)
    return list(brut["apercus"]) if brut and brut["revision"] == chantier.revision else []


def ecrire_verdict(settings: Settings, identifiant: str, verdict: Mapping[str, Any]) -> None:
    """Keep the verdict of a revision."""
    _ecrire_json(_dossier(settings, identifiant) / VERDICT, verdict)


def lire_verdict(settings: Settings, identifiant: str) -> dict[str, Any] | None:
    """The last verdict, whatever its revision."""
    return _json(_dossier(settings, identifiant) / VERDICT)


def ecrire_avancement(settings: Settings, identifiant: str, etape: str, part: float) -> None:
    """Say where the work is: a step in French and a share between 0 and 1."""
    _ecrire_json(_dossier(settings, identifiant) / AVANCEMENT, {"etape": etape, "part": part}, durable=False)


def lire_avancement(settings: Settings, identifiant: str) -> tuple[str, float]:
    """The step under way and its share."""
    brut = _json(_dossier(settings, identifiant) / AVANCEMENT) or {}
    return str(brut.get("etape", EN_ATTENTE)), float(brut.get("part", 0.0))


def balayer(settings: Settings) -> int:
    """Drop what nobody came back to: quarantines after a day, deposits in progress after thirty. Returns how many."""
    nombre = 0
    for racine, duree in ((settings.quarantaine, QUARANTAINE_MAX), (settings.chantiers, CHANTIER_MAX)):
        limite = dt.datetime.now().timestamp() - duree
        for dossier in racine.iterdir() if racine.is_dir() else ():
            if _IDENTIFIANT.fullmatch(dossier.name) and dossier.stat().st_mtime < limite:
                shutil.rmtree(dossier, ignore_errors=True)
                nombre += 1
    return nombre


def _creer(settings: Settings, chantier: Chantier) -> Chantier:
    dossier = _dossier_prive(settings.chantiers / chantier.id)
    _ecrire_json(dossier / ETAT, asdict(chantier))
    return chantier


def _dossier(settings: Settings, identifiant: str) -> Path:
    """Folder of a deposit in progress: an id is sixteen hexadecimal digits, never a path."""
    if not _IDENTIFIANT.fullmatch(identifiant):
        raise ChantierInconnu("Cette adresse ne désigne aucun dépôt en cours.")
    return settings.chantiers / identifiant


def _dossier_prive(chemin: Path) -> Path:
    chemin.mkdir(parents=True, exist_ok=True, mode=0o700)
    return chemin


def _exiger_prive(chemin: Path) -> None:
    """PermissionError when the quarantine, in a folder shared by all, is not ours alone."""
    etat = chemin.lstat()
    if stat.S_ISLNK(etat.st_mode) or etat.st_uid != os.getuid() or etat.st_mode & 0o077:
        raise PermissionError(f"La quarantaine « {chemin} » n’appartient pas à ce seul service.")


def _maintenant() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _json(chemin: Path) -> dict[str, Any] | None:
    try:
        brut: dict[str, Any] = json.loads(chemin.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return brut


def _ecrire_json(chemin: Path, objet: Mapping[str, Any], *, durable: bool = True) -> None:
    octets = json.dumps(objet, ensure_ascii=False, default=str).encode("utf-8")
    _ecrire(chemin, octets, durable=durable)


def _ecrire(chemin: Path, octets: bytes, *, durable: bool = True) -> None:
    """Write whole or not at all."""
    descripteur, provisoire = tempfile.mkstemp(prefix=".en-cours-", dir=chemin.parent)
    try:
        with os.fdopen(descripteur, "wb") as flux:
            flux.write(octets)
            if durable:
                flux.flush()
                os.fsync(flux.fileno())
        Path(provisoire).replace(chemin)
    finally:
        Path(provisoire).unlink(missing_ok=True)
