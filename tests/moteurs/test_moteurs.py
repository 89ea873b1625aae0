"""All the indicators on the other engines, against DuckDB, row by row (`make moteurs` installs what they need)."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

from observatoire.config.settings import DUCKLAKE, SPARK, Settings, load_settings
from observatoire.domain.loader import load_enquetes
from observatoire.federation.territoire import Federation
from observatoire.indicators.catalogue import catalogue
from observatoire.indicators.run import lire_constantes, poser_references, preparer, remplir_unites
from observatoire.moteurs import calcul
from observatoire.moteurs.comparaison import Ecart, comparer
from observatoire.storage.fichiers import ANALYSE, cible
from tests.moteurs import postgres
from tests.moteurs.monde import petit_monde
from tests.unit.test_indicateurs import TerritoireFictif

VARIABLE = "OBSERVATOIRE_ESSAI_MOTEURS"
LOCAL = "local[2]"
SESSIONS = ("sail", LOCAL)
# Every indicator has answers in the small world; the demonstration has none for those that ask for a network's table.
CARTES = catalogue()


def manque(adresse: str) -> str:
    absents = [
        m for m in ("sqlglot", "pyspark", "pysail" if adresse == "sail" else "py4j") if find_spec(m) is None
    ]
    if absents:
        return f"extra « spark » absent ({', '.join(absents)} ; make moteurs l’installe)"
    if adresse != "sail" and shutil.which("java") is None:
        return "Java absent (paquet Debian « openjdk-17-jre-headless »)"
    return ""


def exiger(raison: str) -> None:
    if raison:
        pytest.skip(raison)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return petit(load_settings(tmp_path_factory.mktemp("duckdb")), TerritoireFictif())


def petit(settings: Settings, lieux: Any) -> Path:
    """The tables of the engine of the settings on the small world."""
    travail, dossier = settings.donnees / "travail", settings.donnees / "tables"
    travail.mkdir(parents=True)
    with petit_monde() as con, calcul.ouvrir(settings) as moteur:
        poser_references(con, lieux, CARTES.values(), lire_constantes(con, CARTES))
        tables = [*(f"courant.{nom}" for nom in load_enquetes()), "ref.parametres", "ref.registre"]
        calcul.exporter(con, tables, travail)
        for table in tables:
            moteur.poser(table, [travail / f"{table}.parquet"])
        calcul.poser_references(moteur, con, travail)
        calcul.valeurs(moteur, CARTES.values())
        calcul.agreger(moteur)
        calcul.ecrire(moteur, dossier)
    return dossier


def juger(nom: str, reference: Path, autre: Path, secondes: float) -> list[Ecart]:
    ecarts = list(comparer(reference, autre))
    for e in ecarts:
        print(
            f"  {e.table:<14} {e.indicateurs:>4} indicateurs {e.lignes:>7} lignes, écart relatif {e.relatif:.1e}"
        )
    print(
        f"{nom} : {sum(e.lignes for e in ecarts)} lignes, écart relatif au plus {max(e.relatif for e in ecarts):.1e}, {secondes:.1f} s"
    )
    assert [e for e in ecarts if not e.est_nul] == []
    return ecarts


@pytest.mark.parametrize("adresse", SESSIONS)
def test_petit_monde(adresse: str, reference: Path, tmp_path: Path) -> None:
    """The hand-made cases, where every indicator has answers."""
    exiger(manque(adresse))
    debut = time.monotonic()
    autre = petit(replace(load_settings(tmp_path), moteur=SPARK, spark=adresse), TerritoireFictif())
    ecarts = juger(f"Petit monde, {adresse}", reference, autre, time.monotonic() - debut)
    assert ecarts[0].table == "unites" and ecarts[0].indicateurs == len(CARTES)


def test_federation(reference: Path, tmp_path: Path) -> None:
    """All the départements together: one zone, and in it the sums of the département of the small world."""
    ensemble = petit(load_settings(tmp_path), Federation())
    colonnes = "indicateur, millesime, domaine, financeur, n, numerateur, denominateur"
    with duckdb.connect() as con:
        zones, lues, attendues = (
            con.execute(requete).fetchall()
            for requete in (
                f"select distinct niveau, code from '{ensemble / 'sommes.parquet'}'",
                f"select {colonnes} from '{ensemble / 'sommes.parquet'}' order by all",
                f"select {colonnes} from '{reference / 'sommes.parquet'}' where niveau = 'departement' order by all",
            )
        )
    assert zones == [("departement", "federation")]
    assert lues == attendues and len(lues) > 300


def test_la_comparaison_voit_tout(reference: Path, tmp_path: Path) -> None:
    """A value moved by 2e-9, a row less, a value lost: each is seen."""
    assert all(e.est_nul for e in comparer(reference, reference))
    for rang, (table, requete) in enumerate((
        ("unites", "select * replace (valeur * (1 + 2e-9) as valeur)"),
        ("cellules", "select * exclude (rang) from (select *, row_number() over () as rang"),
        ("sommes", "select * replace (nullif(numerateur, (select max(numerateur) from t)) as numerateur)"),
    )):  # fmt: skip
        copie = tmp_path / str(rang)
        shutil.copytree(reference, copie)
        with duckdb.connect() as con:
            con.execute(f"create table t as from '{reference / table}.parquet'")
            fin = " from t) where rang > 1" if "rang" in requete else " from t"
            con.execute(f"copy ({requete}{fin}) to '{copie / table}.parquet'")
        fautives = [e.table for e in comparer(reference, copie) if not e.est_nul]
        assert fautives == [table]


@pytest.mark.parametrize("adresse", SESSIONS)
def test_publication(adresse: str, tmp_path: Path) -> None:
    """What a publication takes from Spark: the rows that it would work out itself."""
    exiger(manque(adresse))
    with petit_monde() as con:
        preparer(con)
        remplir_unites(con, CARTES.values())
        attendues = sorted(con.execute("from unites").fetchall(), key=repr)
        calcul.remplir_ailleurs(
            con, replace(load_settings(tmp_path), moteur=SPARK, spark=adresse), CARTES.values()
        )
        assert sorted(con.execute("from unites").fetchall(), key=repr) == attendues
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def departement() -> Settings:
    dossier = os.environ.get(VARIABLE)
    if not dossier:
        pytest.skip(f"{VARIABLE} ne nomme aucune publication (make moteurs en fabrique une)")
    return load_settings(dossier)


@pytest.fixture(scope="module")
def mesure(departement: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return calculer(departement, tmp_path_factory.mktemp("departement"), "DuckDB")[0]


def calculer(settings: Settings, dossier: Path, nom: str) -> tuple[Path, float]:
    from pipelines import moteurs

    debut = time.monotonic()
    tables = moteurs.calculer(settings, dossier)
    secondes = time.monotonic() - debut
    assert min(tables.values()) > 1000
    print(f"\n{nom} : {secondes:.1f} s")
    return dossier, secondes


@pytest.mark.parametrize("adresse", SESSIONS)
def test_departement(adresse: str, departement: Settings, mesure: Path, tmp_path: Path) -> None:
    """The published Parquet of a département."""
    exiger(manque(adresse))
    autre, secondes = calculer(replace(departement, moteur=SPARK, spark=adresse), tmp_path, adresse)
    juger(f"Département, {adresse}", mesure, autre, secondes)


@pytest.fixture(scope="module")
def lac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    exiger(postgres.manque())
    with postgres.serveur() as mots:
        from observatoire.federation.lac import creer

        fichiers = tmp_path_factory.mktemp("lac")
        reglages = replace(load_settings(fichiers), lac=mots, lac_donnees=str(fichiers))
        creer(reglages)
        yield reglages


def test_departement_par_le_lac(departement: Settings, mesure: Path, lac: Settings, tmp_path: Path) -> None:
    """Sent to the lake, then worked out over it: nothing that an indicator reads was lost on the way."""
    from observatoire.federation.envoi import envoyer

    fichier = cible(departement.analyse)
    assert fichier is not None
    federe = replace(departement, moteur=DUCKLAKE, lac=lac.lac, lac_donnees=lac.lac_donnees)
    assert envoyer(federe, load_enquetes(), ANALYSE.version(fichier) or 0, fichier).nouveaux > 5
    autre, secondes = calculer(federe, tmp_path, DUCKLAKE)
    juger("Département, ducklake", mesure, autre, secondes)
