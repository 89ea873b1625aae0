"""How the tables become files: xlsx, ods, csv, always the same bytes, and the address of every cell."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from demonstration_population import ICI
from demonstration_salissures import Brut
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

TITRES: dict[str, dict[str, str]] = tomllib.loads(
    (ICI / "demonstration" / "titres.toml").read_text(encoding="utf-8")
)
NIVEAUX = " › "
QUAND = dt.datetime(2026, 1, 15)
FOND = PatternFill("solid", fgColor="DDE6EE")

Ligne = dict[str, Any]


def lettres(debut: int, nombre: int) -> list[str]:
    """Letters of `nombre` columns from `debut`, 1-based."""
    return [get_column_letter(j) for j in range(debut, debut + nombre)]


def cellule(ligne: Ligne, champ: str) -> Any:
    """What is written: a messy cell as it stands, else the value."""
    valeur = ligne.get(champ)
    return valeur.valeur if isinstance(valeur, Brut) else valeur


def feuille(classeur: Workbook, titre: str) -> Worksheet:
    """The sheet `titre`, the first one of a new workbook included."""
    page = classeur.worksheets[0]
    if page.title == "Sheet":
        page.title = titre
        return page
    return classeur.create_sheet(titre)


def poser_titres(page: Worksheet, questionnaire: str, ligne: int, colonne: int) -> None:
    """Column titles from (ligne, colonne), 1-based: on two rows, groups merged, when some have a group."""
    titres = [t.rpartition(NIVEAUX)[::2] for t in TITRES[questionnaire].values()]
    hauteur = 2 if any(groupe for groupe, _ in titres) else 1
    fin = ligne + hauteur - 1
    rang = colonne
    for groupe, membres in groupby(titres, key=lambda t: t[0]):
        largeur = len(noms := [nom for _, nom in membres])
        if groupe:
            page.cell(ligne, rang, groupe)
            page.merge_cells(start_row=ligne, end_row=ligne, start_column=rang, end_column=rang + largeur - 1)
        for j, nom in enumerate(noms, rang):
            page.cell(fin if groupe else ligne, j, nom or None)
            if not groupe and hauteur == 2 and nom:
                page.merge_cells(start_row=ligne, end_row=fin, start_column=j, end_column=j)
            page.column_dimensions[get_column_letter(j)].width = 14
        rang += largeur
    for rangee in page.iter_rows(ligne, fin, colonne, rang - 1):
        for case in rangee:
            case.font, case.fill = Font(bold=True), FOND
            case.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")


def poser_lignes(
    page: Worksheet, questionnaire: str, lignes: Iterable[Ligne], ligne: int, colonne: int
) -> Iterator[list[str]]:
    """Write rows downwards from (ligne, colonne); yields the addresses of each row."""
    champs = list(TITRES[questionnaire])
    for i, valeurs in enumerate(lignes, ligne):
        for j, champ in enumerate(champs, colonne):
            case = page.cell(i, j, cellule(valeurs, champ))
            if champ == "taux_pluriannuel" and not isinstance(valeurs.get(champ), Brut):
                case.number_format = "0%"
        yield [f"{lettre}{i}" for lettre in lettres(colonne, len(champs))]


def octets_xlsx(classeur: Workbook) -> bytes:
    """The workbook with fixed dates."""
    classeur.properties.creator = "Observatoire de la vie associative (démonstration)"
    classeur.properties.created = QUAND
    tampon = io.BytesIO()
    classeur.save(tampon)
    with zipfile.ZipFile(tampon) as archive:
        return figer((nom, archive.read(nom)) for nom in archive.namelist())


def figer(entrees: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip archive that holds no clock: fixed dates, the entries in the order given."""
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w") as archive:
        for nom, contenu in entrees:
            if nom == "docProps/core.xml":
                modifie = f"{QUAND:%Y-%m-%dT%H:%M:%SZ}".encode()
                contenu = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + modifie, contenu)
            info = zipfile.ZipInfo(nom, (QUAND.year, QUAND.month, QUAND.day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if nom == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, contenu, compresslevel=9)
    return sortie.getvalue()


MIME_ODS = "application/vnd.oasis.opendocument.spreadsheet"
ESPACE_ODF = "urn:oasis:names:tc:opendocument:xmlns"
CONTENU_ODS = f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document-content office:version="1.2" xmlns:office="{ESPACE_ODF}:office:1.0"
 xmlns:table="{ESPACE_ODF}:table:1.0" xmlns:text="{ESPACE_ODF}:text:1.0">
<office:body><office:spreadsheet><table:table table:name="%s">
%s
</table:table></office:spreadsheet></office:body></office:document-content>"""
MANIFESTE_ODS = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="{ESPACE_ODF}:manifest:1.0" manifest:version="1.2">
<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME_ODS}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"""


def _case_ods(valeur: Any) -> str:
    if valeur is None:
        return "<table:table-cell/>"
    nombre = isinstance(valeur, int | float)
    genre = f'office:value-type="float" office:value="{valeur}"' if nombre else 'office:value-type="string"'
    return f"<table:table-cell {genre}><text:p>{escape(str(valeur))}</text:p></table:table-cell>"


def octets_ods(nom: str, lignes: Iterable[list[Any]]) -> bytes:
    """An OpenDocument workbook of one sheet, the smallest that LibreOffice opens."""
    rangees = (f"<table:table-row>{''.join(map(_case_ods, ligne))}</table:table-row>" for ligne in lignes)
    contenu = CONTENU_ODS % (escape(nom), "\n".join(rangees))
    textes = (("mimetype", MIME_ODS), ("content.xml", contenu), ("META-INF/manifest.xml", MANIFESTE_ODS))
    return figer((nom, texte.encode()) for nom, texte in textes)


def texte_csv(lignes: Iterable[list[Any]]) -> str:
    """Comma-separated text."""
    sortie = io.StringIO(newline="")
    csv.writer(sortie, lineterminator="\n").writerows(lignes)
    return sortie.getvalue()
