"""A workbook made again from the grid, when the file received cannot be copied: xls, ods, csv, purified grids."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from observatoire.domain.types.base import Valeur
from pipelines.ingestion.grille import Classeur, Feuille
from pipelines.sorties.feuille_a_corriger import ecrire_texte

LONGUEUR_TITRE = 31
LIGNES_MESUREES = 200
FUSIONS_MAX = 2_000
_INTERDITS = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def rebatir(classeur: Classeur, feuilles: Sequence[Feuille]) -> tuple[Workbook, dict[str, Worksheet]]:
    """The workbook and its sheets by the name they have in `classeur`; cells stand at their true addresses."""
    livre = Workbook()
    livre.remove(livre.worksheets[0])
    pages: dict[str, Worksheet] = {}
    for feuille in feuilles:
        page = livre.create_sheet(titre_libre(feuille.nom, (p.title for p in livre.worksheets)))
        pages[feuille.nom] = page
        _remplir(page, feuille)
        page.sheet_state = "visible" if feuille.visible else "hidden"
    return livre, pages


def titre_libre(nom: str, pris: Iterable[str]) -> str:
    """A sheet title that every spreadsheet accepts, not yet taken (case apart)."""
    deja = {p.casefold() for p in pris}
    base = _INTERDITS.sub("_", nom).strip(" '") or "Feuille"
    titre, rang = base[:LONGUEUR_TITRE], 2
    while titre.casefold() in deja:
        suite = f" ({rang})"
        titre, rang = base[: LONGUEUR_TITRE - len(suite)] + suite, rang + 1
    return titre


def _remplir(page: Worksheet, feuille: Feuille) -> None:
    # A form read across was turned by the engine: the copy has the shape of the file received.
    for i, ligne in enumerate(feuille.lignes, start=1):
        for j, valeur in enumerate(ligne, start=1):
            if valeur is not None:
                ecrire_valeur(page.cell(*((j, i) if feuille.transposee else (i, j))), valeur)
    if feuille.transposee:
        return
    for (i, j), texte in feuille.erreurs.items():
        page.cell(i + 1, j + 1).value = texte
    for i in feuille.masquees:
        page.row_dimensions[i + 1].hidden = True
    # openpyxl compares each merged range with all the others.
    for haut, gauche, bas, droite in feuille.fusions[:FUSIONS_MAX]:
        places = [(i, j) for i in range(haut, bas + 1) for j in range(gauche, droite + 1)][1:]
        if all((i + 1, j + 1) not in page._cells for i, j in places):
            page.merge_cells(
                start_row=haut + 1, start_column=gauche + 1, end_row=bas + 1, end_column=droite + 1
            )
    _elargir(page, feuille)


def _elargir(page: Worksheet, feuille: Feuille) -> None:
    mesurees = feuille.lignes[:LIGNES_MESUREES]
    for j in range(max(map(len, mesurees), default=0)):
        largeur = max((len(str(x[j])) for x in mesurees if len(x) > j and x[j] is not None), default=0)
        page.column_dimensions[get_column_letter(j + 1)].width = max(9, min(50, largeur + 2))


def ecrire_valeur(cellule: Cell, valeur: Valeur) -> None:
    """Write a cell of the grid: a text stays a text, a date has a French format."""
    if isinstance(valeur, str):
        ecrire_texte(cellule, valeur)
        return
    entier = isinstance(valeur, float) and valeur.is_integer() and abs(valeur) < 2**53
    cellule.value = int(valeur) if isinstance(valeur, float) and entier else valeur
    if isinstance(valeur, dt.datetime) and valeur.time() != dt.time():
        cellule.number_format = "DD/MM/YYYY HH:MM:SS"
    elif isinstance(valeur, dt.date):
        cellule.number_format = "DD/MM/YYYY"
