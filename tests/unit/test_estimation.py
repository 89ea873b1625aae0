"""Weighted estimates: the vectors of the methods, sums equal to svy, groups, views and reliability."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
import svy
from svy.errors import WeightingError

from observatoire.domain.parametre import load_parametres
from observatoire.estimation.estimer import estimer
from observatoire.estimation.groupes import AUTRES, Compte, MargeVide, Operation, grouper, reunir
from observatoire.estimation.intervalles import (
    fiabilite,
    quantile,
    symetrique,
    taille_corrigee,
    taille_du_plan,
    taille_efficace,
    wilson,
)
from observatoire.estimation.poids import CONSTANTES, Pesee, Regles, peser
from observatoire.estimation.ponderation import (
    POIDS_ECONOMIQUE,
    REPONDANTES,
    REPRESENTATIF,
    Demande,
    attendre,
    ponderer,
)
from observatoire.indicators.catalogue import catalogue

PARAMETRES = {p.id: p.valeur for p in load_parametres()}
REGLES = Regles.lire(PARAMETRES)


# --- the vectors of the methods -------------------------------------------------------------------


def echantillon_calage() -> pl.DataFrame:
    cases = (("sans", "sport", 30), ("sans", "social", 20), ("emp", "sport", 10), ("emp", "social", 40))
    lignes = [(emploi, secteur, 1.0) for emploi, secteur, n in cases for _ in range(n)]
    return pl.DataFrame(lignes, schema=["emploi", "secteur", "un"], orient="row")


def test_calage_des_methodes() -> None:
    """Raking with two margins gives the weights, totals, effective size and effect of the methods."""
    marges = {"emploi": {"sans": 870, "emp": 130}, "secteur": {"sport": 600, "social": 400}}
    brut = svy.Sample(echantillon_calage(), svy.Design(wgt="un"))
    cale = brut.weighting.rake(controls=marges, wgt_name="w", tol=REGLES.tolerance, max_iter=REGLES.tours_max)
    poids = dict(
        cale.data.unique(["emploi", "secteur"]).select(pl.concat_str("emploi", "secteur"), "w").iter_rows()
    )
    attendus = {"sanssport": 18.962344, "sanssocial": 15.056483, "empsport": 3.112967, "empsocial": 2.471758}
    assert poids == pytest.approx(attendus, abs=2e-6)
    totaux = [
        30 * poids["sanssport"],
        20 * poids["sanssocial"],
        10 * poids["empsport"],
        40 * poids["empsocial"],
    ]
    assert totaux == pytest.approx([568.8703, 301.1297, 31.1297, 98.8703], abs=1e-4)
    w = cale.data["w"].to_numpy()
    assert float(taille_efficace(w.sum(), (w**2).sum())) == pytest.approx(63.847, abs=1e-3)
    assert len(w) / float(taille_efficace(w.sum(), (w**2).sum())) == pytest.approx(1.5662, abs=1e-4)


def test_bornes_verifiees_et_non_imposees() -> None:
    """A trap of svy: bounds raise after the raking; they do not hold the factors."""
    marges = {"emploi": {"sans": 870, "emp": 130}, "secteur": {"sport": 600, "social": 400}}
    brut = svy.Sample(echantillon_calage(), svy.Design(wgt="un"))
    with pytest.raises(WeightingError, match="BOUNDS_EXCEEDED"):
        brut.weighting.rake(controls=marges, wgt_name="w", bounds=(0.3, 3))


def test_la_fiche_du_budget_dit_son_intervalle() -> None:
    """The intervals of budgets hold the truth less often than 95 %: the card says how often, as the table does."""
    doc = (Path(__file__).parents[2] / "docs" / "estimation.md").read_text(encoding="utf-8")
    couverte = re.search(r"\| Total des budgets \|[^|]*\| ([\d,]+)\s% \|", doc)
    assert couverte is not None
    part = round(float(couverte[1].replace(",", ".")))
    assert part < 95
    assert f"environ {part} fois sur 100 au lieu de 95" in catalogue()["budget_total"].precautions


def test_total_post_stratifie_des_methodes() -> None:
    y = [10, 0, 5, 20, 15, 8, 12, 0, 30, 20, 40, 60, 55, 80, 20]
    donnees = pl.DataFrame(
        {
            "y": [float(v) for v in y],
            "h": ["a"] * 10 + ["b"] * 5,
            "grand_n": [900] * 10 + [100] * 5,
            "un": [1.0] * 15,
        }
    )
    brut = svy.Sample(donnees, svy.Design(stratum="h", wgt="un", pop_size="grand_n"))
    pese = brut.weighting.poststratify(controls={"a": 900, "b": 100}, cells="h", wgt_name="w")
    ligne = pese.estimation.total("y").to_polars().row(0, named=True)
    assert ligne["est"] == pytest.approx(15_900)
    assert ligne["se"] == pytest.approx(2_870.49, abs=0.005)
    assert ligne["cv"] == pytest.approx(0.1805, abs=5e-5)
    assert [round(float(b)) for b in symetrique(ligne["est"], ligne["se"])] == [10_274, 21_526]
    # svy takes Student's quantile on 13 degrees of freedom: wider, and it is the one that is published
    basse, haute = symetrique(ligne["est"], ligne["se"], ligne["df"])
    assert (float(basse), float(haute)) == pytest.approx((ligne["lci"], ligne["uci"]))
    assert fiabilite(ligne["cv"], ligne["n"], PARAMETRES) == "prudence"


@pytest.mark.parametrize(
    ("oui", "n", "bornes"), [(12, 40, (0.1807, 0.4543)), (0, 25, (0, 0.1332)), (25, 25, (0.8668, 1))]
)
def test_wilson_des_methodes(oui: int, n: int, bornes: tuple[float, float]) -> None:
    """On the size that svy's variance is worth; at 0 and 100 % svy says nothing, and Kish's size serves."""
    donnees = pl.DataFrame({"y": [1.0] * oui + [0.0] * (n - oui), "un": [1.0] * n, "x": [1.0] * n})
    ligne = (
        svy.Sample(donnees, svy.Design(wgt="un")).estimation.ratio("y", "x").to_polars().row(0, named=True)
    )
    taille = float(taille_du_plan(ligne["est"], ligne["se"], n))
    if oui in (0, n):
        assert np.isnan(taille)
        prop = svy.Sample(donnees, svy.Design(wgt="un")).estimation.prop("y", ci_method="wilson").to_polars()
        assert prop["lci"].is_nan().all()
        taille = float(taille_efficace(n, n))
    assert taille == pytest.approx(n)
    assert [float(b) for b in wilson(ligne["est"], taille)] == pytest.approx(bornes, abs=5e-5)


@pytest.mark.parametrize(
    ("grand_n", "n", "sans", "avec"), [(300, 120, 0.0895, 0.0695), (25_000, 400, 0.049, 0.0486)]
)
def test_population_finie(grand_n: int, n: int, sans: float, avec: float) -> None:
    """It matters locally: ± 8.9 points become ± 7.0 with 120 answers out of 300."""
    y = [1.0, 0.0] * (n // 2)
    donnees = pl.DataFrame({"y": y, "un": [1.0] * n, "x": [1.0] * n, "grand_n": [grand_n] * n})
    demis = []
    for plan in (svy.Design(wgt="un"), svy.Design(wgt="un", pop_size="grand_n")):
        ecart = svy.Sample(donnees, plan).estimation.ratio("y", "x").to_polars()["se"][0]
        demis.append(float(quantile()) * ecart)
    assert demis == pytest.approx([sans, avec], abs=5e-4)
    corrige = float(quantile()) * (0.25 / float(taille_corrigee(n, grand_n))) ** 0.5
    assert corrige == pytest.approx(avec, abs=5e-4)


def test_fiabilite() -> None:
    cv, n = [0, 0.15, 0.151, 0.30, 0.301, np.nan, 0.1], [9, 9, 9, 9, 9, 9, 4]
    attendus = ["ok", "ok", "prudence", "prudence", "non_publie", "non_publie", "non_publie"]
    assert list(fiabilite(cv, n, PARAMETRES)) == attendus


def test_constantes_livrees() -> None:
    assert set(CONSTANTES) <= PARAMETRES.keys()
    assert (REGLES.facteur_min, REGLES.facteur_max, REGLES.rognage, REGLES.min_groupe) == (0.3, 3, 5, 5)


# --- groups ---------------------------------------------------------------------------------------


def test_groupes_reunis_et_dits() -> None:
    """Nothing is lost: an empty cell joins its nearest, and the log says it without a count."""
    comptes = {
        ("sans", "sport", "E1"): Compte(500, 40), ("sans", "culture", "E1"): Compte(300, 30),
        ("sans", "social", "E1"): Compte(20, 0), ("sans", "sport", "E2"): Compte(100, 6),
        ("1_2", "sport", "E1"): Compte(60, 12), ("3_9", "sport", "E1"): Compte(20, 8),
        ("10_49", "sport", "E1"): Compte(6, 1), ("50_plus", "social", "E1"): Compte(2, 0),
    }  # fmt: skip
    groupes, journal = grouper(comptes, 5, 20)
    assert set(groupes) == set(comptes)
    effectifs: dict[str, int] = {}
    for case, groupe in groupes.items():
        effectifs[groupe] = effectifs.get(groupe, 0) + comptes[case].repondantes
    assert min(effectifs.values()) >= 5
    # the smallest first, then what it made; employers only
    assert [(o.groupe, o.vers) for o in journal if o.etape == "taille"] == [
        ("50_plus", "10_49"), ("10_49+50_plus", "3_9")
    ]  # fmt: skip
    assert Operation("secteur, sans", "social", AUTRES, "aucune répondante") in journal
    assert not any(c.isdigit() for o in journal for c in o.raison)
    assert groupes["sans", "sport", "E1"] != groupes["sans", "culture", "E1"]
    assert all(g.startswith("sans|") is (case[0] == "sans") for case, g in groupes.items())


@pytest.mark.parametrize("vide", ["sans", "employeuses"])
def test_marge_sans_repondante_refusee(vide: str) -> None:
    comptes = {
        ("sans", "sport", "E1"): Compte(90, 0 if vide == "sans" else 9),
        ("1_2", "sport", "E1"): Compte(50, 9 if vide == "sans" else 0),
        ("3_9", "sport", "E1"): Compte(5, 0),
    }
    with pytest.raises(MargeVide, match=vide):
        grouper(comptes, 5, 20)


def test_reunion_jamais_trop_petite() -> None:
    comptes = {"a": Compte(9, 1), "b": Compte(9, 6), "c": Compte(9, 7)}
    assert reunir(comptes, 5, "", []) == {"a": AUTRES, "b": AUTRES, "c": "c"}
    assert reunir({"a": Compte(9, 1)}, 5, "", []) == {"a": AUTRES}


# --- weights --------------------------------------------------------------------------------------


def population(graine: int, combien: int = 3000) -> pl.DataFrame:
    """A frame with skewed sizes, sectors and EPCI; a fifth is not proven active."""
    rng = np.random.default_rng(graine)
    return pl.DataFrame(
        {
            "cle_association": [f"A{i:05d}" for i in range(combien)],
            "classe": rng.choice(["sans", "1_2", "3_9", "10_49"], combien, p=[0.8, 0.1, 0.07, 0.03]),
            "secteur": rng.choice(["sport", "culture", "social"], combien, p=[0.5, 0.3, 0.2]),
            "code_epci": rng.choice(["E1", "E2", "E3"], combien, p=[0.6, 0.3, 0.1]),
            "est_actif": rng.random(combien) < 0.8,
            "est_plausible": [True] * combien,
        }
    )


def repondre(cadre: pl.DataFrame, graine: int, taux: float = 0.15) -> list[str]:
    """Who answers: employers three times more often."""
    rng = np.random.default_rng(graine)
    chances = np.where(cadre["classe"] == "sans", taux, 3 * taux) * cadre["est_actif"].to_numpy()
    return cadre["cle_association"].to_numpy()[rng.random(cadre.height) < chances].tolist()


@pytest.fixture(scope="module")
def pesee() -> tuple[pl.DataFrame, list[str], Pesee]:
    cadre = population(5)
    repondantes = repondre(cadre, 6)
    return cadre, repondantes, peser(cadre, repondantes, REGLES)


def test_poids_cales(pesee: tuple[pl.DataFrame, list[str], Pesee]) -> None:
    """Weights meet the low count in every class and EPCI, stay trimmed, and all that answered have one.

    The EPCI is a margin of the associations without employees only.
    """
    cadre, repondantes, p = pesee
    lieu = pl.when(pl.col("classe") == "sans").then("code_epci").otherwise(pl.lit("employeuses"))
    cadre = cadre.with_columns(lieu=lieu)
    actives = cadre.filter("est_actif")
    assert sorted(p.poids["cle_association"]) == sorted(repondantes)
    assert p.poids["poids"].sum() == pytest.approx(actives.height, rel=1e-6)
    assert (p.n, p.n_bas, p.n_haut) == (len(repondantes), actives.height, cadre.height)
    for marge in ("lieu", "classe"):
        pese = (
            p.poids.join(cadre, on="cle_association").group_by(marge).agg(pl.col("poids").sum()).sort(marge)
        )
        vrai = actives.group_by(marge).len().sort(marge)
        assert pese["poids"].to_list() == pytest.approx(vrai["len"].to_list(), rel=1e-5)
    w = p.poids["poids"]
    assert w.max() <= REGLES.rognage * w.median() * 1.0001
    assert p.poids.group_by("strate").len()["len"].min() >= REGLES.min_groupe
    assert 1 <= p.deff < 3
    assert p.n_efficace == pytest.approx(w.sum() ** 2 / (w**2).sum())
    hauts = p.poids.group_by("strate").agg(pl.col("poids_haut").sum(), pl.col("taille_haute").first())
    assert hauts["poids_haut"].to_list() == pytest.approx(hauts["taille_haute"].to_list(), rel=1e-5)
    assert hauts["taille_haute"].sum() == cadre.height


def test_une_repondante_est_active() -> None:
    """Whoever answered is proven active; nobody answering is refused."""
    cadre = population(5).with_columns(est_actif=pl.lit(False))
    assert peser(cadre, cadre["cle_association"].to_list(), REGLES).n_bas == cadre.height
    with pytest.raises(MargeVide):
        peser(cadre, [], REGLES)


def test_marge_impossible_abandonnee() -> None:
    """When the EPCI margin asks for more than the bounds, it is given up in the log and the groups hold."""
    combien = 400
    cadre = pl.DataFrame(
        {
            "cle_association": [f"A{i}" for i in range(combien)], "classe": ["sans"] * combien,
            "secteur": ["sport"] * combien, "code_epci": ["E1"] * 390 + ["E2"] * 10,
            "est_actif": [True] * combien, "est_plausible": [True] * combien,
        }
    )  # fmt: skip
    p = peser(cadre, [f"A{i}" for i in [*range(6), *range(390, 400)]], REGLES)
    assert p.marges == ("groupes",)
    assert ("calage", "marge des EPCI") in [(o.etape, o.groupe) for o in p.journal]
    assert p.poids["poids"].to_list() == pytest.approx([25.0] * 16)


# --- sums in SQL, equal to svy --------------------------------------------------------------------

ZONES = {"c1": ("A1", "E1"), "c2": ("A1", "E2"), "c3": ("A2", "E2"), "c4": ("A2", "E3")}
DEMANDES = (
    Demande("heures", "total", (REPONDANTES, REPRESENTATIF), est_de_toutes=True, questionnaires=("benevolat",)),
    Demande("part", "ratio", (REPONDANTES, REPRESENTATIF), est_part=True, questionnaires=("benevolat",)),
    Demande(
        "avis", "proportion", (REPONDANTES, REPRESENTATIF, POIDS_ECONOMIQUE), est_part=True,
        questionnaires=("benevolat",),
    ),
    Demande("mediane", "mediane", (REPONDANTES, REPRESENTATIF), questionnaires=("benevolat",)),
    Demande("compte", "compte", (REPONDANTES,), questionnaires=("benevolat",)),
)  # fmt: skip


def monde(graine: int, cadre: pl.DataFrame, repondantes: Sequence[str]) -> duckdb.DuckDBPyConnection:
    """A database as it is once the units are made: skewed values, a question half of them are concerned by."""
    rng = random.Random(graine)
    con = duckdb.connect()
    con.execute("create schema courant")
    con.execute(
        "create table courant.ressources (cle_association varchar, millesime integer, montant_total double)"
    )
    con.execute(
        "create temp table base_reponses (cle_association varchar, millesime integer, questionnaire varchar)"
    )
    con.execute("create temp table base_refus (cle_association varchar)")
    con.execute("create temp table zones (niveau varchar, code varchar, libelle varchar, couche integer)")
    con.execute("create temp table rattachements (code_commune varchar, niveau varchar, code varchar)")
    con.execute(
        "create temp table unites (indicateur varchar, cle_association varchar, millesime integer, "
        "code_commune varchar, domaine varchar, financeur varchar, valeur double, poids double, "
        "valeur_basse double, valeur_haute double, nb_personnes double)"
    )
    con.register("lu", cadre.to_arrow())
    con.execute("create temp table cadre as select *, 2025 as millesime from lu")
    zones = {("departement", "D")} | {("commune", c) for c in ZONES}
    zones |= {
        (n, z) for paire in ZONES.values() for n, z in zip(("arrondissement", "epci"), paire, strict=True)
    }
    con.executemany("insert into zones values (?, ?, '', 0)", sorted(zones))
    for commune, paire in ZONES.items():
        lignes = [
            ("departement", "D"),
            ("commune", commune),
            *zip(("arrondissement", "epci"), paire, strict=True),
        ]
        con.executemany("insert into rattachements values (?, ?, ?)", [(commune, *x) for x in lignes])
    unites, reponses, budgets = [], [], []
    for cle in repondantes:
        reponses.append((cle, 2025, "benevolat"))
        lieu = (rng.choice([*ZONES, None]), rng.choice(["sport", "culture"]))
        budget = round(rng.lognormvariate(9, 1.5))
        budgets.append((cle, 2025, budget))
        heures = round(rng.lognormvariate(5, 1.2))
        salaries = rng.randint(0, 9)

        def unite(
            nom: str, valeur: float, poids: float = 1, cle: str = cle, lieu: Any = lieu
        ) -> tuple[Any, ...]:
            return (nom, cle, 2025, *lieu, None, valeur, poids, None, None, 0)

        if rng.random() < 0.9:
            unites.append(unite("heures", heures))
        if salaries:
            unites.append(unite("part", rng.randint(0, salaries), salaries))
        if rng.random() < 0.5:
            unites += [unite("avis", rng.random() < 0.3), unite("mediane", heures)]
    con.executemany("insert into base_reponses values (?, ?, ?)", reponses)
    con.executemany("insert into courant.ressources values (?, ?, ?)", budgets)
    con.executemany(f"insert into unites values ({', '.join('?' * 11)})", unites)
    return con


@pytest.fixture(scope="module")
def estime(pesee: tuple[pl.DataFrame, list[str], Pesee]) -> Iterator[duckdb.DuckDBPyConnection]:
    cadre, repondantes, _ = pesee
    con = monde(8, cadre, repondantes)
    attendre(con, DEMANDES)
    ponderer(con, DEMANDES, PARAMETRES)
    assert estimer(con, DEMANDES, PARAMETRES) > 50
    yield con
    con.close()


def echantillon(con: duckdb.DuckDBPyConnection, nom: str, vue: str) -> pl.DataFrame:
    """The set an indicator weighs, as svy wants it: values, weight, group, and a column per level."""
    return con.execute(
        """
        select p.*, p.poids as w, u.valeur as v, u.poids as p_unite, coalesce(u.valeur, 0) * p.facteur as y,
            coalesce(u.poids, 0) * p.facteur as x, u.domaine, u.valeur is not null as dedans,
            max(case when r.niveau = 'epci' then r.code end) as epci,
            max(case when r.niveau = 'arrondissement' then r.code end) as arrondissement, u.code_commune as commune
        from jeux as j
        inner join poids as p on j.jeu = p.jeu
        left join unites as u on u.indicateur = j.indicateur and u.cle_association = p.cle_association
        left join rattachements as r on u.code_commune = r.code_commune
        where j.indicateur = $nom and j.vue = $vue
        group by all order by p.cle_association""",
        {"nom": nom, "vue": vue},
    ).pl()


def lire(con: duckdb.DuckDBPyConnection, nom: str, vue: str, niveau: str, secteur: bool) -> dict[Any, Any]:
    lignes = con.execute(
        "select code, domaine, valeur, basse, haute, cv, fiabilite from estimations where indicateur = $nom and vue = $vue "
        "and niveau = $niveau and (domaine <> 'tous') = $secteur",
        {"nom": nom, "vue": vue, "niveau": niveau, "secteur": secteur},
    ).fetchall()
    return {(code, domaine): reste for code, domaine, *reste in lignes}


@pytest.mark.parametrize("secteur", [False, True])
@pytest.mark.parametrize("niveau", ["departement", "arrondissement", "epci", "commune"])
@pytest.mark.parametrize(
    ("nom", "vue"),
    [("heures", REPRESENTATIF), ("part", REPRESENTATIF), ("avis", REPRESENTATIF), ("avis", POIDS_ECONOMIQUE)],
)
def test_sommes_egales_a_svy(
    estime: duckdb.DuckDBPyConnection, nom: str, vue: str, niveau: str, secteur: bool
) -> None:
    """Value, standard error and degrees of freedom of every domain are those of svy on the same weights."""
    if niveau == "commune" and secteur:
        assert lire(estime, nom, vue, niveau, secteur) == {}
        return
    donnees = echantillon(estime, nom, vue)
    code = pl.lit("D") if niveau == "departement" else pl.col(niveau)
    cle = pl.concat_str(code, "domaine", separator="|") if secteur else code
    donnees = donnees.with_columns(cellule=pl.when("dedans").then(cle).fill_null("hors"))
    plan = svy.Design(stratum="strate", wgt="w", pop_size="taille_strate")
    calcul = svy.Sample(donnees, plan).estimation
    svys = calcul.total("y", by="cellule") if nom == "heures" else calcul.ratio("y", "x", by="cellule")
    obtenues = lire(estime, nom, vue, niveau, secteur)
    attendues = {x["cellule"]: x for x in svys.to_polars().iter_rows(named=True) if x["cellule"] != "hors"}
    assert {"|".join(c) if secteur else c[0] for c in obtenues} == set(attendues)
    assert len(attendues) >= 1
    for (zone, domaine), (valeur, basse, haute, cv, _) in obtenues.items():
        vraie = attendues[f"{zone}|{domaine}" if secteur else zone]
        assert valeur == pytest.approx(vraie["est"], rel=1e-9)
        reference = max(valeur, 1 - valeur) if nom != "heures" else valeur
        assert cv * reference == pytest.approx(vraie["se"], rel=1e-7)
        assert basse <= valeur <= haute
        if nom == "part":
            # never narrower than svy's: a few groups may make the variance, and leave fewer degrees of freedom
            assert basse <= max(vraie["lci"], 0) + 1e-9 and haute >= min(vraie["uci"], 1) - 1e-9
            assert haute - basse < 1.6 * (vraie["uci"] - vraie["lci"])
        elif nom == "avis":
            taille = taille_du_plan(vraie["est"], vraie["se"], vraie["n"])
            assert (basse, haute) == pytest.approx([float(b) for b in wilson(valeur, taille)])
        else:
            declare = donnees.filter(pl.col("cellule") == vraie["cellule"])["y"].sum()
            assert declare - 1e-9 <= basse <= max(vraie["lci"], declare) + 1e-9
            assert haute > vraie["uci"]  # the high count of the frame


def test_medianes_de_svy(estime: duckdb.DuckDBPyConnection) -> None:
    donnees = echantillon(estime, "mediane", REPRESENTATIF)
    plan = svy.Design(stratum="strate", wgt="w", pop_size="taille_strate")
    vraie = (
        svy.Sample(donnees, plan)
        .estimation.median("y", where=pl.col("dedans"))
        .to_polars()
        .row(0, named=True)
    )
    valeur, basse, haute, *_ = lire(estime, "mediane", REPRESENTATIF, "departement", False)["D", "tous"]
    assert (valeur, basse, haute) == pytest.approx((vraie["est"], vraie["lci"], vraie["uci"]))
    assert len(lire(estime, "mediane", REPRESENTATIF, "epci", False)) == 3


@pytest.mark.parametrize(
    ("niveau", "secteur"), [("arrondissement", True), ("epci", True), ("commune", False)]
)
def test_medianes_de_chaque_case(estime: duckdb.DuckDBPyConnection, niveau: str, secteur: bool) -> None:
    """Value, bounds and error of every cell with enough answers are those of svy on the same weights."""
    donnees = echantillon(estime, "mediane", REPRESENTATIF)
    cle = pl.concat_str(niveau, "domaine", separator="|") if secteur else pl.col(niveau)
    donnees = donnees.with_columns(cellule=pl.when("dedans").then(cle).fill_null("hors"))
    plan = svy.Design(stratum="strate", wgt="w", pop_size="taille_strate")
    svys = svy.Sample(donnees, plan).estimation.median("y", by="cellule").to_polars()
    attendues = {
        x["cellule"]: x
        for x in svys.iter_rows(named=True)
        if x["cellule"] != "hors" and x["n"] >= REGLES.min_groupe
    }
    obtenues = {
        "|".join(c) if secteur else c[0]: reste
        for c, reste in lire(estime, "mediane", REPRESENTATIF, niveau, secteur).items()
    }
    assert obtenues.keys() == attendues.keys() and len(attendues) >= 4
    for case, (valeur, basse, haute, cv, _) in obtenues.items():
        vraie = attendues[case]
        assert valeur == vraie["est"]
        for obtenue, attendue in ((basse, vraie["lci"]), (haute, vraie["uci"]), (cv, vraie["se"] / valeur)):
            assert (obtenue is None and np.isnan(attendue)) or obtenue == pytest.approx(attendue, rel=1e-9)


def test_total_sans_valeur_redresse(estime: duckdb.DuckDBPyConnection) -> None:
    """A tenth left the question out: the total is weighted on the others, and is said to be read with care."""
    n_poids, somme = estime.execute(
        "select count(*), sum(p.poids) from jeux as j inner join poids as p using (jeu) "
        "where j.indicateur = 'heures'"
    ).fetchall()[0]
    n_unites = estime.execute("select count(*) from unites where indicateur = 'heures'").fetchall()[0][0]
    actives = estime.execute("select count(*) from cadre where est_actif").fetchall()[0][0]
    assert n_poids == n_unites
    assert somme == pytest.approx(actives)
    taux = estime.execute("select taux from non_reponses where indicateur = 'heures'").fetchall()[0][0]
    assert 0.06 < taux < 0.30
    fiables = estime.execute(
        "select distinct fiabilite from estimations where indicateur = 'heures'"
    ).fetchall()
    assert ("ok",) not in fiables
    assert estime.execute("select distinct indicateur from non_reponses").fetchall() == [("heures",)]


def test_vues(estime: duckdb.DuckDBPyConnection) -> None:
    """Only the views asked for; a money view weighs the budgets."""
    vues = estime.execute("select distinct indicateur, vue from estimations order by all").fetchall()
    assert vues == [
        ("avis", POIDS_ECONOMIQUE), ("avis", REPRESENTATIF), ("heures", REPRESENTATIF),
        ("mediane", REPRESENTATIF), ("part", REPRESENTATIF),
    ]  # fmt: skip
    facteurs = estime.execute(
        "select vue, min(facteur), max(facteur) from poids group by vue order by vue"
    ).fetchall()
    assert facteurs[1] == (REPRESENTATIF, 1, 1)
    assert facteurs[0][0] == POIDS_ECONOMIQUE and facteurs[0][2] > 1000


def test_sans_cadre(pesee: tuple[pl.DataFrame, list[str], Pesee]) -> None:
    """Without a register there are no weights, and nothing else changes."""
    con = monde(8, population(5).clear(), pesee[1])
    attendre(con, DEMANDES)
    bilan = ponderer(con, DEMANDES, PARAMETRES)
    assert (bilan.pesees, bilan.refus) == ({}, {})
    assert estimer(con, DEMANDES, PARAMETRES) == 0
    con.close()


def test_employeuses_muettes_refusees(pesee: tuple[pl.DataFrame, list[str], Pesee]) -> None:
    """No employer answered: no weighted figure that year, and the reason is kept."""
    cadre = pesee[0]
    sans = set(cadre.filter(pl.col("classe") == "sans")["cle_association"])
    con = monde(8, cadre, [c for c in pesee[1] if c in sans])
    attendre(con, DEMANDES)
    bilan = ponderer(con, DEMANDES, PARAMETRES)
    assert bilan.pesees == {}
    assert bilan.refus and all("employeuses" in raison for raison in bilan.refus.values())
    con.close()
