"""Files written byte by byte for the tests of the reader: raw sheets, OpenDocument contents, OLE2 headers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

ESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS = (
    '<?xml version="1.0"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="Feuille 1">{}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)
_MANIFESTE = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>{}</manifest:manifest>'
)


def feuille_xml(lignes: str, suite: str = "") -> str:
    """The XML of a worksheet from its rows and what follows them."""
    return (
        f'<?xml version="1.0"?><worksheet xmlns="{ESPACE}"><sheetData>{lignes}</sheetData>{suite}</worksheet>'
    )


def archive(chemin: Path, entrees: Mapping[str, str | bytes]) -> Path:
    """A ZIP of these entries."""
    with zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED) as sortie:
        for nom, contenu in entrees.items():
            sortie.writestr(nom, contenu)
    return chemin


def parties(classeur: Workbook | None = None) -> dict[str, bytes]:
    """The entries of a small valid .xlsx."""
    if classeur is None:
        classeur = Workbook()
        classeur.active.append(["Nom", "Valeur"])
    memoire = io.BytesIO()
    classeur.save(memoire)
    with zipfile.ZipFile(memoire) as entree:
        return {nom: entree.read(nom) for nom in entree.namelist()}


def xlsx_brut(chemin: Path, xml: str, autres: Mapping[str, str | bytes] | None = None) -> Path:
    """A workbook whose first sheet is this XML, with more or other entries."""
    return archive(chemin, {**parties(), "xl/worksheets/sheet1.xml": xml, **(autres or {})})


def ods_brut(chemin: Path, lignes: str, manifeste: str = "") -> Path:
    """An OpenDocument spreadsheet with these table rows."""
    return archive(
        chemin,
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": _ODS.format(lignes),
            "META-INF/manifest.xml": _MANIFESTE.format(manifeste),
        },
    )


def xlsx(chemin: Path, feuilles: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """A workbook of these sheets, rows from A1."""
    classeur = Workbook()
    classeur.remove(classeur.active)
    for nom, lignes in feuilles.items():
        feuille = classeur.create_sheet(nom)
        for ligne in lignes:
            feuille.append(list(ligne))
    classeur.save(chemin)
    return chemin
