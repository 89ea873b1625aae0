"""Canaries: personal data in every kind of place of a file leave no trace, and the answers still load."""

from __future__ import annotations

import csv
import io
import json
import logging
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from rich.console import Console

from observatoire.config.settings import Settings, load_settings
from observatoire.domain.loader import load_enquetes
from pipelines import depot
from pipelines.bilan import Bilan
from pipelines.ingestion.personnel import cellule_personnelle
from pipelines.rapport import compte_rendu
from tests.fabrique import lignes_valides
from tests.unit.test_benevalibre import ENTETE, action

ENQUETE = load_enquetes()["associations"]
NOMBRE = 30
PERSONNE = "Serinette"


def nir(n: int) -> str:
    base = f"255081416{800 + n:03d}0"[:13]
    return f"{base}{97 - int(base) % 97:02d}"


def iban(n: int) -> str:
    compte = f"200410100505{n:04d}3M026{n % 100:02d}"
    chiffres = "".join(str(int(c, 36)) for c in f"{compte}FR00")
    return f"FR{98 - int(chiffres) % 97:02d}{compte}"


class Canaris:
    """One set of personal data a place; what was given is what must be found nowhere."""

    def __init__(self) -> None:
        self.donnes: list[str] = [PERSONNE]

    def suite(self) -> list[str]:
        n = len(self.donnes)
        suite = [f"canari{n}@voliere{n}.example", f"06 98 {n // 4:02d} 76 12", nir(n), iban(n)]
        assert [cellule_personnelle(x) is not None for x in suite] == [True] * 4
        self.donnes += suite
        return suite


def classeur(chemin: Path, canaris: Canaris) -> Path:
    """Thirty good answers and canaries around, beside and inside them."""
    champs = ENQUETE.champs_actifs()
    rang = {c.name: j for j, c in enumerate(champs)}
    lignes = [[x[c.name] for c in champs] for x in lignes_valides(ENQUETE, NOMBRE, graine=5)]
    reperes = iter(range(NOMBRE))
    for champ in ("nb_adherents_femmes", "siret", "annee_creation", "publics", "secteur", "rna"):
        for canari in canaris.suite():
            lignes[next(reperes)][rang[champ]] = f"{PERSONNE} {canari}" if champ == "publics" else canari
    lignes[next(reperes)][rang["nb_beneficiaires"]] = float(nir(99))
    canaris.donnes.append(nir(99))
    lignes[NOMBRE - 1][rang["nom_association"]] = f"Mme {PERSONNE} {canaris.suite()[1]}"
    inconnue = [f"avis {i}" for i in range(NOMBRE)]
    inconnue[3:7] = canaris.suite()
    livre = openpyxl.Workbook()
    page = livre.active
    page.title = "Réponses"
    page.append([f"Enquête 2025, {PERSONNE} : {canaris.suite()[0]}"])
    page.append([f"Rempli par : {PERSONNE}"])
    page.append(["Référente", PERSONNE])
    page.append([None])
    page.append([*(c.title for c in champs), "Divers", f"Question 12 ({canaris.suite()[0]})", "Courriel"])
    for ligne, divers in zip(lignes, inconnue, strict=True):
        page.append([*ligne, divers, "rien", canaris.suite()[0]])
    page.append([None])
    page.append([f"Note : écrire à {PERSONNE}, {' '.join(canaris.suite())}"])
    for titre, etat in (("Contacts", "visible"), ("Archives", "hidden")):
        autre = livre.create_sheet(titre)
        autre.sheet_state = etat
        autre.append(["Nom", "Divers"])
        for canari in canaris.suite():
            autre.append([PERSONNE, canari])
    livre.save(chemin)
    return chemin


def traces(settings: Settings) -> Iterator[tuple[str, str]]:
    """(where, text) of everything the data folder holds: rows of the tables, archives unzipped, bytes."""
    for chemin in (p for p in settings.donnees.rglob("*") if p.is_file()):
        octets = chemin.read_bytes()
        yield chemin.name, octets.decode("utf-8", "replace")
        if chemin.suffix == ".duckdb":
            with duckdb.connect(str(chemin.resolve()), read_only=True) as con:
                tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
                assert tables
                for s, t in tables:
                    yield f"{chemin.name} {s}.{t}", str(con.execute(f'from "{s}"."{t}"').fetchall())
        elif chemin.suffix == ".parquet":
            yield f"{chemin.name} lu", str(duckdb.sql(f"from read_parquet('{chemin}')").fetchall())
        elif zipfile.is_zipfile(chemin):
            with zipfile.ZipFile(io.BytesIO(octets)) as z:
                for nom in z.namelist():
                    yield f"{chemin.name} {nom}", z.read(nom).decode("utf-8", "replace")


def dire(bilan: Bilan) -> str:
    """All that the person is shown, in both forms."""
    sortie = io.StringIO()
    compte_rendu(bilan, Console(file=sortie, width=400))
    return json.dumps(bilan.to_dict(), ensure_ascii=False) + sortie.getvalue() + repr(bilan)


def fuites(
    textes: Iterator[tuple[str, str]] | list[tuple[str, str]], canaris: Canaris
) -> list[tuple[str, str]]:
    formes = {f for c in canaris.donnes for f in (c, c.replace(" ", ""))}
    return [(ou, f) for ou, texte in textes for f in formes if f in texte]


def colonnes(settings: Settings, requete: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        return con.execute(requete).fetchall()


def test_aucun_canari(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    canaris, settings = Canaris(), load_settings(tmp_path / "donnees")
    temporaire = tmp_path / "temporaire"
    temporaire.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporaire))
    fichier = classeur(tmp_path / "reponses-2025.xlsx", canaris)
    assert len(canaris.donnes) > 100
    with caplog.at_level(logging.DEBUG):
        bilan = depot.deposer(fichier, settings)
        depot.publier(settings)
    assert bilan.charge
    lieux = list(traces(settings))
    ecrans = capfd.readouterr()
    dits = [("rapport", dire(bilan)), ("écran", ecrans.out + ecrans.err), ("journal", caplog.text)]
    assert fuites([*lieux, *dits], canaris) == []
    # The search does see what is kept: the answers, in the warehouse and in the archived grid.
    vus = " ".join(ou for ou, texte in lieux if "Les Amis du Ru 3" in texte)
    assert "depot.lignes_brutes" in vus
    assert "feuille-01.csv" in vus
    assert list(temporaire.iterdir()) == []


def test_les_reponses_restent(tmp_path: Path) -> None:
    canaris, settings = Canaris(), load_settings(tmp_path / "donnees")
    bilan = depot.deposer(classeur(tmp_path / "reponses-2025.xlsx", canaris), settings)
    # The row without a name waits; the blank row and the note are passed over.
    comptes = (bilan.lignes_lues, bilan.lignes_chargees, bilan.lignes_en_attente, bilan.lignes_ignorees)
    assert comptes == (NOMBRE + 2, NOMBRE - 1, 1, 2)
    assert colonnes(settings, "select motifs from depot.attente") == [(["RG-02"],)]
    assert colonnes(settings, "select count(*), count(nb_adherents_femmes), count(siret) from enquete.associations") == [
        (NOMBRE - 1, NOMBRE - 5, NOMBRE - 5)
    ]  # fmt: skip
    causes = bilan.causes()
    assert causes["RG-01"] == 1
    # 6 fields × 4, a NIR as a number, a name; 4 in an unknown column; 3 above the titles, 1 in the titles, 1 note.
    assert causes["RG-02"] == 26 + 4 + 3 + 1 + 1
    assert {a.feuille for a in bilan.anomalies if a.code == "RG-03"} == {"Contacts", "Archives"}
    par_cellule = {a.cellule: a for a in bilan.anomalies if a.code == "RG-02"}
    assert par_cellule["A1"].valeur == "ca***@***.example"
    assert par_cellule["A2"].valeur == "Rempli par : ***"
    assert par_cellule["B3"].valeur == "***"
    # One thing is said of a masked answer, not that it is no number as well; but for a title, and A37, the note.
    titre = f"{get_column_letter(len(ENQUETE.champs_actifs()) + 2)}5"
    autres = {a.cellule for a in bilan.anomalies if not a.code.startswith("RG")}
    assert autres & set(par_cellule) == {titre, "A37"}


def test_feuille_de_contacts_seule(tmp_path: Path) -> None:
    """A clean table beside a sheet of names only: the bytes are not kept, the clean grid is."""
    livre = openpyxl.Workbook()
    champs = ENQUETE.champs_actifs()
    livre.active.append([c.title for c in champs])
    for ligne in lignes_valides(ENQUETE, 3):
        livre.active.append([ligne[c.name] for c in champs])
    autre = livre.create_sheet("Bureau")
    autre.append(["Prénom", "Nom"])
    autre.append(["Aimée", PERSONNE])
    fichier, settings = tmp_path / "reponses-2025.xlsx", load_settings(tmp_path / "donnees")
    livre.save(fichier)
    bilan = depot.deposer(fichier, settings)
    assert bilan.lignes_chargees == 3
    assert [a.cellule for a in bilan.anomalies if a.code == "RG-03"] == ["A1"]
    assert fuites(traces(settings), Canaris()) == []
    assert [p.name.endswith(".grille.zip") for p in settings.raw.rglob("*") if p.is_file()] == [True]


def test_fichier_sans_donnee_personnelle_garde_ses_octets(tmp_path: Path) -> None:
    """An old prefecture number has ten digits like a telephone: it is neither masked nor said."""
    champs = ENQUETE.champs_actifs()
    lignes = lignes_valides(ENQUETE, 3)
    lignes[1]["rna"] = "0772001234"
    fichier, settings = tmp_path / "reponses-2025.csv", load_settings(tmp_path / "donnees")
    with fichier.open("w", encoding="utf-8", newline="") as flux:
        csv.writer(flux, delimiter=";").writerows(
            [[c.title for c in champs], *[[x[c.name] for c in champs] for x in lignes]]
        )
    bilan = depot.deposer(fichier, settings)
    assert bilan.lignes_chargees == 3
    assert bilan.causes()["ID-05"] == 1
    assert not {c for c in bilan.causes() if c.startswith("RG")}
    (garde,) = [p for p in settings.raw.rglob("*") if p.is_file()]
    assert garde.read_bytes() == fichier.read_bytes()


def test_ligne_decalee(tmp_path: Path) -> None:
    """In a CSV row with a cell too many, the name stands under another title: nothing of the row is kept."""
    champs = ENQUETE.champs_actifs()
    lignes = [["Aimée", *[x[c.name] for c in champs]] for x in lignes_valides(ENQUETE, 4)]
    lignes[2] = ["x", PERSONNE, *lignes[2]]
    fichier, settings = tmp_path / "reponses-2025.csv", load_settings(tmp_path / "donnees")
    with fichier.open("w", encoding="utf-8", newline="") as flux:
        csv.writer(flux, delimiter=";").writerows([["Prénom", *[c.title for c in champs]], *lignes])
    bilan = depot.deposer(fichier, settings)
    assert (bilan.lignes_chargees, bilan.lignes_en_attente) == (3, 1)
    assert fuites([*traces(settings), ("rapport", dire(bilan))], Canaris()) == []


def test_benevalibre(tmp_path: Path) -> None:
    """Personal cells in the columns kept, a moved row, a pending line, a column of e-mails of a later version."""
    canaris = Canaris()
    lignes = [[*action("Zoé", "", "2025-01-10", "7.75", "False", "Accueil"), ""] for _ in range(9)]
    courriel, telephone, *_ = canaris.suite()
    lignes[1][3] = f"{PERSONNE} {courriel}"
    lignes[2][6] = telephone
    lignes[3][9] = canaris.suite()[0]
    lignes[4][12] = f"{PERSONNE} {canaris.suite()[0]}"
    lignes[5][13] = canaris.suite()[1]
    lignes[6] = ["x", "y", "z", PERSONNE, *lignes[6][3:]]
    lignes[7][15] = canaris.suite()[0]
    lignes[8][0] = f"{PERSONNE} {canaris.suite()[0]}"
    lignes[6].append("x")
    fichier, settings = tmp_path / "export.csv", load_settings(tmp_path / "donnees")
    with fichier.open("w", encoding="utf-8", newline="") as flux:
        csv.writer(flux).writerows([[*ENTETE, "Courriel"], *lignes])
    bilan = depot.deposer(fichier, settings)
    assert bilan.source == "benevalibre"
    assert (bilan.lignes_chargees, bilan.lignes_en_attente) == (5, 4)
    motifs = colonnes(settings, "select motifs from depot.attente order by ligne")
    assert motifs == [(["RG-02"],), (["RG-02"],), (["RG-02"],), (["LG-01"],)]
    requete = "select categorie, nb_actions from enquete.benevolat order by nb_actions"
    assert colonnes(settings, requete) == [(None, 1), ("Accueil", 4)]
    assert bilan.causes()["RG-01"] == 6
    assert fuites([*traces(settings), ("rapport", dire(bilan))], canaris) == []
