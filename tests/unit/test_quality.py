"""The gate: the same rules through Great Expectations and through DuckDB give the same broken rows."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from observatoire.domain.loader import load_enquetes
from observatoire.domain.types import type_de
from pipelines.ingestion.lot import Lot, Origine
from pipelines.quality import porte, sql
from pipelines.quality.regles import regles_de

ENQUETES = load_enquetes()


def valeur_au_hasard(champ, rng: random.Random):
    type_sql = type_de(champ).sql
    if rng.random() < 0.15:
        return None
    if type_sql in ("BIGINT", "INTEGER"):
        return rng.choice([-5, 0, 3, 2025, 10**7])
    if type_sql == "DOUBLE" or type_sql.startswith("DECIMAL"):
        return rng.choice([-1.5, 0.0, 0.3, 1.0, 7.25, 12.0, 4000.0])
    if type_sql == "BOOLEAN":
        return rng.random() < 0.5
    if type_sql == "DATE":
        return None
    return rng.choice(["x", "77288", "W772001234", "W77", "73282932000074", "agrege", "nsp", "é" * 3000])


def lot_au_hasard(nom: str, graine: int, taille: int = 60) -> Lot:
    rng = random.Random(graine)
    enquete = ENQUETES[nom]
    lot = Lot(enquete, "test")
    for champ in enquete.champs_actifs():
        lot.colonnes[champ.name] = [valeur_au_hasard(champ, rng) for _ in range(taille)]
        lot.adresses["F", champ.name] = len(lot.adresses)
    lot.origines = [Origine("F", i + 2, (i + 2,)) for i in range(taille)]
    return lot


@pytest.mark.parametrize("nom", ENQUETES)
def test_parite_gx_sql(nom: str) -> None:
    from pipelines.quality import gx

    lot = lot_au_hasard(nom, graine=len(nom))
    regles = regles_de(lot.enquete)
    table = porte.table_typee(lot, lot.chargeables)
    par_gx = gx.juger(porte._cadre(table, regles), nom, regles)
    par_sql = sql.juger(table, regles)
    assert {r: sorted(x) for r, x in par_gx.items()} == par_sql
    assert any(par_sql.values()), "le tirage ne casse aucune règle : le test ne prouve rien"


def test_ligne_fautive_retenue_et_nommee() -> None:
    lot = lot_au_hasard("associations", graine=3, taille=1)
    for nom in lot.colonnes:
        lot.colonnes[nom] = [None]
    lot.colonnes["nom_association"] = ["Les Amis du Test"]
    lot.colonnes["rna"] = ["W77"]
    porte.juger(lot)
    assert lot.attente == {0: ["ID-04"]}
    (anomalie,) = lot.anomalies
    assert (anomalie.code, anomalie.champ, anomalie.ligne) == ("ID-04", "rna", 2)
    assert anomalie.cellule == f"{'ABCDEFGHIJ'[lot.adresses['F', 'rna']]}2"


def test_gros_lot_juge_par_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    lot = lot_au_hasard("emploi", graine=9)
    attendu = porte.juger(replace(lot, anomalies=[], attente={}))
    monkeypatch.setattr(porte, "LIGNES_MAX_GX", 1)
    assert porte.juger(replace(lot, anomalies=[], attente={})) == attendu


def test_contextes_simultanes() -> None:
    """One ephemeral context per deposit: verdicts of simultaneous deposits do not mix."""
    from concurrent.futures import ThreadPoolExecutor

    from pipelines.quality import gx

    lots = [lot_au_hasard("benevolat", graine=g, taille=30) for g in range(8)]
    regles = regles_de(lots[0].enquete)
    tables = [porte.table_typee(lot, lot.chargeables) for lot in lots]
    attendus = [sql.juger(t, regles) for t in tables]
    with ThreadPoolExecutor(4) as pool:
        obtenus = list(pool.map(lambda t: gx.juger(porte._cadre(t, regles), "b", regles), tables))
    assert [{r: sorted(x) for r, x in o.items()} for o in obtenus] == attendus
