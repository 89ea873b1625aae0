"""Sheets of one file that hold the same rows: a copy kept beside the original doubles every figure."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.enquete import IDENTITE
from observatoire.domain.francais import ecrire_nombre
from pipelines.ingestion.lot import Lot

LIGNES_MIN = 5
PART_MIN = 0.8


def feuilles_jumelles(lot: Lot) -> None:
    """Say each pair of sheets whose rows are mostly the same in all the columns that both have (DO-06).

    Questionnaires with a key have their own rule for two answers of one association; anonymous answers may be alike.
    """
    nom = lot.enquete.identite["nom"]
    if lot.enquete.cle or nom == IDENTITE["nom"]:
        return
    rangs: dict[str, list[int]] = defaultdict(list)
    for i in lot.chargeables:
        rangs[lot.origines[i].feuille].append(i)
    for a, b in combinations(rangs, 2):
        communs = [n for f, n in lot.adresses if f == a and (b, n) in lot.adresses]
        if nom not in communs or len(communs) < 2:
            continue
        lignes = [Counter(tuple(lot.colonnes[n][i] for n in communs) for i in rangs[f]) for f in (a, b)]
        nb = (lignes[0] & lignes[1]).total()
        if nb >= max(LIGNES_MIN, PART_MIN * min(len(rangs[a]), len(rangs[b]))):
            lot.anomalies.append(Anomalie("DO-06", feuille=b, details={"autre": a, "nb": ecrire_nombre(nb)}))
