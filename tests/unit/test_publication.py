"""Publications: numbered immutable files, one symlink, nothing left by a failure at any step."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from observatoire.config.settings import Settings
from observatoire.storage import connexion, copie_journal, fichiers, journal, tenue
from observatoire.storage.chargement import charger
from observatoire.storage.connexion import ouvrir_publication
from observatoire.storage.copie_journal import dernier_copie
from observatoire.storage.depots import annuler, identifiant
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from observatoire.storage.erreurs import EntrepotOccupe, PublicationAbsente
from observatoire.storage.publication import Publication, Remplir, copier_courant, publier, version_courante
from tests.depots_factices import ENQUETES, depot_reponses, empreinte


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "donnees")
    deposer(settings, "un", ["A", "B"])
    return settings


@pytest.fixture(autouse=True)
def fermer() -> Iterator[None]:
    yield
    while connexion._ouvertes:
        connexion._ouvertes.popitem()[1].close()


def deposer(settings: Settings, contenu: str, noms: list[str], **options: Any) -> None:
    with EntrepotEcriture(settings, ENQUETES) as con:
        charger(con, depot_reponses(contenu, noms, **options))


def remplir(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
    requete = "select count(*)::integer as valeur, ? as publication from courant.reponses"
    con.execute(f"create table pub.mesures as {requete}", [version])
    con.execute("create table pub.depots as select depot_id, lignes_chargees from depot.depots")
    return {"mesures": "Chiffres de l’essai", "mesures.valeur": "Nombre d'associations", "depots": "Dépôts"}


def faire(settings: Settings, contenu: Remplir = remplir, **options: Any) -> Publication:
    return publier(settings, contenu, enquetes=ENQUETES, **options)


def lire(chemin: Path, requete: str) -> list[tuple[Any, ...]]:
    return ouvrir_publication(chemin).cursor().execute(requete).fetchall()


def noms(dossier: Path) -> set[str]:
    return {p.name for p in dossier.iterdir()}


def test_contenu_d_une_publication(settings: Settings) -> None:
    deposer(settings, "deux", ["C"], fictif=True)
    p = faire(settings)
    un, deux = (identifiant(empreinte(c)) for c in ("un", "deux"))
    assert (p.version, p.fictif, p.depots) == (1, True, (un, deux))
    assert p.tables == {"_publication": 1, "depots": 2, "mesures": 1}
    assert settings.publication.resolve() == p.chemin == settings.curated / "observatoire-0001.duckdb"
    assert settings.analyse.resolve() == p.analyse
    assert lire(settings.publication, "select valeur, publication from mesures") == [(3, 1)]
    assert lire(
        settings.publication, "select version, fictif, depots, duckdb_version, publie_le from _publication"
    ) == [(1, True, f"{un}, {deux}", duckdb.__version__, p.publie_le)]
    commentaires = dict(lire(settings.publication, "select table_name, comment from duckdb_tables()"))
    assert (commentaires["mesures"], commentaires["depots"]) == ("Chiffres de l’essai", "Dépôts")
    requete = "select comment from duckdb_columns() where table_name = 'mesures' and column_name = 'valeur'"
    assert lire(settings.publication, requete) == [("Nombre d'associations",)]
    assert lire(
        settings.publication, "select tags['storage_version'] from duckdb_databases() where not internal"
    ) == [("v1.2.0+",)]
    assert stat.S_IMODE(p.chemin.stat().st_mode) == 0o444
    assert noms(settings.curated) == {
        "observatoire-0001.duckdb",
        "observatoire.duckdb",
        "parquet-0001",
        "publication-0001",
        "publication",
        "latest",
        "analyse",
    }


def test_parquet_a_cote(settings: Settings) -> None:
    p = faire(settings)
    assert noms(p.parquet) == {"SHA256SUMS", "_publication.parquet", "depots.parquet", "mesures.parquet"}
    lues = duckdb.execute(f"select valeur from '{p.parquet / 'mesures.parquet'}'").fetchall()
    assert lues == [(2,)]
    codecs = duckdb.execute(
        f"select distinct compression from parquet_metadata('{p.parquet}/*.parquet')"
    ).fetchall()
    assert codecs == [("ZSTD",)]
    lignes = [x.split("  ") for x in (p.parquet / "SHA256SUMS").read_text().splitlines()]
    sommes = {nom: somme for somme, nom in lignes}
    assert set(sommes) == noms(p.parquet) - {"SHA256SUMS"} | {"../observatoire-0001.duckdb"}
    for nom, somme in sommes.items():
        assert hashlib.sha256((p.parquet / nom).read_bytes()).hexdigest() == somme


def test_fichier_des_analystes(settings: Settings) -> None:
    deposer(settings, "deux", ["B", "C"], valeur=99)
    p = faire(settings)
    assert lire(
        settings.analyse, "select nom_association, nb_benevoles from enquete.reponses order by 1"
    ) == [
        ("A", 10),
        ("B", 99),
        ("C", 99),
    ]
    assert lire(settings.analyse, "select valeur from mesures") == [(3,)]
    assert lire(settings.analyse, "select version from _publication") == [(1,)]
    requete = "select comment from duckdb_columns() where column_name = 'nb_benevoles'"
    assert "Description de nb_benevoles." in lire(settings.analyse, requete)[0][0]
    assert p.analyse is not None
    assert stat.S_IMODE(p.analyse.stat().st_mode) == 0o440
    assert stat.S_IMODE(p.analyse.parent.stat().st_mode) == 0o750
    public = {t for (t,) in lire(settings.publication, "select table_name from duckdb_tables()")}
    assert public == {"_publication", "depots", "mesures"}


def test_sans_fichier_des_analystes(settings: Settings) -> None:
    p = faire(settings, remplir_analyse=None)
    assert p.analyse is None
    assert not settings.analyse.exists()
    assert lire(settings.publication, "select valeur from mesures") == [(2,)]


def test_publication_est_une_photographie(settings: Settings) -> None:
    premiere = faire(settings)
    octets = premiere.chemin.read_bytes()
    with EntrepotEcriture(settings, ENQUETES) as con:
        annuler(con, identifiant(empreinte("un")))
    assert lire(settings.publication, "select valeur from mesures") == [(2,)]
    seconde = faire(settings)
    assert (seconde.version, seconde.depots, seconde.fictif) == (2, (), False)
    assert lire(settings.publication, "select valeur, publication from mesures") == [(0, 2)]
    assert premiere.chemin.read_bytes() == octets
    assert lire(premiere.chemin, "select valeur, publication from mesures") == [(2, 1)]


def test_annuler_retablir_redonne_les_memes_tables(settings: Settings) -> None:
    from observatoire.storage.depots import retablir

    avant = faire(settings)
    for geste in (annuler, retablir):
        with EntrepotEcriture(settings, ENQUETES) as con:
            geste(con, identifiant(empreinte("un")))
    apres = faire(settings)
    for table in ("depots", "mesures"):
        requete = f"select * exclude (publication) from {table}" if table == "mesures" else f"from {table}"
        assert lire(apres.chemin, requete) == lire(avant.chemin, requete)


def test_garde_les_dernieres(settings: Settings) -> None:
    for _ in range(4):
        faire(settings, garder=2)
    assert noms(settings.curated) == {
        "observatoire-0003.duckdb",
        "observatoire-0004.duckdb",
        "observatoire.duckdb",
        "parquet-0003",
        "parquet-0004",
        "publication-0003",
        "publication-0004",
        "publication",
        "latest",
        "analyse",
    }
    assert noms(settings.analyse.parent) == {
        "analyse-0003.duckdb",
        "analyse-0004.duckdb",
        "analyse.duckdb",
        "publication-0003",
        "publication-0004",
        "publication",
        "latest",
    }


def test_remplissage_en_panne(settings: Settings) -> None:
    faire(settings)

    def casse(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
        remplir(con, version)
        raise ValueError("calcul impossible")

    for options in ({"contenu": casse}, {"remplir_analyse": casse}):
        with pytest.raises((ValueError, duckdb.Error)):
            faire(settings, **options)
        assert version_courante(settings) == 1
        assert noms(settings.curated) == {
            "observatoire-0001.duckdb",
            "observatoire.duckdb",
            "parquet-0001",
            "publication-0001",
            "publication",
            "latest",
            "analyse",
        }
    assert faire(settings).version == 2


def test_le_remplissage_ne_touche_pas_l_entrepot(settings: Settings) -> None:
    def ecrit(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
        con.execute("delete from entrepot.depot.depots")
        return {}

    with pytest.raises(duckdb.InvalidInputException):
        faire(settings, ecrit)
    assert faire(settings).depots == (identifiant(empreinte("un")),)


def test_publier_attend_son_tour(settings: Settings) -> None:
    with EntrepotEcriture(settings, ENQUETES), pytest.raises(EntrepotOccupe):
        faire(settings, attente_max=0.05)
    assert version_courante(settings) is None


# --- A failure at each step --------------------------------------------------------------------------


class Panne(OSError):
    """The failure injected."""


# Full disk, failing disk, no right; 0: the process is killed, and does not clean up. Each step meets them all.
FAUTES = (errno.ENOSPC, errno.EIO, errno.EACCES, 0)
# The copy of the journal may wait (the next writer appends its line), and who holds the lock is only said.
TOLEREES = (copie_journal.__name__, tenue.__name__)


class Compteur:
    """Counts the calls to the operating system and makes one of them fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, rang: int, faute: int = 0) -> None:
        self.rang, self.faute = rang, faute
        self.vus = 0
        # Several files go to the disk at once.
        self.verrou = threading.Lock()
        self.toleree = False
        cibles: list[tuple[Any, str]] = [
            (os, "fsync"),
            (os, "replace"),
            *((Path, nom) for nom in ("rename", "chmod", "symlink_to", "write_text")),
        ]
        for objet, nom in cibles:
            monkeypatch.setattr(objet, nom, self._envelopper(getattr(objet, nom)))

    def _envelopper(self, vraie: Callable[..., Any]) -> Callable[..., Any]:
        def appel(*args: Any, **options: Any) -> Any:
            with self.verrou:
                self.vus += 1
                ici = self.vus == self.rang
            if ici:
                self.toleree = sys._getframe(1).f_globals["__name__"] in TOLEREES
                raise Panne(self.faute, "panne injectée")
            return vraie(*args, **options)

        return appel


def nombre_d_etapes(settings: Settings) -> int:
    with pytest.MonkeyPatch.context() as rechange:
        compteur = Compteur(rechange, 0)
        faire(settings)
    return compteur.vus


class Attendue:
    compteur: Compteur


@contextmanager
def panne_attendue() -> Iterator[Attendue]:
    """Every step that fails makes the publication fail, but those of `TOLEREES`."""
    attendue, vue = Attendue(), False
    try:
        yield attendue
    except Panne:
        vue = True
    assert vue is not attendue.compteur.toleree


@pytest.mark.parametrize("reste", [0, 1], ids=["pairs", "impairs"])
def test_panne_a_chaque_etape(settings: Settings, reste: int) -> None:
    """The same step fails in every way, one after the other; readers see whole publications, one retry is enough."""
    etapes = nombre_d_etapes(settings)
    assert etapes >= 20
    for rang in (r for r in range(1, etapes + 1) if r % 2 == reste):
        for faute in FAUTES:
            avant = version_courante(settings)
            assert avant is not None
            # The link that never moves is missing each time: the steps that make it are met too.
            for alias in (settings.curated, settings.analyse.parent):
                (alias / fichiers.DERNIER_ALIAS).unlink(missing_ok=True)
            with pytest.MonkeyPatch.context() as rechange, panne_attendue() as attendue:
                attendue.compteur = Compteur(rechange, rang, faute)
                if not faute:
                    _sans_menage(rechange)
                faire(settings, garder=2)
            visible = lire(settings.publication, "select version from _publication")[0][0]
            assert visible == version_courante(settings)
            assert avant <= visible <= avant + rang + 1
            assert lire(settings.publication, "select valeur from mesures") == [(2,)]
        suivante = faire(settings, garder=2)
        assert suivante.version > visible
        with EntrepotLecture(settings) as con:
            assert dernier_copie(settings.journal) == journal.lire(con, 1)[0].ordre
        finis = {suivante.version, visible}
        restes = {p.name for p in settings.curated.rglob("*") if p.name.startswith(".")}
        assert restes == set()
        assert set(fichiers.PUBLIC.versions(settings)) == finis
        assert set(fichiers.PARQUET.versions(settings)) == finis
        assert set(fichiers.ANALYSE.versions(settings)) >= {suivante.version}


def _sans_menage(rechange: pytest.MonkeyPatch) -> None:
    """A killed process sweeps what the one before it left, not what it leaves."""
    restants = iter([fichiers.balayer])
    rechange.setattr(fichiers, "balayer", lambda s: next(restants, lambda _: None)(s))


# --- Reading -----------------------------------------------------------------------------------------


def test_connexion_fermee_ne_gene_personne(settings: Settings) -> None:
    faire(settings)
    with ouvrir_publication(settings.publication) as con:
        assert con.execute("select valeur from mesures").fetchall() == [(2,)]
    assert lire(settings.publication, "select valeur from mesures") == [(2,)]


def test_lecteur_voit_la_nouvelle_sans_perdre_l_ancienne(settings: Settings) -> None:
    faire(settings)
    ancienne = ouvrir_publication(settings.publication)
    deposer(settings, "deux", ["C"])
    for _ in range(connexion.OUVERTES_MAX + 2):
        faire(settings, garder=1)
        lire(settings.publication, "from mesures")
    assert lire(settings.publication, "select valeur from mesures") == [(3,)]
    assert ancienne.execute("select valeur from mesures").fetchall() == [(2,)]
    assert len(connexion._ouvertes) == connexion.OUVERTES_MAX


@pytest.mark.parametrize(
    "requete",
    [
        "select * from read_text('/etc/hostname')",
        "copy mesures to 'fuite.csv'",
        "attach 'autre.duckdb'",
        "set enable_external_access = true",
        "install httpfs",
        "load httpfs",
        "create table x as select 1",
        "delete from mesures",
    ],
)
def test_lecteur_enferme(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requete: str
) -> None:
    faire(settings)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(duckdb.Error):
        lire(settings.publication, requete)
    assert noms(tmp_path) == {"donnees"}
    assert lire(settings.publication, "select valeur from mesures") == [(2,)]


def test_fils_d_execution(settings: Settings) -> None:
    faire(settings)
    faux: list[object] = []

    def lire_souvent(i: int) -> None:
        for k in range(50):
            requete = f"select {i} * 1000 + {k}, valeur from mesures"
            if lire(settings.publication, requete) != [(i * 1000 + k, 2)]:
                faux.append((i, k))

    fils = [threading.Thread(target=lire_souvent, args=(i,)) for i in range(8)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert faux == []


def test_rien_de_publie(settings: Settings) -> None:
    with pytest.raises(PublicationAbsente, match="observatoire publier"):
        ouvrir_publication(settings.publication)
    settings.curated.mkdir()
    settings.publication.symlink_to("observatoire-0001.duckdb")
    with pytest.raises(PublicationAbsente):
        ouvrir_publication(settings.publication)
    assert faire(settings).version == 1


def test_copier_courant_seul(settings: Settings) -> None:
    faire(settings, lambda con, version: {}, remplir_analyse=copier_courant)
    assert lire(settings.analyse, "select count(*) from enquete.reponses") == [(2,)]
