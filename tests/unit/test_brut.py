"""Bulk reading: true addresses whatever stands empty, a bounded child, raw rows in the warehouse."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from openpyxl import Workbook

from observatoire.config.settings import Settings
from observatoire.storage.chargement import charger
from observatoire.storage.entrepot import EntrepotEcriture
from pipelines.ingestion.brut import lire_brut_arrow
from pipelines.ingestion.grille import FichierRefuse
from pipelines.ingestion.lecteur import lire_fichier
from pipelines.ingestion.limites import MASSE
from tests.depots_factices import ENQUETES, depot_reponses


def ecrire(chemin: Path, feuilles: dict[str, dict[str, Any]]) -> Path:
    """Workbook of sheets given as A1 address → value."""
    classeur = Workbook()
    classeur.remove(classeur.active)
    for nom, cellules in feuilles.items():
        page = classeur.create_sheet(nom)
        for adresse, valeur in cellules.items():
            page[adresse] = valeur
        if nom.startswith("cachée"):
            page.sheet_state = "hidden"
    classeur.save(chemin)
    return chemin


def grille(table: pa.Table) -> list[list[str | None]]:
    return [list(ligne) for ligne in zip(*(c.to_pylist() for c in table.columns), strict=True)]


def test_adresses_et_textes(tmp_path: Path) -> None:
    cellules = {"C4": "x", "D4": 12, "E7": 3.5, "C9": "01234", "D9": True, "E9": dt.datetime(2024, 3, 1)}
    chemin = ecrire(tmp_path / "a.xlsx", {"Décalée": cellules, "vide": {}, "cachée": {"A1": "a", "B3": "b"}})
    decalee, vide, cachee = lire_brut_arrow(chemin)
    assert [(f.nom, f.visible) for f in (decalee, vide, cachee)] == [
        ("Décalée", True),
        ("vide", True),
        ("cachée", False),
    ]
    attendue: list[list[str | None]] = [[None] * 5 for _ in range(9)]
    attendue[3][2:4] = ["x", "12"]
    attendue[6][4] = "3.5"
    attendue[8][2:] = ["01234", "true", "2024-03-01 00:00:00"]
    assert grille(decalee.table) == attendue
    assert vide.table.num_rows == vide.table.num_columns == 0
    assert grille(cachee.table) == [["a", None], [None, None], [None, "b"]]


@pytest.mark.parametrize("graine", range(5))
def test_memes_adresses_que_le_lecteur_attentif(tmp_path: Path, graine: int) -> None:
    alea = random.Random(graine)
    coin = alea.randint(1, 6), alea.randint(1, 30)
    cellules = {
        f"{chr(64 + coin[0] + alea.randrange(6))}{coin[1] + alea.randrange(20)}": f"t{i}" for i in range(25)
    }
    chemin = ecrire(tmp_path / "a.xlsx", {"F": cellules})
    (masse,) = lire_brut_arrow(chemin)
    (attentif,) = lire_fichier(chemin).feuilles
    assert grille(masse.table) == attentif.lignes
    assert {v for ligne in attentif.lignes for v in ligne if v} == set(cellules.values())


@pytest.mark.parametrize(
    ("nom", "octets", "code"),
    [
        ("vide.xlsx", b"", "FI-07"),
        ("faux.xlsx", b"PK\x03\x04" + bytes(200), "FI-04"),
        ("page.xls", b"<html><table></table></html>", "FI-02"),
        ("texte.csv", b"a;b\n1;2\n", "FI-06"),
        ("notice.pdf", b"%PDF-1.4", "FI-06"),
    ],
)
def test_refus(tmp_path: Path, nom: str, octets: bytes, code: str) -> None:
    (tmp_path / nom).write_bytes(octets)
    with pytest.raises(FichierRefuse) as refus:
        lire_brut_arrow(tmp_path / nom)
    assert (refus.value.code, refus.value.details["fichier"]) == (code, nom)


def test_fichier_absent(tmp_path: Path) -> None:
    with pytest.raises(FichierRefuse) as refus:
        lire_brut_arrow(tmp_path / "absent.xlsx")
    assert refus.value.code == "FI-10"


@pytest.mark.parametrize(
    "bornes",
    [
        {"lignes": 8},
        {"colonnes": 4},
        {"cellules": 20},
        {"feuilles": 1},
        {"taille": 100},
        {"decompresse": 500},
    ],
    ids=lambda b: next(iter(b)),
)
def test_bornes(tmp_path: Path, bornes: dict[str, int]) -> None:
    chemin = ecrire(tmp_path / "a.xlsx", {"F": {"C4": "x", "E9": "y"}, "G": {"A1": 1}})
    assert len(lire_brut_arrow(chemin)) == 2
    with pytest.raises(FichierRefuse) as refus:
        lire_brut_arrow(chemin, replace(MASSE, **bornes))
    assert refus.value.code == "FI-05"


def test_cellule_perdue_au_bout_de_la_feuille(tmp_path: Path) -> None:
    """Two cells whose rectangle would fill the memory: the child dies, this process does not."""
    chemin = ecrire(tmp_path / "a.xlsx", {"F": {"A1": "x", "XFD1048576": "y"}})
    with pytest.raises(FichierRefuse) as refus:
        lire_brut_arrow(chemin)
    assert refus.value.code == "FI-05"


def test_hors_delai(tmp_path: Path) -> None:
    chemin = ecrire(tmp_path / "a.xlsx", {"F": {"A1": "x"}})
    with pytest.raises(FichierRefuse) as refus:
        lire_brut_arrow(chemin, replace(MASSE, duree=0))
    assert refus.value.code == "FI-05"


def test_textes_longs_et_reglages_rendus(tmp_path: Path) -> None:
    """Texts past what a block of FSST takes come back as they were; the next writer finds the settings of DuckDB."""
    textes = ["é" * 32_767, None, "", "01234", "a\x00b"] * 40
    table = pa.table({"c0": pa.array(textes, pa.string()), "c1": pa.array(textes[::-1], pa.string())})
    reglages = "select name, value from duckdb_settings() where name in ('force_compression', 'write_buffer_row_group_count')"
    with EntrepotEcriture(Settings(tmp_path), ENQUETES) as con:
        avant = con.execute(reglages).fetchall()
        charger(con, depot_reponses("un", ["A"], brutes={"F": table}))
        assert len(avant) == 2 and con.execute(reglages).fetchall() == avant
    with EntrepotEcriture(Settings(tmp_path), ENQUETES) as con:
        lues = con.execute("select cellules from depot.lignes_brutes order by ligne").fetchall()
    assert [tuple(c) for (c,) in lues] == list(zip(textes, textes[::-1], strict=True))


def test_lignes_brutes_dans_l_entrepot(tmp_path: Path) -> None:
    feuilles = lire_brut_arrow(ecrire(tmp_path / "a.xlsx", {"F": {"B2": "x", "C3": 7}, "vide": {}}))
    nouveau = depot_reponses("un", ["A"], brutes={f.nom: f.table for f in feuilles})
    with EntrepotEcriture(Settings(tmp_path / "donnees"), ENQUETES) as con:
        charger(con, nouveau)
        lues = con.execute(
            "select depot_id, feuille, ligne, cellules from depot.lignes_brutes order by ligne"
        ).fetchall()
    depot_id = nouveau.sha256[:12]
    assert lues == [
        (depot_id, "F", 1, [None, None, None]),
        (depot_id, "F", 2, [None, "x", None]),
        (depot_id, "F", 3, [None, None, "7"]),
    ]
