"""The file received, given back with its problems in it: coloured cells, comments, an « À corriger » sheet."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from observatoire.domain.anomalie import Anomalie
from pipelines.ingestion.grille import Classeur, Feuille
from pipelines.sorties.coloriage import colorier, effacer
from pipelines.sorties.feuille_a_corriger import COPIE, GRILLE, LISTE_SEULE, ORIGINAL, ajouter_feuille
from pipelines.sorties.formules import rendre_resultats
from pipelines.sorties.marque import (
    FEUILLE_A_CORRIGER,
    TITRE,
    est_a_corriger,
    reference_annotee,
    sans_a_corriger,
)
from pipelines.sorties.reconstruction import FUSIONS_MAX, ecrire_valeur, rebatir

__all__ = ["FEUILLE_A_CORRIGER", "annoter", "est_a_corriger", "reference_annotee", "sans_a_corriger"]

# Above these, openpyxl would take minutes and gigabytes.
LIGNES_MAX = 50_000
CELLULES_MAX = 1_500_000
FEUILLES_XML_MAX = 100_000_000
_FUSION = re.compile(rb"<(?:\w+:)?mergeCell\b")
# What openpyxl raises on a workbook that other software reads: damaged parts, unknown values, missing relations.
ILLISIBLE = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    NotImplementedError,
    RuntimeError,
)


def annoter(
    source: Path | None, classeur: Classeur, anomalies: Sequence[Anomalie], reference: str, *, nom: str
) -> bytes:
    """An .xlsx copy of the file `nom`, annotated; `reference` is the deposit it will correct.

    A copy of the bytes of `source` when it is a workbook that can be copied, else a workbook made again from
    `classeur`; above 50 000 rows, the « À corriger » sheet alone.
    """
    dites = sorted(anomalies, key=lambda a: (a.niveau.rang, a.feuille or "", a.ligne or 0, a.cellule or ""))
    feuilles = sans_a_corriger(classeur).feuilles
    lignes = max((len(f.lignes) for f in feuilles), default=0)
    cellules = sum(len(f.lignes) * len(f.lignes[0]) for f in feuilles if f.lignes)
    if lignes > LIGNES_MAX or cellules > CELLULES_MAX:
        livre = Workbook()
        livre.remove(livre.worksheets[0])
        ajouter_feuille(livre, {}, dites, reference, nom, (LISTE_SEULE,))
        return _enregistrer(livre)
    if source is not None and classeur.format == "xlsx":
        copie = _sur_original(source.read_bytes(), feuilles, dites, reference, nom)
        if copie is not None:
            return copie
    livre, pages = rebatir(classeur, feuilles)
    sans = colorier(pages, dites)
    ajouter_feuille(livre, pages, dites, reference, nom, (*COPIE, GRILLE), sans)
    return _enregistrer(livre)


def _sur_original(
    octets: bytes, feuilles: Sequence[Feuille], dites: Sequence[Anomalie], reference: str, nom: str
) -> bytes | None:
    """The copy of the bytes received; None when openpyxl cannot load or save them."""
    try:
        livre = _charger(octets)
    except ILLISIBLE:
        return None
    if livre is None:
        return None
    for page in list(livre.worksheets):
        if page["A1"].value == TITRE:
            livre.remove(page)
        else:
            effacer(page)
    pages = {page.title: page for page in livre.worksheets}
    for feuille in feuilles:
        if feuille.nom in pages:
            _reporter_corrections(pages[feuille.nom], feuille)
    sans = colorier(pages, dites)
    ajouter_feuille(livre, pages, dites, reference, nom, (*COPIE, ORIGINAL), sans)
    livre.calculation.fullCalcOnLoad = True
    try:
        return rendre_resultats(octets, _enregistrer(livre), livre)
    except ILLISIBLE:
        return None


def _reporter_corrections(page: Worksheet, feuille: Feuille) -> None:
    """Write what the person typed again in the application, so that it does not have to be typed twice."""
    for ligne, colonne in feuille.originaux:
        cellule = page[feuille.adresse(ligne, colonne)]
        if isinstance(cellule, Cell):
            ecrire_valeur(cellule, feuille.lignes[ligne][colonne])


def _charger(octets: bytes) -> Workbook | None:
    """The workbook; None when its sheets are too heavy for openpyxl."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        feuilles = [i for i in archive.infolist() if i.filename.startswith("xl/worksheets/")]
        if sum(i.file_size for i in feuilles) > FEUILLES_XML_MAX:
            return None
        if sum(len(_FUSION.findall(archive.read(i))) for i in feuilles) > FUSIONS_MAX:
            return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(octets))


def _enregistrer(livre: Workbook) -> bytes:
    tampon = io.BytesIO()
    livre.save(tampon)
    return tampon.getvalue()
