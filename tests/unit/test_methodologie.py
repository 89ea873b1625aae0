"""The method of a publication: told from its file alone, with or without a register, never against the secret."""

from __future__ import annotations

import json
import re
import time
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import typst
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

import observatoire
from observatoire.config.settings import Settings
from observatoire.documents import pdf as documents
from observatoire.documents.modele import Colonne, Definition, Document, Liste, Paragraphe, Section, Tableau
from observatoire.domain.loader import load_enquetes
from observatoire.estimation.secret import Bilan
from observatoire.indicators.run import calculer
from observatoire.methode import releve, texte_regles
from observatoire.methode.changements import CONSTANTE, changements
from observatoire.methode.ecrire import INDICATIF, REPONDANTES_SEULEMENT
from observatoire.methode.lecture import lire_methodologie
from observatoire.methode.modele import Methodologie, Operation
from observatoire.methode.texte import rediger
from observatoire.methode.texte_poids import phrase
from pipelines.cli import app
from tests import fabrique_publication as fabrique
from tests.pages_ouvertes import DELAI
from tests.unit.test_indicateurs import TerritoireFictif, entrepot, reponses_au_hasard
from tests.unit.test_vues import ecrire_registre

RACINE = Path(__file__).parents[2]
MAL_ESPACE = re.compile(r"\S [;:!?»]|« |\d [€%]|n° \d")


def publier(dossier: Path, nombre: int, *, registre: bool) -> Path:
    """The file of a publication of small invented answers, with or without a register."""
    chemin, settings = dossier / "publication.duckdb", Settings(dossier)
    con = entrepot(reponses_au_hasard(11, nombre))
    if registre:
        ecrire_registre(settings.registre)
    con.execute(f"attach '{chemin}' as pub")
    masques = calculer(con, settings, TerritoireFictif(), version=3)  # type: ignore[arg-type]
    con.execute(
        "create table pub.depots as select 'D1' as depot_id, 'benevolat' as questionnaire, 'tableur' as source, "
        "'charge' as statut, timestamp '2026-10-01 09:00' as depose_le, 230 as lignes_lues, 220 as lignes_chargees, "
        "7 as lignes_en_attente, 3 as lignes_ignorees"
    )
    con.execute(
        "create table pub._publication as "
        "select 3 as version, timestamp '2026-11-22 08:30' as publie_le, true as fictif"
    )
    releve.relever(con, settings, load_enquetes(), masques)
    actives = con.execute("select millesime, count(*) from cadre where est_actif group by all").fetchall()
    con.execute("detach pub")
    con.close()
    (dossier / "actives.json").write_text(json.dumps(actives), encoding="utf-8")
    return chemin


@pytest.fixture(scope="module")
def avec(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Methodologie]]:
    chemin = publier(tmp_path_factory.mktemp("avec"), 100, registre=True)
    with duckdb.connect(str(chemin), read_only=True) as con:
        yield con, lire_methodologie(con)


@pytest.fixture(scope="module")
def sans(tmp_path_factory: pytest.TempPathFactory) -> Methodologie:
    chemin = publier(tmp_path_factory.mktemp("sans"), 10, registre=False)
    with duckdb.connect(str(chemin), read_only=True) as con:
        return lire_methodologie(con)


@pytest.fixture(scope="module")
def ancienne(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of before these tables."""
    dossier = tmp_path_factory.mktemp("ancienne")
    fabrique.fabriquer(dossier)
    return dossier


def section(document: Document, nom: str) -> str:
    (trouvee,) = (s for s in document.sections if s.nom == nom)
    return "\n".join(replace(document, sections=[trouvee]).textes())


def test_cadre_et_taux_sont_des_fourchettes(avec: tuple[duckdb.DuckDBPyConnection, Methodologie]) -> None:
    con, m = avec
    assert m.est_ponderee and m.cadre
    document = rediger(m)
    for annee in m.cadre:
        assert annee.n_bas is not None and annee.n_haut is not None and annee.n_repondantes is not None
        assert 0 < annee.n_repondantes < annee.n_bas < annee.n_haut
        assert annee.taux_bas == pytest.approx(annee.n_repondantes / annee.n_haut)
        assert str(annee.n_bas) in section(document, "cadre") and str(annee.n_haut) in section(
            document, "cadre"
        )
        assert annee.nb_groupes and str(annee.nb_groupes) in section(document, "poids")
    assert INDICATIF in section(document, "fiabilite") and INDICATIF in section(document, "limites")
    assert REPONDANTES_SEULEMENT not in "\n".join(document.textes())
    chemin = Path(con.execute("select path from duckdb_databases() where not internal").fetchall()[0][0])
    actives = json.loads((chemin.parent / "actives.json").read_text(encoding="utf-8"))
    assert {a.millesime: a.n_bas for a in m.cadre} == dict(actives)


def test_sans_registre_repondantes_seulement(sans: Methodologie) -> None:
    document = rediger(sans)
    assert not sans.est_ponderee and not sans.cadre and not sans.representativite and not sans.journal
    for nom in ("essentiel", "cadre", "reponse", "poids", "fiabilite"):
        assert REPONDANTES_SEULEMENT in section(document, nom), nom
    assert "Taux de réponse" not in {
        b.titre for s in document.sections for b in s.blocs if isinstance(b, Tableau)
    }
    assert documents.pdf(document).startswith(b"%PDF")


def test_aucune_ligne_ne_disparait(sans: Methodologie) -> None:
    (depot,) = sans.depots
    assert depot.lues == depot.chargees + depot.en_attente + depot.ignorees == 230
    lu = section(rediger(sans), "vagues")
    assert all(nombre in lu.split("\n") for nombre in ("230", "220", "7", "3")) and "01/10/2026" in lu


def test_le_journal_ne_dit_ni_epci_ni_absence() -> None:
    """No EPCI is named, no reason tells « none » from « too few »: either would give an empty masked cell away."""
    con = duckdb.connect()
    con.execute(
        "create schema pub; create table pub.redressement_journal (etape varchar, groupe varchar, raison varchar)"
    )
    lignes = [("EPCI", "200040251", "aucune répondante"), ("secteur, sans", "droits", "aucune répondante"),
              ("taille", "50_plus", "trop peu de répondantes"), ("calage", "marge des EPCI", "facteur hors bornes")]  # fmt: skip
    con.executemany("insert into pub.redressement_journal values (?, ?, ?)", lignes)
    releve._taire(con)
    neutre = releve.RAISON_NEUTRE
    assert con.execute("select * from pub.redressement_journal").fetchall() == [
        ("EPCI", releve.ENSEMBLE_EPCI, neutre), ("secteur, sans", "droits", neutre), ("taille", "50_plus", neutre),
        ("calage", "marge des EPCI", "facteur hors bornes"),
    ]  # fmt: skip


def test_journal_en_phrases(avec: tuple[duckdb.DuckDBPyConnection, Methodologie]) -> None:
    con, m = avec
    raisons = {
        r
        for (r,) in con.execute(
            "select raison from redressement_journal where etape like 'secteur%'"
        ).fetchall()
    }
    assert raisons == {releve.RAISON_NEUTRE}
    assert "secteurs réunis" in section(rediger(m), "poids")
    tables = {
        t for (t,) in con.execute("select table_name from duckdb_tables() where not internal").fetchall()
    }
    assert {"cadre_bilan", "secret_bilan", "redressement_journal"} <= tables
    assert not {"poids", "cadre", "jeux", "cellules", "masques"} & tables


OPERATIONS = {
    (
        "taille",
        "« 50 salariés ou plus »",
        "10 à 49 salariés",
    ): "Taille : « 50 salariés ou plus » rejoint « 10 à 49 salariés ».",
    ("EPCI", "", "autres"): "Marge géographique : 3\u00a0intercommunalités réunies.",
    (
        "secteur, Sans salarié",
        "« Sport »",
        "x",
    ): "Parmi les associations « sans salarié », secteurs réunis : « Sport ».",
    ("calage", "", ""): "Marge géographique abandonnée : raison.",
    ("rognage", "", ""): "Rognage des poids abandonné : raison.",
}


@pytest.mark.parametrize("cas", OPERATIONS, ids=lambda cas: cas[0])
def test_phrase_du_journal(cas: tuple[str, str, str]) -> None:
    assert phrase(Operation(2025, *cas, "raison", True, 3)) == OPERATIONS[cas]


def test_petits_nombres_du_cadre_laisses_vides(tmp_path: Path) -> None:
    con = duckdb.connect()
    con.execute("create schema pub")
    con.execute(
        "create table cadre as select 2024 as millesime, i < 4 as a_repondu, i < 5 as a_subvention, i < 6 as est_employeuse, "
        "false as a_declare, i < 40 as est_actif, true as est_plausible from range(50) as t (i)"
    )
    con.execute("create table poids (jeu integer, millesime integer, strate varchar)")
    con.execute("create table jeux (jeu integer, indicateur varchar)")
    releve._cadre(con, 5)
    assert con.execute("select * exclude (nb_groupes) from pub.cadre_bilan").fetchall() == [
        (2024, None, 5, 6, None, 40, 50)
    ]


@pytest.mark.parametrize(
    ("masquees", "attendu"), [(999, {}), (1000, {"regle": 1200, "complement": 100, "vide": 0})]
)
def test_raisons_des_masques_arrondies_ou_tues(masquees: int, attendu: dict[str, int]) -> None:
    """Whether the detail is given depends on what anyone may count, and it never gives an exact number."""
    con = duckdb.connect()
    con.execute("create schema pub")
    con.execute(
        f"create table pub.mesures as select 'secret' as statut, 'repondantes' as vue from range({masquees})"
    )
    releve._secret(con, Bilan(primaires=1234, complementaires=81, leurres=37))
    assert dict(con.execute("select * from pub.secret_bilan").fetchall()) == attendu


def test_cases_par_niveau_sont_celles_du_fichier(
    avec: tuple[duckdb.DuckDBPyConnection, Methodologie],
) -> None:
    con, m = avec
    for etats in m.etats:
        requete = "select count(*) from mesures where niveau = ? and vue = ? and statut = 'secret'"
        assert con.execute(requete, [etats.niveau, etats.vue]).fetchall() == [
            (etats.statuts.get("secret", 0),)
        ]
    titres = {s.nom: [b for b in s.blocs if isinstance(b, Tableau)] for s in rediger(m).sections}
    (cases,) = titres["secret"]
    assert len(cases.lignes) == len(m.etats) and "n’est pas dit" in section(rediger(m), "secret")


def test_versions_et_empreintes(sans: Methodologie) -> None:
    logiciels = {x.nom: x.valeur for x in sans.de_genre("logiciel")}
    assert logiciels["duckdb"] == duckdb.__version__ and logiciels["observatoire"] == observatoire.__version__
    assert set(logiciels) == {"observatoire", "python", *releve.COMPOSANTS} and all(logiciels.values())
    empreintes = {x.nom: x.valeur for x in sans.de_genre("empreinte")}
    assert set(empreintes) == {"catalogue", "questionnaires"} and all(
        len(x) == 64 for x in empreintes.values()
    )
    assert set(sans.empreintes_questionnaires) == set(load_enquetes())
    projet = tomllib.loads((RACINE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert observatoire.__license__ == projet["license"] and projet["license"] in section(
        rediger(sans), "licence"
    )


def test_une_empreinte_suit_les_fichiers(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("select 1", encoding="utf-8")
    avant = releve.empreinte(tmp_path, "*.sql")
    (tmp_path / "b.txt").write_text("autre", encoding="utf-8")
    assert releve.empreinte(tmp_path, "*.sql") == avant
    (tmp_path / "a.sql").write_text("select 2", encoding="utf-8")
    assert releve.empreinte(tmp_path, "*.sql") != avant


def test_changements_d_une_publication_a_l_autre(tmp_path: Path) -> None:
    """A value changed, one added, one gone; a kind of table that the older file has not is not compared."""
    creation = "create table {}.parametres (id varchar, libelle varchar, valeur double, unite varchar, valable_du date, valable_au date, source varchar, statut varchar)"
    ancien = tmp_path / "ancien.duckdb"
    with duckdb.connect(str(ancien)) as con:
        con.execute("create table _publication as select 8 as version")
        con.execute(creation.format("main"))
        con.execute(
            "insert into parametres values ('a', 'A', 1607, 'h/an', null, null, 'Loi', 'officiel'), ('b', 'B', 2, 'x', null, null, 's', 'c'), ('d', 'D', 1, 'x', null, null, 's', 'c')"
        )
    con = duckdb.connect()
    con.execute("attach ':memory:' as pub")
    con.execute(creation.format("pub"))
    con.execute(
        "insert into pub.parametres values ('a', 'A', 1645, 'h/an', null, null, 'Accord', 'convention'), ('c', 'C', 3, 'x', null, null, 's', 'c'), ('d', 'D', 1, 'x', null, null, 's', 'c')"
    )
    con.execute(
        "create table pub.versions as select 'logiciel' as genre, 'x' as nom, 'X' as libelle, '1' as valeur"
    )
    depuis, ecarts = changements(con, ancien)
    assert depuis == 8 and {e.objet for e in ecarts} == {CONSTANTE}
    assert [(e.libelle, e.avant is None, e.apres is None) for e in ecarts] == [
        ("A", False, False),
        ("B", False, True),
        ("C", True, False),
    ]
    assert "1\u202f607\u00a0h/an" in (ecarts[0].avant or "") and "1\u202f645\u00a0h/an" in (
        ecarts[0].apres or ""
    )
    assert changements(con, tmp_path / "aucun.duckdb") == (None, [])


@pytest.mark.parametrize("laquelle", ["avec", "sans", "ancienne"])
def test_chaque_tableau_dit_sa_source_et_la_typographie_tient(
    laquelle: str, request: pytest.FixtureRequest
) -> None:
    valeur = request.getfixturevalue(laquelle)
    if laquelle == "ancienne":
        with duckdb.connect(str(valeur / "curated" / "observatoire.duckdb"), read_only=True) as con:
            valeur = lire_methodologie(con)
    document = rediger(valeur[1] if isinstance(valeur, tuple) else valeur)
    tableaux = [b for s in document.sections for b in s.blocs if isinstance(b, Tableau)]
    assert len(tableaux) >= 4
    for tableau in tableaux:
        assert tableau.source.startswith("Source") and tableau.source.endswith(f"{document.reference[1:]}.")
        assert tableau.lignes, tableau.titre
    fautes = [
        t
        for t in document.textes()
        if MAL_ESPACE.search(t) or "None" in t or "'" in t.replace("d'Europe", "")
    ]
    assert not fautes
    noms = [s.nom for s in document.sections]
    assert len(noms) == len(set(noms))


def test_un_tableau_sans_source_est_refuse() -> None:
    with pytest.raises(ValueError, match="source"):
        Tableau("T", [Colonne("a")], [["1"]], "")
    with pytest.raises(ValueError, match="cellules"):
        Tableau("T", [Colonne("a")], [["1", "2"]], "Source : x.")


def piege() -> Document:
    texte = "#panic(1) $a$ *gras* + 2,7 \u202f€ « é » ≥ <b> \\ @x // y"
    blocs = (
        Paragraphe(texte),
        Liste([("", texte), (texte, texte)]),
        Tableau(texte, [Colonne(texte), Colonne("n", nombre=True)], [[texte, "+ 2,7"]], f"Source : {texte}"),
        Definition("x", texte, [("Calcul", texte)]),
    )
    return Document("Titre", "Auteur", texte, texte, "2026-11-22", texte, [Section("s", texte, blocs)])


def test_un_texte_n_est_jamais_du_balisage() -> None:
    document = piege()
    octets = documents.pdf(document)
    assert octets == documents.pdf(document)
    for marque in (b"/Lang", b"fr-FR", b"pdfuaid", b"/StructTreeRoot", b"/Title"):
        assert marque in octets
    options = documents.options(document)
    tables = typst.query(
        documents.GABARITS / "sections.typ", "table", **{k: v for k, v in options.items() if k != "timestamp"}
    )
    assert json.dumps(document.sections[0].titre, ensure_ascii=False)[1:-1] in json.dumps(
        json.loads(tables), ensure_ascii=False
    )
    pages = documents.images(document)
    assert pages and all(p.startswith(b"\x89PNG") for p in pages)


def test_pdf_complet_rapide(avec: tuple[duckdb.DuckDBPyConnection, Methodologie]) -> None:
    document = rediger(avec[1])
    documents.pdf(piege())
    debut = time.process_time()
    octets = documents.pdf(document)
    assert time.process_time() - debut < 2 and octets.startswith(b"%PDF-1.7") and len(octets) < 2_000_000


def test_json_se_relit(avec: tuple[duckdb.DuckDBPyConnection, Methodologie]) -> None:
    from observatoire.methode.lecture import en_json

    objet = json.loads(json.dumps(asdict(avec[1]), default=en_json))
    assert objet["edition"] == {"version": 3, "publie_le": "2026-11-22T08:30:00", "fictif": True}
    assert len(objet["fiches"]) > 100 and objet["cadre"][0]["n_bas"] < objet["cadre"][0]["n_haut"]


def test_commande(ancienne: Path, tmp_path: Path) -> None:
    lancer = CliRunner().invoke
    fichier = tmp_path / "methode.pdf"
    resultat = lancer(app, ["methode", "--pdf", str(fichier), "--donnees", str(ancienne)])
    assert resultat.exit_code == 0, resultat.output
    assert fichier.read_bytes().startswith(b"%PDF") and "1 du" in resultat.output
    resultat = lancer(app, ["methode", "--json", "--donnees", str(ancienne)])
    assert json.loads(resultat.output)["edition"]["version"] == 1
    resultat = lancer(app, ["methode", "--donnees", str(ancienne)])
    assert resultat.exit_code == 0 and REPONDANTES_SEULEMENT in resultat.output.replace("\n", " ")
    assert lancer(app, ["methode", "--publication", "9", "--donnees", str(ancienne)]).exit_code == 2
    assert lancer(app, ["methode", "--donnees", str(tmp_path)]).exit_code == 2


def test_statuts_tous_nommes(avec: tuple[duckdb.DuckDBPyConnection, Methodologie]) -> None:
    assert {s for e in avec[1].etats for s in e.statuts} <= set(texte_regles.STATUTS)


def test_constante_en_vigueur() -> None:
    from observatoire.methode.modele import Constante

    def valeur(v: float, du: str | None, au: str | None) -> Constante:
        jours = [None if x is None else datetime.fromisoformat(x).date() for x in (du, au)]
        return Constante("smic", "SMIC", v, "€/h", jours[0], jours[1], "s", "officiel")

    valeurs = (valeur(11.65, "2024-01-01", "2024-10-31"), valeur(11.88, "2024-11-01", None))
    m = SimpleNamespace(constantes=valeurs)
    lue = Methodologie.constante(m, "smic", datetime(2024, 3, 1).date())  # type: ignore[arg-type]
    assert lue is not None and lue.valeur == 11.65
    derniere = Methodologie.constante(m, "smic")  # type: ignore[arg-type]
    assert derniere is not None and derniere.valeur == 11.88
    assert Methodologie.constante(m, "absente") is None  # type: ignore[arg-type]


def test_page_ancres_et_telechargements(ancienne: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every link of the contents leads to a section of the page; the PDF and the constants can be taken away."""
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(ancienne))
    at = AppTest.from_file(str(RACINE / "dashboards" / "public.py"), default_timeout=DELAI).run()
    at.switch_page("app_pages/methode.py").run()
    assert not at.exception
    html = "\n".join(str(e.value) for e in at.get("html"))
    liens = re.findall(r'<a href="#([\w-]+)"', html)
    assert {"essentiel", "cadre", "secret", "definitions", "accessibilite"} <= set(liens)
    assert all(html.count(f'id="{lien}"') == 1 for lien in liens)
    boutons = [b.proto.label for b in at.get("download_button")]
    assert "Télécharger la méthode complète (PDF)" in boutons and "CSV technique" in boutons
    assert REPONDANTES_SEULEMENT in html
