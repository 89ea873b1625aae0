"""Purified workbooks: nothing left to refuse, the same rows loaded, and the grid on the disk cell for cell."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from observatoire.config.settings import load_settings
from observatoire.domain.loader import load_enquetes
from pipelines import depot
from pipelines.ingestion.epuration import detecter, ecrire_grille, epurer, lire_grille
from pipelines.ingestion.grille import Classeur, Colonne, Feuille, Table
from pipelines.ingestion.metadonnees import masquer_noms
from pipelines.ingestion.titres_personnels import COURRIEL, NOM, TELEPHONE
from tests.fabrique import lignes_valides
from tests.unit.test_vie_privee import Canaris, fuites, traces

ENQUETE = load_enquetes()["associations"]
TITRES = ["Association", "Référente", "Colonne1", "Adhérents", "Remarques"]


def feuille(nom: str = "F") -> Feuille:
    lignes: list[list[Any]] = [
        list(TITRES),
        ["Les Amis du Ru", "Aimée Serinette", "06 98 76 54 32", 12.0, "rien"],
        ["Club Jean Moulin", "Zoé Canari", "06 98 76 54 33", 7.5, "voir Mme Serinette"],
        ["Foyer", None, None, None, dt.date(2025, 3, 1)],
    ]
    return Feuille(nom, lignes)


def classeur(*feuilles: Feuille) -> Classeur:
    return Classeur("enquete.xlsx", "xlsx", "ab" * 32, 12, list(feuilles))


def table(f: Feuille) -> Table:
    titres = [Colonne(j, str(v or "")) for j, v in enumerate(f.lignes[0])]
    return Table(f, 0, titres, list(range(1, len(f.lignes))))


def test_detecter_puis_epurer() -> None:
    lue, contacts = feuille(), Feuille("Contacts", [["Nom", "Divers"], ["Serinette", "a@b.example"]])
    recu = classeur(lue, contacts)
    trouvailles = detecter(recu, {"F": {0, 3}}, [table(lue)])
    assert [(t.feuille, t.colonne, t.nature, t.nb) for t in trouvailles] == [
        ("F", 1, NOM, 2),
        ("F", 2, TELEPHONE, 2),
        ("F", None, NOM, 1),
        ("Contacts", 0, NOM, 1),
        ("Contacts", 1, COURRIEL, 1),
    ]
    assert trouvailles[0].exemples_masques == ("A***", "Z***")
    assert trouvailles[0].cellules == ("B2", "B3")
    assert trouvailles[2].cellules == ("E3",)
    epure = epurer(recu, trouvailles)
    assert [x[0] for x in epure.feuilles[0].lignes] == [
        "Association",
        "Les Amis du Ru",
        "Club Jean Moulin",
        "Foyer",
    ]
    assert [x[3] for x in epure.feuilles[0].lignes] == ["Adhérents", 12.0, 7.5, None]
    assert [x[4] for x in epure.feuilles[0].lignes] == ["Remarques", "rien", "M***", dt.date(2025, 3, 1)]
    assert {v for x in epure.feuilles[0].lignes for v in x[1:3]} == {None}
    assert lue.lignes[1][1] == "Aimée Serinette"
    encore = epure.feuilles[0]
    assert detecter(epure, {"F": {0, 3}}, [table(encore)]) == []


def test_nom_de_feuille_et_de_fichier() -> None:
    recu = classeur(feuille("Réponses"), feuille("Mme Serinette"))
    recu.nom_fichier = "Jeanne Serinette.xlsx"
    epure = epurer(recu, detecter(recu, {}, []))
    assert [f.nom for f in epure.feuilles] == ["Réponses", "Feuille 2"]
    assert epure.nom_fichier == "***.xlsx"
    assert masquer_noms(recu) == ["Feuille 2"]
    assert (recu.nom_fichier, recu.feuilles[1].nom) == ("***.xlsx", "Feuille 2")


def test_grille_sur_le_disque(tmp_path: Path) -> None:
    une = feuille()
    une.lignes += [
        [True, 12, 12.0, dt.datetime(2025, 1, 2, 3, 4), dt.time(1, 2)],
        [dt.timedelta(hours=30), "é\n", None, -1e300, ""],
    ]
    une.fusions, une.visible = [(0, 1, 0, 2)], False
    une.erreurs, une.non_calculees = {(3, 1): "#DIV/0!", (1, 2): "#N/A"}, {(3, 2), (1, 1)}
    une.largeurs_fausses, une.masquees = {2: 6}, {3, 1}
    recu = classeur(une, Feuille("vide", []))
    un, deux = tmp_path / "a.zip", tmp_path / "b.zip"
    ecrire_grille(recu, un)
    relu = lire_grille(un)
    assert relu == recu
    assert [[type(v) for v in x] for x in relu.feuilles[0].lignes] == [
        [type(v) for v in x] for x in une.lignes
    ]
    ecrire_grille(relu, deux)
    assert un.read_bytes() == deux.read_bytes()


@pytest.mark.parametrize("personnelle", [True, False])
def test_archive_rejouable(tmp_path: Path, personnelle: bool) -> None:
    """With personal cells the typed grid is kept, all sheets; without, the workbook less its authors and comments."""
    champs = ENQUETE.champs_actifs()
    lignes = lignes_valides(ENQUETE, 3)
    livre = openpyxl.Workbook()
    page = livre.active
    assert page is not None
    page.append([*(c.title for c in champs), *(["Référente"] if personnelle else [])])
    for ligne in lignes:
        page.append([*(ligne[c.name] for c in champs), *(["Aimée Serinette"] if personnelle else [])])
    page["A1"].comment = Comment("appeler le 06 98 76 54 32", "Aimée Serinette")
    page.oddHeader.center.text = "Mme Serinette"
    livre.properties.creator = "Aimée Serinette"
    autre = livre.create_sheet("Suite")
    autre.append(["Secteur", "Note"])
    autre.append(["Sport", "bien"])
    fichier, settings = tmp_path / "reponses-2025.xlsx", load_settings(tmp_path / "donnees")
    livre.save(fichier)
    bilan = depot.deposer(fichier, settings)
    assert bilan.lignes_chargees == 3
    canaris = Canaris()
    canaris.donnes += ["06 98 76 54 32", "Aimée"]
    assert fuites(traces(settings), canaris) == []
    (garde,) = [p for p in settings.raw.rglob("*") if p.is_file()]
    assert garde.name.startswith(bilan.sha256)
    if personnelle:
        assert garde.name.endswith(".grille.zip")
        relu = lire_grille(garde)
        assert [f.nom for f in relu.feuilles] == [page.title, "Suite"]
        assert relu.feuilles[1].lignes == [["Secteur", "Note"], ["Sport", "bien"]]
    else:
        with zipfile.ZipFile(garde) as z:
            assert "Serinette" not in "".join(z.read(n).decode("utf-8", "replace") for n in z.namelist())


@pytest.mark.parametrize("cache", ["rien", "liste", "zone", "ligne", "feuille"])
def test_canaris_autour_des_cellules(tmp_path: Path, cache: str) -> None:
    """One hiding place at a time: a drop-down list, a defined name, hidden rows, columns and sheets."""
    canaris = Canaris()
    suite = canaris.suite()
    champs = ENQUETE.champs_actifs()
    livre = openpyxl.Workbook()
    page = livre.active
    assert page is not None
    page.append([c.title for c in champs])
    for ligne in lignes_valides(ENQUETE, 3):
        page.append([ligne[c.name] for c in champs])
    page["B2"].comment = Comment(" ".join(suite), "Aimée Serinette")
    page.oddFooter.left.text = suite[0]
    livre.properties.lastModifiedBy = livre.properties.keywords = suite[0]
    if cache == "liste":
        regle = DataValidation(type="list", formula1=f'"Aimée Serinette,{suite[0]}"')
        regle.add("A2:A9")
        page.add_data_validation(regle)
    elif cache == "zone":
        livre.defined_names["zone"] = DefinedName("zone", attr_text=f'"{suite[1]}"')
    elif cache == "ligne":
        page.cell(1, len(champs) + 1, "Divers")
        for i, canari in enumerate(suite[:3], 2):
            page.cell(i, len(champs) + 1, f"Mme Serinette {canari}")
        page.row_dimensions[3].hidden = True
        page.column_dimensions["C"].hidden = True
    elif cache == "feuille":
        autre = livre.create_sheet("Mme Serinette")
        autre.sheet_state = "veryHidden"
        for canari in suite:
            autre.append([canari, "Aimée Serinette"])
    fichier, settings = tmp_path / "Mme Serinette 2025.xlsx", load_settings(tmp_path / "donnees")
    livre.save(fichier)
    bilan = depot.deposer(fichier, settings)
    depot.publier(settings)
    assert bilan.lignes_chargees == 3
    vus = list(traces(settings))
    assert any("Les Amis du Ru" in texte or "lignes_brutes" in ou for ou, texte in vus)
    assert fuites(vus, canaris) == []
    (garde,) = [p for p in settings.raw.rglob("*") if p.is_file()]
    assert garde.name.endswith(".xlsx" if cache == "rien" else ".grille.zip")
