"""What the words around a table change to its rows: amounts in thousands, titles repeated in another order."""

from __future__ import annotations

import bisect

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.types import type_de
from pipelines.ingestion.decisions import MILLIERS
from pipelines.ingestion.grille import Appariement, Colonne, Table
from pipelines.ingestion.lignes import DESORDRE, ENTETE
from pipelines.ingestion.lot import Lot, affiche
from pipelines.ingestion.unites import en_milliers

Place = tuple[int, int]


def colonnes_en_milliers(
    lot: Lot, table: Table, appariement: Appariement, mention: Place | None, unite: str | None
) -> frozenset[int]:
    """Columns of amounts to multiply by 1 000: the person said that the sheet is in thousands of euros.

    They are all of them when a title above the table says so, else those whose own title does; all when no title does.
    """
    if unite != MILLIERS:
        return frozenset()
    montants = _montants(lot, appariement)
    toutes = frozenset(c.index for c in montants.values())
    dites = frozenset(c.index for c in montants.values() if en_milliers(c.entete))
    ailleurs = any(en_milliers(c.entete) for c in appariement.inconnues)
    return toutes if mention is not None or not (dites or ailleurs) else dites


def retenir_milliers(
    lot: Lot, table: Table, appariement: Appariement, debut: int, mention: Place | None
) -> None:
    """Hold the amounts of a table whose title says thousands of euros: they would be read as euros (EN-08).

    `mention` is the cell found by `mention_milliers` before the personal cells were masked. A column in thousands
    that the person gave to a field is held alike.
    """
    montants = _montants(lot, appariement)
    donnees = {n: c for n, c in montants.items() if en_milliers(c.entete)}
    if not montants or (mention is None and not donnees):
        return
    places = [mention] if mention is not None else [(table.ligne_entete, c.index) for c in donnees.values()]
    feuille = table.feuille
    for i, j in places:
        lot.anomalies.append(
            Anomalie(
                "EN-08",
                feuille.nom,
                feuille.ligne_dite(i, j),
                feuille.adresse(i, j),
                valeur=affiche(feuille.lignes[i][j]),
            )
        )
    for rang in range(debut, len(lot.origines)):
        if any(lot.colonnes[n][rang] is not None for n in (donnees if mention is None else montants)):
            lot.retenir(rang, "EN-08")


def _montants(lot: Lot, appariement: Appariement) -> dict[str, Colonne]:
    return {
        nom: colonne
        for nom, (colonne, _, _) in appariement.champs.items()
        if type_de(lot.enquete.champ(nom)).nom == "montant"
    }


def mention_milliers(table: Table) -> tuple[int, int] | None:
    """The cell above the titles, 0-based, that says thousands of euros."""
    for i, ligne in enumerate(table.feuille.lignes[: table.ligne_entete]):
        for j, valeur in enumerate(ligne):
            if isinstance(valeur, str) and en_milliers(valeur):
                return i, j
    return None


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
    lot.anomalies[:] = [
        a for a in lot.anomalies if a.feuille != table.feuille.nom or lot.ligne_de(a) not in lignes
    ]
    for i in touches:
        lot.qualite.pop(i, None)
        lot.retenir(i, DESORDRE)
