"""Other versions of DuckDB read what is published, in processes of their own, while it is being published.

The command line of DuckDB comes with the development tools (PyPI `duckdb-cli`, another version than the library);
`OBSERVATOIRE_DUCKDB_AUTRES` names further ones, separated by « : ».
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from observatoire.config.settings import Settings
from observatoire.publications.schemas import poser_schemas
from observatoire.storage.chargement import charger
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.fichiers import ANALYSE, JEU, PUBLIC
from observatoire.storage.publication import publier
from tests.depots_factices import ENQUETES, depot_reponses
from tests.unit.test_publications import SOURCES, _poser

PUBLICATIONS = 4
LIGNES = 20_000


def _autres() -> list[str]:
    trouvee = shutil.which("duckdb", path=str(Path(sys.executable).parent))
    donnees = os.environ.get("OBSERVATOIRE_DUCKDB_AUTRES", "").split(":")
    return [x for x in (trouvee, *donnees) if x]


AUTRES = _autres()
pytestmark = pytest.mark.skipif(
    not AUTRES, reason="pas de duckdb-cli : aucune autre version de DuckDB à essayer (make install-dev)"
)


def lire(executable: str, chemin: Path, requete: str) -> list[dict[str, object]]:
    """Rows that another version reads; its error when it cannot."""
    fait = subprocess.run(
        [executable, "-readonly", "-json", str(chemin), requete],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert fait.returncode == 0, fait.stderr
    lignes: list[dict[str, object]] = json.loads(fait.stdout or "[]")
    return lignes


def remplir(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
    con.execute("use memory")
    con.execute(
        f"create table pub.temoin as select {version} as version, range as rang from range({LIGNES})",
    )
    return {"temoin": "Lignes qui portent toutes le numéro de la publication"}


def remplir_entier(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
    con.execute("use memory")
    _poser(con, version)
    poser_schemas(con, SOURCES)
    return {}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "donnees", memoire=None)
    with EntrepotEcriture(settings, ENQUETES) as con:
        charger(con, depot_reponses("un", ["A", "B"]))
    return settings


@pytest.mark.parametrize("executable", AUTRES)
def test_autre_version_ouvre_tout(settings: Settings, executable: str) -> None:
    """Views, macro, comments and Parquet, in another version than ours."""
    publier(settings, remplir_entier, enquetes=ENQUETES)
    ((attendu,),) = (
        duckdb.connect(str(settings.publication.resolve()), read_only=True)
        .execute("select valeur('participations', '77', 2025)")
        .fetchall()
    )
    requete = (
        "select version() as version, valeur('participations', '77', 2025) as valeur, "
        "(select count(*) from pub.indicateur_territoire_annee) as longue, (select count(*) from mesures) as mesures, "
        "(select count(*) from meta.dictionnaire) as dictionnaire, (select count(*) from pub.fiche_territoire) as fiches, "
        "(select comment from duckdb_columns() where schema_name = 'pub' and column_name = 'annee' "
        "and table_name = 'fiche_territoire') as commentaire"
    )
    (lu,) = lire(executable, settings.publication, requete)
    assert lu["version"] != f"v{duckdb.__version__}"
    assert lu["valeur"] == attendu and lu["longue"] == lu["mesures"] and lu["fiches"] and lu["dictionnaire"]
    assert "Année" in str(lu["commentaire"])
    copie = JEU.final(settings, 1) / "parquet" / "mesures.parquet"
    (parquet,) = lire(executable, settings.publication, f"select count(*) as nb from '{copie}'")
    assert parquet["nb"] == lu["mesures"]
    assert lire(executable, settings.analyse, "select version from _publication") == [{"version": 1}]


@pytest.mark.parametrize("executable", AUTRES)
def test_autre_version_lit_pendant_qu_on_publie(settings: Settings, executable: str) -> None:
    """Two loops of short reads and one process that keeps the first file open: never an error, a half, a step back."""
    publier(settings, remplir, enquetes=ENQUETES)
    fini = threading.Event()
    lus: list[list[int]] = [[], []]
    fautes: list[BaseException] = []
    requete = (
        "select min(t.version) as bas, max(t.version) as haut, count(*) as nb, any_value(p.version) as numero "
        "from temoin as t cross join _publication as p"
    )

    def boucle(vus: list[int]) -> None:
        try:
            while not fini.is_set() or not vus:
                (ligne,) = lire(executable, settings.publication, requete)
                assert ligne["bas"] == ligne["haut"] == ligne["numero"] and ligne["nb"] == LIGNES
                vus.append(int(str(ligne["numero"])))
        except (AssertionError, subprocess.SubprocessError, ValueError) as faute:
            fautes.append(faute)

    fils = [threading.Thread(target=boucle, args=(vus,)) for vus in lus]
    ancien = subprocess.Popen(
        [executable, "-readonly", "-json", str(settings.publication)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert ancien.stdin is not None and ancien.stdout is not None
    try:
        ancien.stdin.write("select version from _publication;\n")
        ancien.stdin.flush()
        assert json.loads(ancien.stdout.readline()) == [{"version": 1}]
        for fil in fils:
            fil.start()
        for _ in range(PUBLICATIONS):
            # The writer waits for nobody; the oldest files go while a reader still holds one.
            publier(settings, remplir, enquetes=ENQUETES, garder=2)
        fini.set()
        for fil in fils:
            fil.join(timeout=120)
        sortie, erreur = ancien.communicate(
            "select max(version) as v, count(*) as nb from temoin;\n", timeout=60
        )
    finally:
        fini.set()
        ancien.kill()
        ancien.wait()
    assert not fautes, fautes[0]
    for vus in lus:
        assert vus == sorted(vus) and len(vus) >= 2
    assert max(v for vus in lus for v in vus) >= PUBLICATIONS
    assert json.loads(sortie) == [{"v": 1, "nb": LIGNES}] and not erreur
    assert (
        set(PUBLIC.versions(settings)) == set(ANALYSE.versions(settings)) == {PUBLICATIONS, PUBLICATIONS + 1}
    )
