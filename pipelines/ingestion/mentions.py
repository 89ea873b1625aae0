"""What the words around a table change to its rows: amounts in thousands, titles repeated in another order."""

from __future__ import annotations

import bisect
import re

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.types import type_de
from pipelines.ingestion.grille import Appariement, Table, adresse
from pipelines.ingestion.lignes import DESORDRE, ENTETE
from pipelines.ingestion.lot import Lot, affiche

_MILLIERS = re.compile(r"(?<!\w)(?:k ?(?:€|eur(?:os?)?\b)|milliers? d[’'e] ?euros?\b)", re.IGNORECASE)


def retenir_milliers(
    lot: Lot, table: Table, appariement: Appariement, debut: int, mention: tuple[int, int] | None
) -> None:
    """Hold the amounts of a table whose title says thousands of euros: they would be read as euros (EN-08).

    `mention` is the cell found by `mention_milliers` before the personal cells were masked.
    """
    montants = [n for n in appariement.champs if type_de(lot.enquete.champ(n)).nom == "montant"]
    if mention is None or not montants:
        return
    i, j = mention
    texte = table.feuille.lignes[i][j]
    lot.anomalies.append(Anomalie("EN-08", table.feuille.nom, i + 1, adresse(i, j), valeur=affiche(texte)))
    for rang in range(debut, len(lot.origines)):
        if any(lot.colonnes[n][rang] is not None for n in montants):
            lot.retenir(rang, "EN-08")


def mention_milliers(table: Table) -> tuple[int, int] | None:
    """The cell above the titles, 0-based, that says thousands of euros."""
    for i, ligne in enumerate(table.feuille.lignes[: table.ligne_entete]):
        for j, valeur in enumerate(ligne):
            if isinstance(valeur, str) and en_milliers(valeur):
                return i, j
    return None


def en_milliers(texte: str) -> bool:
    """True for a title that says thousands of euros."""
    return _MILLIERS.search(texte) is not None


def retenir_desordre(lot: Lot, table: Table, debut: int) -> None:
    """Hold the rows between titles repeated in another order and the next ones in order: they were misread."""
    reperes = {i + 1: code for i, code in table.ignorees.items() if code in (DESORDRE, ENTETE)}
    if DESORDRE not in reperes.values():
        return
    bornes = sorted(reperes)
    touches = []
    for i in range(debut, len(lot.origines)):
        avant = bisect.bisect(bornes, lot.origines[i].ligne)
        if avant and reperes[bornes[avant - 1]] == DESORDRE:
            touches.append(i)
    lignes = {lot.origines[i].ligne for i in touches}
    lot.anomalies[:] = [a for a in lot.anomalies if a.feuille != table.feuille.nom or a.ligne not in lignes]
    for i in touches:
        lot.qualite.pop(i, None)
        lot.retenir(i, DESORDRE)
