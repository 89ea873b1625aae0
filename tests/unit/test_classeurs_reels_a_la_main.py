"""Workbooks as associations send them: what was lost or misread without a word must be said at its cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest
import xlwt

from observatoire.config.settings import load_settings
from observatoire.domain.loader import load_enquetes
from pipelines import depot
from pipelines.bilan import Bilan
from pipelines.ingestion.gabarit import ecrire_gabarit
from tests.fabrique_fichiers import xlsx

TITRES = [
    "Nom de l’association",
    "Commune",
    "Bénévoles réguliers",
    "Bénévoles occasionnels",
    "Heures réguliers",
]
REPONSES = [
    ["Club de judo", "Melun", 10, 20, 500],
    ["Les Amis du livre", "Meaux", 11, 21, 510],
    ["Chorale du Ru", "Chelles", 12, 22, 520],
]


def verifier(chemin: Path) -> Bilan:
    return depot.verifier(chemin, load_settings(chemin.parent / "donnees"))


def lire(tmp_path: Path, feuilles: Mapping[str, Sequence[Sequence[object]]], nom: str = "f.xlsx") -> Bilan:
    xlsx(tmp_path / nom, feuilles)
    return verifier(tmp_path / nom)


def comptes(bilan: Bilan) -> tuple[int, int, int, int]:
    chargees, attente, ignorees = (
        bilan.lignes_chargees, bilan.lignes_en_attente, bilan.lignes_ignorees
    )  # fmt: skip
    return bilan.lignes_lues, chargees, attente, ignorees


def dits(bilan: Bilan, *codes: str) -> list[tuple[str, str | None, int | None, str | None]]:
    return [(a.code, a.feuille, a.ligne, a.cellule) for a in bilan.anomalies if a.code in codes]


def phrases(bilan: Bilan, code: str) -> list[str]:
    return [a.phrase for a in bilan.anomalies if a.code == code]


def gabarit(chemin: Path, lignes: Sequence[Mapping[str, object]]) -> Path:
    ecrire_gabarit(load_enquetes()["benevolat"], chemin, millesime=2025)
    classeur = openpyxl.load_workbook(chemin)
    feuille = classeur["Réponses"]
    colonnes = {str(c.value): c.column for c in feuille[1]}
    for i, ligne in enumerate(lignes, 2):
        for titre, valeur in ligne.items():
            feuille.cell(i, colonnes[titre]).value = valeur
    classeur.save(chemin)
    return chemin


def test_le_gabarit_renomme_garde_son_annee(tmp_path: Path) -> None:
    lignes = [
        {"Nom de l’association": "A", "Bénévoles réguliers": 3},
        {"Nom de l’association": "B", "Bénévoles réguliers": 4, "Année des données": 2024},
    ]
    bilan = verifier(gabarit(tmp_path / "réponse de Martine.xlsx", lignes))
    assert (comptes(bilan), bilan.millesimes) == ((2, 2, 0, 0), (2024, 2025))
    assert phrases(bilan, "FI-12")[0].startswith("Année des données\u00a0: 2025, lue dans le gabarit.")


def test_un_gabarit_rendu_vide_est_refuse(tmp_path: Path) -> None:
    bilan = verifier(gabarit(tmp_path / "vide.xlsx", []))
    assert (bilan.refus and bilan.refus.code, bilan.code_sortie) == ("FI-07", 2)


def test_annee_dans_le_titre_du_tableau(tmp_path: Path) -> None:
    bilan = lire(tmp_path, {"Feuil1": [["Enquête bénévolat – année 2025"], [], TITRES, *REPONSES]})
    assert (comptes(bilan), bilan.millesimes) == ((3, 3, 0, 0), (2025,))


@pytest.mark.parametrize("nom", ["f.xlsx", "enquête 2026 sur 2025.xlsx"])
def test_sans_annee_sure_le_reste_est_dit_quand_meme(tmp_path: Path, nom: str) -> None:
    bilan = lire(tmp_path, {"Feuil1": [TITRES, *REPONSES, ["D", "Meluun", "dix", 1, 2]]}, nom)
    assert (bilan.refus and bilan.refus.code, comptes(bilan)) == ("FI-11", (4, 0, 4, 0))
    assert dits(bilan, "CM-02", "NB-01") == [("CM-02", "Feuil1", 5, "B5"), ("NB-01", "Feuil1", 5, "C5")]


def test_une_annee_fausse_n_est_pas_dite_vide(tmp_path: Path) -> None:
    annees = [2025, "25", None]
    lignes = [[*r, a] for r, a in zip(REPONSES, annees, strict=True)]
    bilan = lire(tmp_path, {"Feuil1": [[*TITRES, "Année"], *lignes]})
    assert comptes(bilan) == (3, 1, 2, 0)
    assert dits(bilan, "DA-05", "VA-01") == [("DA-05", "Feuil1", 3, "F3"), ("VA-01", "Feuil1", 4, "F4")]


def test_une_annee_a_venir_est_dite(tmp_path: Path) -> None:
    futur = dt.date.today().year + 9
    bilan = lire(tmp_path, {"2024": [[*TITRES, "Année"], [*REPONSES[0], 2024], [*REPONSES[1], futur]]})
    assert dits(bilan, "CO-04") == [("CO-04", "2024", 3, "F3")]


def test_titres_repetes_dans_un_autre_ordre(tmp_path: Path) -> None:
    titres = [*TITRES[:2], TITRES[3], TITRES[2], TITRES[4]]
    suite = [["D", "Melun", 20, 10, 5], ["E", "Melun", 21, "dix", 5]]
    lignes = [TITRES, *REPONSES, titres, *suite, TITRES, ["F", "Melun", 7, 1, 2]]
    bilan = lire(tmp_path, {"2025": lignes})
    assert comptes(bilan) == (8, 4, 2, 2)
    assert dits(bilan, "TO-06", "NB-01", "TO-04") == [("TO-06", "2025", 5, "A5"), ("TO-04", "2025", 8, "A8")]
    assert bilan.sommes["nb_benevoles_reguliers"][1] == 40


def test_titres_repetes_dans_le_meme_ordre(tmp_path: Path) -> None:
    bilan = lire(tmp_path, {"2025": [TITRES, *REPONSES[:2], TITRES, REPONSES[2]]})
    assert (comptes(bilan), dits(bilan, "TO-04", "TO-06")) == ((4, 3, 0, 1), [("TO-04", "2025", 4, "A4")])


def test_montants_annonces_en_milliers_d_euros(tmp_path: Path) -> None:
    titres = ["Nom de l’association", "Commune", "Cotisations", "Dons", "Mécénat"]
    lignes = [["A", "Melun", 12, 3, 4], ["B", "Meaux", None, None, None]]
    bilan = lire(tmp_path, {"2025": [["Budgets en k€"], [], titres, *lignes]})
    assert (comptes(bilan), dits(bilan, "EN-08")) == ((2, 1, 1, 0), [("EN-08", "2025", 1, "A1")])
    bilan = lire(tmp_path, {"2025": [["Budgets en euros, cartes à 3 k"], [], titres, *lignes]})
    assert (comptes(bilan), dits(bilan, "EN-08")) == ((2, 2, 0, 0), [])


def test_colonne_en_milliers_d_euros(tmp_path: Path) -> None:
    titres = ["Nom de l’association", "Commune", "Cotisations (en k€)", "Dons", "Mécénat", "Divers"]
    bilan = lire(tmp_path, {"2025": [titres, ["A", "Melun", 12, 3, 4, 5]]})
    assert dits(bilan, "EN-03", "EN-09") == [("EN-09", "2025", 1, "C1")]


def test_un_nom_seul_sur_sa_ligne_est_dit(tmp_path: Path) -> None:
    fin = [["Total des bénévoles\u00a0: 33"], ["Fait à Melun le 3 mars 2026"], ["Nadia"]]
    bilan = lire(tmp_path, {"2025": [TITRES, *REPONSES, *fin]})
    assert comptes(bilan) == (6, 4, 0, 2)
    assert dits(bilan, "TO-01", "TO-02", "LG-02") == [
        ("TO-01", "2025", 5, "A5"), ("TO-02", "2025", 6, "A6"), ("LG-02", "2025", 7, "A7"),
    ]  # fmt: skip


def test_lignes_masquees(tmp_path: Path) -> None:
    xlsx(tmp_path / "f.xlsx", {"2025": [TITRES, *REPONSES]})
    classeur = openpyxl.load_workbook(tmp_path / "f.xlsx")
    for i in (3, 4, 9):
        classeur["2025"].row_dimensions[i].hidden = True
    classeur.save(tmp_path / "f.xlsx")
    bilan = verifier(tmp_path / "f.xlsx")
    assert (comptes(bilan), dits(bilan, "FE-03")) == ((3, 3, 0, 0), [("FE-03", "2025", 3, None)])
    assert "lues comme les autres\u00a0: 3 et 4." in phrases(bilan, "FE-03")[0]


@pytest.mark.parametrize("nombre", [3, 400])
def test_erreurs_d_un_ancien_xls(tmp_path: Path, nombre: int) -> None:
    classeur = xlwt.Workbook()
    classeur.add_sheet("Notice").write(0, 0, "Bonjour")
    feuille = classeur.add_sheet("Été 2025")
    for j, titre in enumerate(TITRES):
        feuille.write(0, j, titre)
    for i in range(nombre):
        for j, valeur in enumerate([f"Club {i}", "Melun", 10 + i, 20, 500]):
            if (i, j) != (1, 2):
                feuille.write(i + 1, j, valeur)
    feuille.row(2).set_cell_error(2, 0x17)
    classeur.save(str(tmp_path / "f.xls"))
    bilan = verifier(tmp_path / "f.xls")
    assert comptes(bilan) == (nombre, nombre, 0, 0)
    assert dits(bilan, "FO-01") == [("FO-01", "Été 2025", 3, "C3")]
    assert "#REF!" in phrases(bilan, "FO-01")[0]


def test_deux_reponses_dans_deux_feuilles(tmp_path: Path) -> None:
    autre = [*REPONSES[0][:2], 99, 20, 500]
    feuilles = {"Nord 2025": [TITRES, *REPONSES], "Sud 2025": [TITRES, autre, REPONSES[1]]}
    bilan = lire(tmp_path, feuilles)
    assert comptes(bilan) == (5, 2, 2, 1)
    nord, sud = ("feuille «\u00a0Nord 2025\u00a0»", "feuille «\u00a0Sud 2025\u00a0»")
    assert phrases(bilan, "DO-01")[0].startswith(f"Lignes 2 ({nord}) et 2 ({sud})\u00a0:")
    assert phrases(bilan, "DO-03") == [f"Ligne identique à la ligne 3 ({nord})\u00a0: ignorée."]


def test_les_nombres_des_messages_ont_leurs_espaces(tmp_path: Path) -> None:
    titres = ["Nom de l’association", "Commune", "Total des ressources de l’année", "Cotisations", "Dons"]
    bilan = lire(tmp_path, {"2025": [titres, ["A", "Melun", 45000, 1200, 34.5]]})
    assert (
        "(45\u202f000) diffère de la somme de ses parties (1\u202f234,5) de plus de 1\u00a0%"
        in (phrases(bilan, "CO-02")[0])
    )


def test_colonne_obligatoire_absente_sans_espace_double(tmp_path: Path) -> None:
    bilan = lire(tmp_path, {"2025": [TITRES[1:], *(r[1:] for r in REPONSES)]})
    assert bilan.refus is not None and bilan.refus.code == "EN-01"
    assert "est introuvable. Indiquez quelle colonne" in bilan.refus.phrase
