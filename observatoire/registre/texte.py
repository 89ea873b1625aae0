"""The text of an official file as DuckDB reads it: unpacked when it comes packed, UTF-8 whatever it was.

Everything goes by blocks, never a whole file in memory; a plain UTF-8 file is checked and read where it is.
"""

from __future__ import annotations

import codecs
import gzip
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from observatoire.registre.formats import RegistreRefuse

TAILLE_BLOC = 1 << 22
TEXTES = (".csv", ".txt", ".tsv")
# The largest stock of Sirene has nine billion bytes once unpacked.
GONFLE_MAX = 40_000_000_000
RAPPORT_MAX = 200


@dataclass(frozen=True, slots=True)
class Texte:
    """A UTF-8 file and the encoding it came in."""

    chemin: Path
    encodage: str


def preparer(fichier: Path, dossier: Path) -> Texte:
    """The file as UTF-8: itself when it is, else a copy in `dossier`. RegistreRefuse when it is no text."""
    clair = _deballer(fichier, dossier)
    with clair.open("rb") as flux:
        debut = flux.read(4)
    if debut.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _transcoder(clair, dossier, "utf-16", fichier.name)
    if _est_utf8(clair, fichier.name):
        return Texte(clair, "utf-8")
    # Five bytes of Windows-1252 are holes: Latin-1 reads them.
    for encodage in ("cp1252", "latin-1"):
        try:
            return _transcoder(clair, dossier, encodage, fichier.name)
        except UnicodeDecodeError:
            continue
    raise _pas_un_texte(fichier.name)


def _est_utf8(chemin: Path, nom: str) -> bool:
    decodeur = codecs.getincrementaldecoder("utf-8")()
    try:
        for bloc in _blocs(chemin, nom):
            decodeur.decode(bloc)
        decodeur.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _transcoder(source: Path, dossier: Path, encodage: str, nom: str) -> Texte:
    decodeur = codecs.getincrementaldecoder(encodage)()
    vers = dossier / "texte.csv"
    with vers.open("w", encoding="utf-8", newline="") as sortie:
        for bloc in _blocs(source, nom, nuls=encodage == "utf-16"):
            sortie.write(decodeur.decode(bloc))
        try:
            sortie.write(decodeur.decode(b"", final=True))
        except UnicodeDecodeError:
            raise _pas_un_texte(nom) from None
    return Texte(vers, encodage)


def _blocs(chemin: Path, nom: str, *, nuls: bool = False) -> Iterator[bytes]:
    with chemin.open("rb") as flux:
        while bloc := flux.read(TAILLE_BLOC):
            if not nuls and b"\0" in bloc:
                raise RegistreRefuse(
                    f"«\u00a0{nom}\u00a0» contient des caractères nuls\u00a0: ce n’est pas un CSV. "
                    f"Prenez le CSV publié, ou son archive .zip ou .gz."
                )
            yield bloc


def _deballer(fichier: Path, dossier: Path) -> Path:
    """The only text of an archive, unpacked; the file itself when it is none."""
    try:
        if zipfile.is_zipfile(fichier):
            with zipfile.ZipFile(fichier) as archive:
                texte = _seul_texte(archive, fichier)
                with archive.open(texte) as flux:
                    return _copier(flux, dossier / "deballe.csv", fichier)
        if fichier.suffix.lower() == ".gz":
            with gzip.open(fichier) as flux:
                return _copier(cast("IO[bytes]", flux), dossier / "deballe.csv", fichier)
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise RegistreRefuse(
            f"L’archive «\u00a0{fichier.name}\u00a0» est abîmée ou chiffrée. Téléchargez-la de nouveau. Rien n’a été changé."
        ) from None
    return fichier


def _seul_texte(archive: zipfile.ZipFile, fichier: Path) -> zipfile.ZipInfo:
    textes = [x for x in archive.infolist() if Path(x.filename).suffix.lower() in TEXTES]
    if len(textes) != 1:
        raise RegistreRefuse(
            f"L’archive «\u00a0{fichier.name}\u00a0» contient {len(textes)} fichiers CSV\u00a0: il en faut un seul. "
            f"Décompressez-la et ajoutez-les un par un. Rien n’a été changé."
        )
    return textes[0]


def _copier(flux: IO[bytes], vers: Path, fichier: Path) -> Path:
    """Unpack by blocks; an archive that swells beyond reason is refused before it fills the disk."""
    plafond = min(
        GONFLE_MAX,
        fichier.stat().st_size * RAPPORT_MAX + TAILLE_BLOC,
        shutil.disk_usage(vers.parent).free // 2,
    )
    ecrits = 0
    with vers.open("wb") as sortie:
        while bloc := flux.read(TAILLE_BLOC):
            ecrits += len(bloc)
            if ecrits > plafond:
                raise RegistreRefuse(
                    f"L’archive «\u00a0{fichier.name}\u00a0» est démesurée une fois décompressée, ou le disque n’a pas la place. "
                    f"Rien n’a été changé."
                )
            sortie.write(bloc)
    return vers


def _pas_un_texte(nom: str) -> RegistreRefuse:
    return RegistreRefuse(
        f"«\u00a0{nom}\u00a0» n’est pas un fichier de texte. Prenez le CSV publié, ou son archive .zip ou .gz."
    )
