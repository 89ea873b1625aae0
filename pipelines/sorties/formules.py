"""Results of the formulas, put back in a copy: openpyxl keeps the formula and forgets what it gave.

Without them, a copy that was not opened in a spreadsheet would come back with empty cells.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import to_excel

_FORMULE = re.compile(rb'<c r="([A-Z]+\d+)"([^>]*)>(<f(?:[^>]*/>|[^>]*>[^<]*</f>))<v ?(?:/>|></v>)</c>')


def rendre_resultats(original: bytes, copie: bytes, livre: Workbook) -> bytes:
    """`copie`, just saved from `livre`, with the results that the formulas have in `original`."""
    with zipfile.ZipFile(io.BytesIO(copie)) as lu:
        chemins = {page.path.lstrip("/"): page.title for page in livre.worksheets}
        visees = {
            chemins[nom]: {m[1].decode() for m in _FORMULE.finditer(lu.read(nom))}
            for nom in lu.namelist()
            if nom in chemins
        }
        if not any(visees.values()):
            return copie
        resultats = _resultats(original, visees)
        sortie = io.BytesIO()
        with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as ecrit:
            for nom in lu.namelist():
                contenu = lu.read(nom)
                if trouves := resultats.get(chemins.get(nom, "")):
                    contenu = _FORMULE.sub(partial(_cellule, trouves), contenu)
                ecrit.writestr(nom, contenu)
    return sortie.getvalue()


def _resultats(original: bytes, visees: Mapping[str, set[str]]) -> dict[str, dict[str, bytes]]:
    """Sheet → address → the end of the cell: type attribute and value."""
    lu = load_workbook(io.BytesIO(original), read_only=True, data_only=True)
    resultats: dict[str, dict[str, bytes]] = {}
    for page in lu.worksheets:
        if adresses := visees.get(page.title):
            resultats[page.title] = {
                c.coordinate: _valeur(c.value, c.data_type, lu.epoch)
                for ligne in page.iter_rows()
                for c in ligne
                if c.value is not None and c.coordinate in adresses
            }
    lu.close()
    return resultats


def _valeur(valeur: Any, genre: str, epoque: dt.datetime) -> bytes:
    if isinstance(valeur, bool):
        return b' t="b"|' + str(int(valeur)).encode()
    if isinstance(valeur, dt.datetime | dt.date | dt.time | dt.timedelta):
        return b"|" + repr(to_excel(valeur, epoque)).encode()
    if isinstance(valeur, str):
        return f' t="{"e" if genre == "e" else "str"}"|{escape(valeur)}'.encode()
    return b"|" + repr(valeur).encode()


def _cellule(resultats: Mapping[str, bytes], m: re.Match[bytes]) -> bytes:
    genre, _, valeur = resultats.get(m[1].decode(), b"").partition(b"|")
    if not valeur:
        return m[0]
    return b'<c r="%b"%b%b>%b<v>%b</v></c>' % (m[1], m[2], genre, m[3], valeur)
