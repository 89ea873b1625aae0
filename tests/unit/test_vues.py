"""A publication with a register: the views of every figure, masked together, and the card of who answered."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from observatoire.config.settings import Settings
from observatoire.estimation.cadre import poser_cadre
from observatoire.indicators.catalogue import (
    OPINIONS,
    POIDS_ECONOMIQUE,
    REPONDANTES,
    REPRESENTATIF,
    catalogue,
)
from observatoire.indicators.run import calculer, lire_constantes, preparer
from observatoire.indicators.vues import questionnaires
from tests.unit.test_indicateurs import (
    COMMUNES,
    DOMAINES,
    TerritoireFictif,
    entrepot,
    reponses_au_hasard,
)

REPONDANTES_NB, CADRE = 220, 900
CARTES = catalogue()
CLE = "indicateur, millesime, niveau, code_territoire, domaine"


def ecrire_registre(chemin: Path, avec_dates: bool = True, creation: str = "") -> None:
    """900 associations; those of the survey are the first ones; a quarter has been silent for long.

    `creation`: day on which the last hundred that are not dissolved were created.
    """
    rng = random.Random(3)
    colonnes: dict[str, list[Any]] = defaultdict(list)
    for i in range(CADRE):
        colonnes["cle"].append(f"RNA:W77{i:07d}")
        colonnes["rna"].append(f"W77{i:07d}")
        colonnes["siren"].append(None)
        colonnes["code_commune"].append(rng.choice(list(COMMUNES)))
        colonnes["secteur"].append(rng.choice(DOMAINES[:3]))
        colonnes["effectif_tranche"].append(rng.choices([None, "01", "03"], [80, 12, 8])[0])
        colonnes["etat"].append("dissoute" if i > CADRE - 30 else "active")
        if avec_dates:
            colonnes["date_declaration"].append(
                rng.choice(["2023-05-01", "2024-02-02", "2022-09-09", "2010-01-01"])
            )
        if creation:
            est_neuve = CADRE - 130 <= i <= CADRE - 31
            colonnes["date_creation"].append(creation if est_neuve else "1999-01-01")
    chemin.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(colonnes)), chemin)


@pytest.fixture(scope="module")
def publie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    con = entrepot(reponses_au_hasard(11, REPONDANTES_NB))
    settings = Settings(tmp_path_factory.mktemp("donnees"))
    ecrire_registre(settings.registre)
    calculer(con, settings, TerritoireFictif(), version=1)  # type: ignore[arg-type]
    yield con
    con.close()


def test_vues_permises_seulement(publie: duckdb.DuckDBPyConnection) -> None:
    """Each indicator has the views of its card and no other; opinions and public data keep one voice each."""
    vues: dict[str, set[str]] = defaultdict(set)
    for nom, vue in publie.execute("select distinct indicateur, vue from pub.mesures").fetchall():
        vues[nom].add(vue)
    assert set(vues) == set(CARTES)
    for nom, trouvees in vues.items():
        carte = CARTES[nom]
        assert trouvees <= set(carte.vues_permises), nom
        if carte.theme in OPINIONS or carte.secret == "aucun":
            assert trouvees == {REPONDANTES}
        if carte.estimateur == "total":
            assert POIDS_ECONOMIQUE not in trouvees
    assert {"heures_benevolat", "budget_total"} <= {n for n, v in vues.items() if REPRESENTATIF in v}
    assert any(POIDS_ECONOMIQUE in v for v in vues.values())


def test_grain(publie: duckdb.DuckDBPyConnection) -> None:
    total, distincts = publie.execute(
        f"select count(*), count(distinct ({CLE}, financeur, vue)) from pub.mesures"
    ).fetchall()[0]
    assert total == distincts


def test_masquees_ensemble(publie: duckdb.DuckDBPyConnection) -> None:
    """A cell that the secret masks is masked in every view, and a shown one hides in none for that reason."""
    secrets: dict[Any, set[bool]] = defaultdict(set)
    lignes = publie.execute(
        f"select {CLE}, vue, statut, valeur, borne_basse, borne_haute, cv, n_repondants, taux_reponse from pub.mesures "
        "where financeur = 'tous' and n_repondants is distinct from 0"
    ).fetchall()
    for *cle, _vue, statut, valeur, basse, haute, cv, n, taux in lignes:
        secrets[tuple(cle)].add(statut == "secret")
        if statut == "secret":
            assert (valeur, basse, haute, cv, n, taux) == (None,) * 6
        elif statut == "non_publie":
            assert (valeur, basse, haute, cv) == (None,) * 4 and n is not None
    assert all(len(s) == 1 for s in secrets.values())
    assert {True} in secrets.values() and {False} in secrets.values()
    masquees = [x for x in lignes if x[5] == REPRESENTATIF and x[6] == "secret"]
    assert len(masquees) > 20


def test_intervalle_et_fiabilite(publie: duckdb.DuckDBPyConnection) -> None:
    """A weighted figure has its interval and coefficient, and its symbol follows from it."""
    lignes = publie.execute(
        "select indicateur, valeur, borne_basse, borne_haute, cv, statut from pub.mesures "
        "where vue <> 'repondantes' and statut in ('ok', 'prudence')"
    ).fetchall()
    assert len(lignes) > 50
    for nom, valeur, basse, haute, cv, statut in lignes:
        assert basse <= valeur <= haute, nom
        assert cv <= (0.15 if statut == "ok" else 0.30) + 1e-12, nom
    statuts = {s for (s,) in publie.execute("select distinct statut from pub.mesures").fetchall()}
    assert statuts == {"ok", "prudence", "non_publie", "secret", "nd"}


def test_total_redresse_depasse_le_declare(publie: duckdb.DuckDBPyConnection) -> None:
    lignes = publie.execute(
        "select millesime, vue, valeur, borne_basse from pub.mesures where indicateur = 'heures_benevolat' "
        "and niveau = 'departement' and domaine = 'tous'"
    ).fetchall()
    valeurs = {(annee, vue): (v, b) for annee, vue, v, b in lignes}
    for annee in (2024, 2025):
        declare, (estime, basse) = valeurs[annee, REPONDANTES][0], valeurs[annee, REPRESENTATIF]
        assert declare <= basse < estime and estime > 1.5 * declare


def test_representativite(publie: duckdb.DuckDBPyConnection) -> None:
    """Shares add up to one in each dimension, no level shows fewer than five, rates go from high to low count."""
    lignes = publie.execute(
        "select millesime, dimension, n_repondantes, part_repondantes, part_cadre, ecart, taux_bas, taux_haut "
        "from pub.representativite"
    ).fetchall()
    sommes: dict[Any, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for annee, dimension, n, part, part_cadre, ecart, bas, haut in lignes:
        assert n == 0 or n >= 5
        assert ecart == pytest.approx(part - part_cadre)
        assert bas <= haut <= 1
        sommes[annee, dimension][0] += part
        sommes[annee, dimension][1] += part_cadre
    assert {d for _, d in sommes} >= {"employeuse", "taille", "secteur"}
    assert all(s == pytest.approx([1, 1]) for s in sommes.values())


def test_synthese(publie: duckdb.DuckDBPyConnection) -> None:
    curseur = publie.execute("select * from pub.redressement order by millesime")
    noms = [d[0] for d in curseur.description]
    lignes = [dict(zip(noms, x, strict=True)) for x in curseur.fetchall()]
    assert [x["millesime"] for x in lignes] == [2024, 2025]
    for x in lignes:
        assert x["n_repondantes"] == REPONDANTES_NB
        assert REPONDANTES_NB < x["n_bas"] < x["n_haut"] < CADRE
        assert x["taux_bas"] == pytest.approx(x["n_repondantes"] / x["n_haut"])
        assert (x["est_salariat"], x["est_date"], x["refus"]) == (True, True, None)
        assert 0 <= x["chi2_p"] <= 1 and abs(x["ecart_max"]) < 1 and x["deff"] >= 1
    assert publie.execute("select count(*) from pub.redressement_journal where raison = ''").fetchone() == (
        0,
    )


def test_evolutions(publie: duckdb.DuckDBPyConnection) -> None:
    lignes = publie.execute(
        "select indicateur, methode, prix, statut, difference, borne_basse, borne_haute, est_significative from pub.evolutions"
    ).fetchall()
    assert {m for _, m, *_ in lignes} == {"coupes", "panel"}
    assert {n for n, _, prix, *_ in lignes if prix == "constants"} <= {
        n for n, c in CARTES.items() if c.unite.startswith("€")
    }
    montrees = [x for x in lignes if x[3] == "ok"]
    assert len(montrees) > 5
    for *_, difference, basse, haute, significative in montrees:
        assert basse <= difference <= haute
        assert significative is (basse > 0 or haute < 0)
    assert all(x[4] is None for x in lignes if x[3] != "ok")


def test_registre_sans_dates(tmp_path: Path) -> None:
    """When the register cannot tell who is silent, the low count is not just those that answered."""
    con = entrepot(reponses_au_hasard(11, REPONDANTES_NB))
    settings = Settings(tmp_path)
    ecrire_registre(settings.registre, avec_dates=False)
    calculer(con, settings, TerritoireFictif(), version=1)  # type: ignore[arg-type]
    for n_bas, n_haut, est_date in con.execute(
        "select n_bas, n_haut, est_date from pub.redressement"
    ).fetchall():
        assert (n_bas, est_date) == (n_haut, False)
    con.close()


def test_une_association_entre_dans_le_cadre_a_sa_creation(tmp_path: Path) -> None:
    """One register for all years: who was created in the last one is in the frame of that year only."""
    effectifs = {}
    for creation in ("2001-01-01", "2025-03-01"):
        con = entrepot(reponses_au_hasard(11, REPONDANTES_NB))
        chemin = tmp_path / f"{creation}.parquet"
        ecrire_registre(chemin, creation=creation)
        preparer(con)
        con.execute("create temp table rattachements (code_commune varchar, niveau varchar, code varchar)")
        poser_cadre(con, chemin, lire_constantes(con, CARTES))
        effectifs[creation] = dict(
            con.execute(
                "select millesime, count(*) from cadre where est_plausible and not a_repondu group by all order by all"
            ).fetchall()
        )
        con.close()
    anciennes, neuves = effectifs.values()
    assert list(anciennes) == [2024, 2025]
    assert neuves[2025] == anciennes[2025]
    assert 60 < anciennes[2024] - neuves[2024] <= 100


@pytest.mark.parametrize(
    ("nom", "attendus"),
    [("heures_benevolat", ("benevolat",)), ("budget_total", ("ressources",)), ("nb_salaries", ("emploi",))],
)
def test_questionnaires_lus(nom: str, attendus: tuple[str, ...]) -> None:
    assert set(attendus) <= set(questionnaires(CARTES[nom].sql))
    assert "subventions" not in questionnaires(CARTES[nom].sql)
