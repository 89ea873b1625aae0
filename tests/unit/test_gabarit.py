"""The template: what people see, what a filled one keeps, and that nothing in it is ever a formula."""

from __future__ import annotations

import datetime as dt
import random
import zipfile
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.loader import load_enquetes
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de
from pipelines.ingestion.gabarit import FEUILLE_LISTES, LIGNES_FILTREES, MARQUE, ecrire_gabarit
from pipelines.ingestion.gabarit_aide import COLONNES, FEUILLE_AIDE

ENQUETES = load_enquetes()
TEXTE = {
    "rna",
    "siret",
    "siren",
    "commune",
    "code_postal",
    "qpv",
    "nomenclature",
    "nomenclature_multiple",
    "texte",
    "texte_long",
}


def ouvrir(tmp_path: Path, enquete: Enquete, **options: object) -> openpyxl.Workbook:
    chemin = tmp_path / "g.xlsx"
    ecrire_gabarit(enquete, chemin, **options)  # type: ignore[arg-type]
    return openpyxl.load_workbook(chemin)


@pytest.mark.parametrize("nom", ENQUETES)
def test_feuilles_et_titres(nom: str, tmp_path: Path) -> None:
    enquete = ENQUETES[nom]
    classeur = ouvrir(tmp_path, enquete)
    etats = [(p.title, p.sheet_state) for p in classeur.worksheets]
    assert etats == [(enquete.feuille, "visible"), (FEUILLE_AIDE, "visible"), (FEUILLE_LISTES, "hidden")]
    page = classeur[enquete.feuille]
    assert [c.value for c in page[1]] == [c.title for c in enquete.champs_actifs()]
    assert page.max_row == 1
    assert page.freeze_panes == "B2"
    assert page.auto_filter.ref == f"A1:{page.cell(1, page.max_column).column_letter}{LIGNES_FILTREES}"


@pytest.mark.parametrize("nom", ENQUETES)
def test_chaque_colonne_a_son_format_son_explication_et_sa_liste(nom: str, tmp_path: Path) -> None:
    enquete = ENQUETES[nom]
    page = ouvrir(tmp_path, enquete)[enquete.feuille]
    listes = {str(r.sqref).split("2:")[0]: r for r in page.data_validations.dataValidation}
    for cellule, champ in zip(page[1], enquete.champs_actifs(), strict=True):
        type_ = type_de(champ)
        dimension = page.column_dimensions[cellule.column_letter]
        assert dimension.number_format == type_.excel
        assert (dimension.number_format == "@") == (type_.nom in TEXTE or type_.nom == "booleen")
        assert dimension.width >= 12
        assert champ.description in cellule.comment.text and champ.example in cellule.comment.text
        assert cellule.comment.text.startswith("OBLIGATOIRE") == champ.obligatoire
        attendue = champ.nomenclature is not None or type_.nom == "booleen"
        assert (cellule.column_letter in listes) == attendue
        if attendue:
            assert listes[cellule.column_letter].showErrorMessage == (type_.nom != "nomenclature_multiple")
    obligatoires = {
        c.fill.fgColor.rgb
        for c, champ in zip(page[1], enquete.champs_actifs(), strict=True)
        if champ.obligatoire
    }
    autres = {
        c.fill.fgColor.rgb
        for c, champ in zip(page[1], enquete.champs_actifs(), strict=True)
        if not champ.obligatoire
    }
    assert len(obligatoires) == len(autres) == 1 and obligatoires != autres


def test_la_liste_deroulante_montre_les_libelles(tmp_path: Path) -> None:
    classeur = ouvrir(tmp_path, ENQUETES["associations"])
    page, listes = classeur["Réponses"], classeur[FEUILLE_LISTES]
    regles = {
        str(r.sqref): r.formula1.removeprefix(f"={FEUILLE_LISTES}!")
        for r in page.data_validations.dataValidation
    }
    secteur = next(c.column_letter for c in page[1] if c.value == "Secteur d’activité principal")
    employeuse = next(c.column_letter for c in page[1] if c.value == "Association employeuse")
    choix = [
        c[0].value for c in listes[regles[f"{secteur}2:{secteur}{LIGNES_FILTREES + 1}"].replace("$", "")]
    ]
    assert choix == list(charger_nomenclature("secteurs").libelles)
    oui_non = [
        c[0].value
        for c in listes[regles[f"{employeuse}2:{employeuse}{LIGNES_FILTREES + 1}"].replace("$", "")]
    ]
    assert oui_non == ["oui", "non"]


@pytest.mark.parametrize("nom", ENQUETES)
def test_un_gabarit_se_reconnait(nom: str, tmp_path: Path) -> None:
    classeur = ouvrir(tmp_path, ENQUETES[nom], millesime=2025)
    marques = [(a.value, b.value) for a, b in classeur[FEUILLE_LISTES]["A1:B3"]]
    assert marques == [(MARQUE, nom), ("observatoire:version", "1.0"), ("observatoire:millesime", "2025")]
    assert {p.name: p.value for p in classeur.custom_doc_props.props} == dict(marques)
    assert (classeur.properties.subject, classeur.properties.version) == (nom, "1.0")


@pytest.mark.parametrize("nom", ENQUETES)
def test_mode_d_emploi_dit_chaque_colonne_et_la_vie_privee(nom: str, tmp_path: Path) -> None:
    enquete = ENQUETES[nom]
    lignes = list(ouvrir(tmp_path, enquete, millesime=2025)[FEUILLE_AIDE].iter_rows(values_only=True))
    debut = lignes.index(COLONNES)
    assert [ligne[0] for ligne in lignes[debut + 1 :]] == [c.title for c in enquete.champs_actifs()]
    assert [ligne[1] for ligne in lignes[debut + 1 :]] == [c.description for c in enquete.champs_actifs()]
    textes = " ".join(str(ligne[0]) for ligne in lignes[:debut])
    assert all(
        mot in textes for mot in ("aucun nom de personne", "adresse électronique", "téléphone", "2025")
    )


def test_memes_octets_deux_fois(tmp_path: Path) -> None:
    for rang in (1, 2):
        ecrire_gabarit(ENQUETES["emploi"], tmp_path / f"{rang}.xlsx", millesime=2024)
    assert tmp_path.joinpath("1.xlsx").read_bytes() == tmp_path.joinpath("2.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "1.xlsx") as archive:
        assert {fiche.date_time for fiche in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
    classeur = openpyxl.load_workbook(tmp_path / "1.xlsx")
    assert classeur.properties.created == classeur.properties.modified == dt.datetime(2000, 1, 1)


@pytest.mark.parametrize("texte", ["=2+5", "+33 1", "-5 à 10", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_un_texte_ne_devient_jamais_une_formule(texte: str, tmp_path: Path) -> None:
    classeur = ouvrir(
        tmp_path, ENQUETES["associations"], lignes=[{"nom_association": texte, "publics": texte}]
    )
    page = classeur["Réponses"]
    for adresse in ("A2", "N2"):
        assert page[adresse].data_type == "s"
        assert page[adresse].value == texte
        assert page[adresse].quotePrefix
    lu = CalamineWorkbook.from_path(tmp_path / "g.xlsx").get_sheet_by_name("Réponses").to_python()
    assert lu[1][0] == texte


def test_les_lignes_donnees_se_relisent(tmp_path: Path) -> None:
    graine = random.Random(3)
    lignes = [
        {
            "nom_attribuant": "Département",
            "id_attribuant": "00012345600012",
            "date_convention": dt.date(2025, 3, 1 + i),
            "nom_beneficiaire": f"Les Amis {i}",
            "montant": graine.randint(100, 9000) + 0.5,
        }
        for i in range(5)
    ]
    chemin = tmp_path / "g.xlsx"
    ecrire_gabarit(ENQUETES["subventions"], chemin, lignes=lignes)
    lu = CalamineWorkbook.from_path(chemin).get_sheet_by_name("Réponses").to_python()
    colonnes = {c.name: i for i, c in enumerate(ENQUETES["subventions"].champs_actifs())}
    assert [{nom: ligne[colonnes[nom]] for nom in lignes[0]} for ligne in lu[1:]] == lignes


def test_le_millesime_choisit_les_colonnes(tmp_path: Path) -> None:
    champs = tuple(
        Champ(nom, "texte", nom.title(), "Texte.", "x", since=depuis, until=jusque)
        for nom, depuis, jusque in [("ancien", None, 2024), ("neuf", 2025, None), ("stable", None, None)]
    )
    enquete = Enquete("essai", "Essai", "Un essai.", "Une ligne.", "1.0", champs)
    assert [c.value for c in ouvrir(tmp_path, enquete, millesime=2024)["Réponses"][1]] == ["Ancien", "Stable"]
    assert [c.value for c in ouvrir(tmp_path, enquete, millesime=2025)["Réponses"][1]] == ["Neuf", "Stable"]
    assert [c.value for c in ouvrir(tmp_path, enquete)["Réponses"][1]] == ["Ancien", "Neuf", "Stable"]
