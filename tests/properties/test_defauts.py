"""Random defects planted in valid workbooks: each is found in one pass, at its exact sheet and cell."""

from __future__ import annotations

import csv
import datetime as dt
import os
import random
from pathlib import Path
from typing import Any

import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl import Workbook

from observatoire.domain.enquete import Enquete
from observatoire.domain.loader import load_enquetes
from observatoire.domain.types import type_de
from observatoire.territoire import load_territoire
from pipelines.analyse import analyser
from pipelines.ingestion.grille import adresse
from tests.fabrique import lignes_valides

ENQUETES = load_enquetes()
GRAINE = int(os.environ.get("GRAINE", random.SystemRandom().randrange(10**6)))
NB_LIGNES, NB_DEFAUTS = 30, 200

# Type → what somebody may write there and the codes that must answer.
DEFAUTS: dict[str, list[tuple[Any, str]]] = {
    "effectif": [
        ("beaucoup", "NB-01"),
        (-3, "NB-06"),
        (dt.datetime(2024, 12, 10), "NB-07"),
        ("12,5", "NB-12"),
    ],
    "montant": [("cher", "NB-01"), ("plus de 100", "NB-05"), ("voir comptable", "NB-01")],
    "heures": [("longtemps", "NB-01"), ("2h/sem", "NB-11")],
    "etp": [("presque un", "NB-01"), ("plus de 3", "NB-05")],
    "qpv": [("quartier de la gare", "QP-02"), ("QN0771", "QP-02")],
    "rna": [("W77", "ID-04"), ("association 12", "ID-04")],
    "siret": [("7,32829E+13", "ID-01"), ("73282932000079", "ID-03")],
    "commune": [("Trifouillis-les-Oies", "CM-02")],
    "annee": [("l’an dernier", "DA-05"), (3025, "DA-05")],
    "date": [("31/02/2025", "DA-01"), ("bientôt", "DA-03")],
    "booleen": [("peut-être", "BO-01")],
    "nomenclature": [("n’importe quoi", "LI-01")],
    "nomenclature_multiple": [("n’importe quoi", "LI-01")],
    "part": [("140 %", "PC-01"), ("la moitié ou plus", "NB-01")],
    "note": [("quinze", "NB-01"), (9999, "NB-06")],
}


def grille_valide(enquete: Enquete, graine: int) -> list[list[Any]]:
    champs = enquete.champs_actifs()
    lignes = lignes_valides(enquete, NB_LIGNES, graine)
    return [[c.title for c in champs], *[[ligne[c.name] for c in champs] for ligne in lignes]]


def planter(
    enquete: Enquete, grille: list[list[Any]], nombre: int, rng: random.Random
) -> dict[tuple[int, int], str]:
    """Break `nombre` cells of the grid; returns (row, column) → expected code."""
    champs = enquete.champs_actifs()
    possibles = [
        (i, j) for i in range(1, len(grille)) for j, c in enumerate(champs) if type_de(c).nom in DEFAUTS
    ]
    attendus = {}
    for i, j in rng.sample(possibles, nombre):
        grille[i][j], attendus[i, j] = rng.choice(DEFAUTS[type_de(champs[j]).nom])
    return attendus


def ecrire(chemin: Path, grille: list[list[Any]]) -> None:
    match chemin.suffix:
        case ".xlsx":
            classeur = Workbook()
            classeur.active.title = "Réponses"
            for ligne in grille:
                classeur.active.append(ligne)
            classeur.save(chemin)
        case ".xls":
            classeur = xlwt.Workbook()
            feuille = classeur.add_sheet("Réponses")
            style = xlwt.easyxf(num_format_str="DD/MM/YYYY")
            for i, ligne in enumerate(grille):
                for j, v in enumerate(ligne):
                    if v is not None:
                        feuille.write(i, j, v, *([style] if isinstance(v, dt.date) else []))
            classeur.save(str(chemin))
        case ".ods":
            document = OpenDocumentSpreadsheet()
            table = Table(name="Réponses")
            for ligne in grille:
                rang = TableRow()
                for v in ligne:
                    rang.addElement(cellule_ods(v))
                table.addElement(rang)
            document.spreadsheet.addElement(table)
            document.save(str(chemin))
        case ".csv":
            with chemin.open("w", encoding="cp1252", newline="") as flux:
                csv.writer(flux, delimiter=";").writerows([[texte_csv(v) for v in ligne] for ligne in grille])


def cellule_ods(valeur: Any) -> TableCell:
    if valeur is None:
        return TableCell()
    if isinstance(valeur, dt.date):
        cellule = TableCell(valuetype="date", datevalue=valeur.isoformat())
    elif isinstance(valeur, int | float):
        cellule = TableCell(valuetype="float", value=str(valeur))
    else:
        cellule = TableCell(valuetype="string")
    cellule.addElement(P(text=str(valeur)))
    return cellule


def texte_csv(valeur: Any) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, dt.date):
        return valeur.strftime("%d/%m/%Y")
    return str(valeur).replace(".", ",") if isinstance(valeur, float) else str(valeur)


def verifier(
    chemin: Path, enquete: Enquete, grille: list[list[Any]], attendus: dict[tuple[int, int], str]
) -> int:
    lot = analyser(
        chemin, ENQUETES, lieux=load_territoire("77"), questionnaire=enquete.name, millesime=2025
    ).lot
    lot.comptes()
    dites = {(a.feuille, a.cellule): a for a in lot.anomalies if a.cellule and a.niveau.refuse}
    par_cellule: dict[tuple[str | None, str], set[str]] = {}
    for a in lot.anomalies:
        if a.cellule:
            par_cellule.setdefault((a.feuille, a.cellule), set()).add(a.code)
    feuille = lot.origines[0].feuille
    manques = [
        (adresse(i, j), grille[i][j], code, par_cellule.get((feuille, adresse(i, j))))
        for (i, j), code in attendus.items()
        if code not in par_cellule.get((feuille, adresse(i, j)), set())
    ]
    assert not manques, f"graine {GRAINE}"
    fausses = set(dites) - {(feuille, adresse(i, j)) for i, j in attendus}
    assert not fausses, f"graine {GRAINE} : {[dites[f].message for f in fausses]}"
    return len(attendus)


@pytest.mark.parametrize("graine", [1, 77, None], ids=["1", "77", "hasard"])
def test_deux_cents_defauts(tmp_path: Path, graine: int | None) -> None:
    graine = GRAINE if graine is None else graine
    rng = random.Random(graine)
    trouves, par_fichier = 0, NB_DEFAUTS // len(ENQUETES) + 1
    for nom, enquete in ENQUETES.items():
        grille = grille_valide(enquete, graine)
        attendus = planter(enquete, grille, par_fichier, rng)
        decalage = rng.choice([(0, 0), (3, 1), (2, 0)])
        chemin = tmp_path / f"{nom}.xlsx"
        decalee, attendus = decaler(grille, attendus, *decalage)
        ecrire(chemin, decalee)
        trouves += verifier(chemin, enquete, decalee, attendus)
    assert trouves >= NB_DEFAUTS


@pytest.mark.parametrize("extension", [".xls", ".ods", ".csv"])
def test_defauts_dans_les_autres_formats(tmp_path: Path, extension: str) -> None:
    rng = random.Random(GRAINE)
    for nom in ("associations", "benevolat", "subventions"):
        grille = grille_valide(ENQUETES[nom], 5)
        attendus = planter(ENQUETES[nom], grille, 20, rng)
        if extension == ".csv":  # a date is no date any more once written as text
            attendus = {k: c for k, c in attendus.items() if not isinstance(grille[k[0]][k[1]], dt.date)}
            grille = [["" if isinstance(v, dt.datetime) else v for v in ligne] for ligne in grille]
        chemin = tmp_path / f"{nom}{extension}"
        ecrire(chemin, grille)
        verifier(chemin, ENQUETES[nom], grille, attendus)


def decaler(
    grille: list[list[Any]], attendus: dict[tuple[int, int], str], lignes: int, colonnes: int
) -> tuple[list[list[Any]], dict[tuple[int, int], str]]:
    """Titles above and empty first columns, as people do."""
    haut: list[list[Any]] = [[None] * len(grille[0]) for _ in range(lignes)]
    if lignes:
        haut[0][0] = "Enquête auprès des associations"
    vides: list[Any] = [None] * colonnes
    deplacee = [[*vides, *ligne] for ligne in [*haut, *grille]]
    return deplacee, {(i + lignes, j + colonnes): c for (i, j), c in attendus.items()}
