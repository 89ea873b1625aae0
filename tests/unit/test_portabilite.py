"""The queries of the indicators run on other engines: portable subset, setting of the engine, same rows through it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from observatoire.config.settings import ReglageInconnu, load_settings
from observatoire.indicators.catalogue import catalogue
from observatoire.indicators.run import preparer, remplir_unites
from observatoire.indicators.valeurs import AGREGATS, bases, macro, requete_places, requete_unites
from observatoire.moteurs.base import MoteurIndisponible
from observatoire.moteurs.calcul import ouvrir, remplir_ailleurs
from tests.moteurs.monde import petit_monde

# Functions that were tried on DuckDB, Spark and Sail: another one is tried by `make moteurs` before it comes here.
ESSAYEES = {
    "Abs", "And", "Avg", "Case", "Cast", "Coalesce", "Concat", "Count", "Exists", "Extract", "Greatest", "Grouping", "If", "Max",
    "Min", "Nullif", "Or", "RowNumber", "Substring", "Sum",
}  # fmt: skip
# What they do not share, even where a translation exists.
INTERDITS = ("Pivot", "Qualify", "Lambda", "Array", "Struct", "Unnest", "Bracket")
REQUETES = {
    **{nom: carte.sql for nom, carte in catalogue().items()},
    **bases(),
    **{nom: macro(nom) for nom in (*AGREGATS, "quartiers")},
    "unites": requete_unites(next(iter(catalogue().values()))).sql,
    "unites_placees": requete_places().sql,
}


def test_toutes_les_requetes_se_traduisent() -> None:
    """Each one is read, uses tried functions only, and keeps its values bound."""
    sqlglot = pytest.importorskip("sqlglot", reason="extra « dev » sans sqlglot")
    from observatoire.moteurs.traduction import traduire

    assert len(REQUETES) > 130
    fautes = []
    for nom, sql in REQUETES.items():
        arbre = sqlglot.parse_one(sql, read="duckdb")
        fonctions = {
            getattr(f, "name", "") if type(f).__name__ == "Anonymous" else type(f).__name__
            for f in arbre.find_all(sqlglot.exp.Func)
        }
        noeuds = {type(n).__name__ for n in arbre.walk()}
        traduite = traduire(sql)
        liees = set(re.findall(r"\$(\w+)", "\n".join(x.split("--")[0] for x in sql.splitlines())))
        fautes += [
            (nom, quoi)
            for quoi, est_faute in (
                (f"fonctions {fonctions - ESSAYEES}", fonctions - ESSAYEES),
                ("construction non portable", noeuds & set(INTERDITS)),
                ("schéma", re.search(r"\b(courant|ref)\.", traduite)),
                ("valeurs liées", liees != set(re.findall(r"(?<!:):(\w+)", traduite))),
            )
            if est_faute
        ]  # fmt: skip
    assert fautes == []


@pytest.mark.parametrize(
    "sql", ["select quantile_cont(a, 0.5) from t", "select list(a) from t", "select len(a) from t"]
)
def test_une_fonction_non_essayee_se_voit(sql: str) -> None:
    sqlglot = pytest.importorskip("sqlglot", reason="extra « dev » sans sqlglot")
    noms = {type(f).__name__ for f in sqlglot.parse_one(sql, read="duckdb").find_all(sqlglot.exp.Func)}
    assert noms and not noms <= ESSAYEES


def test_traduire_lie_et_deplace() -> None:
    pytest.importorskip("sqlglot", reason="extra « dev » sans sqlglot")
    from observatoire.moteurs.traduction import traduire

    lu = traduire("-- grain: x\nselect cast(a as varchar) as b from courant.emploi as e where a = $seuil")
    assert lu == "SELECT CAST(a AS STRING) AS b FROM courant_emploi AS e WHERE a = :seuil"


def test_moteur_inconnu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Refused in a sentence that says which ones there are."""
    assert load_settings(tmp_path).moteur == "duckdb"
    for nom in ("duckdb", "ducklake", "spark"):
        monkeypatch.setenv("OBSERVATOIRE_MOTEUR", nom)
        assert load_settings(tmp_path).moteur == nom
    monkeypatch.setenv("OBSERVATOIRE_MOTEUR", "sparc")
    with pytest.raises(ReglageInconnu, match=r"« sparc » est inconnu .*duckdb, ducklake, spark"):
        load_settings(tmp_path)


def test_moteur_absent(tmp_path: Path) -> None:
    """An engine that is not installed says what to install; nothing is left behind."""
    from importlib.util import find_spec

    if find_spec("pyspark") is not None:
        pytest.skip("pyspark est installé")
    reglages = replace(load_settings(tmp_path), moteur="spark")
    with pytest.raises(MoteurIndisponible, match=r"observatoire-associatif\[spark\]"), ouvrir(reglages):
        pass
    assert list(tmp_path.iterdir()) == []


def test_les_memes_lignes_par_un_moteur(tmp_path: Path) -> None:
    """The values that a publication takes from an engine are those that it works out itself."""
    # One card of each query: the others only bind other values.
    cartes = {carte.sql: carte for carte in catalogue().values()}.values()
    with petit_monde() as con:
        preparer(con)
        remplir_unites(con, cartes)
        attendues = sorted(con.execute("from unites").fetchall(), key=repr)
        remplir_ailleurs(con, load_settings(tmp_path), cartes)
        assert sorted(con.execute("from unites").fetchall(), key=repr) == attendues
        genres = {nom: genre for nom, genre, *_ in con.execute("describe unites").fetchall()}
    assert len(attendues) > 80 and genres["millesime"] == "INTEGER" and genres["valeur"] == "DOUBLE"
    assert list(tmp_path.iterdir()) == []
