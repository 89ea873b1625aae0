"""The lake under several writers, readers and kills, on a true PostgreSQL."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from observatoire.config.settings import Settings, load_settings
from observatoire.domain.loader import load_enquetes
from observatoire.federation import lac, lecture
from observatoire.federation.envoi import colonnes_envoyees, envoyer
from observatoire.moteurs.base import MoteurIndisponible
from tests.moteurs import postgres
from tests.moteurs.ecrivain import LIGNES, avancer
from tests.moteurs.monde import ecrire_analyse

ENQUETES = load_enquetes()
ECRIVAINS = ("01", "02", "03", "04")
TOURS, LECTEURS, MORTS = 5, 2, 8


@pytest.fixture(scope="module")
def serveur() -> Iterator[str]:
    if raison := postgres.manque():
        pytest.skip(raison)
    with postgres.serveur() as mots:
        yield mots


@pytest.fixture
def settings(serveur: str, tmp_path: Path) -> Settings:
    """An empty lake: a database of its own on the server."""
    base = f"lac{random.getrandbits(40)}"
    with duckdb.connect() as con:
        lac._charger(con)
        con.execute(f"attach '{serveur}' as pg (type postgres)")
        con.execute(f"call postgres_execute('pg', 'create database {base}', use_transaction := false)")
    fichiers = tmp_path / "fichiers"
    fichiers.mkdir()
    mots = serveur.replace("dbname=lac", f"dbname={base}")
    reglages = replace(load_settings(tmp_path / "d"), lac=mots, lac_donnees=str(fichiers))
    lac.creer(reglages)
    return reglages


@pytest.fixture(scope="module")
def modele(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ecrire_analyse(tmp_path_factory.mktemp("modele") / "analyse.duckdb")


def lancer(
    settings: Settings, fichier: Path, departement: str, premier: int, dernier: int
) -> subprocess.Popen[str]:
    arguments = [fichier, settings.lac, settings.lac_donnees, departement, premier, dernier]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.moteurs.ecrivain", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


def publications(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Département → the publication that the lake holds of it; AssertionError when it is not whole."""
    lignes = con.execute(f"""
        with l as (
            select departement, depot_id, count(*) as n from lac.enquete.benevolat
            where depot_id like 'L-%' group by all
        ),
        e as (
            select departement, min(nb_salaries) as bas, max(nb_salaries) as haut, count(*) as n
            from lac.enquete.emploi group by all
        )
        select e.departement, e.bas, e.haut, e.n,
            (select count(*) from l where l.departement = e.departement and l.n = {LIGNES}),
            (select count(*) from l where l.departement = e.departement),
            (select count(*) from lac.federation.depots as d where d.departement = e.departement and d.depot_id like 'L-%')
        from e""").fetchall()
    vues = {}
    for departement, bas, haut, n, entiers, depots, inscrits in lignes:
        assert bas == haut == entiers == depots == inscrits, (
            departement,
            bas,
            haut,
            entiers,
            depots,
            inscrits,
        )
        assert n == 6
        vues[departement] = int(haut)
    return vues


def test_quatre_ecrivains_deux_lecteurs(settings: Settings, modele: Path, tmp_path: Path) -> None:
    """No error, nothing lost, nothing twice; a reader sees whole publications, that never go back."""
    fini, fautes, lus = threading.Event(), [], []

    def lire() -> None:
        vues: dict[str, int] = {}
        try:
            with lac.ouvrir(settings, lecture=True) as con:
                while not fini.is_set():
                    con.execute("begin transaction")
                    neuves = publications(con) if lac.colonnes_de(con, "emploi") else {}
                    con.execute("rollback")
                    assert all(neuves[d] >= n for d, n in vues.items())
                    vues = neuves
                    lus.append(neuves)
        except (AssertionError, KeyError, duckdb.Error) as faute:
            fautes.append(faute)

    copies = {d: Path(shutil.copy(modele, tmp_path / f"{d}.duckdb")) for d in ECRIVAINS}
    fils = [threading.Thread(target=lire) for _ in range(LECTEURS)]
    for fil in fils:
        fil.start()
    debut = time.monotonic()
    processus = [lancer(settings, copies[d], d, 1, TOURS) for d in ECRIVAINS]
    sorties = [p.communicate(timeout=300) for p in processus]
    duree = time.monotonic() - debut
    fini.set()
    for fil in fils:
        fil.join()
    assert [p.returncode for p in processus] == [0] * len(ECRIVAINS), sorties
    assert fautes == []
    faits = [list(map(int, ligne.split())) for sortie, _ in sorties for ligne in sortie.splitlines()]
    with lac.ouvrir(settings, lecture=True) as con:
        assert publications(con) == dict.fromkeys(ECRIVAINS, TOURS)
        envois = con.execute(
            "select departement, count(*) from lac.federation.envois group by all order by all"
        ).fetchall()
    assert envois == [(d, TOURS) for d in ECRIVAINS]
    assert len(faits) == TOURS * len(ECRIVAINS) and len(lus) >= TOURS
    reprises = sum(essais - 1 for *_, essais in faits)
    print(
        f"\n{len(faits)} envois par {len(ECRIVAINS)} écrivains en {duree:.1f} s, {reprises} reprises, {len(lus)} lectures"
    )


def test_le_meme_depot_deux_fois(settings: Settings, modele: Path, tmp_path: Path) -> None:
    """Two processes that send one département at the same moment: one writes, the other finds it done."""
    copies = [Path(shutil.copy(modele, tmp_path / f"{i}.duckdb")) for i in range(2)]
    processus = [lancer(settings, c, "77", 1, 1) for c in copies]
    sorties = [p.communicate(timeout=120) for p in processus]
    assert [p.returncode for p in processus] == [0, 0], sorties
    assert sorted(int(s.split()[1]) for s, _ in sorties)[0] == 0
    with lac.ouvrir(settings, lecture=True) as con:
        assert publications(con) == {"77": 1}
    encore = envoyer(replace(settings, departement="77"), ENQUETES, 2, copies[0])
    assert encore.est_vide


def test_tue_a_tout_moment(settings: Settings, modele: Path, tmp_path: Path) -> None:
    """kill -9: what was acknowledged is there, what was not is there whole or not at all; the next sending goes on."""
    fichier = Path(shutil.copy(modele, tmp_path / "77.duckdb"))
    hasard, acquitte = random.Random(7), 0
    for tour in range(MORTS):
        # A file of its own: the log that a killed process left would be read with the next copy.
        copie = Path(shutil.copy(fichier, tmp_path / f"essai{tour}.duckdb"))
        processus = lancer(settings, copie, "77", acquitte + 1, acquitte + 3)
        assert processus.stdout is not None
        premiere = processus.stdout.readline()
        time.sleep(hasard.uniform(0, 1.2))
        processus.kill()
        reste, _ = processus.communicate()
        dites = [int(ligne.split()[0]) for ligne in [premiere, *reste.splitlines()] if ligne.strip()]
        with lac.ouvrir(settings, lecture=True) as con:
            trouvee = publications(con)["77"]
        assert dites and max(dites) <= trouvee <= max(dites) + 1
        for numero in range(acquitte + 1, trouvee + 1):
            avancer(fichier, numero)
        acquitte = trouvee
    assert acquitte >= MORTS


def test_ce_qui_part(settings: Settings, modele: Path, tmp_path: Path) -> None:
    """No free text leaves the département; what was written in a refused cell stays behind too."""
    fichier = Path(shutil.copy(modele, tmp_path / "77.duckdb"))
    with duckdb.connect(str(fichier)) as con:
        con.execute(
            'update enquete.impact set qualite = \'{"nb_repondants": {"motif": "nsp", "texte": "CANARI"}}\''
        )
        con.execute("update enquete.emploi set feuille = 'CANARI'")
        con.execute("update enquete.associations set nom_association = 'CANARI', parole = 'CANARI'")
    envoyer(replace(settings, departement="77"), ENQUETES, 1, fichier)
    ecrits = b"".join(f.read_bytes() for f in Path(settings.lac_donnees).rglob("*.parquet"))
    with lac.ouvrir(settings, lecture=True) as con:
        assert con.execute("select distinct qualite from lac.enquete.impact").fetchall() == [
            ('{"nb_repondants": {"motif": "nsp"}}',)
        ]
        for nom in ENQUETES:
            lignes = str(con.execute(f"from lac.enquete.{nom}").fetchall())
            assert "CANARI" not in lignes
    assert ecrits and "parole" not in colonnes_envoyees(ENQUETES["associations"])


def test_retrait_et_instantane(settings: Settings, modele: Path, tmp_path: Path) -> None:
    """A deposit that no longer counts goes; the moment before can still be read; a copy is of one moment."""
    ici = replace(settings, departement="77")
    fichier = Path(shutil.copy(modele, tmp_path / "77.duckdb"))
    envoyer(ici, ENQUETES, 1, fichier)
    with lac.ouvrir(ici, lecture=True) as con:
        avant = lac.instantane(con)
    with duckdb.connect(str(fichier)) as con:
        con.execute("delete from enquete.emploi")
    fait = envoyer(ici, ENQUETES, 2, fichier)
    assert (fait.nouveaux, fait.changes, fait.retires) == (0, 0, 1)
    with lac.ouvrir(ici, lecture=True) as con:
        ((maintenant,),) = con.execute("select count(*) from lac.enquete.emploi").fetchall()
        ((alors,),) = con.execute(
            f"select count(*) from lac.enquete.emploi at (version => {avant})"
        ).fetchall()
        assert (maintenant, alors) == (0, 6)
        assert lecture.tirer(con, ENQUETES.values(), tmp_path / "copie", "77") > avant
        assert [d.publication for d in lecture.lire_etat(con)] == [2]
    assert {p.name for p in (tmp_path / "copie").iterdir()} == {
        *(f"enquete.{nom}.parquet" for nom in ENQUETES), "ponderation.registre.parquet"
    }  # fmt: skip


def test_elaguer_oublie(settings: Settings, modele: Path, tmp_path: Path) -> None:
    """What was taken out of the answers leaves the files too, whole file or a row of one; the rest stays."""
    ici = replace(settings, departement="77")
    fichier = Path(shutil.copy(modele, tmp_path / "77.duckdb"))
    with duckdb.connect(str(fichier)) as con:
        ((touchees,),) = con.execute(
            "update enquete.emploi set cle_association = 'RNA:CANARI' "
            "where cle_association = (select min(cle_association) from enquete.emploi)"
        ).fetchall()
    envoyer(ici, ENQUETES, 1, fichier)
    envoyer(replace(settings, departement="78"), ENQUETES, 1, modele)
    assert presents(settings) == {"77"}
    with duckdb.connect(str(fichier)) as con:
        con.execute("delete from enquete.emploi where cle_association = 'RNA:CANARI'")
    envoyer(ici, ENQUETES, 2, fichier)
    assert presents(settings) == {"77"}
    assert lac.elaguer(settings) > 0
    assert presents(settings) == set()
    with lac.ouvrir(ici, lecture=True) as con:
        assert len(lecture.lire_etat(con)) == 2
        assert con.execute("select departement, count(*) from lac.enquete.emploi group by all order by all").fetchall() == [
            ("77", 6 - touchees), ("78", 6)
        ]  # fmt: skip


def presents(settings: Settings) -> set[str]:
    """Départements that still have the canary in some Parquet file of the lake."""
    fichiers = [str(f) for f in Path(settings.lac_donnees).rglob("*.parquet") if "emploi" in f.parts]
    with duckdb.connect() as con:
        return {
            d
            for f in fichiers
            for (d, cle) in con.execute(f"select departement, cle_association from '{f}'").fetchall()
            if cle == "RNA:CANARI"
        }


def test_deux_departements(settings: Settings, modele: Path) -> None:
    """An association that answered in two départements for a year counts once: where it was sent last."""
    for departement in ("01", "02"):
        envoyer(replace(settings, departement=departement), ENQUETES, 1, modele)
    with lac.ouvrir(settings, lecture=True) as con:
        assert lecture.partagees(con, ENQUETES.values()) > 0
        lecture.poser_courant(con, ENQUETES.values())
        ensemble = con.execute("select count(*) from courant.ressources").fetchall()
        lecture.poser_courant(con, ENQUETES.values(), "01")
        assert con.execute("select count(*) from courant.ressources").fetchall() == ensemble


def test_creer_deux_fois_ne_change_rien(settings: Settings, modele: Path) -> None:
    envoyer(replace(settings, departement="77"), ENQUETES, 1, modele)
    lac.creer(settings)
    with lac.ouvrir(settings, lecture=True) as con:
        assert [d.departement for d in lecture.lire_etat(con)] == ["77"]


@pytest.mark.parametrize(
    ("lac_regle", "dit"),
    [
        ("", "OBSERVATOIRE_LAC"),
        ("host=x password=y", "mot de passe"),
        ("postgresql://a:b@x/lac", "mot de passe"),
    ],
)
def test_reglages_refuses(tmp_path: Path, lac_regle: str, dit: str) -> None:
    mal = replace(load_settings(tmp_path), lac=lac_regle, lac_donnees=str(tmp_path))
    with pytest.raises(MoteurIndisponible, match=dit), lac.ouvrir(mal):
        pass
