"""What is kept from one computation to the next gives what the work would give, bit for bit, and spares it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from observatoire.config.settings import Settings
from observatoire.estimation import ponderation, trajectoires
from observatoire.estimation.souvenirs import Souvenirs
from observatoire.indicators import run
from observatoire.indicators.valeurs import macro
from observatoire.territoire import load_territoire
from pipelines.publication import references
from scripts import bench_estimation

REPONDANTES, CADRE, ANNEES = 260, 900, (2024, 2025)
THEMES = ("vie_associative", "benevolat", "emploi")
TABLES = ("mesures", "evolutions", "redressement", "redressement_journal", "representativite", "lorenz")
NOUVELLES = """
    update courant.emploi set nb_salaries = nb_salaries + 1, etp_total = etp_total + 1
    where millesime = 2025 and cle_association in
        (select cle_association from courant.emploi where millesime = 2025 order by all limit 20)"""


@dataclass
class Travaux:
    """Weightings and differences that were worked out."""

    pesees: int = 0
    differences: list[str] = field(default_factory=list)


@pytest.fixture
def travaux(monkeypatch: pytest.MonkeyPatch) -> Travaux:
    faits = Travaux()
    peser, difference = ponderation.peser, trajectoires._difference

    def compter_pesee(*reste: Any) -> Any:
        faits.pesees += 1
        return peser(*reste)

    def compter_difference(demande: Any, *reste: Any) -> Any:
        faits.differences.append(demande.indicateur)
        return difference(demande, *reste)

    monkeypatch.setattr(ponderation, "peser", compter_pesee)
    monkeypatch.setattr(trajectoires, "_difference", compter_difference)
    monkeypatch.setattr(bench_estimation, "ANNEES", ANNEES)
    cartes = {n: c for n, c in run.catalogue().items() if c.theme in THEMES}
    monkeypatch.setattr(run, "catalogue", lambda: cartes)
    # The masks have their own memory and their own test (test_memoire_masques.py).
    monkeypatch.setattr(
        run, "proteger", lambda con, seuils, **reste: proteger(con, seuils, complementaire=False)
    )
    return faits


proteger = run.proteger


def calculer(dossier: Path, memoire: Path, *, avec: bool) -> dict[str, list[tuple[Any, ...]]]:
    settings = Settings(dossier, memoire=memoire)
    rng = np.random.default_rng(5)
    bench_estimation.registre(settings.registre, rng, CADRE)
    with bench_estimation.entrepot(settings.registre, rng, REPONDANTES) as con:
        references(con, settings)
        if avec:
            con.execute(NOUVELLES)
        run.calculer(con, settings, load_territoire("77"), 1)
        tables = {t: con.execute(f"select * from pub.{t} order by all").fetchall() for t in TABLES}
        unites = "select indicateur, millesime, sum(cast(valeur as decimal(38, 9))), sum(cast(poids as decimal(38, 9))), count(*) from unites group by all"
        return tables | {"unites": con.execute(unites).fetchall()}


def test_un_depot_ne_refait_que_ce_qu_il_touche(tmp_path: Path, travaux: Travaux) -> None:
    """Jobs move for twenty associations of 2025: no weight is worked out again, and only differences on jobs are."""
    avant = calculer(tmp_path, tmp_path / "memoire", avec=False)
    pesees, differences = travaux.pesees, len(travaux.differences)
    assert pesees >= 4 and differences >= 20
    repris = calculer(tmp_path, tmp_path / "memoire", avec=True)
    assert travaux.pesees == pesees
    refaites = set(travaux.differences[differences:])
    assert 0 < len(travaux.differences) - differences < differences / 2
    touches = {nom for nom, *_ in set(avant["unites"]) ^ set(repris["unites"])}
    assert refaites <= touches and touches < {nom for nom, *_ in avant["unites"]}
    neuf = calculer(tmp_path, tmp_path / "autre", avec=True)
    assert travaux.pesees == 2 * pesees
    assert {t: repris[t] for t in TABLES} == {t: neuf[t] for t in TABLES}
    assert len(neuf["mesures"]) > 10_000 and len(neuf["evolutions"]) > 20
    assert any(ligne[6] == "representatif" and ligne[7] is not None for ligne in neuf["mesures"])
    assert avant["mesures"] != repris["mesures"]


def test_souvenirs(tmp_path: Path) -> None:
    """Names say where one part ends; values come back to the last bit; what is torn is as if it were not there."""
    s = Souvenirs(tmp_path / "s", [b"code"])
    nom = s.nom(b"ab", b"c")
    assert len({nom, s.nom(b"a", b"bc"), Souvenirs(None, [b"autre"]).nom(b"ab", b"c")}) == 3
    assert s.lire(nom) is None
    s.garder(nom, {"x": [0.1 + 0.2, 1e-300, None]})
    assert s.lire(nom) == {"x": [0.1 + 0.2, 1e-300, None]}
    assert (tmp_path / "s").stat().st_mode & 0o077 == 0
    (tmp_path / "s" / f"{nom}.json").write_text('{"x": [0.3', encoding="utf-8")
    assert s.lire(nom) is None
    assert s.oublier(jours=-1) == 1
    assert s.oublier() == 0
    Souvenirs(None).garder(nom, 1)
    assert Souvenirs(None).lire(nom) is None


def test_ordre_des_lignes_indifferent() -> None:
    """The sums of the cells are the same bits whatever the order the answers are read in."""
    rng = np.random.default_rng(2)
    valeurs = [(f"A{i}", float(x)) for i, x in enumerate(rng.lognormal(5, 3, 5000))]
    requete = macro("sommes")
    obtenues = []
    for liste in (valeurs, sorted(valeurs, key=lambda v: v[1]), valeurs[::-1]):
        with duckdb.connect() as con:
            con.execute(
                "create table unites (indicateur varchar, cle_association varchar, millesime integer, code_commune varchar, "
                "domaine varchar, financeur varchar, valeur double, poids double, valeur_basse double, valeur_haute double, "
                "nb_personnes double)"
            )
            con.execute("create table zones as select 'departement' as niveau, '77' as code")
            con.execute(
                "create table rattachements as select '' as code_commune, '' as niveau, '' as code where false"
            )
            con.execute("create table regles as select 'i' as indicateur, true as communes")
            colonnes = {"cles": [c for c, _ in liste], "valeurs": [v for _, v in liste]}
            con.execute(
                "insert into unites select 'i', c, 2025, null, 'sport', null, v, 1, null, null, 0 "
                "from (select unnest($cles) as c, unnest($valeurs) as v)",
                colonnes,
            )
            obtenues.append(con.execute(requete + " order by all").fetchall())
    assert obtenues[0] == obtenues[1] == obtenues[2]
    assert obtenues[0][0][6] == 5000
