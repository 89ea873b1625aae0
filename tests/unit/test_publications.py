"""What a publication carries: schemas, complete dictionary, sets to take away; list, compare, verify, restore, prune."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

from dashboards.api.routes import ROUTES
from observatoire.config.settings import Settings
from observatoire.domain.export import neutraliser, retablir
from observatoire.domain.loader import load_enquetes
from observatoire.estimation import lots
from observatoire.publications import dictionnaire, requetes, schemas
from observatoire.publications.comparaison import PublicationSansChiffres, comparer, raisons
from observatoire.publications.dictionnaire import DictionnaireInvalide, est_nombre, lire_dictionnaire
from observatoire.publications.notices import (
    CHANGEMENTS,
    DATAPACKAGE,
    DCAT,
    LISEZMOI,
    MONTRES,
    SCDL,
    ecrire_notices,
    lire_fiche,
)
from observatoire.publications.schemas import Origine, SecretNonTenu, colonnes_de, decrire, poser_schemas
from observatoire.storage import connexion, fichiers, jeu, publications
from observatoire.storage.chargement import charger
from observatoire.storage.connexion import CONFIG_ENTREPOT, FORMAT
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.erreurs import PublicationAbsente
from observatoire.storage.fichiers import ANALYSE, CHIFFRES, JEU, JEU_ANALYSE, PARQUET, PUBLIC, SOMMES
from observatoire.storage.insertion import creer_codee
from observatoire.storage.publication import Publication, publier
from pipelines.cli import app
from pipelines.notices_publiees import notices
from tests import fabrique_chiffres
from tests.depots_factices import ENQUETES, depot_reponses

SOURCES = [Origine("essai", "Source d’essai", "Essai", "Licence Ouverte 2.0", None, "2026-01-01", 12)]
# What the figures of a publication change, by its number.
CHANGEMENTS_FAITS: Mapping[int, tuple[str, ...]] = {
    2: (
        "update pub.mesures set valeur = valeur + 1, borne_basse = null, borne_haute = null where indicateur = "
        "'participations' and niveau = 'departement' and statut = 'ok'",
        "update pub.mesures set valeur = null, borne_basse = null, borne_haute = null, cv = null, "
        "n_repondants = null, statut = 'secret' where indicateur = 'heures_benevolat' and statut = 'ok'",
    ),
}


def remplir(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
    """The invented figures of the tests, with the schemas of a real publication."""
    con.execute("use memory")
    _poser(con, version)
    con.execute("update pub.territoires set note = '=1+1' where niveau = 'departement'")
    for changement in CHANGEMENTS_FAITS.get(version, ()):
        con.execute(changement)
    poser_schemas(con, SOURCES)
    return dictionnaire.commentaires(colonnes_de(con))


def _poser(con: duckdb.DuckDBPyConnection, version: int) -> None:
    """The tables of the invented publication, but the one that every publication has; masked cells are empty."""
    for nom, lignes in fabrique_chiffres.tables(version).items():
        if nom != "_publication":
            fabrique_chiffres._poser(con, f"pub.{nom}", list(lignes))
    for colonne in ("evolutions alter rupture", "redressement alter refus"):
        con.execute(f"alter table pub.{colonne} type varchar")
    for colonne in ("lignes_lues", "lignes_chargees", "lignes_en_attente", "lignes_ignorees"):
        con.execute(f"alter table pub.depots add column {colonne} bigint default 0")
    con.execute(
        "update pub.mesures set valeur = null, borne_basse = null, borne_haute = null "
        "where statut not in ('ok', 'prudence')"
    )


def remplir_analyse(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
    con.execute("create schema pub.enquete")
    enquete = load_enquetes()["emploi"]
    con.execute(
        "create table pub.enquete.emploi (millesime integer, nom_association varchar, nb_salaries bigint)"
    )
    con.execute("insert into pub.enquete.emploi values (2025, 'Essai', 3)")
    decrire(con, {"emploi": enquete})
    voulus = ("", ".millesime", ".nom_association", ".nb_salaries")
    reponses = schemas.commentaires_reponses([enquete])
    return dictionnaire.commentaires(colonnes_de(con)) | {
        c: reponses[c] for c in (f"enquete.emploi{fin}" for fin in voulus)
    }


def faire(settings: Settings, **options: Any) -> Publication:
    return publier(
        settings,
        remplir,
        enquetes=ENQUETES,
        remplir_analyse=remplir_analyse,
        notices=notices(settings),
        **options,
    )


@pytest.fixture(scope="module")
def trois(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Three publications: the second changes figures, the third undoes it."""
    settings = Settings(tmp_path_factory.mktemp("publications"), memoire=None)
    with EntrepotEcriture(settings, ENQUETES) as con:
        charger(con, depot_reponses("un", ["A", "B"]))
    for _ in range(3):
        faire(settings)
    return settings


@pytest.fixture
def settings(trois: Settings, tmp_path: Path) -> Settings:
    """A copy that a test may change; what the sets share stays shared."""
    copie = tmp_path / "donnees"
    _copier(trois.donnees, copie)
    return Settings(copie, memoire=None)


def _copier(source: Path, cible: Path) -> None:
    cible.mkdir()
    for chemin in sorted(source.iterdir()):
        if chemin.is_symlink():
            (cible / chemin.name).symlink_to(chemin.readlink())
        elif chemin.is_dir():
            _copier(chemin, cible / chemin.name)
        elif chemin.suffix == ".duckdb" and chemin.name.startswith("entrepot"):
            (cible / chemin.name).write_bytes(chemin.read_bytes())
        else:
            os.link(chemin, cible / chemin.name)


@pytest.fixture(autouse=True)
def fermer() -> Iterator[None]:
    yield
    while connexion._ouvertes:
        connexion._ouvertes.popitem()[1].close()


@pytest.fixture
def con(trois: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(PUBLIC.final(trois, 3)), read_only=True, config=CONFIG_ENTREPOT) as con:
        yield con


def lancer(settings: Settings, *arguments: str) -> tuple[int, str]:
    resultat = CliRunner().invoke(app, ["publications", *arguments, "--donnees", str(settings.donnees)])
    if resultat.exception and not isinstance(resultat.exception, SystemExit):
        raise resultat.exception
    return resultat.exit_code, resultat.output


# --- Schemas and dictionary --------------------------------------------------------------------------


def test_dictionnaire_complet(trois: Settings) -> None:
    """Every published column has title, definition and source, a number its unit, in both files."""
    for famille in (PUBLIC, ANALYSE):
        with duckdb.connect(str(famille.final(trois, 3)), read_only=True) as con:
            publiees = con.execute(
                "select schema_name, table_name, column_name from duckdb_columns() where not internal"
            ).fetchall()
            decrites = con.execute("from meta.dictionnaire").fetchall()
            assert {x[:3] for x in decrites} == set(publiees) and len(decrites) > 150
            for *_, titre, definition, genre, unite, source in decrites:
                assert titre and definition and source
                assert bool(unite) <= est_nombre(genre) and bool(unite) >= est_nombre(genre)
            muettes = con.execute(
                "select table_name, column_name from duckdb_columns() where not internal and comment is null"
            ).fetchall()
            assert muettes == []
            sans = "select 1 from duckdb_tables() where not internal and comment is null"
            assert con.execute(sans).fetchall() == []


def test_colonne_sans_description_refusee(tmp_path: Path) -> None:
    """The publication stops: nothing undescribed is ever published."""
    for ajout, attendu in (
        ("alter table pub.mesures add column inconnue varchar", "main.mesures.inconnue (sans description)"),
        ("alter table pub.mesures add column libelle double", "main.mesures.libelle (sans unité)"),
    ):
        with (
            _atelier(tmp_path / f"{len(ajout)}.duckdb", ajout) as con,
            pytest.raises(DictionnaireInvalide, match=re.escape(attendu)),
        ):
            poser_schemas(con, SOURCES)


def test_case_masquee_avec_valeur_refusee(tmp_path: Path) -> None:
    with (
        _atelier(tmp_path / "a.duckdb", "update pub.mesures set valeur = 1 where statut = 'secret'") as con,
        pytest.raises(SecretNonTenu),
    ):
        poser_schemas(con, SOURCES)


def _atelier(chemin: Path, *changements: str) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    con.execute(f"attach '{chemin}' as pub (storage_version '{FORMAT}')")
    con.execute("create table pub._publication (version integer, depots varchar)")
    _poser(con, 1)
    for changement in changements:
        con.execute(changement)
    return con


def test_dictionnaire_mal_ecrit(tmp_path: Path) -> None:
    fautif = tmp_path / "colonnes.toml"
    fautif.write_text(
        '[communes]\na = ["Titre"]\n[tables.t]\n_source = "s"\nb = ["B", ""]\n', encoding="utf-8"
    )
    with pytest.raises(DictionnaireInvalide) as faute:
        lire_dictionnaire(fautif)
    assert all(x in str(faute.value) for x in ("communes.a", "t.b", "t : « _description »"))
    fautif.write_text('[[requete]]\ntitre = "sans texte"\n', encoding="utf-8")
    with pytest.raises(requetes.RequetesInvalides, match="sans texte"):
        requetes.lire_requetes(fautif)


def test_schemas_des_analystes(con: duckdb.DuckDBPyConnection) -> None:
    vues = {
        (s, v)
        for s, v in con.execute(
            "select schema_name, view_name from duckdb_views() where not internal"
        ).fetchall()
    }
    assert {
        ("ref", "territoires"),
        ("source", "depots"),
        ("mesure", "mesures"),
        ("pub", "fiche_territoire"),
    } <= vues
    for schema, vue in sorted(vues):
        con.execute(f"select * from {schema}.{vue} limit 1").fetchall()
    (longue,) = con.execute("select count(*) from pub.indicateur_territoire_annee").fetchall()[0]
    assert longue == con.execute("select count(*) from mesures").fetchall()[0][0] > 0
    assert con.execute(
        "select count(*) from meta.sources where licence is null or extrait_le is null"
    ).fetchall() == [(0,)]
    assert {v for (v,) in con.execute("select verdict from meta.controles").fetchall()} <= {"ok", "ecart"}
    assert con.execute("select count(*) from meta.controles").fetchall() == [(len(schemas.CONTROLES),)]


def test_macro_valeur_redonne_chaque_chiffre(con: duckdb.DuckDBPyConnection) -> None:
    lignes = con.execute(
        "select valeur, valeur(indicateur, code_territoire, millesime, vue := vue, domaine := domaine, "
        "financeur := financeur, niveau := niveau) from mesures using sample 300 (reservoir, 1)"
    ).fetchall()
    assert any(v is not None for v, _ in lignes) and all(v == w for v, w in lignes)
    simple = con.execute(
        "select valeur('participations', '77', 2025), valeur('participations', '77', 1900)"
    ).fetchall()
    attendu = con.execute(
        "select valeur from mesures where indicateur = 'participations' and niveau = 'departement' and "
        "millesime = 2025 and vue = 'repondantes' and domaine = 'tous' and financeur = 'tous'"
    ).fetchall()
    assert simple == [(attendu[0][0], None)]


def test_requetes_d_exemple_du_fichier(con: duckdb.DuckDBPyConnection) -> None:
    lues = con.execute("select titre, sql from meta.requetes_exemples order by rang").fetchall()
    assert lues == [(r.titre, r.sql) for r in requetes.lire_requetes()]


# --- Sets --------------------------------------------------------------------------------------------


def test_jeux_entiers(trois: Settings) -> None:
    for famille, base in ((JEU, PUBLIC), (JEU_ANALYSE, ANALYSE)):
        dossier = famille.final(trois, 3)
        assert jeu.verifier_jeu(dossier) == []
        with duckdb.connect(str(base.final(trois, 3)), read_only=True) as con:
            tables = con.execute(
                "select schema_name, table_name from duckdb_tables() where not internal"
            ).fetchall()
            for schema, table in tables:
                nom = jeu.nom_de(schema, table)
                copie = dossier / "parquet" / f"{nom}.parquet"
                (nb,) = con.execute(f'select count(*) from {schema}."{table}"').fetchall()[0]
                assert duckdb.execute(f"select count(*) from '{copie}'").fetchall() == [(nb,)]
                with (dossier / "csv" / f"{nom}.csv").open(encoding="utf-8", newline="") as flux:
                    lignes = list(csv.reader(flux))
                colonnes = [
                    d[0] for d in con.execute(f'select * from {schema}."{table}" limit 0').description or ()
                ]
                assert lignes[0] == colonnes and len(lignes) == nb + 1
        assert (dossier / base.final(trois, 3).name).stat().st_ino == base.final(trois, 3).stat().st_ino
        assert (famille.dossier(trois) / fichiers.DERNIER_JEU).resolve() == dossier.resolve()
        alias = famille.dossier(trois) / fichiers.DERNIER_ALIAS
        assert alias.readlink() == Path(fichiers.DERNIER_JEU) and (alias / "SHA256SUMS").is_file()
        droits = {f.stat().st_mode & 0o777 for f in dossier.rglob("*.md")}
        assert droits == {famille.droits}


def test_colonnes_ou_une_formule_est_possible(tmp_path: Path) -> None:
    """Only those that the bounds of the Parquet copy clear are not read again; every text is neutralised the same."""
    colonnes = {
        "mots": ["abc", "Été", "zèbre"],
        "codes": ["01", "2A004", "77"],
        "nulle_parfois": ["a", None, "b"],
        "melee": ["01", "tous", "="],
        "formule": ["abc", "=1+1", "-2"],
        "apostrophe": ["'=x", "'", "l’eau"],
        "large": ["abc", "＝1", "＠a"],
        "vide": ["", "a", "b"],
        "nulle": [None, None, None],
        "longue": ["A" * 20_000, "@" + "a" * 20_000, "b"],
    }
    with duckdb.connect() as con:
        con.execute(f"create table lue ({', '.join(f'{c} varchar' for c in colonnes)}, nombre integer)")
        for ligne in zip(*colonnes.values(), strict=True):
            con.execute(f"insert into lue values ({', '.join('?' * len(ligne))}, -1)", ligne)
        con.execute(f"copy lue to '{tmp_path}/lue.parquet' ({jeu.FORMATS[jeu.COPIES]})")
        suspectes = jeu._suspectes(con, tmp_path)
        assert set(colonnes) - set(suspectes["lue"]) == {"mots", "codes", "nulle_parfois"}
        source = jeu._neutralisee(con, "main", "lue", suspectes["lue"])
        con.execute(f"copy ({source}) to '{tmp_path}/lue.csv' ({jeu.FORMATS[jeu.CSV]})")
    lues = list(csv.DictReader((tmp_path / "lue.csv").open(encoding="utf-8", newline="")))
    for nom, textes in colonnes.items():
        assert [x[nom] for x in lues] == [neutraliser(t or "") for t in textes]
    assert {x["nombre"] for x in lues} == {"-1"}


def test_table_codee(tmp_path: Path) -> None:
    """The same rows and types as those of the query; its codes are packed by dictionary."""
    requete = (
        "select 'i' || (range % 3) as indicateur, range as n, 'x' || range as nom from range($n) order by n"
    )
    with duckdb.connect(str(tmp_path / "f.duckdb"), config=CONFIG_ENTREPOT) as con:
        creer_codee(con, "codee", requete, {"n": 5000})
        con.execute(f"create table nue as {requete.replace('$n', '5000')}")
        con.execute("checkpoint")
        assert con.execute("describe codee").fetchall() == con.execute("describe nue").fetchall()
        assert con.execute("from codee").fetchall() == con.execute("from nue").fetchall()
        paquets = "select distinct compression from pragma_storage_info('codee') where column_name = 'indicateur' and segment_type = 'VARCHAR'"
        assert con.execute(paquets).fetchall() == [("Dictionary",)]


def test_chiffres_en_double_comptes() -> None:
    """Counted on their hashes, then on the figures themselves."""
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as pub")
        con.execute("create schema pub.meta")
        for table in ("mesures", "territoires", "indicateurs", "depots"):
            fabrique_chiffres._poser(con, f"pub.{table}", list(fabrique_chiffres.tables(1)[table]))
        con.execute(
            "update pub.mesures set valeur = null, borne_basse = null, borne_haute = null where statut not in ('ok', 'prudence')"
        )
        for colonne in ("lignes_lues", "lignes_chargees", "lignes_en_attente", "lignes_ignorees"):
            con.execute(f"alter table pub.depots add column {colonne} bigint default 0")
        con.execute(
            "insert into pub.mesures from pub.mesures where indicateur = 'participations' and niveau = 'departement'"
        )
        ((doubles,),) = con.execute(
            "select count(*) // 2 from pub.mesures where indicateur = 'participations' and niveau = 'departement'"
        ).fetchall()
        schemas._controles(con)
        dits = dict(con.execute("select controle, ecarts from pub.meta.controles").fetchall())
    assert doubles > 0 and dits[schemas.UNIQUES] == doubles


def test_csv_sans_formule(trois: Settings) -> None:
    """A spreadsheet runs nothing of a CSV; the Parquet keeps the text as it is."""
    dossier = JEU.final(trois, 3)
    for fichier in dossier.glob("csv/*.csv"):
        for ligne in csv.reader(fichier.open(encoding="utf-8", newline="")):
            assert all(neutraliser(x) == x or _est_nombre(x) or retablir(x) != x for x in ligne)
    notes = {
        x["note"]
        for x in csv.DictReader((dossier / "csv/territoires.csv").open(encoding="utf-8", newline=""))
    }
    assert "'=1+1" in notes and "=1+1" not in notes
    copie = dossier / "parquet/territoires.parquet"
    assert ("=1+1",) in duckdb.execute(f"select distinct note from '{copie}'").fetchall()


def _est_nombre(texte: str) -> bool:
    try:
        float(texte)
    except ValueError:
        return False
    return True


def test_datapackage(trois: Settings) -> None:
    dossier = JEU.final(trois, 3)
    paquet = json.loads((dossier / DATAPACKAGE).read_text(encoding="utf-8"))
    assert paquet["$schema"].endswith("/2.0/datapackage.json") and paquet["version"] == "3"
    noms = [r["name"] for r in paquet["resources"]]
    assert len(noms) == len(set(noms)) and "mesures" in noms
    assert {r["path"] for r in paquet["resources"]} == {
        str(f.relative_to(dossier)) for f in [*dossier.glob("csv/*"), *dossier.glob("parquet/*")]
    }
    for ressource in paquet["resources"]:
        octets = (dossier / ressource["path"]).read_bytes()
        assert ressource["bytes"] == len(octets)
        assert ressource["hash"] == f"sha256:{hashlib.sha256(octets).hexdigest()}"
        for champ in ressource["schema"]["fields"]:
            assert champ["title"] and champ["description"] and champ["type"]
            assert ("unit" in champ) == (champ["type"] in ("integer", "number"))
    (mesures,) = (r for r in paquet["resources"] if r["name"] == "mesures")
    types = {c["name"]: c["type"] for c in mesures["schema"]["fields"]}
    assert (types["valeur"], types["millesime"], types["statut"]) == ("number", "integer", "string")


def test_catalogues(trois: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = JEU.final(trois, 3)
    (ligne,) = csv.DictReader(io.StringIO((dossier / SCDL).read_text(encoding="utf-8")))
    with duckdb.connect(str(PUBLIC.final(trois, 3)), read_only=True) as con:
        fiche = lire_fiche(con, "77")
    assert ligne["COUV_SPAT_NOM"] == fiche.departement and ligne["DATE_PUBL"] and ligne["LICENCE"]
    assert (
        int(ligne["NOMBRE_RESSOURCES"])
        == len([f for f in dossier.rglob("*") if f.suffix in (".csv", ".parquet", ".duckdb")]) - 1
    )
    description = json.loads((dossier / DCAT).read_text(encoding="utf-8"))
    assert description["@type"] == "dcat:Dataset" and len(description["dcat:distribution"]) == int(
        ligne["NOMBRE_RESSOURCES"]
    )
    restreint = {f.name for f in JEU_ANALYSE.final(trois, 3).iterdir()}
    assert {DATAPACKAGE, LISEZMOI, CHANGEMENTS, SOMMES} <= restreint and not {SCDL, DCAT} & restreint
    monkeypatch.setenv("OBSERVATOIRE_EDITEUR", "Conseil d’essai")
    monkeypatch.setenv("OBSERVATOIRE_SIRET", "00000000000000")
    with duckdb.connect(str(PUBLIC.final(trois, 3)), read_only=True) as con:
        textes = ecrire_notices(
            lire_fiche(con, "77"),
            jeu.Contenu(
                3,
                False,
                "x.duckdb",
                {f"{g}/{t}.{g}": "0" for g in ("csv", "parquet") for t in _tables(con)},
                {f"{g}/{t}.{g}": 1 for g in ("csv", "parquet") for t in _tables(con)},
            ),
            None,
        )
    assert "Conseil d’essai,00000000000000" in textes[SCDL]


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    requete = "select schema_name, table_name from duckdb_tables() where not internal"
    return [jeu.nom_de(*x) for x in con.execute(requete).fetchall()]


def test_lisez_moi_dit_ce_qui_marche(trois: Settings) -> None:
    """The lines of Python of the read-me run as they are."""
    texte = (JEU.final(trois, 3) / LISEZMOI).read_text(encoding="utf-8")
    lignes = re.findall(r'con\.sql\("(.+)"\)', texte)
    with duckdb.connect(str(PUBLIC.final(trois, 3)), read_only=True) as con:
        assert len(lignes) == 3 and all(con.sql(x).fetchall() for x in lignes)
    restreint = JEU_ANALYSE.final(trois, 3)
    texte = (restreint / LISEZMOI).read_text(encoding="utf-8")
    # The answers are given to nobody.
    assert "Accès restreint" in texte and "aucune pour les réponses" in texte
    assert "licenses" in json.loads((JEU.final(trois, 3) / DATAPACKAGE).read_text(encoding="utf-8"))
    assert "licenses" not in json.loads((restreint / DATAPACKAGE).read_text(encoding="utf-8"))


def test_changements_dits_dans_le_dossier(trois: Settings) -> None:
    premier, deuxieme, troisieme = (
        (JEU.final(trois, v) / CHANGEMENTS).read_text(encoding="utf-8") for v in (1, 2, 3)
    )
    assert "Pas de publication plus ancienne" in premier
    assert "`participations`" in deuxieme and "`heures_benevolat`" in deuxieme and "s. s." in deuxieme
    assert "montrés, et tus auparavant" in troisieme
    assert 0 < deuxieme.count("\n| `") <= MONTRES


def test_jeu_copie_sans_liens(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that shares nothing gets copies; any other refusal of the disk stops the publication."""

    def refuser(*_: Any) -> None:
        raise OSError(95, "non pris en charge")

    monkeypatch.setattr(os, "link", refuser)
    faire(settings)
    assert jeu.verifier_jeu(JEU.final(settings, 4)) == []
    assert (JEU.final(settings, 4) / PUBLIC.final(settings, 4).name).stat().st_nlink == 1


def test_dossier_lu_par_les_programmes(trois: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of the public set is served as it is, and no other."""
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(trois.donnees))
    dossier = JEU.final(trois, 3)
    with TestClient(Starlette(routes=ROUTES), base_url="http://observatoire.test") as client:
        for nom in (
            DATAPACKAGE,
            SCDL,
            DCAT,
            LISEZMOI,
            CHANGEMENTS,
            SOMMES,
            "csv/mesures.csv",
            "parquet/meta.sources.parquet",
        ):
            reponse = client.get(f"/api/publication/dossier/{nom}")
            assert reponse.status_code == 200 and reponse.content == (dossier / nom).read_bytes()
            deja = client.get(
                f"/api/publication/dossier/{nom}", headers={"If-None-Match": reponse.headers["etag"]}
            )
            assert deja.status_code == 304
        for nom in (
            "../observatoire-0001.duckdb",
            "%2e%2e/analyse/analyse-0003.duckdb",
            "csv",
            "",
            "absent.csv",
        ):
            assert client.get(f"/api/publication/dossier/{nom}").status_code == 404


# --- Commands ----------------------------------------------------------------------------------------


def test_lister(trois: Settings) -> None:
    code, texte = lancer(trois, "lister", "--json")
    lues = json.loads(texte)
    assert code == 0 and [p["version"] for p in lues] == [3, 2, 1]
    assert [p["courante"] for p in lues] == [True, False, False]
    assert all(p["octets"] > PUBLIC.final(trois, p["version"]).stat().st_size for p in lues)
    code, texte = lancer(trois, "lister")
    assert code == 0 and "en vigueur" in texte


def test_rien_de_publie(tmp_path: Path) -> None:
    vide = Settings(tmp_path)
    for commande in (["lister"], ["verifier"], ["restaurer", "1", "--oui"]):
        assert lancer(vide, *commande)[0] == 2
    assert lancer(vide, "lister", "--json") == (0, "[]\n")


def test_comparer(trois: Settings) -> None:
    code, texte = lancer(trois, "comparer", "1", "2", "--json")
    lu = json.loads(texte)
    assert code == 1 and lu["nombres"]["change"] > 0 and lu["nombres"]["masque"] > 0
    assert len(lu["mouvements"]) == sum(lu["nombres"].values())
    masques = [m for m in lu["mouvements"] if m["genre"] == "masque"]
    assert {m["indicateur"] for m in masques} == {"heures_benevolat"}
    assert all(m["avant"] is None and m["n_avant"] is None and m["apres"] is None for m in masques)
    changes = [m for m in lu["mouvements"] if m["genre"] == "change" and m["indicateur"] == "participations"]
    assert changes and all(m["apres"] == pytest.approx(m["avant"] + 1) for m in changes)
    code, texte = lancer(trois, "comparer", "1", "3")
    assert code == 0 and "aucun chiffre n’a bougé" in texte
    assert lancer(trois, "comparer", "1", "9")[0] == 2


def test_comparer_sans_les_fichiers(settings: Settings) -> None:
    """Once pruned, the figures of an old publication still compare; the reasons are no longer known."""
    PUBLIC.final(settings, 1).unlink()
    lue = comparer(settings, 1, 2)
    assert lue.nombres["change"] and lue.ecarts is None and lue.depots is None
    assert "plus gardé" in next(raisons(lue))
    CHIFFRES.final(settings, 1).unlink()
    with pytest.raises(PublicationSansChiffres):
        comparer(settings, 1, 2)


def test_verifier(settings: Settings) -> None:
    assert lancer(settings, "verifier")[0] == 0
    abime = JEU.final(settings, 2) / LISEZMOI
    texte = abime.read_text(encoding="utf-8")
    abime.unlink()
    abime.write_text(texte + " ", encoding="utf-8")
    (JEU.final(settings, 2) / "ajout.txt").write_text("x", encoding="utf-8")
    (PARQUET.final(settings, 2) / "mesures.parquet").unlink()
    code, texte = lancer(settings, "verifier", "2", "--json")
    fautes = json.loads(texte)["2"]
    assert code == 1 and len(fautes) == 3
    assert any("LISEZMOI.md : son contenu a changé" in f for f in fautes)
    assert any("ajout.txt : n’est pas dans" in f for f in fautes)
    assert any("mesures.parquet : manque" in f for f in fautes)
    assert json.loads(lancer(settings, "verifier", "--json")[1]).keys() == {"1", "2", "3"}
    with pytest.raises(PublicationAbsente, match="Gardées : 3, 2, 1"):
        lancer(settings, "verifier", "9")


def _visibles(settings: Settings) -> tuple[int, int]:
    lues = []
    for lien in (settings.publication, settings.analyse):
        with duckdb.connect(str(lien.resolve()), read_only=True) as con:
            lues.append(con.execute("select version from _publication").fetchall()[0][0])
    return lues[0], lues[1]


def test_restaurer_sans_rien_effacer(settings: Settings) -> None:
    avant = {str(p.relative_to(settings.curated)) for p in settings.curated.rglob("*")}
    code, texte = lancer(settings, "restaurer", "1", "--oui")
    assert code == 0 and "n° 1 en vigueur" in texte and "n° 3 est gardée" in texte
    assert _visibles(settings) == (1, 1)
    assert avant <= {str(p.relative_to(settings.curated)) for p in settings.curated.rglob("*")}
    for lien in (fichiers.DERNIER_JEU, fichiers.DERNIER_ALIAS):
        assert (settings.curated / lien).resolve() == JEU.final(settings, 1).resolve()
    with EntrepotEcriture(settings, ENQUETES) as con:
        journal = con.execute(
            "select quoi, avant, apres from depot.journal order by ordre desc limit 1"
        ).fetchall()
    assert journal == [("restaurer", "3", "1")]
    assert [p.version for p in publications.lister_publications(settings) if p.presente] == [3, 2, 1]
    # The next one takes a new number, and sweeps nothing of what was set aside.
    assert faire(settings).version == 4
    assert _visibles(settings) == (4, 4) and set(PUBLIC.versions(settings)) == {1, 2, 3, 4}
    assert not (settings.curated / fichiers.ECARTEE).is_symlink() or faire(settings).version == 5


def test_latest_revient_et_ne_bouge_pas(settings: Settings) -> None:
    """One link moves; the other names it, and comes back when it is missing, even if nothing is to be put back."""
    dossiers = (settings.curated, settings.analyse.parent)
    for geste in (lambda: publications.restaurer(settings, 3), lambda: faire(settings)):
        for dossier in dossiers:
            (dossier / fichiers.DERNIER_ALIAS).unlink()
        geste()
        assert [(d / fichiers.DERNIER_ALIAS).readlink() for d in dossiers] == [Path(fichiers.DERNIER_JEU)] * 2
    inode = (settings.curated / fichiers.DERNIER_ALIAS).lstat().st_ino
    publications.restaurer(settings, 2)
    assert publications.elaguer(settings, 1) == [1, 3] and fichiers.retirer_analyses(settings)
    assert (settings.curated / fichiers.DERNIER_ALIAS).lstat().st_ino == inode
    assert {(d / fichiers.DERNIER_ALIAS).resolve().name for d in dossiers} == {"publication-0002"}


def test_restaurer_garde_la_memoire_du_secret(settings: Settings) -> None:
    """After a restoration, the next publication is protected against the highest one that readers saw."""
    publications.restaurer(settings, 1)
    assert fichiers.references(settings) == (PUBLIC.final(settings, 3), ANALYSE.final(settings, 3))
    publications.restaurer(settings, 2)
    assert fichiers.references(settings)[0] == PUBLIC.final(settings, 3)
    assert publications.elaguer(settings, 1) == [1]
    assert set(PUBLIC.versions(settings)) == {2, 3} == set(ANALYSE.versions(settings))
    with duckdb.connect(":memory:") as con:
        assert lots.lire_precedente(con, *fichiers.references(settings))
        assert con.execute("select distinct publication from precedentes").fetchall() == [(3,)]
    publications.restaurer(settings, 3)
    assert fichiers.references(settings)[0].resolve() == PUBLIC.final(settings, 3).resolve()


def test_restaurer_refuse_un_fichier_abime(settings: Settings) -> None:
    (JEU.final(settings, 2) / "csv" / "mesures.csv").unlink()
    with pytest.raises(PublicationAbsente, match="pas intacte"):
        publications.restaurer(settings, 2)
    assert _visibles(settings) == (3, 3)


@pytest.mark.parametrize("rang", range(1, 5))
def test_restaurer_interrompu(settings: Settings, monkeypatch: pytest.MonkeyPatch, rang: int) -> None:
    """Whatever the symlink at which it stops, both files open and one retry ends it."""
    vraie, vus = fichiers._lier, 0

    def lier(lien: Path, vers: Path) -> None:
        nonlocal vus
        vus += 1
        if vus == rang:
            raise OSError(5, "panne injectée")
        vraie(lien, vers)

    with monkeypatch.context() as panne:
        panne.setattr(fichiers, "_lier", lier)
        with pytest.raises(OSError, match="panne injectée"):
            publications.restaurer(settings, 1)
    assert set(_visibles(settings)) <= {1, 3}
    publications.restaurer(settings, 1)
    fichiers.relier_jeux(settings)
    assert _visibles(settings) == (1, 1) and set(PUBLIC.versions(settings)) == {1, 2, 3}


def test_elaguer(settings: Settings) -> None:
    code, texte = lancer(settings, "elaguer", "--garder", "1", "--essai", "--json")
    assert code == 0 and json.loads(texte) == {"essai": True, "retirees": [1, 2]}
    assert set(PUBLIC.versions(settings)) == {1, 2, 3}
    code, texte = lancer(settings, "elaguer", "--garder", "1", "--oui")
    assert code == 0 and "n° 1, 2" in texte
    for famille in (PUBLIC, PARQUET, ANALYSE, JEU, JEU_ANALYSE):
        assert set(famille.versions(settings)) == {3}
    assert set(CHIFFRES.versions(settings)) == {1, 2, 3}
    assert _visibles(settings) == (3, 3) and lancer(settings, "verifier")[0] == 0
    assert lancer(settings, "elaguer", "--garder", "1")[1].startswith("Rien à retirer")
