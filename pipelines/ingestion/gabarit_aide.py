"""The « À lire » sheet of the template: how to fill it, column by column."""

from __future__ import annotations

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de

FEUILLE_AIDE = "À lire"
COLONNES = ("Colonne", "Ce que l’on attend", "Unité", "Exemple", "Obligatoire", "Réponses possibles")

_LARGEURS = (34, 70, 18, 26, 13, 60)
_TITRE = Font(bold=True, size=14, color="1F3864")
_SOUS_TITRE = Font(bold=True, color="1F3864")
_FOND = PatternFill("solid", fgColor="D9E2F3")

REMPLIR = (
    "Remplissez la feuille «\u00a0{feuille}\u00a0». {grain} Ne changez ni les titres ni leur ordre.",
    "Les titres sur fond foncé sont obligatoires. Passez la souris sur un titre pour lire son explication.",
    "Laissez vide ce que vous ne savez pas, écrivez 0 quand il n’y en a pas\u00a0: ce n’est pas pareil.",
    "Écrivez les nombres sans texte autour\u00a0: 1200, et non «\u00a0environ 1200\u00a0».",
    "Les montants sont en euros, jamais en milliers d’euros.",
    "Quand une liste déroulante est proposée, choisissez-y la réponse.",
)
VIE_PRIVEE = (
    "N’écrivez aucun nom de personne, aucune adresse électronique, aucun numéro de téléphone.",
    "Une colonne ou une cellule qui en contient est écartée\u00a0: elle n’est ni chargée ni archivée.",
)
ENSUITE = (
    "Renvoyez ce fichier tel quel. Il est vérifié à l’arrivée.",
    "Chaque problème est signalé avec sa cellule, sa cause et ce qu’il faut faire. Une ligne juste est "
    "chargée même si une autre est à corriger.",
    "Les chiffres publiés sont des totaux protégés. Aucune association n’est citée sans son accord.",
)


def ecrire_aide(page: Worksheet, enquete: Enquete, champs: tuple[Champ, ...], millesime: int | None) -> None:
    """Write the whole sheet."""
    page.append([f"{enquete.title}\u00a0: mode d’emploi"])
    page["A1"].font = _TITRE
    page.append([enquete.description])
    if millesime:
        page.append([f"Les réponses portent sur l’année {millesime}."])
    for titre, phrases in (
        ("Comment remplir", REMPLIR),
        ("Vie privée", VIE_PRIVEE),
        ("Et ensuite\u202f?", ENSUITE),
    ):
        page.append([])
        page.append([titre])
        page.cell(page.max_row, 1).font = _SOUS_TITRE
        for phrase in phrases:
            page.append([phrase.format(feuille=enquete.feuille, grain=enquete.grain)])
    page.append([])
    page.append(list(COLONNES))
    for cellule in page[page.max_row]:
        cellule.font, cellule.fill = _SOUS_TITRE, _FOND
    for champ in champs:
        page.append(_ligne(champ))
        for cellule in page[page.max_row]:
            cellule.alignment = Alignment(wrap_text=True, vertical="top")
            cellule.number_format = "@"
    for lettre, largeur in zip("ABCDEF", _LARGEURS, strict=True):
        page.column_dimensions[lettre].width = largeur
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _ligne(champ: Champ) -> list[str | None]:
    choix = " · ".join(charger_nomenclature(champ.nomenclature).libelles) if champ.nomenclature else ""
    if type_de(champ).nom == "booleen":
        choix = "oui · non"
    requis = "oui" if champ.obligatoire else ""
    textes = (champ.title, champ.description, champ.unit, champ.example, requis, choix)
    return [texte or None for texte in textes]
