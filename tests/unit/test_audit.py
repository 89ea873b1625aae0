"""The audit of a publication: nothing is recovered where the secret was kept, and the attack does find leaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy.sparse import csr_array

from observatoire.estimation import lots, optimum
from observatoire.estimation.attaque import attaquer
from observatoire.estimation.audit import DIFFERENCE, ETROITE, EXACTE, VUE, Distances, TableAuditee, auditer
from observatoire.estimation.complement import juger
from observatoire.estimation.systeme import Case, decouper, egalites
from observatoire.estimation.tau import TOTAL, Ligne, supprimer
from tests.monde_difficile import MILLESIMES, proteger_monde, unites

DISTANCES = Distances(5, 11, 0.15)
Monde = tuple[duckdb.DuckDBPyConnection, list[TableAuditee]]


def verite(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, int, Case], tuple[float, float]]:
    lignes = con.execute(
        "select indicateur, millesime, niveau, code, domaine, financeur, n, coalesce(valeur, 0) from cellules"
    ).fetchall()
    return {(i, m, Case(*place)): (n, v) for i, m, *place, n, v in lignes}


@pytest.fixture(scope="module")
def protege() -> Iterator[Monde]:
    con, _ = proteger_monde(unites())
    yield con, list(auditer(con, DISTANCES, verite(con)))
    con.close()


@pytest.fixture(scope="module")
def nu() -> Iterator[Monde]:
    con, _ = proteger_monde(unites(), complementaire=False)
    yield con, list(auditer(con, DISTANCES, verite(con)))
    con.close()


def test_rien_de_retrouve(protege: Monde) -> None:
    """25 EPCI × 8 sectors × 3 years, crossed zones: no cell is known, exactly, closely or by difference."""
    _, tables = protege
    assert len(tables) == 4 * len(MILLESIMES)
    assert [f for t in tables for f in t.fuites] == []
    assert all(t.non_additives == [] for t in tables)
    assert sum(t.masquees for t in tables) > 1000
    assert all(t.montrees > 20 and t.differences > 50 for t in tables)


def test_sans_secret_complementaire_on_retrouve(nu: Monde) -> None:
    """The same data with the primary rules alone: the check can fail, in each of its ways."""
    _, tables = nu
    for genre in (EXACTE, ETROITE, DIFFERENCE):
        assert sum(t.compter(genre) for t in tables) > 10, genre


@pytest.mark.parametrize("monde", ["protege", "nu"])
def test_la_verite_est_dans_les_intervalles(monde: str, request: pytest.FixtureRequest) -> None:
    """The attack never excludes what is true, and what it finds exactly is right."""
    _, tables = request.getfixturevalue(monde)
    assert sum(t.contredites for t in tables) == 0
    exactes = [f for t in tables for f in t.fuites if f.genre == EXACTE]
    assert all(f.vraie == pytest.approx(f.bas, abs=0.1) for f in exactes)
    assert bool(exactes) is (monde == "nu")


def test_cases_vides_parmi_les_masquees(protege: Monde) -> None:
    """A masked cell may be empty, so that « masked » never says « somebody answered »."""
    con, _ = protege
    ((vides, pleines),) = con.execute(
        "select count(*) filter (n = 0), count(*) filter (n > 0) from cellules where statut = 'secret'"
    ).fetchall()
    assert 0.02 < vides / pleines < 0.5


def test_regles_primaires(protege: Monde) -> None:
    con, _ = protege
    montrees = con.execute("""
        select count(*), min(n), max(part_max) filter (indicateur in ('montant', 'personnes')),
            max(part_deux) filter (indicateur in ('montant', 'personnes')),
            min(nb_personnes) filter (indicateur = 'personnes')
        from cellules where statut = 'ok'""").fetchall()[0]
    assert montrees[0] > 300
    assert montrees[1] >= 5
    assert montrees[2] <= 0.85
    assert montrees[3] <= 0.90
    assert montrees[4] >= 11


def test_meme_statut_dans_toutes_les_vues(protege: Monde) -> None:
    """A masked cell shown in another view is a leak."""
    con, _ = protege
    con.execute("create temp table copie as from mesures")
    con.execute("""
        insert into mesures
        select * replace ('representatif' as vue, coalesce(valeur, 1) as valeur, 'ok' as statut)
        from copie where indicateur = 'part' and statut = 'secret' limit 3""")
    try:
        trouvees = [f for t in auditer(con, DISTANCES) for f in t.fuites if f.genre == VUE]
    finally:
        con.execute("delete from mesures where vue = 'representatif'")
    assert len(trouvees) == 3


# --- the attack -----------------------------------------------------------------------------------


def test_attaque_bornes() -> None:
    """10 = x + y and 12 = x + y + z: z is 2; x and y lie between 0 and 10."""
    matrice = csr_array(np.array([[1.0, 1, 0, -1, 0], [1, 1, 1, 0, -1]]))
    valeurs = np.array([np.nan, np.nan, np.nan, 10, 12])
    trouves = attaquer(matrice, valeurs, np.zeros(5), [0, 1, 2], juger(1000, 0, 12), np.full(5, 1e6))
    assert trouves.prouve.all()
    assert trouves.bas == pytest.approx([0, 0, 2])
    assert trouves.haut == pytest.approx([10, 10, 2])


def test_les_deux_portes_du_solveur() -> None:
    """The solver kept open and linprog give the same bounds."""
    rng = np.random.default_rng(3)
    matrice = csr_array((rng.random((12, 30)) < 0.2).astype(float))
    second = matrice @ rng.integers(0, 9, 30)
    planchers, plafonds = np.zeros(30), np.full(30, 50.0)
    chaud = optimum.ouvrir(matrice, second, planchers, plafonds)
    froid = optimum.Froid(matrice, second, planchers, plafonds)
    assert isinstance(chaud, optimum.Chaud)
    for _ in range(20):
        objectif = rng.normal(size=30)
        assert objectif @ chaud.minimiser(objectif) == pytest.approx(objectif @ froid.minimiser(objectif))
    chaud.borner(0, 60, 70)
    with pytest.raises(optimum.Incompatible):
        optimum.ouvrir(matrice, second - 1000, planchers, plafonds).minimiser(np.zeros(30))


def test_decoupage_zones_croisees() -> None:
    """Two crossed zones make three pieces, and the département one more: what lies in no commune."""
    lieux = [(c, "departement", "D") for c in "abc"]
    lieux += [("a", "epci", "E1"), ("b", "epci", "E1"), ("b", "canton", "K1"), ("c", "canton", "K1")]
    decoupage = decouper(lieux)
    assert {z: len(p) for z, p in decoupage.zones.items()} == {
        ("departement", "D"): 4, ("epci", "E1"): 2, ("canton", "K1"): 2,
    }  # fmt: skip
    totaux = {e.total for e in egalites(decoupage, [Case("epci", "E1"), Case("canton", "K1")])}
    assert totaux == {Case("epci", "E1"), Case("canton", "K1")}


def test_argus_masque_une_deuxieme_case() -> None:
    """A masked cell in a line and a column shown elsewhere: τ-Argus masks at least three more."""
    lignes = []
    valeurs = {
        (z, d): 10.0 + 3 * i + j for i, z in enumerate(("z1", "z2", "z3")) for j, d in enumerate("abc")
    }
    for (zone, domaine), valeur in valeurs.items():
        est_masquee = (zone, domaine) == ("z1", "a")
        lignes.append(Ligne(zone, domaine, valeur, valeur, est_masquee, 1.5, 1.5))
    for zone in ("z1", "z2", "z3"):
        lignes.append(Ligne(zone, TOTAL, sum(v for (z, _), v in valeurs.items() if z == zone), 100, False))
    for domaine in "abc":
        lignes.append(
            Ligne(TOTAL, domaine, sum(v for (_, d), v in valeurs.items() if d == domaine), 100, False)
        )
    lignes.append(Ligne(TOTAL, TOTAL, sum(valeurs.values()), 1000, False))
    (masques,) = supprimer([lignes])
    assert masques is not None
    assert len(masques) >= 3
    assert 0 not in masques


# --- successive publications ------------------------------------------------------------------------


def publication(chemin: Path, n: int, valeur: float, statut: str = "ok") -> Path:
    with duckdb.connect(str(chemin)) as con:
        con.execute("""
            create table mesures (indicateur varchar, millesime integer, niveau varchar, code_territoire varchar,
                domaine varchar, financeur varchar, vue varchar, valeur double, borne_basse double,
                borne_haute double, cv double, n_repondants integer, taux_reponse double, statut varchar,
                publication integer)""")
        con.execute(
            "insert into mesures values ('budget', 2025, 'epci', 'E1', 'tous', 'tous', 'repondantes', ?, null, "
            "null, null, ?, null, ?, ?)",
            [valeur, n if statut == "ok" else None, statut, 1],
        )
        con.execute("create table secret_effectifs as select *, 4 as n from (select indicateur, millesime, niveau, "
                    "code_territoire as code, domaine, financeur from mesures)")  # fmt: skip
    return chemin


def suivante(n: int) -> duckdb.DuckDBPyConnection:
    """The tables of the next publication: one cell of `n` respondents."""
    con = duckdb.connect()
    con.execute("""
        create temp table regles as select 'budget' as indicateur, 'associations' as secret, 'budget' as famille;
        create temp table zones as select 'departement' as niveau, 'D' as code;
        create temp table rattachements (code_commune varchar, niveau varchar, code varchar);
        create temp table unites (cle_association varchar, millesime integer)""")
    con.execute(
        "create temp table cellules as select 'budget' as indicateur, 2025 as millesime, 'epci' as niveau, "
        "'E1' as code, 'tous' as domaine, 'tous' as financeur, ? as n, 'ok' as statut",
        [n],
    )
    return con


@pytest.mark.parametrize(
    ("n", "attendue"), [(21, 1000.0), (22, 1000.0), (19, 1000.0), (23, 1700.0), (20, 1700.0)]
)
def test_repondante_tardive(tmp_path: Path, n: int, attendue: float) -> None:
    """20 respondents then 21: the former figure stays, its subtraction gives nobody away; 23 make a batch."""
    avant = publication(tmp_path / "un.duckdb", 20, 1000.0)
    apres = publication(tmp_path / "deux.duckdb", n, 1700.0)
    with suivante(n) as con:
        con.execute(f"attach '{apres}' as pub")
        assert lots.lire_precedente(con, avant, avant)
        assert lots.deja_masquees(con, 3, 5) == []
        lots.figer(con, "pub", 3, 5)
        ((valeur, effectif, numero),) = con.execute(
            "select valeur, n_repondants, publication from pub.mesures"
        ).fetchall()
    assert valeur == attendue
    assert effectif == (n if attendue == 1700.0 else 20)
    assert numero == 1


@pytest.mark.parametrize(("n", "reste"), [(5, True), (6, True), (7, False)])
def test_case_masquee_le_reste(tmp_path: Path, n: int, reste: bool) -> None:
    """Masked with 4 respondents, it is shown once 3 more have answered."""
    avant = publication(tmp_path / "un.duckdb", 4, 1000.0, "secret")
    with suivante(n) as con:
        assert lots.lire_precedente(con, avant, avant)
        assert bool(lots.deja_masquees(con, 3, 5)) is reste
        assert lots.lire_precedente(con, avant, tmp_path / "absent.duckdb")
        assert lots.deja_masquees(con, 3, 5) == [("budget", 2025, Case("epci", "E1"))]


@pytest.mark.parametrize(("n", "est_masquee"), [(20, False), (19, True), (21, True), (23, False)])
def test_association_partie(tmp_path: Path, n: int, est_masquee: bool) -> None:
    """One of the 20 left: neither the row that counts it, nor one that its departure alone tells from it."""
    avant = publication(tmp_path / "un.duckdb", 20, 1000.0)
    with duckdb.connect(str(avant)) as con:
        con.execute(
            "create table secret_unites as select 'budget' as indicateur, 2025 as millesime, "
            "'RNA:W770000001' as cle_association, 'c1' as code_commune, 'sport' as domaine, "
            "cast(null as varchar) as financeur"
        )
    with suivante(n) as con:
        con.execute("insert into rattachements values ('c1', 'epci', 'E1')")
        assert lots.lire_precedente(con, avant, avant)
        attendu = [("budget", 2025, Case("epci", "E1"))] if est_masquee else []
        assert lots.deja_masquees(con, 3, 5) == attendu
        montre = con.execute("select n_montre from retraits").fetchall()
        assert montre == ([(20,)] if est_masquee else [])


def test_rien_avant(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        assert not lots.lire_precedente(con, tmp_path / "rien.duckdb", tmp_path / "rien.duckdb")
