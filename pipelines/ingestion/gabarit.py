"""The Excel template handed to associations: one sheet to fill, one to read, one hidden with the lists.

Same questionnaire, same bytes. A filled template is recognised by the marks of its hidden sheet.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.export import neutraliser
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de
from pipelines.ingestion.gabarit_aide import FEUILLE_AIDE, ecrire_aide

FEUILLE_LISTES = "Listes"
MARQUE = "observatoire:questionnaire"
OUI_NON = "oui_non"
LIGNES_FILTREES = 1000

_DATE = dt.datetime(2000, 1, 1)
AUTEUR = "Observatoire de la vie associative"
_FOND = {True: PatternFill("solid", fgColor="1F3864"), False: PatternFill("solid", fgColor="D9E2F3")}
_POLICE = {True: Font(bold=True, color="FFFFFF"), False: Font(bold=True, color="1F3864")}
_TRAIT = Side(style="thin", color="8EA9DB")


def ecrire_gabarit(
    enquete: Enquete,
    chemin: Path,
    millesime: int | None = None,
    lignes: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Write the template of `enquete` for `millesime`, filled with `lignes` (field name → cell) if any."""
    tampon = io.BytesIO()
    classeur_gabarit(enquete, millesime, lignes).save(tampon)
    chemin.write_bytes(_figer(tampon.getvalue()))


def classeur_gabarit(
    enquete: Enquete, millesime: int | None = None, lignes: Iterable[Mapping[str, Any]] = ()
) -> Workbook:
    """The workbook in memory."""
    champs = enquete.champs_actifs(millesime)
    classeur = Workbook()
    page = classeur.worksheets[0]
    page.title = enquete.feuille
    plages = _ecrire_listes(classeur.create_sheet(FEUILLE_LISTES), enquete, champs, millesime)
    _ecrire_titres(page, champs)
    nombre = 0
    for nombre, ligne in enumerate(lignes, start=1):
        for colonne, champ in enumerate(champs, start=1):
            _ecrire(page.cell(nombre + 1, colonne), ligne.get(champ.name), champ)
    _valider(page, champs, plages)
    derniere = get_column_letter(len(champs))
    page.auto_filter.ref = f"A1:{derniere}{max(nombre + 1, LIGNES_FILTREES)}"
    ecrire_aide(classeur.create_sheet(FEUILLE_AIDE, 1), enquete, champs, millesime)
    _identifier(classeur, enquete, millesime)
    return classeur


def decrire_classeur(classeur: Workbook) -> str:
    """The workbook as text, one cell a line with its note, then the lists: what a review can read."""
    lignes: list[str] = []
    for page in classeur.worksheets:
        lignes.append(f"# {page.title} ({page.sheet_state})")
        for cellule in (c for rangee in page.iter_rows() for c in rangee if c.value is not None):
            lignes.append(f"{cellule.coordinate}: {cellule.value}")
            if cellule.comment:
                lignes += [f"    {ligne}" for ligne in cellule.comment.text.splitlines()]
        lignes += [f"{r.sqref}: liste {r.formula1}" for r in page.data_validations.dataValidation]
        formats = {
            c: d.number_format for c, d in page.column_dimensions.items() if d.number_format != "General"
        }
        lignes += [f"{colonne}: format {motif}" for colonne, motif in formats.items()]
    return "\n".join(lignes) + "\n"


def _identifier(classeur: Workbook, enquete: Enquete, millesime: int | None) -> None:
    proprietes = classeur.properties
    proprietes.creator = proprietes.lastModifiedBy = AUTEUR
    proprietes.title = enquete.title
    proprietes.subject = enquete.name
    proprietes.version = enquete.version
    proprietes.created = _DATE
    for nom, valeur in _marques(enquete, millesime):
        classeur.custom_doc_props.append(StringProperty(name=nom, value=valeur))


def _marques(enquete: Enquete, millesime: int | None) -> list[tuple[str, str]]:
    marques = [(MARQUE, enquete.name), ("observatoire:version", enquete.version)]
    return marques + ([("observatoire:millesime", str(millesime))] if millesime else [])


def _ecrire_titres(page: Worksheet, champs: tuple[Champ, ...]) -> None:
    for colonne, champ in enumerate(champs, start=1):
        cellule = page.cell(1, colonne, champ.title)
        cellule.fill, cellule.font = _FOND[champ.obligatoire], _POLICE[champ.obligatoire]
        cellule.alignment = Alignment(wrap_text=True, vertical="center")
        cellule.border = Border(bottom=_TRAIT, right=_TRAIT)
        cellule.comment = _note(champ)
        dimension = page.column_dimensions[get_column_letter(colonne)]
        dimension.width = max(12, min(34, len(champ.title) * 0.62 + 6))
        dimension.number_format = type_de(champ).excel
    page.row_dimensions[1].height = 48
    page.freeze_panes = "B2"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"


def _note(champ: Champ) -> Comment:
    tete = "OBLIGATOIRE. " if champ.obligatoire else ""
    unite = f"\nUnité\u00a0: {champ.unit}" if champ.unit else ""
    texte = f"{tete}{champ.description}{unite}\nExemple\u00a0: {champ.example}"
    return Comment(texte, AUTEUR, height=60 + 18 * (len(texte) // 44), width=320)


def _ecrire(cellule: Cell, valeur: Any, champ: Champ) -> None:
    """Write one answer; a text stays a text even when it looks like a formula."""
    cellule.value = valeur
    cellule.number_format = type_de(champ).excel
    if isinstance(valeur, str) and neutraliser(valeur) != valeur:
        cellule.data_type = "s"
        cellule.quotePrefix = True


def _ecrire_listes(
    page: Worksheet, enquete: Enquete, champs: tuple[Champ, ...], millesime: int | None
) -> dict[str, str]:
    """Fill the hidden sheet: marks of the questionnaire, then one list a column. Returns list → range."""
    page.sheet_state = "hidden"
    for ligne, (nom, valeur) in enumerate(_marques(enquete, millesime), start=1):
        page.cell(ligne, 1, nom)
        page.cell(ligne, 2, valeur).number_format = "@"
    listes: dict[str, tuple[str, ...]] = {OUI_NON: ("oui", "non")}
    listes |= {
        c.nomenclature: charger_nomenclature(c.nomenclature).libelles for c in champs if c.nomenclature
    }
    plages = {}
    for colonne, (nom, libelles) in enumerate(listes.items(), start=4):
        page.cell(1, colonne, nom)
        for ligne, libelle in enumerate(libelles, start=2):
            page.cell(ligne, colonne, libelle)
        lettre = get_column_letter(colonne)
        plages[nom] = f"={FEUILLE_LISTES}!${lettre}$2:${lettre}${len(libelles) + 1}"
    return plages


def _valider(page: Worksheet, champs: tuple[Champ, ...], plages: Mapping[str, str]) -> None:
    """Drop-down lists. A field with several answers shows its list and accepts a combination."""
    for colonne, champ in enumerate(champs, start=1):
        type_ = type_de(champ).nom
        liste = champ.nomenclature or (OUI_NON if type_ == "booleen" else None)
        if liste is None:
            continue
        regle = DataValidation(type="list", formula1=plages[liste], allow_blank=True)
        regle.showErrorMessage = type_ != "nomenclature_multiple"
        regle.errorTitle = "Réponse hors de la liste"
        regle.error = "Choisissez une réponse dans la liste déroulante, ou laissez vide."
        lettre = get_column_letter(colonne)
        regle.add(f"{lettre}2:{lettre}{page.max_row + LIGNES_FILTREES}")
        page.add_data_validation(regle)


def _figer(octets: bytes) -> bytes:
    """The same archive with fixed dates."""
    quand = f"{_DATE:%Y-%m-%dT%H:%M:%SZ}".encode()
    sortie = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(octets)) as lu,
        zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as ecrit,
    ):
        for nom in lu.namelist():
            contenu = lu.read(nom)
            if nom == "docProps/core.xml":
                contenu = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + quand, contenu)
            fiche = zipfile.ZipInfo(nom, date_time=(2000, 1, 1, 0, 0, 0))
            fiche.compress_type = zipfile.ZIP_DEFLATED
            ecrit.writestr(fiche, contenu)
    return sortie.getvalue()
