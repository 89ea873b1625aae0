"""Replicate weights: the variance they give is that of the formulas, whatever the order; margins met, keys alone decide."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pytest
import svy
from scipy.stats import binom, chi2

from observatoire.estimation.estimer import estimer
from observatoire.estimation.ponderation import POIDS_ECONOMIQUE, REPRESENTATIF, SQL, attendre, ponderer
from observatoire.estimation.repliques import DECIMALES, caler, lire, noms, tirer, tirer_hasards
from tests.unit import test_estimation as maison

Vecteur = npt.NDArray[np.float64]
# A test that errs once in a million: theory gives the tolerance, not the result.
RISQUE = 1e-6
NOMBRE = 600


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """The invented survey of the estimates, weighed and estimated by the house."""
    cadre = maison.population(5)
    con = maison.monde(8, cadre, maison.repondre(cadre, 6))
    attendre(con, maison.DEMANDES)
    ponderer(con, maison.DEMANDES, maison.PARAMETRES)
    estimer(con, maison.DEMANDES, maison.PARAMETRES)
    yield con
    con.close()


def repliquer(con: duckdb.DuckDBPyConnection, nombre: int = NOMBRE) -> pa.Table:
    return lire(con, nombre, maison.REGLES.tolerance, maison.REGLES.tours_max).read_all()


def rangs(valeurs: pl.Series) -> npt.NDArray[np.int64]:
    return np.unique(valeurs.fill_null("").to_numpy().astype(str), return_inverse=True)[1]


def tirees(donnees: pl.DataFrame, nombre: int) -> Vecteur:
    taux = (donnees["n_strate"] / donnees["taille_strate"]).to_numpy()
    facteurs = tirer(
        tirer_hasards(donnees["cle_association"].to_list(), nombre), rangs(donnees["strate"]), taux
    )
    return donnees["w"].to_numpy() * facteurs


def bornes(nombre: int, essais: int) -> tuple[float, float]:
    """Where the mean of `nombre` squared deviations, over their variance, falls in each of `essais` comparisons."""
    risque = RISQUE / essais / 2
    return float(chi2.ppf(risque, nombre) / nombre), float(chi2.ppf(1 - risque, nombre) / nombre)


# --- the draws ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "grand_n"), [(2, 5), (3, 4), (5, 40), (6, 6), (7, 1000)])
def test_variance_exacte(n: int, grand_n: int) -> None:
    """Over all the halves of a group, the variance of a total is the one of the published intervals."""
    z = np.random.default_rng(n).lognormal(3, 1, n)
    groupe = np.zeros(n, dtype=np.int64)
    facteurs = tirer(tirer_hasards([f"W{i}" for i in range(n)], 4000), groupe, np.full(n, n / grand_n))
    hors, dedans = facteurs.min(), facteurs.max()
    assert hors >= 0 and np.isin(facteurs, (hors, dedans)).all()
    if n < grand_n:
        assert set((facteurs == dedans).sum(axis=1)) == {n // 2}
        # Every half is drawn, as often as the others.
        _, combien = np.unique(facteurs == dedans, axis=0, return_counts=True)
        moitiés = list(itertools.combinations(range(n), n // 2))
        attendu = 4000 / len(moitiés)
        assert len(combien) == len(moitiés)
        assert ((combien - attendu) ** 2 / attendu).sum() < chi2.ppf(1 - RISQUE, len(moitiés) - 1)
    else:
        moitiés = [()]
    totaux = [sum(z[i] * (dedans if i in tires else hors) for i in range(n)) for tires in moitiés]
    formule = (1 - n / grand_n) * n / (n - 1) * ((z - z.mean()) ** 2).sum()
    assert np.mean([(t - z.sum()) ** 2 for t in totaux]) == pytest.approx(formule, abs=1e-9 * z.sum() ** 2)


def test_une_seule_repondante_ne_varie_pas() -> None:
    assert (tirer(tirer_hasards(["W1"], 50), np.zeros(1, dtype=np.int64), np.array([0.1])) == 1).all()


def test_les_memes_tirees_dans_tous_les_jeux() -> None:
    """A set that lost one respondent draws the others as before, but for the one that takes its place."""
    cles = [f"W{i}" for i in range(41)]
    tout, moins = (
        tirer(
            tirer_hasards(cles[debut:], 300), np.zeros(41 - debut, dtype=np.int64), np.full(41 - debut, 0.1)
        )
        > 1
        for debut in (0, 1)
    )
    assert ((tout[:, 1:] != moins).sum(axis=1) <= 1).all() and (tout[:, 1:] == moins).mean() > 0.98


# --- against the published intervals --------------------------------------------------------------

CAS = [
    ("heures", REPRESENTATIF),
    ("part", REPRESENTATIF),
    ("avis", REPRESENTATIF),
    ("avis", POIDS_ECONOMIQUE),
]
LIEUX = (("departement", "D"), ("epci", "E1"), ("epci", "E2"), ("epci", "E3"))


def dans(donnees: pl.DataFrame, niveau: str, code: str, colonne: str) -> Vecteur:
    """Values of a column, zero outside the place."""
    ici = pl.lit(True) if niveau == "departement" else pl.col(niveau).eq_missing(code)
    return donnees.select(pl.when(ici).then(colonne).otherwise(0.0).cast(pl.Float64)).to_series().to_numpy()


def test_variance_des_intervalles_publies(con: duckdb.DuckDBPyConnection) -> None:
    """Totals, ratios and means, of the département and of each EPCI: the spread of the draws is the published one.

    The published variance of a ratio is that of its linear part: it is compared on this part everywhere, and on the
    ratio itself but where a few budgets make all of it.
    """
    obtenus = {}
    for (nom, vue), (niveau, code) in itertools.product(CAS, LIEUX):
        donnees = maison.echantillon(con, nom, vue)
        w, poids = donnees["w"].to_numpy(), tirees(donnees, NOMBRE)
        y, x = (dans(donnees, niveau, code, c) for c in ("y", "x"))
        publiee, _, _, cv, _ = maison.lire(con, nom, vue, niveau, False)[code, "tous"]
        if nom == "heures":
            valeur, ecarts, erreur = w @ y, [poids @ y - w @ y], cv * publiee
        else:
            valeur = (w @ y) / (w @ x)
            ecarts = [poids @ (y - valeur * x) / (w @ x)]
            if vue != POIDS_ECONOMIQUE:
                ecarts.append((poids @ y) / (poids @ x) - valeur)
            erreur = cv * max(publiee, 1 - publiee)
        assert valeur == pytest.approx(publiee)
        for rang, ecart in enumerate(ecarts):
            obtenus[nom, vue, code, rang] = float((ecart**2).mean() / erreur**2)
    assert len(obtenus) == 24
    bas, haut = bornes(NOMBRE, len(obtenus))
    assert {cle: r for cle, r in obtenus.items() if not bas <= r <= haut} == {}


def test_calees_comme_svy_credite_le_calage(con: duckdb.DuckDBPyConnection) -> None:
    """Once raked, the spread of a total is that of svy when it credits the raking, which ours do not."""
    donnees = maison.echantillon(con, "heures", REPRESENTATIF)
    lieux = {f"y_{code}": pl.Series(dans(donnees, niveau, code, "y")) for niveau, code in LIEUX}
    donnees = donnees.with_columns(**lieux)
    marges = {
        c: dict(donnees.group_by(c).agg(pl.col("w").sum()).iter_rows()) for c in ("strate", "marge_epci")
    }
    plan = svy.Design(stratum="strate", wgt="w", pop_size="taille_strate")
    credite = svy.Sample(donnees, plan).weighting.rake(
        controls=marges, wgt_name="cale", tol=1e-9, max_iter=2500
    )
    w, cales = donnees["w"].to_numpy(), calees(con, donnees)
    obtenus = {}
    for nom in lieux:
        y = donnees[nom].to_numpy()
        total = credite.estimation.total(nom)
        assert not isinstance(total, list)
        svys = total.to_polars().row(0, named=True)
        assert svys["est"] == pytest.approx(w @ y, rel=1e-5)
        obtenus[nom] = float(((cales @ y - w @ y) ** 2).mean() / svys["se"] ** 2)
    bas, haut = bornes(NOMBRE, len(obtenus))
    assert {cle: r for cle, r in obtenus.items() if not bas <= r <= haut} == {}


def calees(con: duckdb.DuckDBPyConnection, donnees: pl.DataFrame) -> Vecteur:
    """The replicates as they are written, (replicate, association), in the order of `donnees`."""
    lues = pl.from_arrow(repliquer(con))
    assert isinstance(lues, pl.DataFrame)
    jointes = donnees.join(lues, on=["jeu", "cle_association"], maintain_order="left")
    lues_en_ordre: Vecteur = jointes.select(noms(NOMBRE)).to_numpy().T
    return lues_en_ordre


# --- raking ---------------------------------------------------------------------------------------


def test_calage_egal_a_svy(con: duckdb.DuckDBPyConnection) -> None:
    """Every replicate, raked here in one go, is the one that svy rakes."""
    donnees = maison.echantillon(con, "part", REPRESENTATIF)
    poids, combien = donnees["w"].to_numpy(), 40
    brutes = tirees(donnees, combien)
    marges = {
        c: dict(donnees.group_by(c).agg(pl.col("w").sum()).iter_rows()) for c in ("strate", "marge_epci")
    }
    colonnes = {f"b{i + 1}": brutes[i] for i in range(combien)}
    plan = svy.Design(wgt="w", rep_wgts=svy.BootstrapWgts(prefix="b", n_reps=combien))
    cale = svy.Sample(
        donnees.with_columns(**{c: pl.Series(v) for c, v in colonnes.items()}), plan
    ).weighting.rake(controls=marges, wgt_name="cale", tol=1e-13, max_iter=2500)
    calees_par_svy = cale.data
    assert isinstance(calees_par_svy, pl.DataFrame)
    de_svy = calees_par_svy.select([f"cale{i + 1}" for i in range(combien)]).to_numpy().T
    les_notres = caler(brutes, poids, (rangs(donnees["strate"]), rangs(donnees["marge_epci"])), 1e-13, 2500)
    assert les_notres is not None
    assert np.abs(les_notres / de_svy - 1).max() < 1e-9
    assert np.abs(les_notres / brutes - 1).max() > 0.1


def test_marges_tenues(con: duckdb.DuckDBPyConnection) -> None:
    """Each replicate of each set meets what its weights meet, to the tolerance and the rounding of what is written."""
    con.register("repliques", repliquer(con, 50))
    vus = 0
    for marge in ("strate", "marge_epci"):
        lignes = con.execute(
            f"select p.jeu, p.{marge}, count(*) as n, sum(p.poids) as cible, sum(columns('^r[0-9]+$')) "
            f"from poids as p inner join repliques as r using (jeu, cle_association) group by p.jeu, p.{marge}"
        ).fetchnumpy()
        cible = lignes["cible"]
        arrondi = lignes["n"] * 0.5 * 10.0**-DECIMALES
        for nom in noms(50):
            assert (np.abs(lignes[nom] - cible) <= 2 * maison.REGLES.tolerance * cible + arrondi).all()
        vus += len(cible)
    assert vus > 40
    assert (
        con.execute("select count(*) from repliques").fetchall()
        == con.execute("select count(*) from poids").fetchall()
    )


def test_jeu_impossible_a_caler(con: duckdb.DuckDBPyConnection) -> None:
    """A set whose replicates do not converge has no rows, rather than wrong ones."""
    vides = lire(con, 20, 1e-12, 1).read_all()
    assert vides.num_rows == 0 and vides.column_names == ["jeu", "cle_association", *noms(20)]


def test_sans_poids() -> None:
    """Without a register nothing is weighed: a table with its columns and no row."""
    with duckdb.connect() as vide:
        vide.execute((SQL / "poids_vide.sql").read_text(encoding="utf-8"))
        lues = repliquer(vide, 5)
    assert lues.num_rows == 0 and lues.column_names == ["jeu", "cle_association", *noms(5)]


# --- order ----------------------------------------------------------------------------------------


def test_l_ordre_ne_compte_pas(con: duckdb.DuckDBPyConnection) -> None:
    """The same bytes from the same weights, in whatever order they are; a row of another set changes nothing."""
    attendues = repliquer(con, 30)
    with duckdb.connect() as autre:
        autre.register("lus", con.execute("from poids").to_arrow_table())
        autre.execute("create temp table poids as select * from lus order by hash(cle_association)")
        melees = repliquer(autre, 30)
        autre.execute("delete from poids where jeu = (select max(jeu) from poids)")
        moins = repliquer(autre, 30)
    ecrites = [t.to_pandas().to_csv().encode() for t in (attendues, melees)]
    assert ecrites[0] == ecrites[1]
    assert 0 < moins.num_rows < attendues.num_rows
    assert moins.equals(attendues.slice(0, moins.num_rows))


# --- medians --------------------------------------------------------------------------------------


def mediane(poids: Vecteur, ordre: npt.NDArray[np.int64], valeurs: Vecteur) -> Vecteur:
    """The first value at half of the weights, for each row of weights."""
    cumul = np.cumsum(poids[:, ordre], axis=1)
    return valeurs[ordre][(cumul < cumul[:, -1:] / 2).sum(axis=1)]


def test_mediane_contre_une_simulation() -> None:
    """300 surveys of a population whose median is known: the intervals of the replicates hold it as they should."""
    rng = np.random.default_rng(77)
    tailles, tirages = (600, 300, 100), (60, 45, 30)
    population = [rng.lognormal(6 + h, 1, taille) for h, taille in enumerate(tailles)]
    vraie = np.sort(np.concatenate(population))[sum(tailles) // 2 - 1]
    strate = np.repeat(np.arange(3), tirages)
    taux = np.repeat([n / t for n, t in zip(tirages, tailles, strict=True)], tirages)
    tenus, enquetes = 0, 300
    for enquete in range(enquetes):
        places = [rng.choice(t, n, replace=False) for t, n in zip(tailles, tirages, strict=True)]
        y = np.concatenate([population[h][p] for h, p in enumerate(places)])
        cles = [f"{enquete}-{h}-{i}" for h, p in enumerate(places) for i in p]
        ordre = np.argsort(y)
        repliques = tirer(tirer_hasards(cles, 200), strate, taux) / taux
        valeur = mediane(1 / taux[None, :], ordre, y)[0]
        erreur = np.sqrt(((mediane(repliques, ordre, y) - valeur) ** 2).mean())
        tenus += abs(valeur - vraie) <= 1.96 * erreur
    assert binom.ppf(RISQUE, enquetes, 0.95) <= tenus <= binom.ppf(1 - RISQUE, enquetes, 0.95)
