"""Bytes of the deposits, kept by hash under data/raw: written whole or not at all, never rewritten."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import hashlib
import io
import os
import tempfile
import time
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from observatoire.config.settings import Settings

EN_COURS = ".en-cours-"
GRILLE = ".grille.zip"
PERIME_APRES = 3600.0
LONGUEUR_EXTENSION = 8
_DATE_ZIP = (1980, 1, 1, 0, 0, 0)
_BLOC = 1 << 20


def archiver(settings: Settings, contenu: bytes | Path, sha256: str, extension: str) -> Path:
    """Keep `contenu` as data/raw/<aa>/<sha256>.<extension>; returns its path.

    Nothing is written when the file is already there. ValueError when the hash of `contenu` differs. An
    `extension` that is no plain word becomes `bin`.
    """
    return _ecrire(settings, contenu, f"{sha256}.{_suffixe(extension)}", attendu=sha256)


def archiver_epure(settings: Settings, contenu: bytes, sha256_recu: str, extension: str) -> Path:
    """Keep what is left of a file once its authors and comments are taken out, under the hash of the bytes received.

    The bytes kept are not those that were hashed; a file received twice is still found, and kept once.
    """
    return _ecrire(settings, contenu, f"{sha256_recu}.{_suffixe(extension)}")


def archiver_grille(
    settings: Settings,
    sha256: str,
    feuilles: Iterable[tuple[str, Iterable[Sequence[object]]]],
    typee: bytes | None = None,
) -> Path:
    """Keep the grids (sheet name, rows of cells) of a file whose own bytes hold personal columns.

    Written as <sha256>.grille.zip: `feuilles.csv` (number, sheet name) and one UTF-8 CSV per sheet. The
    caller has emptied the personal columns. `typee` is kept beside as `grille.json`: the same cells with their types,
    from which the deposit can be replayed. The same grids always give the same bytes.
    """
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as z:
        noms: list[tuple[object, ...]] = [("numero", "feuille")]
        for numero, (nom, lignes) in enumerate(feuilles, 1):
            noms.append((numero, nom))
            z.writestr(_entree(f"feuille-{numero:02d}.csv"), _csv(lignes))
        z.writestr(_entree("feuilles.csv"), _csv(noms))
        if typee is not None:
            z.writestr(_entree("grille.json"), typee)
    return _ecrire(settings, tampon.getvalue(), f"{sha256}{GRILLE}")


def _suffixe(extension: str) -> str:
    suffixe = extension.lower().lstrip(".")
    sur = suffixe.isascii() and suffixe.isalnum() and len(suffixe) <= LONGUEUR_EXTENSION
    return suffixe if sur else "bin"


def _entree(nom: str) -> zipfile.ZipInfo:
    entree = zipfile.ZipInfo(nom, _DATE_ZIP)
    entree.compress_type = zipfile.ZIP_DEFLATED
    entree.external_attr = 0o600 << 16
    return entree


def _csv(lignes: Iterable[Sequence[object]]) -> bytes:
    texte = io.StringIO(newline="")
    csv.writer(texte, lineterminator="\n").writerows([_texte(v) for v in ligne] for ligne in lignes)
    return texte.getvalue().encode("utf-8")


def _texte(valeur: object) -> str:
    """A cell without loss: ISO dates, dot decimals, empty for None."""
    if valeur is None:
        return ""
    if isinstance(valeur, dt.date | dt.time):
        return valeur.isoformat()
    return str(valeur)


def _ecrire(settings: Settings, contenu: bytes | Path, nom: str, attendu: str | None = None) -> Path:
    dossier = settings.raw / nom[:2]
    final = dossier / nom
    if final.exists():
        return final
    dossier.mkdir(parents=True, exist_ok=True)
    _balayer(dossier)
    descripteur, tmp = tempfile.mkstemp(prefix=EN_COURS, dir=dossier)
    temporaire = Path(tmp)
    try:
        empreinte = hashlib.sha256()
        with os.fdopen(descripteur, "wb") as sortie:
            for bloc in _blocs(contenu):
                empreinte.update(bloc)
                sortie.write(bloc)
            sortie.flush()
            os.fsync(sortie.fileno())
        if attendu is not None and empreinte.hexdigest() != attendu:
            raise ValueError(f"le contenu à archiver n’a pas l’empreinte annoncée ({attendu})")
        temporaire.chmod(0o400)
        temporaire.replace(final)
    finally:
        temporaire.unlink(missing_ok=True)
    synchroniser(dossier)
    synchroniser(settings.raw)
    return final


def _blocs(contenu: bytes | Path) -> Iterable[bytes]:
    if isinstance(contenu, bytes):
        yield contenu
        return
    with contenu.open("rb") as entree:
        while bloc := entree.read(_BLOC):
            yield bloc


def _balayer(dossier: Path) -> None:
    """Remove what a killed process left behind; a younger file may still be being written."""
    for reste in dossier.glob(f"{EN_COURS}*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - reste.stat().st_mtime > PERIME_APRES:
                reste.unlink()


def empreinte(chemin: Path) -> str:
    """SHA-256 of a file."""
    with chemin.open("rb") as entree:
        return hashlib.file_digest(entree, "sha256").hexdigest()


class Empreintes:
    """SHA-256 of files that are written once: one of several names, or asked for twice, is read once."""

    def __init__(self) -> None:
        self._lues: dict[tuple[int, ...], str] = {}

    def __call__(self, chemin: Path) -> str:
        """SHA-256 of a file."""
        etat = chemin.stat()
        cle = (etat.st_dev, etat.st_ino, etat.st_size, etat.st_mtime_ns)
        if cle not in self._lues:
            self._lues[cle] = empreinte(chemin)
        return self._lues[cle]


def synchroniser(chemin: Path) -> None:
    """fsync a file or a folder."""
    descripteur = os.open(chemin, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)
