"""The pages on a publication made by the product itself, from the demonstration deposits."""

from __future__ import annotations

import shutil
import sys
import tomllib
from pathlib import Path

import duckdb
import pytest
from rich.console import Console
from streamlit.testing.v1 import AppTest

from dashboards import format_fr as fr
from dashboards.app_pages import PAGES, Page
from observatoire.config.settings import Settings
from observatoire.storage.connexion import ouvrir_publication
from observatoire.storage.entrepot import EntrepotLecture
from observatoire.storage.jeu import nom_de
from pipelines import depot
from pipelines.demonstration import relire
from tests import fabrique_publication as fabrique
from tests import requetes_montrees as montrees
from tests.pages_ouvertes import DELAI

RACINE = Path(__file__).parents[2]
CLI = shutil.which("duckdb", path=str(Path(sys.executable).parent))
DEMO = RACINE / "data" / "raw" / "demo"
FICHIERS = {"associations": "associations-2024-2025.xlsx", "subventions": "subventions-scdl.csv"}
pytestmark = [pytest.mark.lent, pytest.mark.xdist_group("publication")]


@pytest.fixture(scope="module")
def reglages(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    reglages = Settings(donnees=tmp_path_factory.mktemp("donnees"))
    for questionnaire, fichier in FICHIERS.items():
        bilan = depot.deposer(DEMO / fichier, reglages, questionnaire=questionnaire, fictif=True)
        assert bilan.lignes_chargees > 0
    assert relire(reglages, Console(quiet=True))
    depot.publier(reglages)
    return reglages


@pytest.fixture(scope="module")
def colonnes(reglages: Settings) -> dict[str, dict[str, str]]:
    """Type of each column of each table of the real publication."""
    with duckdb.connect(str(reglages.publication.resolve()), read_only=True) as con:
        lignes = con.execute(
            "select table_name, column_name, lower(data_type) from duckdb_columns()"
        ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, colonne, genre in lignes:
        tables.setdefault(table, {})[colonne] = genre
    return tables


@pytest.mark.parametrize("table", list(fabrique.TABLES))
def test_la_fabrique_ressemble_a_une_vraie_publication(
    colonnes: dict[str, dict[str, str]], table: str
) -> None:
    vraies = colonnes[table]
    fabriquees = dict(c.split() for c in fabrique.TABLES[table].split(", "))
    assert fabriquees.keys() <= vraies.keys()
    entiers = {"integer", "bigint", "hugeint"}
    for nom, genre in fabriquees.items():
        assert vraies[nom] == genre or {vraies[nom], genre} <= entiers, nom


def test_paroles_publiees_et_rien_d_autre(reglages: Settings) -> None:
    """No table of the public file, nor its Parquet copy, holds an extract that was not accepted, or whose it is."""
    inventees = tomllib.loads((RACINE / "scripts" / "demonstration" / "paroles.toml").read_text("utf-8"))[
        "parole"
    ]
    oui = {
        p["texte"] for p in inventees if p.get("decision", "accepter") == "accepter" and "publier" not in p
    }
    attendues = {p for p in oui if len(p) <= 280 and "@" not in p}
    debuts = {
        p["texte"][:24] for p in inventees if p["texte"] not in attendues and "{" not in p["texte"][:24]
    }
    assert len(attendues) >= 20 and len(debuts) >= 6
    with EntrepotLecture(reglages) as con:
        sql = "select cle_association, depot_id, nom_association from courant.associations where parole is not null"
        identites = {str(v) for ligne in con.execute(sql).fetchall() for v in ligne}
    with duckdb.connect(str(reglages.publication.resolve()), read_only=True) as con:
        publiees = {texte for (texte,) in con.execute("select extrait from paroles").fetchall()}
        tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        lues = {nom_de(s, t): repr(con.execute(f'from "{s}"."{t}"').fetchall()) for s, t in tables}
    assert attendues <= publiees and len(publiees - attendues) == 1, "la seule autre est coupée"
    assert all("[…]" in texte for texte in publiees - attendues)
    assert [
        (nom, d) for nom, lu in lues.items() for d in debuts if d in lu and not _coupee(d, publiees)
    ] == []
    parquet = next(reglages.curated.glob("parquet-*/paroles.parquet"))
    with duckdb.connect() as con:
        copie = repr(con.execute("from read_parquet(?)", [str(parquet)]).fetchall())
    for identite in identites:
        assert identite not in lues["paroles"] + lues["paroles_bilan"] + copie


def _coupee(debut: str, publiees: set[str]) -> bool:
    """True for the beginning of the sentence whose cut form is published."""
    return any(texte.startswith(debut) and "[…]" in texte for texte in publiees)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.adresse)
def test_pages_sur_une_vraie_publication(
    page: Page, reglages: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each card, each table is what the query it shows gives, on the very file that is published."""
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(reglages.donnees))
    at = AppTest.from_file(str(RACINE / "dashboards" / "public.py"), default_timeout=DELAI).run()
    with montrees.noter() as montre:
        at.switch_page(f"app_pages/{page.fichier}").run()
    assert not at.exception and not at.error
    html = "\n".join(e.value for e in at.get("html"))
    assert "ob-pied" in html
    if CLI:
        assert montrees.fautes(CLI, reglages.publication.resolve(), montre, html) == []
    cartes = montrees.indicateurs(ouvrir_publication(reglages.publication))
    assert montrees.fautes_blocs(html, montre, cartes) == []


def test_montant_montre_egal_a_la_publication(reglages: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(reglages.donnees))
    at = AppTest.from_file(str(RACINE / "dashboards" / "public.py"), default_timeout=DELAI)
    at.query_params["tous_les_chiffres"] = "true"
    at.run()
    [(annee, montant)] = (
        ouvrir_publication(reglages.publication)
        .cursor()
        .execute(
            "select millesime, valeur from mesures where indicateur = 'montant_subventions' "
            "and niveau = 'departement' and domaine = 'tous' and financeur = 'tous' order by 1 desc limit 1"
        )
        .fetchall()
    )
    assert at.selectbox(key="annee").value == annee
    assert montant > 0 and any(fr.euros(montant) in e.value for e in at.get("html"))
