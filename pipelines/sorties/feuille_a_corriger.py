"""The « À corriger » sheet: how to go on, what each colour means, every problem with a link to its cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from observatoire.domain.anomalie import Anomalie, Niveau
from observatoire.domain.francais import ecrire_nombre
from pipelines.sorties.coloriage import COMMENTAIRES_MAX, FONDS, dire, ecrit
from pipelines.sorties.marque import AUTEUR, FEUILLE_A_CORRIGER, PROPRIETE, TITRE

# A spreadsheet takes 65 530 links a sheet, and nobody reads that far.
LISTE_MAX = 20_000
COLONNES = (
    ("Niveau", 14),
    ("Feuille", 20),
    ("Cellule", 10),
    ("Colonne", 28),
    ("Ce qui est écrit", 30),
    ("Ce qu’il faut faire", 84),
    ("Code", 9),
)
COPIE = (
    "Ceci est une copie de votre fichier. Corrigez dans les cellules colorées, enregistrez, puis déposez "
    "ce fichier-ci de nouveau\u00a0: il sera reconnu comme la correction du premier dépôt.",
    "Cliquez sur l’adresse d’une cellule pour y aller. Passez la souris sur une cellule colorée pour lire "
    "ce qu’il faut faire. Cette feuille-ci n’est pas lue\u00a0: n’y corrigez rien.",
)
ORIGINAL = (
    "Les valeurs, les formules et les formats sont ceux de votre fichier. Des graphiques, des images ou des "
    "boutons peuvent manquer\u00a0: votre fichier d’origine, lui, n’a pas changé."
)
GRILLE = (
    "Cette copie a été refaite à partir des cellules lues\u00a0: la mise en forme, les formules, les graphiques et "
    "les images de votre fichier n’y sont pas. Votre fichier d’origine n’a pas changé."
)
LISTE_SEULE = (
    "Votre fichier est trop long pour être recopié ici\u00a0: cette liste donne l’adresse de chaque problème. "
    "Corrigez dans votre fichier, enregistrez-le, puis déposez-le de nouveau."
)
SENS = {
    Niveau.BLOQUANT: "le fichier ne peut pas être chargé sans cela",
    Niveau.A_CORRIGER: "la valeur n’est pas prise tant qu’elle n’est pas corrigée",
    Niveau.A_CONFIRMER: "la ligne attend votre réponse",
    Niveau.A_VERIFIER: "pris tel quel\u00a0: vérifiez que c’est juste",
    Niveau.REPARE: "compris et réparé, rien à faire si c’est juste",
    Niveau.INFO: "rien à faire",
}
_GRAS = Font(bold=True, color="1F3864")
_LIEN = Font(color="0B4F9E", underline="single")
_ENTETE = PatternFill("solid", fgColor="D9E2F3")
_TRAIT = Side(style="thin", color="C9CFDA")
_BORD = Border(bottom=_TRAIT)
_HAUT = Alignment(wrap_text=True, vertical="top")


def ajouter_feuille(
    livre: Workbook,
    pages: Mapping[str, Worksheet],
    anomalies: Sequence[Anomalie],
    reference: str,
    nom: str,
    consignes: Sequence[str],
    sans_commentaire: int = 0,
) -> None:
    """Put the sheet first and make it the one that opens; `anomalies` come the worst first."""
    page = livre.create_sheet(_titre_libre(livre), 0)
    _en_tete(page, reference, nom, consignes, _reserves(anomalies, sans_commentaire))
    _legende(page, anomalies)
    _lister(page, pages, anomalies[:LISTE_MAX])
    # Sheets selected together would all receive what is typed in one.
    for autre in livre.worksheets:
        autre.sheet_view.tabSelected = autre is page
    livre.active = 0
    _identifier(livre, reference)


def _reserves(anomalies: Sequence[Anomalie], sans_commentaire: int) -> list[str]:
    phrases = []
    if sans_commentaire:
        phrases.append(
            f"Seules les {ecrire_nombre(COMMENTAIRES_MAX)} premières cellules portent un commentaire, les plus "
            f"graves d’abord\u00a0; {ecrire_nombre(sans_commentaire)} autres sont seulement colorées et dans la liste."
        )
    if len(anomalies) > LISTE_MAX:
        phrases.append(
            f"La liste s’arrête à {ecrire_nombre(LISTE_MAX)} problèmes, les plus graves d’abord\u00a0; "
            f"{ecrire_nombre(len(anomalies) - LISTE_MAX)} autres n’y sont pas."
        )
    return phrases


def ecrire_texte(cellule: Cell, texte: str) -> None:
    """Write a text that stays a text, even when it looks like a formula or an error."""
    cellule.value = ILLEGAL_CHARACTERS_RE.sub("", texte)
    cellule.data_type = "s"
    if texte.startswith(("=", "+", "-", "@")):
        cellule.quotePrefix = True


def _titre_libre(livre: Workbook) -> str:
    pris = {p.title.casefold() for p in livre._sheets}
    titre, rang = FEUILLE_A_CORRIGER, 2
    while titre.casefold() in pris:
        titre, rang = f"{FEUILLE_A_CORRIGER} ({rang})", rang + 1
    return titre


def _en_tete(
    page: Worksheet, reference: str, nom: str, consignes: Sequence[str], reserves: Sequence[str]
) -> None:
    ecrire_texte(page["A1"], TITRE)
    page["A1"].font = Font(bold=True, size=14, color="1F3864")
    for rang, (libelle, valeur) in enumerate((("Dépôt", reference), ("Fichier", nom)), start=2):
        ecrire_texte(page.cell(rang, 1), libelle)
        ecrire_texte(page.cell(rang, 2), valeur)
        page.cell(rang, 1).font = _GRAS
        page.cell(rang, 2).number_format = "@"
    for rang, phrase in enumerate((*consignes, *reserves), start=4):
        page.merge_cells(start_row=rang, start_column=1, end_row=rang, end_column=len(COLONNES))
        ecrire_texte(page.cell(rang, 1), phrase)
        page.cell(rang, 1).alignment = _HAUT
        page.row_dimensions[rang].height = 18 * (1 + len(phrase) // 180)


def _legende(page: Worksheet, anomalies: Sequence[Anomalie]) -> None:
    comptes = Counter(a.niveau for a in anomalies)
    rang = page.max_row + 2
    if not comptes:
        ecrire_texte(page.cell(rang, 1), "Aucun problème.")
    for niveau in (n for n in Niveau if comptes[n]):
        ecrire_texte(page.cell(rang, 1), niveau.libelle)
        page.cell(rang, 1).fill = FONDS[niveau]
        page.cell(rang, 2, comptes[niveau]).number_format = "#,##0"
        page.cell(rang, 2).alignment = Alignment(horizontal="left")
        ecrire_texte(page.cell(rang, 3), SENS[niveau])
        rang += 1


def _lister(page: Worksheet, pages: Mapping[str, Worksheet], anomalies: Sequence[Anomalie]) -> None:
    debut = page.max_row + 2
    for colonne, (titre, largeur) in enumerate(COLONNES, start=1):
        cellule = page.cell(debut, colonne)
        ecrire_texte(cellule, titre)
        cellule.font, cellule.fill = _GRAS, _ENTETE
        page.column_dimensions[cellule.column_letter].width = largeur
    for rang, anomalie in enumerate(anomalies, start=debut + 1):
        _ligne(page, rang, anomalie, pages.get(anomalie.feuille or ""))
    fin = max(debut + 1, debut + len(anomalies))
    page.auto_filter.ref = f"A{debut}:G{fin}"
    page.freeze_panes = page.cell(debut + 1, 1)
    page.print_title_rows = f"{debut}:{debut}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _ligne(page: Worksheet, rang: int, anomalie: Anomalie, cible: Worksheet | None) -> None:
    lieu = anomalie.cellule or (f"ligne {anomalie.ligne}" if anomalie.ligne else "")
    phrase, valeur = dire(anomalie), ecrit(anomalie)
    textes = (
        anomalie.niveau.libelle,
        anomalie.feuille or "",
        lieu,
        anomalie.colonne or "",
        valeur,
        phrase,
        anomalie.code,
    )
    for colonne, texte in enumerate(textes, start=1):
        cellule = page.cell(rang, colonne)
        if texte:
            ecrire_texte(cellule, texte)
        cellule.alignment, cellule.border = _HAUT, _BORD
    page.cell(rang, 1).fill = FONDS[anomalie.niveau]
    hauteur = max(1 + len(phrase) // 88, 1 + len(valeur) // 32, 1 + len(anomalie.colonne or "") // 30)
    page.row_dimensions[rang].height = 15 * min(hauteur, 12)
    if cible is not None and lieu:
        adresse = anomalie.cellule or f"A{anomalie.ligne}"
        cellule = page.cell(rang, 3)
        cellule.hyperlink = Hyperlink(
            ref=cellule.coordinate, location=f"{quote_sheetname(cible.title)}!{adresse}", display=lieu
        )
        cellule.font = _LIEN


def _identifier(livre: Workbook, reference: str) -> None:
    livre.properties.creator = livre.properties.lastModifiedBy = AUTEUR
    proprietes = livre.custom_doc_props
    if PROPRIETE in proprietes.names:
        del proprietes[PROPRIETE]
    proprietes.append(StringProperty(name=PROPRIETE, value=reference))
