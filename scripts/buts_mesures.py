"""What each goal measures, one function a process: the product's way, and what it is compared to.

Each returns seconds without the imports, and what it found: two ways that must agree are compared by their caller.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

Mesure = tuple[float, Any]
FEUILLE = "xl/worksheets/sheet1.xml"
COMMUNES, THEMES, VAGUES = 35_000, 12, 10
# The statements of the study of costs, on invented facts: one row per association and wave.
FAITS = f"""
    create table faits as
    select
        cast(2016 + i // $associations as integer) as annee, cast(h % {COMMUNES} as integer) as commune,
        cast(h % 101 as integer) as departement, cast((h // 7) % {THEMES} as integer) as theme, cast((h // 11) % 5 as integer) as taille,
        1 + (h % 40) / 10.0 as poids, cast((h // 13) % 100000 as double) as budget, cast((h // 17) % 900 as double) as heures
    from (select i, hash(i) % 1000000007 as h from range($associations * {VAGUES}) as t(i))
    order by annee, commune"""
PLANCHER = """
    select sum(annee), sum(commune), sum(departement), sum(theme), sum(taille), sum(poids), sum(budget), sum(heures)
    from faits"""
AGREGAT = """
    select departement, theme, annee, count(*), sum(poids), sum(poids * budget), sum(poids * heures), sum(budget), sum(heures)
    from faits group by departement, theme, annee"""
VARIANCE = """
    with groupes as (
        select annee, theme, departement, taille, count(*) as n, sum(poids) as w, sum(poids * budget) as wy,
            sum(poids * heures) as wx, sum(poids * budget * poids * budget) as wy2,
            sum(poids * heures * poids * heures) as wx2, sum(poids * budget * poids * heures) as wxy
        from faits group by annee, theme, departement, taille
    ),
    rapports as (
        select annee, theme, sum(wy) / nullif(sum(wx), 0) as r, sum(wx) as x from groupes group by annee, theme
    )
    select g.annee, g.theme, any_value(r.r) as rapport,
        sum(greatest(1 - g.n / nullif(g.w, 0), 0) * g.n / nullif(g.n - 1, 0) * (
            (g.wy2 - 2 * r.r * g.wxy + r.r * r.r * g.wx2) - power(g.wy - r.r * g.wx, 2) / g.n
        )) / power(any_value(r.x), 2) as variance
    from groupes as g inner join rapports as r on g.annee = r.annee and g.theme = r.theme
    group by g.annee, g.theme"""
CUBE = """
    create table mesures as
    with cube as (
        select annee, theme, departement, commune, count(*) as n, sum(poids) as w, sum(poids * budget) as wy,
            sum(poids * heures) as wx, sum(budget) as y, sum(heures) as x
        from faits
        group by grouping sets ((annee), (annee, theme), (departement, annee), (departement, annee, theme),
            (commune, annee), (commune, annee, theme), (commune), (departement))
    )
    select 'budget' as indicateur, annee as millesime, 'repondantes' as vue,
        case when commune is not null then 'commune' when departement is not null then 'departement' else 'france' end as niveau,
        lpad(cast(coalesce(commune, departement, 0) as varchar), 5, '0') as code_territoire,
        coalesce(cast(theme as varchar), 'tous') as domaine, 'tous' as financeur, wy as valeur, y as borne_basse, wx as borne_haute,
        cast(n as integer) as n_repondants, 'ok' as statut
    from cube
    order by niveau, code_territoire, millesime, domaine"""


def fastexcel_nu(fichier: Path, dossier: Path) -> Mesure:
    """The sheet as Arrow, every column as text."""
    import fastexcel

    debut = time.perf_counter()
    lu = fastexcel.read_excel(str(fichier)).load_sheet(0, dtypes="string").to_arrow()
    return time.perf_counter() - debut, lu.num_rows


def expat(fichier: Path, dossier: Path) -> Mesure:
    """The sheet through the XML parser, that nobody listens to."""
    from xml.parsers import expat as analyseur

    debut = time.perf_counter()
    with zipfile.ZipFile(fichier) as z, z.open(FEUILLE) as flux:
        analyseur.ParserCreate().ParseFile(flux)
    return time.perf_counter() - debut, None


def csv_nu(fichier: Path, dossier: Path) -> Mesure:
    """DuckDB alone reads the CSV in memory, every column as text."""
    with duckdb.connect() as con:
        debut = time.perf_counter()
        con.execute("create table brut as from read_csv(?, all_varchar=true, header=true)", [str(fichier)])
        duree = time.perf_counter() - debut
        return duree, con.execute("select count(*) from brut").fetchall()[0][0]


def csv_source(fichier: Path, dossier: Path) -> Mesure:
    """The product keeps the same CSV, all of France."""
    from observatoire.config.settings import Settings
    from observatoire.registre.magasin import FRANCE, ajouter

    debut = time.perf_counter()
    bilan = ajouter(Settings(dossier), "rna", fichier, FRANCE)
    return time.perf_counter() - debut, bilan.lues


def regles_duckdb(fichier: Path, dossier: Path) -> Mesure:
    """The rules of a questionnaire, compiled to one query."""
    from pipelines.quality import sql

    table, regles = _lot(fichier)
    debut = time.perf_counter()
    fautes = sql.juger(table, regles)
    return time.perf_counter() - debut, {r: len(x) for r, x in sorted(fautes.items())}


def regles_gx(fichier: Path, dossier: Path) -> Mesure:
    """The same rules, by Great Expectations on pandas."""
    import great_expectations  # noqa: F401

    from pipelines.quality import gx
    from pipelines.quality.porte import _cadre

    table, regles = _lot(fichier)
    cadre = _cadre(table, regles)
    debut = time.perf_counter()
    fautes = gx.juger(cadre, "bench", regles)
    return time.perf_counter() - debut, {r: len(x) for r, x in sorted(fautes.items())}


def _lot(fichier: Path) -> tuple[Any, Any]:
    import pyarrow.parquet as pq

    from observatoire.domain.loader import load_enquetes
    from pipelines.quality.regles import regles_de

    table = pq.read_table(fichier)
    return table, regles_de(load_enquetes()["benevolat"], set(table.column_names))


def _requete(sql: str, repetitions: int = 5) -> Callable[[Path, Path], Mesure]:
    def mesurer(fichier: Path, dossier: Path) -> Mesure:
        with duckdb.connect(str(fichier), read_only=True) as con:
            durees = []
            for _ in range(repetitions):
                debut = time.perf_counter()
                lignes = len(con.execute(sql).fetchall())
                durees.append(time.perf_counter() - debut)
        return float(np.median(durees)), lignes

    return mesurer


def cube(fichier: Path, dossier: Path) -> Mesure:
    """The whole cube in a file, for the pages."""
    with duckdb.connect(config={"memory_limit": "1500MB", "temp_directory": str(dossier / "debord")}) as con:
        con.execute(f"attach '{fichier}' as f (read_only)")
        con.execute(f"attach '{fichier.with_name('cube.duckdb')}' as c")
        con.execute("use c")
        debut = time.perf_counter()
        con.execute(CUBE.replace("from faits", "from f.faits"))
        duree = time.perf_counter() - debut
        return duree, con.execute("select count(*) from mesures").fetchall()[0][0]


def page(fichier: Path, dossier: Path) -> Mesure:
    """The page of a commune in the cube: median against nothing, then among sixteen readers."""
    from scripts.france_lecture import attendre

    vu = attendre(fichier.with_name("cube.duckdb"), [f"{i * 97 % COMMUNES:05d}" for i in range(60)])
    return vu.rapport, vu.rapport_seize


def calage(fichier: Path, dossier: Path) -> Mesure:
    """The calibration of the product on four margins; found: seconds of its bare passes (bincount)."""
    import polars as pl

    from observatoire.estimation.calage import Marges, caler

    rng = np.random.default_rng(4)
    n, niveaux = int(fichier.read_text()), (5, 10, 12, 4)
    marges = {f"m{i}": rng.integers(0, k, n) for i, k in enumerate(niveaux)}
    cibles = {
        nom: np.bincount(v, minlength=v.max() + 1) * rng.uniform(0.95, 1.05, v.max() + 1)
        for nom, v in marges.items()
    }
    cibles = {nom: c * n / c.sum() for nom, c in cibles.items()}
    poids, passes, debut = np.ones(n), 0, time.perf_counter()
    while True:
        ecart = 0.0
        for nom, valeurs in marges.items():
            facteurs = cibles[nom] / np.bincount(valeurs, weights=poids)
            poids *= facteurs[valeurs]
            ecart = max(ecart, float(np.abs(facteurs - 1).max()))
            passes += 1
        if ecart < 1e-8:
            break
    nus = time.perf_counter() - debut
    donnees = pl.DataFrame({"un": np.ones(n), **{k: v.astype(str) for k, v in marges.items()}})
    controles = {nom: {str(i): float(x) for i, x in enumerate(c)} for nom, c in cibles.items()}
    debut = time.perf_counter()
    cales = caler(donnees["un"].to_numpy(), Marges.lire(donnees, controles), 1e-8, 200)
    duree = time.perf_counter() - debut
    if cales is None or not np.allclose(cales, poids, rtol=1e-12, atol=0):
        raise AssertionError("le calage du produit n’est pas celui de ses sommes nues")
    return duree, nus


MESURES: dict[str, Callable[[Path, Path], Mesure]] = {
    "fastexcel": fastexcel_nu,
    "expat": expat,
    "csv_nu": csv_nu,
    "csv_source": csv_source,
    "regles_duckdb": regles_duckdb,
    "regles_gx": regles_gx,
    "plancher": _requete(PLANCHER),
    "agregat": _requete(AGREGAT),
    "variance": _requete(VARIANCE),
    "cube": cube,
    "page": page,
    "calage": calage,
}
