"""The gate of a deposit: the typed batch is judged, broken rows are held back and said at their cells."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from observatoire.domain.types import type_de
from observatoire.domain.types._nombres import ecrire_bornes
from pipelines.ingestion.lot import Lot
from pipelines.quality import gx, sql
from pipelines.quality.regles import RegleQualite, regles_de

# Above this size the compiled query judges (performance.md: 57 times faster on a million rows).
LIGNES_MAX_GX = 20_000

_ARROW = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "VARCHAR": pa.string(),
}


def table_typee(lot: Lot, indices: list[int], champs: list[str] | None = None) -> pa.Table:
    """Arrow table of the typed columns for the rows `indices`, with `_rang` (row number in the batch)."""
    colonnes: dict[str, pa.Array] = {"_rang": pa.array(indices, pa.int64())}
    for champ in lot.enquete.champs_actifs():
        if champs is None or champ.name in champs:
            valeurs = lot.colonnes[champ.name]
            sql_type = type_de(champ).sql
            if sql_type.startswith("DECIMAL"):
                nombres = [None if valeurs[i] is None else float(valeurs[i]) for i in indices]
                colonnes[champ.name] = pa.array(nombres, pa.float64())
            else:
                colonnes[champ.name] = pa.array([valeurs[i] for i in indices], _ARROW[sql_type])
    return pa.table(colonnes)


def juger(lot: Lot) -> dict[str, int]:
    """Judge the loadable rows of `lot`; returns rule name → number of broken rows, all the rules of the suite.

    Rows that break a rule are held pending and an anomaly names their cell.
    """
    indices = lot.chargeables
    presents = {champ for _, champ in lot.adresses}
    regles = regles_de(lot.enquete, presents)
    if not indices or not regles:
        return {}
    table = table_typee(lot, indices, [r.champ for r in regles])
    if len(indices) > LIGNES_MAX_GX:
        fautes = sql.juger(table, regles)
    else:
        fautes = gx.juger(_cadre(table, regles), lot.enquete.name, regles)
    for regle in regles:
        for i in fautes[regle.identifiant]:
            valeur = lot.colonnes[regle.champ][i]
            lot.anomalie(regle.code, i, regle.champ, valeur, **_details(lot, regle))
            lot.retenir(i, regle.code)
    return {nom: len(rangs) for nom, rangs in fautes.items()}


def _details(lot: Lot, regle: RegleQualite) -> dict[str, Any]:
    """What the message of a broken rule needs: title, example, bounds, nature and form of an identifier."""
    champ = lot.enquete.champ(regle.champ)
    details: dict[str, Any] = {"titre": champ.title, "exemple": champ.example}
    if regle.genre == "bornes":
        details["bornes"] = ecrire_bornes(regle.params["minimum"], regle.params["maximum"])
    if regle.genre == "forme":
        details |= {"nature": type_de(champ).lisible.removeprefix("un "), "forme": champ.example}
    if regle.genre == "longueur":
        details["maximum"] = regle.params["maximum"]
    if regle.genre == "parmi":
        details |= {"proposition": "", "choix": ", ".join(regle.params["valeurs"])}
    return details


def _cadre(table: pa.Table, regles: list[RegleQualite]) -> Any:
    """Pandas frame for GX: numbers as float64, texts as object, each column once."""
    import pandas as pd

    cadre = pd.DataFrame({"_rang": table.column("_rang").to_numpy()})
    for nom in dict.fromkeys(r.champ for r in regles):
        colonne = table.column(nom)
        if pa.types.is_string(colonne.type):
            cadre[nom] = pd.Series(colonne.to_pylist(), dtype="str")
        elif pa.types.is_date(colonne.type):
            cadre[nom] = pd.to_datetime(pd.Series(colonne.to_pylist()))
        else:
            cadre[nom] = pd.Series(colonne.to_pylist(), dtype="float64")
    return cadre
