"""What stands beside the cells of a workbook goes; the cells stay. Names of files and sheets."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
import python_calamine
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from pipelines.ingestion.metadonnees import nom_sans_personne, porte_une_personne, sans_metadonnees

CANARIS = ("Mme Serinette", "canari@voliere.example", "06 98 76 54 32")
META = '<?xml version="1.0"?><office:document-meta xmlns:office="urn:o" xmlns:meta="urn:m" xmlns:dc="urn:d"><office:meta><meta:initial-creator>Aimée Serinette</meta:initial-creator><dc:creator>Aimée Serinette</dc:creator></office:meta></office:document-meta>'
MANIFESTE = '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
CONTENU = """<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><office:body><office:spreadsheet><table:table table:name="F"><table:table-row><table:table-cell office:value-type="string"><office:annotation><dc:creator>Aimée Serinette</dc:creator><text:p>canari@voliere.example</text:p></office:annotation><text:p>Association</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="3.5"><text:p>3,5</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


def classeur(chemin: Path, *, liste: str = "oui,non", nom: str = "'F'!$A$1") -> Path:
    livre = openpyxl.Workbook()
    page = livre.active
    assert page is not None
    page.append(["Association", "Adhérents", "Date"])
    page.append(["Les Amis du Ru", 12, "2025-03-01"])
    page["A1"].comment = Comment(f"Voir {CANARIS[0]} {CANARIS[1]}", CANARIS[0])
    page.oddHeader.center.text = CANARIS[0]
    page.oddFooter.left.text = CANARIS[2]
    regle = DataValidation(type="list", formula1=f'"{liste}"')
    regle.add("B2:B9")
    page.add_data_validation(regle)
    livre.defined_names["zone"] = DefinedName("zone", attr_text=nom)
    livre.properties.creator = livre.properties.lastModifiedBy = "Aimée Serinette"
    livre.properties.description = CANARIS[1]
    livre.save(chemin)
    return chemin


def cellules(chemin: Path) -> list[list[list[object]]]:
    livre = python_calamine.load_workbook(str(chemin))
    return [livre.get_sheet_by_name(n).to_python() for n in livre.sheet_names]


def textes(chemin: Path) -> str:
    with zipfile.ZipFile(chemin) as z:
        return "\n".join(z.read(n).decode("utf-8", "replace") for n in z.namelist())


def test_xlsx_sans_auteurs_ni_commentaires(tmp_path: Path) -> None:
    recu = classeur(tmp_path / "a.xlsx")
    assert all(c in textes(recu) for c in (*CANARIS, "Aimée Serinette"))
    octets = sans_metadonnees(recu, "xlsx")
    assert octets is not None
    garde = tmp_path / "b.xlsx"
    garde.write_bytes(octets)
    assert "Serinette" not in textes(garde)
    assert not any(c in textes(garde) for c in CANARIS)
    assert cellules(garde) == cellules(recu)
    assert cellules(garde)[0][1] == ["Les Amis du Ru", 12.0, "2025-03-01"]
    assert sans_metadonnees(recu, "xlsx") == octets
    openpyxl.load_workbook(garde)


@pytest.mark.parametrize(
    ("liste", "nom"), [("Aimée Serinette,Marc Serinette", "'F'!$A$1"), ("oui,non", f'"{CANARIS[2]}"')]
)
def test_xlsx_qui_nomme_encore(tmp_path: Path, liste: str, nom: str) -> None:
    """A drop-down list or a defined name that says a person: the bytes are not kept."""
    assert sans_metadonnees(classeur(tmp_path / "a.xlsx", liste=liste, nom=nom), "xlsx") is None


def test_ods(tmp_path: Path) -> None:
    recu = tmp_path / "a.ods"
    with zipfile.ZipFile(recu, "w") as z:
        z.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        z.writestr("content.xml", CONTENU)
        z.writestr("meta.xml", META)
        z.writestr("META-INF/manifest.xml", MANIFESTE)
    octets = sans_metadonnees(recu, "ods")
    assert octets is not None
    garde = tmp_path / "b.ods"
    garde.write_bytes(octets)
    assert "Serinette" in textes(recu)
    assert "Serinette" not in textes(garde)
    assert "canari" not in textes(garde)
    assert cellules(garde) == cellules(recu) == [[["Association", 3.5]]]


def test_csv_et_xls(tmp_path: Path) -> None:
    fichier = tmp_path / "a.csv"
    fichier.write_bytes(b"a;b\n1;2\n")
    assert sans_metadonnees(fichier, "csv") == b"a;b\n1;2\n"
    assert sans_metadonnees(fichier, "xls") is None


@pytest.mark.parametrize(
    ("nom", "attendu"),
    [
        ("reponses-2025.xlsx", "reponses-2025.xlsx"),
        ("Amicale Jean Moulin 2024.xlsx", "Amicale Jean Moulin 2024.xlsx"),
        ("enquête vie associative 77.ods", "enquête vie associative 77.ods"),
        ("Fiche Mme Serinette.xlsx", "Fiche M***.xlsx"),
        ("Jeanne Serinette 2025.xlsx", "*** 2025.xlsx"),
        ("enquete_Jeanne_Serinette.csv", "enquete ***.csv"),
        ("canari@voliere.example.xlsx", "ca***@***.example.xlsx"),
        ("contact 06 98 76 54 32.csv", "contact 06***.csv"),
    ],
)
def test_nom_de_fichier(nom: str, attendu: str) -> None:
    assert nom_sans_personne(nom) == attendu
    assert porte_une_personne(nom) == (nom != attendu)
