"""The table of real files: its rows, its sums against an independent reading, and what it does with a difference."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from pipelines.analyse import analyser
from pipelines.depot import verifier
from pipelines.ingestion.correspondance import verifier_champs
from tests import independant
from tests.fabrique_fichiers import xlsx

RACINE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(RACINE / "scripts"))

import corpus  # noqa: E402
import corpus_sommes  # noqa: E402

TITRES = ["nomAttribuant", "nomBeneficiaire", "dateConvention", "montant"]
VILLE = "Ville de Boisrémy"
# The independent reader is made to see another amount in one file, and to fail on another.
PIEGE = """
import sys
sys.path[:0] = [{scripts!r}]
import corpus
from tests import independant
lire = independant.feuilles
def feuilles(chemin):
    assert chemin.name != "panne.csv"
    grilles = lire(chemin)
    if chemin.name == "ecart.csv":
        grilles["ecart"][2][3] = "1200"
    return grilles
independant.feuilles = feuilles
sys.exit(corpus.main())
"""
CHOIX = """
[[choix]]
fichiers = "depots/sans-financeur.csv"
nom = "financeur | ville"
questionnaire = "subventions"
constantes = { nom_attribuant = "Ville de Boisrémy" }

[[choix]]
fichiers = "depots/milliers.csv"
nom = "point décimal"
conventions = { montant = "." }
"""


def ecrire_csv(chemin: Path, titres: list[str], *lignes: list[str]) -> None:
    chemin.write_text("\n".join(";".join(x) for x in [titres, *lignes]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    racine = tmp_path_factory.mktemp("corpus") / "depots"
    (racine / "classeurs").mkdir(parents=True)
    date = dt.date(2024, 3, 15)
    lignes: list[list[object]] = [
        ["Subventions 2024"],
        TITRES,
        [VILLE, "Les Amis du Lavoir", date, 1000],
        [VILLE, "Fanfare des Prés", date, "1 250,50 €"],
        [VILLE, "Club de Go", date, "NC"],
        ["Total", None, None, 2250.5],
    ]
    xlsx(racine / "classeurs" / "ville.xlsx", {"Aides | 2024": lignes})
    ecrire_csv(
        racine / "milliers.csv",
        TITRES,
        [VILLE, "Club de Go", "15/03/2024", "1.234"],
        [VILLE, "Fanfare des Prés", "15/03/2024", "800"],
    )
    ecrire_csv(
        racine / "sans-financeur.csv",
        ["nomBeneficiaire", "dateConvention", "objet", "montant"],
        ["Club de Go", "15/03/2024", "Tournoi", "800"],
    )
    for nom in ("ecart.csv", "panne.csv"):
        ecrire_csv(
            racine / nom,
            TITRES,
            [VILLE, "Club de Go", "15/03/2024", "800"],
            [VILLE, "Fanfare des Prés", "15/03/2024", "200"],
        )
    (racine / "notes.txt").write_bytes(b"\x00\x01 pas un tableur \x02" * 40)
    return racine


@pytest.fixture(scope="module")
def passage(dossier: Path) -> tuple[int, str, str]:
    """Exit code, page and progress of one run of the command."""
    sortie, choix = dossier.parent / "corpus.md", dossier.parent / "choix.toml"
    choix.write_text(CHOIX, encoding="utf-8")
    piege = PIEGE.format(scripts=str(RACINE / "scripts"))
    arguments = [str(dossier), "--sortie", str(sortie), "--choix", str(choix)]
    fini = subprocess.run(
        [sys.executable, "-c", piege, *arguments], cwd=RACINE, capture_output=True, text=True, timeout=300
    )
    return fini.returncode, sortie.read_text(encoding="utf-8"), fini.stderr


def rangees(page: str, section: str) -> list[list[str]]:
    """Cells of the table rows of a section."""
    texte = page.split(f"## {section}\n")[1].split("\n## ")[0]
    return [re.split(r" \| ", x.strip("| ")) for x in texte.splitlines() if x.startswith("|")][2:]


def test_une_ligne_par_fichier(passage: tuple[int, str, str], dossier: Path, tmp_path: Path) -> None:
    lignes = {x[0].replace("\\", ""): x for x in rangees(passage[1], "Fichier par fichier")}
    assert list(lignes) == [
        "depots/classeurs/ville.xlsx",
        "depots/ecart.csv",
        "depots/milliers.csv",
        "↳ point décimal",
        "depots/notes.txt",
        "depots/panne.csv",
        "depots/sans-financeur.csv",
        "↳ financeur | ville",
    ]
    assert lignes["depots/classeurs/ville.xlsx"][2:8] == ["subventions", "à charger", "4", "2", "1", "1"]
    assert "refusé, [FI-0" in lignes["depots/notes.txt"][3]
    assert lignes["depots/panne.csv"][3] == "**panne** (arrêt, code 1)"
    assert "refusé, [EN-01]" in lignes["depots/sans-financeur.csv"][3]
    assert lignes["↳ financeur | ville"][3:6] == ["à charger", "1", "1"]
    for nom in ("classeurs/ville.xlsx", "milliers.csv", "sans-financeur.csv"):
        bilan = verifier(dossier / nom, Settings(tmp_path))
        comptes = (bilan.lignes_lues, bilan.lignes_chargees, bilan.lignes_en_attente, bilan.lignes_ignorees)
        assert lignes[f"depots/{nom}"][4:8] == [str(n) for n in comptes]


def test_sommes_et_explications(passage: tuple[int, str, str]) -> None:
    page = passage[1].replace("\u202f", " ")
    sommes = {
        x[0].replace("\\", ""): x[3:] for x in rangees(page, "Les sommes, contre une lecture indépendante")
    }
    assert sommes["depots/classeurs/ville.xlsx"] == ["2 250,50", "2 250,50", "0,00", "4 501,00", "-2 250,50"]
    assert sommes["depots/milliers.csv"] == ["800,00", "800,00", "0,00", "801,23", "-1,23"]
    assert (
        sommes["depots/milliers.csv ↳ point décimal"][0] == sommes["depots/milliers.csv ↳ point décimal"][3]
    )
    ecarts = page.split("## Les écarts, ligne par ligne")[1]
    assert (
        "[TO-01](messages.md#to-01) Ligne de total, 1 cellule, écart -2 250,5\u00a0: D6 «\u00a02250,5\u00a0» → —"
        in ecarts
    )
    assert "[NB-03](messages.md#nb-03) Nombre à deux lectures, 1 cellule" in ecarts
    assert "D2 «\u00a01.234\u00a0» → —" in ecarts


def test_ecart_cache_est_rapporte(passage: tuple[int, str, str]) -> None:
    code, page, erreurs = passage
    assert code == 1
    assert "Différences que rien ne dit au déposant\u00a0: 1." in page
    ecarts = page.split("## Les écarts, ligne par ligne")[1]
    assert "**non expliqué**, 1 cellule, écart -1\u202f000\u00a0: D3 «\u00a01200\u00a0» → 200" in ecarts
    assert "8 passages, 1 pannes, 1 écarts non expliqués, 0 incohérences" in erreurs
    assert "1/8 depots/classeurs/ville.xlsx" in erreurs


def test_rien_de_la_machine(passage: tuple[int, str, str], dossier: Path) -> None:
    assert "depots/classeurs/ville.xlsx" in passage[1].replace("\\", "")
    assert str(dossier.parent) not in passage[1]


def test_page_identique_aux_secondes_pres() -> None:
    examens = [corpus.Examen("d/a.csv", secondes=0.1), corpus.Examen("d/b.csv", secondes=0.2)]
    premiere = corpus.page(examens, "commande")
    examens[0].secondes = 0.9
    seconde = corpus.page(examens, "commande")
    assert premiere != seconde
    assert re.sub(r"\d,\d\d \|", "|", premiere) == re.sub(r"\d,\d\d \|", "|", seconde)


def test_ligne_perdue_est_dite(dossier: Path) -> None:
    lot = analyser(dossier / "milliers.csv", load_enquetes()).lot
    lues = independant.feuilles(dossier / "milliers.csv")
    assert list(corpus_sommes.lignes_perdues(lot, lues)) == []
    plus = {nom: [*grille, [], [VILLE, "Oubliée"]] for nom, grille in lues.items()}
    assert list(corpus_sommes.lignes_perdues(lot, plus)) == [
        "lignes de «\u00a0milliers\u00a0» comptées nulle part\u00a0: [5]"
    ]


def test_choix_committes_valides() -> None:
    choix = corpus.lire_choix(corpus.CHOIX)
    assert len(choix) >= 20
    for c in choix:
        assert verifier_champs(c.decisions.correspondance, load_enquetes()) == [], c.nom


@pytest.mark.parametrize(
    ("texte", "decimale", "attendu"),
    [
        ("1\u202f234,50\u00a0€", None, "1234.50"),
        ("97 000euros", None, "97000"),
        ("1.234,50", None, "1234.50"),
        ("1,234.50", None, "1234.50"),
        ("1.234.567", None, "1234567"),
        ("1,500 €", ".", "1500"),
        ("-12,5", None, "-12.5"),
        (0.1, None, "0.1"),
        ("3h30", None, "3.5"),
        ("Néant", None, "0"),
        (dt.timedelta(hours=30), None, "30"),
    ],
)
def test_nombre_independant(texte: object, decimale: str | None, attendu: str) -> None:
    assert independant.nombre(texte, decimale) == Decimal(attendu)


@pytest.mark.parametrize(
    "texte", ["NC", "", None, True, "12 bénévoles", ".", "2024-01-02", dt.date(2024, 1, 2)]
)
def test_pas_un_nombre(texte: object) -> None:
    assert independant.nombre(texte) is None


def test_lecture_independante_des_formats(tmp_path: Path) -> None:
    import xlwt
    from odf import opendocument, table, text

    livre = xlwt.Workbook()
    page = livre.add_sheet("A")
    page.write(1, 1, 12.5)
    livre.save(str(tmp_path / "a.xls"))
    ods = opendocument.OpenDocumentSpreadsheet()
    feuille = table.Table(name="A")
    feuille.addElement(table.TableRow(numberrowsrepeated=1))
    rangee = table.TableRow()
    rangee.addElement(table.TableCell(numbercolumnsrepeated=1))
    cellule = table.TableCell(valuetype="float", value="12.5")
    cellule.addElement(text.P(text="12,5"))
    rangee.addElement(cellule)
    feuille.addElement(rangee)
    ods.spreadsheet.addElement(feuille)
    ods.save(str(tmp_path / "a.ods"))
    xlsx(tmp_path / "a.xlsx", {"A": [[], [None, 12.5]]})
    for nom in ("a.xls", "a.ods", "a.xlsx"):
        grille = independant.feuilles(tmp_path / nom)["A"]
        assert grille[1][1] == 12.5, nom
    (tmp_path / "a.csv").write_bytes("Nom;Été\nClub, dit « Go »;1,5\nAutre;2\n".encode("cp1252"))
    assert independant.feuilles(tmp_path / "a.csv")["a"][1] == ["Club, dit « Go »", "1,5"]
