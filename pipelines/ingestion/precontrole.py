"""First look at the bytes, before any parser: what the file is, and whether it is safe to open.

Runs in the child process. The content decides of the format; the name only says what the person meant.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from pathlib import PurePath

from pipelines.ingestion.limites import (
    ENREGISTRER,
    PARTAGER,
    Limites,
    Refus,
    format_refuse,
    trop,
    trop_lourd,
    volume,
)

TABLEURS = {".xlsx", ".xls", ".ods"}
TEXTES = {".csv", ".tsv", ".txt"}
REEXPORTER = "Refaites l’export en .xlsx ou .csv depuis l’outil qui l’a produit."
DECOMPRESSER = "Décompressez-le et déposez le tableur qu’il contient."
PAS_UN_PDF = "Un PDF n’est pas un tableur\u00a0: demandez le fichier d’origine."
PAS_UN_TEXTE = "Un document de texte n’est pas un tableur\u00a0: demandez le tableur d’origine, ou recopiez le tableau dans un tableur."
OUVRIR = "Ouvrez-le dans votre tableur, enregistrez-le au format .xlsx et déposez-le de nouveau."
# What a file of this extension is, and what to do about it.
AUTRES = {
    ".xlsm": ("classeur avec macros", ENREGISTRER),
    ".xltm": ("modèle avec macros", ENREGISTRER),
    ".xltx": ("modèle de classeur", ENREGISTRER),
    ".xlsb": ("classeur binaire", ENREGISTRER),
    ".json": ("données JSON", REEXPORTER),
    ".geojson": ("données JSON", REEXPORTER),
    ".xml": ("données XML", REEXPORTER),
    ".sav": ("fichier SPSS", REEXPORTER),
    ".parquet": ("données Parquet", REEXPORTER),
    ".duckdb": ("base DuckDB", REEXPORTER),
    ".pdf": ("document PDF", PAS_UN_PDF),
    ".zip": ("archive", DECOMPRESSER),
    ".gz": ("archive", DECOMPRESSER),
    ".7z": ("archive", DECOMPRESSER),
    ".rar": ("archive", DECOMPRESSER),
    ".doc": ("texte", PAS_UN_TEXTE),
    ".docx": ("texte", PAS_UN_TEXTE),
    ".odt": ("texte", PAS_UN_TEXTE),
    ".html": ("page web", OUVRIR),
    ".htm": ("page web", OUVRIR),
    ".numbers": (
        "classeur Numbers",
        "Dans Numbers, exportez-le vers Excel et déposez le fichier .xlsx obtenu.",
    ),
}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
WEB = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<body", b"<style", b"<meta", b"mime-version:")
DEBUT_BIFF = (b"\x09\x08\x10\x00\x00\x06\x05\x00", b"\x09\x08\x08\x00\x00\x05\x05\x00")
FILEPASS = 0x002F


def _extension_refusee(nom: str) -> Refus:
    suffixe = PurePath(nom).suffix.lower()
    if suffixe not in AUTRES:
        return format_refuse(suffixe or "sans extension")
    nature, remede = AUTRES[suffixe]
    return format_refuse(f"{suffixe}, {nature}", remede)


def format_de(nom: str, donnees: bytes, limites: Limites) -> str:
    """Format of the file: `xlsx`, `xls`, `ods` or `csv`. Raises `Refus` when it may not be read."""
    suffixe = PurePath(nom).suffix.lower()
    if suffixe not in TABLEURS | TEXTES:
        raise _extension_refusee(nom)
    if donnees.startswith(ZIP):
        return _examiner_zip(nom, donnees, limites)
    if donnees.startswith(OLE):
        return _examiner_ole(donnees)
    if donnees.startswith(b"%PDF"):
        raise format_refuse(f"{suffixe}, document PDF renommé", PAS_UN_PDF)
    if _page_web(donnees):
        raise Refus("FI-02")
    if suffixe in TEXTES:
        return "csv"
    raise Refus("FI-04", raison="contenu inconnu")


def _page_web(donnees: bytes) -> bool:
    debut = donnees[:1024].replace(b"\0", b"").lower()
    for bom in BOMS:
        debut = debut.removeprefix(bom)
    return debut.lstrip().startswith(WEB)


def _examiner_ole(donnees: bytes) -> str:
    """An OLE2 container: an old .xls, or the envelope of an encrypted .xlsx."""
    if not any(nom.encode("utf-16-le") in donnees for nom in ("Workbook", "WORKBOOK", "Book")):
        if "EncryptedPackage".encode("utf-16-le") in donnees:
            raise Refus("FI-01")
        if "WordDocument".encode("utf-16-le") in donnees:
            raise format_refuse("document Word renommé", PAS_UN_TEXTE)
    if any(_chiffre(donnees, donnees.find(debut)) for debut in DEBUT_BIFF):
        raise Refus("FI-01")
    return "xls"


def _chiffre(donnees: bytes, position: int) -> bool:
    """True when a FILEPASS record stands among the first ones of the workbook stream."""
    for _ in range(8):
        if position < 0 or position + 4 > len(donnees):
            return False
        numero, longueur = struct.unpack_from("<HH", donnees, position)
        if numero == FILEPASS:
            return True
        position += 4 + longueur
    return False


def _examiner_zip(nom: str, donnees: bytes, limites: Limites) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(donnees)) as archive:
            entrees = archive.infolist()
            _borner(entrees, limites)
            return _nature_zip(nom, archive, {e.filename for e in entrees})
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, struct.error, OSError) as erreur:
        raise Refus("FI-04", raison="archive abîmée") from erreur
    except RuntimeError as erreur:  # zipfile's word for an encrypted entry
        raise Refus("FI-01") from erreur


def _borner(entrees: Sequence[zipfile.ZipInfo], limites: Limites) -> None:
    """Entries, sizes, ratios and names; sizes are those the archive declares, which readers enforce."""
    if len(entrees) > limites.entrees:
        raise trop(len(entrees), "fichiers dans l’archive", limites.entrees, PARTAGER)
    if any(e.flag_bits & 1 for e in entrees):
        raise Refus("FI-01")
    noms = [e.filename for e in entrees]
    if len(set(noms)) != len(noms) or any(n.startswith("/") or ".." in n.split("/") for n in noms):
        raise Refus("FI-04", raison="archive piégée")
    if sum(e.file_size for e in entrees) > limites.decompresse:
        raise Refus("FI-05", **trop_lourd(f"plus de {volume(limites.decompresse)} une fois décompressé"))
    if any(
        e.file_size > limites.ratio_seuil and e.file_size > limites.ratio * max(e.compress_size, 1)
        for e in entrees
    ):
        raise Refus("FI-05", **trop_lourd(f"contenu compressé plus de {limites.ratio} fois"))


def _nature_zip(nom: str, archive: zipfile.ZipFile, noms: set[str]) -> str:
    suffixe = PurePath(nom).suffix.lower()
    minuscules = {n.lower().replace("\\", "/") for n in noms}
    if any(n.endswith("vbaproject.bin") for n in minuscules):
        raise format_refuse(f"{suffixe} contenant des macros")
    if "xl/workbook.bin" in minuscules:
        raise format_refuse(f"{suffixe}, en réalité un classeur binaire .xlsb")
    if "mimetype" in noms and b"opendocument" in archive.read("mimetype")[:100]:
        if b"opendocument.spreadsheet" not in archive.read("mimetype")[:100]:
            raise format_refuse(f"{suffixe}, document qui n’est pas un tableur", PAS_UN_TEXTE)
        manifeste = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in noms else b""
        if b"encryption-data" in manifeste:
            raise Refus("FI-01")
        return "ods"
    if any(n.startswith("xl/") for n in minuscules) or _annonce_tableur(archive, noms):
        return "xlsx"
    # A letter and a bare archive wear the same envelope.
    if any(n.startswith("word/") for n in minuscules):
        raise format_refuse(f"{suffixe}, document Word renommé", PAS_UN_TEXTE)
    raise format_refuse(f"{suffixe}, en réalité une archive sans tableur", DECOMPRESSER)


def _annonce_tableur(archive: zipfile.ZipFile, noms: set[str]) -> bool:
    return "[Content_Types].xml" in noms and b"spreadsheetml" in archive.read("[Content_Types].xml")
