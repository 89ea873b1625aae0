"""The page « Requêtes »: what is read, what is refused in French, what is cut, what the journal keeps."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import acces
from dashboards.guichet_blocs import carnets as bloc_carnets
from dashboards.guichet_blocs import requetes as bloc
from observatoire.comptes import journal_acces
from observatoire.comptes.identite import OPERATEUR, Identite, Role
from observatoire.config.settings import Settings
from observatoire.domain.export import retablir
from observatoire.publications.requetes import Requete, lire_requetes
from observatoire.requetes import enfant
from observatoire.requetes import executer as moteur
from observatoire.requetes.contenu import EXEMPLES, Contenu
from observatoire.requetes.dire import RequeteRefusee
from observatoire.requetes.executer import Bornes, Resultat, empreinte, executer
from pipelines.guichet import Guichet, ouvrir_atelier
from tests.pages_ouvertes import DELAI

PAGE = Path(__file__).parents[2] / "dashboards" / "guichet_pages" / "requetes.py"
# A slow machine must not take a refusal for a timeout.
LARGES = Bornes(duree=120.0, cpu=60)


@pytest.fixture(scope="module")
def donnees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a warehouse, and the analysts' file of one publication."""
    dossier = tmp_path_factory.mktemp("requetes")
    analyse = dossier / "curated" / "analyse"
    analyse.mkdir(parents=True)
    with duckdb.connect(str(dossier / "entrepot.duckdb")) as con:
        con.execute("create table secret as select 'Amicale' as nom")
    with duckdb.connect(str(analyse / "analyse-0001.duckdb")) as con:
        con.execute(
            "create table _publication as select 1 as version, timestamp '2026-11-20' as publie_le, true as fictif"
        )
        con.execute("create schema enquete")
        con.execute("create schema meta")
        con.execute(
            "create table enquete.benevolat as select '=1+' || range as cle_association, 2025 as millesime, range as nb from range(30)"
        )
        con.execute("comment on table enquete.benevolat is 'Le bénévolat'")
        con.execute(
            "create table meta.dictionnaire as select 'enquete' as nom_schema, 'benevolat' as nom_table, 'nb' as colonne, "
            "'Bénévoles' as titre, 'Nombre de bénévoles' as definition, 'BIGINT' as type, 'personnes' as unite"
        )
        con.execute(
            "create table meta.requetes_exemples as select 1 as rang, 'Tout' as titre, 'select 1 as un' as sql"
        )
    (analyse / "analyse.duckdb").symlink_to("analyse-0001.duckdb")
    return dossier


@pytest.fixture
def settings(donnees: Path) -> Iterator[Settings]:
    settings = Settings(donnees=donnees)
    yield settings
    for trace in settings.evenements.glob("*"):
        trace.unlink()


@pytest.fixture
def fichier(settings: Settings) -> Path:
    return settings.analyse


def refus(fichier: Path, sql: str, bornes: Bornes = LARGES) -> RequeteRefusee:
    with pytest.raises(RequeteRefusee) as pris:
        executer(fichier, sql, bornes)
    return pris.value


def test_une_lecture(fichier: Path) -> None:
    lu = executer(
        fichier, "-- les bénévoles\nselect millesime, sum(nb) as nb from enquete.benevolat group by all"
    )
    assert (lu.colonnes, lu.lignes) == ((("millesime", True), ("nb", True)), ((2025, 435),))
    assert (lu.coupe, lu.abregees) == ("", 0)


HOSTILES = {
    "select * from read_text('/etc/passwd')": "permission",
    "select * from read_csv('/etc/passwd')": "permission",
    "from '/etc/passwd.csv'": "permission",
    "from glob('/*')": "permission",
    "select * from read_duckdb('ENTREPOT')": "permission",
    "select * from parquet_metadata('/x.parquet')": "permission",
    "from sniff_csv('/etc/passwd')": "permission",
    "select * from duckdb_secrets()": "permission",
    "explain analyze copy enquete.benevolat to 'x.csv'": "permission",
    "copy enquete.benevolat to 'x.csv'": "ecriture",
    "attach 'ENTREPOT' as e": "ecriture",
    "install httpfs": "ecriture",
    "load httpfs": "ecriture",
    "set enable_external_access = true": "ecriture",
    "reset memory_limit": "ecriture",
    "pragma database_list": "ecriture",
    "call pragma_version()": "ecriture",
    "create table t (i int)": "ecriture",
    "create temp table t as select 1": "ecriture",
    "drop table enquete.benevolat": "ecriture",
    "update enquete.benevolat set nb = 0": "ecriture",
    "delete from enquete.benevolat": "ecriture",
    "export database 'x'": "ecriture",
    "checkpoint": "ecriture",
    "/* select */ begin": "ecriture",
    "select 1; drop table enquete.benevolat": "plusieurs",
    "with x as (insert into enquete.benevolat values (1)) from x": "lecture",
    "select getenv('HOME')": "table",
    "-- rien": "vide",
    "   ": "vide",
    "select list(x) from range(1000000000) as t(x)": "memoire",
}  # fmt: skip


# Those that go through the whole way, a process each; the others through what that process runs.
ENTIERES = 12


def _etat(settings: Settings) -> tuple[str, list[str]]:
    octets = settings.analyse.resolve().read_bytes()
    return hashlib.sha256(octets).hexdigest(), sorted(p.name for p in settings.donnees.rglob("*"))


def _verifier(pris: RequeteRefusee, sql: str, code: str) -> None:
    assert pris.code == code, (sql, pris.code, pris.dit)
    assert re.match(r"[A-ZÉ].{25,}\.$", str(pris)) and "{" not in str(pris), str(pris)
    assert "Amicale" not in f"{pris} {pris.dit}"


def test_requetes_hostiles(settings: Settings, fichier: Path) -> None:
    """Refused in a French sentence, nothing read elsewhere, nothing changed."""
    avant = _etat(settings)
    par_code = {code: sql for sql, code in reversed(HOSTILES.items())}
    choisies = dict.fromkeys([*par_code.values(), *list(HOSTILES)[::3]])
    assert len(choisies) >= ENTIERES
    for sql in choisies:
        _verifier(refus(fichier, sql.replace("ENTREPOT", str(settings.entrepot))), sql, HOSTILES[sql])
    assert _etat(settings) == avant


def test_requetes_hostiles_toutes(settings: Settings) -> None:
    reglages = {**asdict(LARGES), "fichier": str(settings.analyse.resolve()), "config": dict(moteur.CONFIG)}
    avant = _etat(settings)
    for sql, code in HOSTILES.items():
        if code != "memoire":  # the memory of this very process
            dite = sql.replace("ENTREPOT", str(settings.entrepot))
            _verifier(moteur._refus(enfant.repondre(reglages, dite), dite), sql, code)
    assert _etat(settings) == avant


def test_une_requete_sans_fin_est_arretee(fichier: Path) -> None:
    """The child is gone, and says nothing afterwards: the sentence is ours."""
    sans_fin = "with recursive t as (select 1 as n union all select n + 1 from t) select max(n) from t"
    pris = refus(fichier, sans_fin, Bornes(duree=1.5))
    assert (
        (pris.code, pris.dit) == ("delai", "")
        and "1.5 secondes" not in str(pris)
        and "1,5 secondes" in str(pris)
    )


def test_le_verrou_tient_sans_le_tri_des_instructions(fichier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of DuckDB refuse by themselves what would leave the file: the reading of the text is a courtesy."""
    permises = {k: v for k, v in moteur.CONFIG.items() if k != "errors_as_json"}
    with duckdb.connect(str(fichier.resolve()), read_only=True, config=permises) as con:
        for sql, code in HOSTILES.items():
            if code == "permission" or sql.startswith(
                ("copy", "attach", "install", "load", "set", "reset", "export")
            ):
                with pytest.raises(duckdb.Error):
                    con.execute(sql.replace("ENTREPOT", "/tmp/x.duckdb")).fetchall()
        for sql in (
            "create table t (i int)",
            "drop table enquete.benevolat",
            "delete from enquete.benevolat",
        ):
            with pytest.raises(duckdb.Error, match="read-only"):
                con.execute(sql)


def test_ou_et_quoi(fichier: Path) -> None:
    """The place is counted in characters, whatever DuckDB counts; near names are told."""
    colonne = refus(fichier, "select 'été',\n  nbb\nfrom enquete.benevolat")
    assert (colonne.code, colonne.place and (colonne.place.ligne, colonne.place.caractere)) == (
        "colonne",
        (2, 3),
    )
    assert "«\u00a0nbb\u00a0»" in str(colonne) and "«\u00a0nb\u00a0»" in str(colonne)
    assert colonne.place is not None and colonne.place.extrait == "  nbb\n  ▲"
    assert refus(fichier, "selct 1").code == "lecture"
    assert refus(fichier, "select millesime, count(*) from enquete.benevolat").code == "groupe"
    assert refus(fichier, "select cast('x' as int)").code == "valeur"
    assert refus(fichier, "x" * 30_000).code == "longue"


def test_resultats_coupes(fichier: Path) -> None:
    lu = executer(fichier, "from range(1000000000000)")
    assert (lu.coupe, len(lu.lignes)) == ("lignes", Bornes().lignes)
    gros = executer(fichier, "select repeat('x', 40000) from range(3)", Bornes(volume=70_000))
    assert (gros.coupe, gros.abregees, len(gros.lignes)) == ("volume", 3, 2)
    assert all(len(x) == Bornes().cellule for (x,) in gros.lignes)


def test_deux_a_la_fois(fichier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moteur, "ATTENTE", 0.01)
    with moteur._place(), moteur._place():
        assert refus(fichier, "select 1").code == "occupe"
    assert executer(fichier, "select 1").lignes == ((1,),)


def test_forme_sans_valeurs() -> None:
    une, autre = (f"select  *\nfrom t where nom = '{n}' and x = {v}" for n, v in (("L''A", 12), ("b", 1.5e3)))
    assert empreinte(une) == empreinte(autre) != empreinte("select * from t2 where nom = '' and x = 1")


def test_le_journal_ne_garde_aucune_valeur(settings: Settings) -> None:
    g = Guichet(settings, Identite("ines@exemple.fr", "Inès", Role.ANALYSTE), ouvrir_atelier(direct=True))
    g.interroger("select nb from enquete.benevolat where cle_association = '=1+7'")
    with pytest.raises(RequeteRefusee):
        g.interroger("select x_introuvable")
    (trace,) = settings.evenements.glob("*.jsonl")
    lues = [json.loads(x) for x in trace.read_text(encoding="utf-8").splitlines()]
    assert [(x["evenement"], x["issue"], x.get("lignes")) for x in lues] == [
        ("requete", "lue", 1),
        ("requete", "colonne", None),
    ]
    acces_notes = journal_acces(settings, OPERATEUR)[:2]
    assert [(a.sujet, a.evenement) for a in acces_notes] == [
        ("ines@exemple.fr", "requête sur les réponses")
    ] * 2
    assert [a.detail for a in acces_notes] == [f"forme {x['forme']}" for x in reversed(lues)]
    assert "=1+7" not in trace.read_text(encoding="utf-8") and "introuvable" not in trace.read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("requete", lire_requetes(EXEMPLES), ids=lambda r: r.titre)
def test_chaque_exemple_a_titre_et_requete(requete: Requete) -> None:
    """They run on a real publication in tests/test_carnets.py."""
    assert requete.sql.startswith("select")


def test_csv_neutralise_et_signe() -> None:
    contenu = Contenu(3, datetime(2026, 11, 20), True, (), ())
    lu = Resultat((("a", False), ("a", True), ("publication", True)), (("=1+1", 2, 9),), "", 0, 0.1)
    (ligne,) = bloc.lignes_csv(lu, contenu)
    assert list(ligne) == [
        "a",
        "a_2",
        "publication",
        "source",
        "publication_2",
        "publie_le",
        "donnees_fictives",
    ]
    assert (ligne["publication"], ligne["publication_2"], ligne["publie_le"]) == (9, 3, "2026-11-20")
    ecrite = bloc.export.csv_octets([ligne], francais=True).decode("utf-8-sig").splitlines()[1].split(";")[0]
    assert ecrite == "'=1+1" and retablir(ecrite) == "=1+1"


# --- the page

Ouvrir = Callable[[], AppTest]


@pytest.fixture
def ouvrir(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Ouvrir:
    def lancer() -> AppTest:
        monkeypatch.setattr(acces, "identite_courante", lambda: Identite("ines", "Inès", Role.ANALYSTE))
        monkeypatch.setattr(acces, "atelier", lambda: ouvrir_atelier(direct=True))
        monkeypatch.setattr(acces, "lire_config", lambda: SimpleNamespace(settings=settings))
        return AppTest.from_file(str(PAGE), default_timeout=DELAI).run()

    return lancer


def lu(at: AppTest) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", "\n".join(e.value for e in at.get("html")))


def test_page(ouvrir: Ouvrir) -> None:
    at = ouvrir()
    assert not at.exception and "Publication n°" in lu(at) and "Nombre de bénévoles" in lu(at)
    at.selectbox(key=bloc.EXEMPLE).select("Tout").run()
    assert at.text_area(key=bloc.SQL).value == "select 1 as un"
    at.text_area(key=bloc.SQL).input("select cle_association from enquete.benevolat order by nb")
    at.button[0].click().run()
    assert not at.exception and "30 lignes en" in lu(at).replace("\u00a0", " ") and "=1+29" in lu(at)
    assert [b.label for b in at.get("download_button")] == ["Télécharger le résultat (CSV)"]
    at.text_area(key=bloc.SQL).input("select <b>x</b>")
    at.button[0].click().run()
    assert "La requête n’a rien donné" in lu(at) and not at.exception
    at.text_input[0].input("benevoles").run()
    assert "1 colonne trouvée." in lu(at)
    at.text_input[0].input("introuvable").run()
    assert "0 colonne trouvée." in lu(at)


def test_page_sans_publication(ouvrir: Ouvrir, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ouvrir()
    monkeypatch.setattr(acces, "lire_config", lambda: SimpleNamespace(settings=Settings(donnees=tmp_path)))
    at = AppTest.from_file(str(PAGE), default_timeout=DELAI).run()
    assert not at.exception and "il n’y a rien à interroger" in lu(at) and not at.text_area


def test_chaque_carnet_se_lit_comme_une_page(ouvrir: Ouvrir) -> None:
    at = ouvrir()
    (choix,) = [s for s in at.selectbox if s.label == "Carnet"]
    for carnet in bloc_carnets.carnets():
        choix.select(carnet).run()
        assert not at.exception and carnet.titre in choix.options
        assert len(at.code) >= sum(genre == bloc_carnets.CODE for genre, _ in carnet.cellules)
