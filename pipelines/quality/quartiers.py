"""Districts named by an answer whose head office is in another commune: said, since it does not count there."""

from __future__ import annotations

from observatoire.domain.anomalie import enumerer
from observatoire.domain.types import type_de
from observatoire.domain.types.qpv import TYPE
from observatoire.territoire import Territoire
from observatoire.territoire.lieux import QPV
from pipelines.ingestion.lot import Lot


def signaler_ailleurs(lot: Lot, territoire: Territoire, debut: int = 0) -> None:
    """Say QP-03 on the rows from `debut` on whose district touches another commune than theirs."""
    communes = lot.colonnes.get(lot.enquete.identite["commune"], [])
    champs = [c.name for c in lot.enquete.champs_actifs() if type_de(c) is TYPE and c.name in lot.colonnes]
    for champ in champs if communes else ():
        for i in range(debut, len(lot.origines)):
            code, siege = lot.colonnes[champ][i], communes[i]
            if not code or not siege or not any(z.code == code for z in territoire.zones(QPV)):
                continue
            touchees = territoire.communes_de(QPV, code)
            if siege not in {c.code for c in touchees}:
                ici = territoire.par_code(siege)
                noms = enumerer(c.nom for c in touchees)
                lot.anomalie("QP-03", i, champ, code, communes=noms, siege=ici.nom if ici else siege)
