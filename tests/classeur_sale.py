"""A workbook as a volunteer treasurer sends it: three visible sheets, a hidden one, and a known list of what is wrong.

`ecrire(chemin)` or `octets()` make it; `CLASSEUR` is its name. Questionnaire: « Les ressources ». What is planted:

* « Notice »: words only, and « Mme Canari Planté au 06 98 76 54 32 ».
* « 2024 »: last year's table, titles in row 3, two clean rows (4 and 5), one e-mail each.
* « 2025 »: this year's. Merged titles over rows 1 (A1:J1) and 4 (A4:C4, D4:G4, H4:J4), « Rempli par » in A2, titles
  in row 5, data in rows 6 to 13, « TOTAL » in row 14, a note in row 16.

  | row | planted                                                                                      |
  |-----|----------------------------------------------------------------------------------------------|
  | 6   | nothing but an ambiguous « 12.450 » in F6                                                    |
  | 7   | SIRET in scientific notation B7, « une vingtaine » D7, « 1 200 € » E7, ambiguous F7          |
  | 8   | « #DIV/0! » E8                                                                               |
  | 9   | unknown commune C9                                                                           |
  | 10  | accents lost: A10 is « ThÃ©Ã¢tre du Lavoir » (UTF-8 read as Latin-1)                            |
  | 11  | the association of row 6 (same SIRET), with another number of calls D11                      |
  | 12  | a telephone in the remarks J12 (« voir Mme Canari Planté au 06 98 76 54 32 »)                 |
  | 13  | nothing                                                                                      |

  Columns: A name, B SIRET, C commune, D calls for projects, E subscriptions, F total (dots: `12.450`), G gifts in k€,
  H e-mails (personal), I « Couleur du logo » (feeds nothing), J « Remarques ».
* « Calculs » (hidden): a table like the others, that nobody must count.

`CANARIS` are the personal data planted, as bytes that no file of the product may hold. `DECISIONS` settle everything
but the cells: read « 2025 » only, titles in row 5, F written with decimal dots, G in thousands, personal data left
out. `CORRECTIONS` are the cells typed again, `LIGNE_ECARTEE` the row to leave out. `variante(rang)` gives another
workbook of the same shape with its own errors, and `attendu(rang)` the cells that it must be told.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.ingestion.decisions import Correction
from tests.fabrique import siret_valide

CLASSEUR = "Enquête ressources.xlsx"
FEUILLE, PASSEE, NOTICE, CACHEE = "2025", "2024", "Notice", "Calculs"
PERSONNE = "Mme Canari Planté au 06 98 76 54 32"
COURRIELS = [f"canari{i}@exemple.fr" for i in range(8)]
CANARIS = (b"canari", b"Canari", "Planté".encode(), b"98 76 54 32", b"98765432")
TITRES = [
    "Nom de l’association",
    "N° SIRET",
    "Commune du siège",
    "Appels à projets déposés",
    "Cotisations",
    "Total des ressources de l’année",
    "Dons des particuliers (k€)",
    "E-mail du président",
    "Couleur du logo",
    "Remarques",
]
LIGNE_TITRES, PREMIERE, TOTAL = 5, 6, 14
_alea = random.Random(20261122)
SIRETS = [siret_valide(_alea) for _ in range(8)]
NOMS = [
    "Les Amis du Ru",
    "Boules de Meaux",
    "Chorale des Tilleuls",
    "Judo du Val",
    "ThÃ©Ã¢tre du Lavoir",
    "Les Amis du Ru",
    "Jardins du Lac",
    "Rugby des Deux Rives",
]
COMMUNES = ["Melun", "Meaux", "Chelles", "Trifouillis-les-Oies", "Nemours", "Melun", "Torcy", "Provins"]
TOTAUX = ["12.450", "1.234", "20.500", "8.750", "15.000", "12.450", "9.900", "7.300"]
"""Column F, all ambiguous: French thousands, or decimals with a dot."""
DECISIONS: dict[str, Any] = {
    "feuilles": {PASSEE: False, FEUILLE: True},
    "entetes": {FEUILLE: LIGNE_TITRES},
    "conventions": {"montant_total": ","},
    "unites": {FEUILLE: "milliers"},
    "retirer_personnelles": True,
}
CORRECTIONS = (
    Correction(FEUILLE, "D7", "une vingtaine", "20"),
    Correction(FEUILLE, "E8", "#DIV/0!", "300"),
    Correction(FEUILLE, "C9", "Trifouillis-les-Oies", "Coulommiers"),
)
LIGNE_ECARTEE = (FEUILLE, 11)


def _lignes() -> list[list[Any]]:
    lignes = [
        [NOMS[i], SIRETS[i], COMMUNES[i], 2 + i, 100.5 + i, TOTAUX[i], 1 + i / 2, COURRIELS[i], "bleu", None]
        for i in range(8)
    ]
    lignes[1][1], lignes[1][3], lignes[1][4] = "9,12346E+13", "une vingtaine", "1 200 €"
    lignes[2][4] = "#DIV/0!"
    lignes[5][1], lignes[5][3] = SIRETS[0], 40
    lignes[6][9] = f"voir {PERSONNE}"
    return lignes


def classeur(retouche: Callable[[list[list[Any]]], None] | None = None) -> Workbook:
    """The workbook; `retouche` may change the rows of « 2025 » before they are written."""
    lignes = _lignes()
    if retouche is not None:
        retouche(lignes)
    livre = Workbook()
    livre.remove(livre.worksheets[0])
    notice = livre.create_sheet(NOTICE)
    notice["A1"], notice["A3"] = "Merci de remplir la feuille de l’année.", f"Une question : {PERSONNE}"
    _passee(livre.create_sheet(PASSEE))
    _presente(livre.create_sheet(FEUILLE), lignes)
    cachee = livre.create_sheet(CACHEE)
    cachee.append(TITRES[:5])
    cachee.append(["Club fantôme", SIRETS[7], "Melun", 999, 999])
    cachee.sheet_state = "hidden"
    return livre


def _passee(page: Worksheet) -> None:
    page["A1"] = "Enquête ressources 2024"
    page.append([])
    page.append([t.replace(" (k€)", "") for t in TITRES[:8]])
    for i in (0, 2):
        page.append([NOMS[i], SIRETS[i], COMMUNES[i], 1, 90 + i, 11000 + i, 500, COURRIELS[i]])


def _presente(page: Worksheet, lignes: list[list[Any]]) -> None:
    page["A1"] = "Enquête ressources auprès des associations, exercice 2025"
    page["A2"], page["B2"] = "Rempli par :", "Canari Planté"
    for place, titre in (("A4", "Qui"), ("D4", "Argent"), ("H4", "Divers")):
        page[place] = titre
    for plage in ("A1:J1", "A4:C4", "D4:G4", "H4:J4"):
        page.merge_cells(plage)
    for j, titre in enumerate(TITRES, 1):
        page.cell(LIGNE_TITRES, j, titre)
    for i, ligne in enumerate(lignes, PREMIERE):
        for j, valeur in enumerate(ligne, 1):
            page.cell(i, j).value = valeur
    page.cell(TOTAL, 1, "TOTAL")
    page.cell(TOTAL, 4, 99)
    page.cell(TOTAL, 5, 2500)
    page.cell(TOTAL + 2, 1, "* chiffres provisoires, sous réserve de l’assemblée générale")


def ecrire(chemin: Path, retouche: Callable[[list[list[Any]]], None] | None = None) -> Path:
    """The workbook in a file."""
    classeur(retouche).save(chemin)
    return chemin


def octets(retouche: Callable[[list[list[Any]]], None] | None = None) -> bytes:
    """The bytes of the workbook."""
    tampon = io.BytesIO()
    classeur(retouche).save(tampon)
    return tampon.getvalue()


def _fautes(rang: int) -> dict[str, tuple[int, int, str]]:
    """Errors of a variant: address → (row, column) 0-based in the rows, and the text planted."""
    alea = random.Random(rang)
    lignes = sorted(alea.sample([0, 3, 4, 6, 7], 1 + rang % 4))
    return {f"D{PREMIERE + i}": (i, 3, f"environ beaucoup {rang}-{i}") for i in lignes}


def variante(rang: int) -> bytes:
    """Another workbook of the same shape: other names, other numbers, its own errors in column D."""

    def retoucher(lignes: list[list[Any]]) -> None:
        alea = random.Random(1000 + rang)
        nouveaux = [siret_valide(alea) for _ in lignes]
        for i, ligne in enumerate(lignes):
            ligne[0], ligne[1] = f"Cercle {rang} numéro {i}", nouveaux[i]
            ligne[2], ligne[3], ligne[4] = "Melun", 3 + i + rang, 200.25 + 10 * rang + i
        for i, j, texte in _fautes(rang).values():
            lignes[i][j] = texte

    return octets(retoucher)


def attendu(rang: int) -> dict[str, str]:
    """Cells that the verdict of `variante(rang)` must ask to correct: address → text."""
    return {cellule: texte for cellule, (_, _, texte) in _fautes(rang).items()}
