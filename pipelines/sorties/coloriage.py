"""Cells in error: one colour per level and a comment that says the level, the problem and its code."""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence

from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Color, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from observatoire.domain.anomalie import Anomalie, Niveau
from pipelines.ingestion.grille import position
from pipelines.ingestion.personnel import cellule_personnelle, extrait_masque, masquer
from pipelines.sorties.marque import AUTEUR

# Each comment is a drawing: beyond this, the file opens slowly; the colour and the list remain.
COMMENTAIRES_MAX = 2000
LONGUEUR_COMMENTAIRE = 2000
COULEURS = {
    Niveau.BLOQUANT: "F4A6A0",
    Niveau.A_CORRIGER: "FBD5D0",
    Niveau.A_CONFIRMER: "E3D3F2",
    Niveau.A_VERIFIER: "FFF0B3",
    Niveau.REPARE: "D7EBD3",
    Niveau.INFO: "DCE6F2",
}
FONDS = {niveau: PatternFill("solid", fgColor=couleur) for niveau, couleur in COULEURS.items()}
_ENCRE = "FF1F1F1F"
_VOTRE = "\u2014 Votre commentaire \u2014"
_NOTRE = re.compile(rf"(?:{'|'.join(n.libelle.upper() for n in Niveau)})\n.*\nCode\u00a0: ", re.DOTALL)


def dire(anomalie: Anomalie) -> str:
    """The message of an anomaly without its place; what it may quote of a person is masked."""
    return _taire(dataclasses.replace(anomalie, valeur=ecrit(anomalie) or anomalie.valeur).phrase)


def ecrit(anomalie: Anomalie) -> str:
    """What is written in the cell, masked when it is personal."""
    texte = anomalie.valeur or ""
    if anomalie.code.startswith("RG-"):
        return texte if "***" in texte or not texte else extrait_masque(texte)
    return _taire(texte)


def _taire(texte: str) -> str:
    return masquer(texte) if texte and cellule_personnelle(texte) else texte


def colorier(pages: Mapping[str, Worksheet], anomalies: Sequence[Anomalie]) -> int:
    """Colour and comment the cells of `anomalies` (the worst first); gives how many cells got no comment."""
    par_cellule: dict[tuple[str, int, int], list[Anomalie]] = {}
    fusions = {nom: _fusions(page) for nom, page in pages.items()}
    for anomalie in anomalies:
        page = pages.get(anomalie.feuille or "")
        place = _place(page, anomalie) if page is not None else None
        if page is not None and place is not None:
            coin = fusions[anomalie.feuille or ""].get(place, place)
            par_cellule.setdefault((anomalie.feuille or "", *coin), []).append(anomalie)
    for rang, ((nom, ligne, colonne), dites) in enumerate(par_cellule.items()):
        cellule = pages[nom].cell(ligne, colonne)
        _peindre(cellule, min((a.niveau for a in dites), key=lambda n: n.rang))
        if rang < COMMENTAIRES_MAX:
            _commenter(cellule, dites)
    return max(0, len(par_cellule) - COMMENTAIRES_MAX)


def effacer(page: Worksheet) -> None:
    """Take our colours and comments of an earlier copy away; the person's own comments come back."""
    notres = {f"00{c}" for c in COULEURS.values()}
    for cellule in [c for c in _cellules(page) if c.comment is not None and _est_notre(c.comment)]:
        _, separe, sien = cellule.comment.text.partition(_VOTRE)
        cellule.comment = Comment(sien.strip(), AUTEUR) if separe else None
        if cellule.fill.fgColor.rgb in notres:
            cellule.fill = PatternFill()


def _est_notre(commentaire: Comment) -> bool:
    return commentaire.author == AUTEUR and _NOTRE.match(commentaire.text) is not None


def _cellules(page: Worksheet) -> Iterator[Cell]:
    """The cells that exist; `iter_rows` would make all the empty ones."""
    yield from page._cells.values()


def _fusions(page: Worksheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Cell of a merged range → its only cell that can be written."""
    return {
        place: (plage.min_row, plage.min_col) for plage in page.merged_cells.ranges for place in plage.cells
    }


def _place(page: Worksheet, anomalie: Anomalie) -> tuple[int, int] | None:
    """1-based (row, column) of the cell to colour; a whole row is shown at its first filled cell."""
    if anomalie.cellule and (trouvee := position(anomalie.cellule)):
        return trouvee[0] + 1, trouvee[1] + 1
    if not anomalie.ligne or anomalie.ligne > page.max_row:
        return None
    remplies = (
        j
        for j in range(1, page.max_column + 1)
        if page._cells.get((anomalie.ligne, j), _VIDE).value is not None
    )
    return anomalie.ligne, next(remplies, 1)


class _Vide:
    value = None


_VIDE = _Vide()


def _peindre(cellule: Cell, niveau: Niveau) -> None:
    cellule.fill = FONDS[niveau]
    # White titles would vanish on a pale ground.
    police = copy.copy(cellule.font)
    police.color = Color(rgb=_ENCRE)
    cellule.font = police


def _commenter(cellule: Cell, anomalies: Sequence[Anomalie]) -> None:
    blocs = list(
        dict.fromkeys(f"{a.niveau.libelle.upper()}\n{dire(a)}\nCode\u00a0: {a.code}" for a in anomalies)
    )
    if cellule.comment is not None and cellule.comment.text.strip():
        blocs.append(f"{_VOTRE}\n{cellule.comment.text}")
    texte = "\n\n".join(blocs)
    if len(texte) > LONGUEUR_COMMENTAIRE:
        texte = texte[: LONGUEUR_COMMENTAIRE - 1] + "…"
    lignes = sum(1 + len(ligne) // 44 for ligne in texte.split("\n"))
    cellule.comment = Comment(texte, AUTEUR, height=min(560, 30 + 18 * lignes), width=320)
