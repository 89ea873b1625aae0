"""What surrounds the public pages: reads of the publication, exports, HTML tables, server and its headers."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from dashboards import affichage, asgi, lecture, servir
from dashboards.components import donnees, export, tableau
from dashboards.components.carte_chiffre import depots_de
from dashboards.modeles import Indicateur, Mesure
from observatoire.config.settings import Settings
from tests import fabrique_publication as fabrique

DASHBOARDS = Path(asgi.__file__).parent


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    chemin = fabrique.fabriquer(tmp_path_factory.mktemp("donnees"))
    with duckdb.connect(str(chemin), read_only=True) as connexion:
        yield connexion


def test_edition(con: duckdb.DuckDBPyConnection) -> None:
    edition = lecture.edition(con)
    assert (edition.version, edition.fictif) == (1, True)
    assert edition.depots == tuple(d[0] for d in fabrique.DEPOTS)


def test_annees_et_territoires(con: duckdb.DuckDBPyConnection) -> None:
    assert lecture.annees(con) == tuple(sorted(fabrique.ANNEES, reverse=True))
    territoires = lecture.territoires(con)
    etiquettes = [(t.niveau, t.etiquette) for t in territoires]
    assert len(set(etiquettes)) == len(etiquettes)
    communes = [t for t in territoires if t.niveau == "commune"]
    attendu = con.execute("select count(*) from communes").fetchone()
    assert attendu is not None and len(communes) == attendu[0] > 100
    noms = [t.libelle for t in communes]
    assert noms.index("Échouboulains") < noms.index("Fontainebleau")


def test_lectures_egales_au_sql(con: duckdb.DuckDBPyConnection) -> None:
    for niveau, code in (("departement", "77"), ("epci", "247700057")):
        fiche = lecture.fiche(con, 2024, niveau, code, "tous")
        attendu = con.execute(
            "select indicateur, valeur, statut from mesures where millesime = 2024 and niveau = ? "
            "and code_territoire = ? and domaine = 'tous' and financeur = 'tous'",
            [niveau, code],
        ).fetchall()
        lues = {(m.indicateur, m.valeur, m.statut) for vues in fiche.values() for m in vues.values()}
        assert attendu and lues == set(attendu)
    carte = lecture.carte(con, "participations", 2023, "epci", "tous", "repondantes")
    assert len(carte) == 23
    financeurs = lecture.par_financeur(con, "montant_subventions", "departement", "77", "tous")
    assert {m.financeur for m in financeurs} == set(fabrique.FINANCEURS)
    domaines = lecture.par_domaine(con, "participations", 2024, "departement", "77", "repondantes")
    assert {m.domaine for m in domaines} == {code for code, _ in lecture.domaines(con)}


def test_depots_et_causes(con: duckdb.DuckDBPyConnection) -> None:
    depots = lecture.depots(con)
    assert len(depots) == len(fabrique.DEPOTS) and all(d.equilibre for d in depots)
    causes = {(c.cause, c.niveau): (c.nb, c.nb_depots) for c in lecture.causes(con)}
    assert causes["Nombre illisible", "a_corriger"] == (25, 2)
    assert sum(nb for nb, _ in causes.values()) == sum(a[-1] for a in fabrique.ANOMALIES)


@pytest.mark.parametrize(
    ("theme", "annee", "attendu"),
    [
        ("benevolat", 2024, {"D-0002", "D-0003"}),
        ("benevolat", 2023, {"D-0007"}),
        ("subventions", 2023, {"D-0006"}),
        ("effets", 2024, set()),
        ("vie_associative", 2023, {"D-0006", "D-0007"}),
    ],
)
def test_depots_derriere_un_chiffre(
    con: duckdb.DuckDBPyConnection, theme: str, annee: int, attendu: set[str]
) -> None:
    carte = next(c for c in lecture.indicateurs(con) if c.theme == theme)
    assert {d.depot_id for d in depots_de(carte, annee, lecture.depots(con))} == attendu


CARTE = Indicateur("x", "Titre", "benevolat", "d", "f", "heures", "total", "", "s", "select 1", 0)


def _mesure(valeur: float | None, statut: str, **autres: float) -> Mesure:
    champs = {"borne_basse": None, "borne_haute": None, "cv": None, "taux_reponse": None, **autres}
    return Mesure(
        indicateur="x", millesime=2024, niveau="epci", code="1", domaine="tous", financeur="tous",
        valeur=valeur, n_repondants=12, statut=statut, **champs,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mesure", "valeur", "etat"),
    [
        (None, "n.\u00a0d.", "non disponible"),
        (_mesure(None, "nd"), "n.\u00a0d.", "non disponible"),
        (_mesure(None, "ok"), "n.\u00a0d.", "non disponible"),
        (_mesure(None, "secret"), "s.\u00a0s.", "secret statistique"),
        (_mesure(None, "non_publie"), "n.\u00a0p.", "non publié"),
        (_mesure(0.0, "ok"), "0", "fiable"),
        (_mesure(1234.0, "prudence"), "1\u202f234", "à lire avec prudence"),
        (_mesure(10.0, "ok", borne_basse=10.0, borne_haute=30.0), "de\u00a010 à\u00a030", "fiable"),
        (_mesure(10.0, "ok", borne_basse=8.0, borne_haute=12.0, cv=0.1), "10", "fiable"),
    ],
)
def test_affichage_d_une_mesure(mesure: Mesure | None, valeur: str, etat: str) -> None:
    assert affichage.valeur(CARTE, mesure) == valeur
    assert affichage.etat(mesure).libelle == etat
    assert affichage.precision(CARTE, mesure)


def test_intervalle_et_repondants_dits() -> None:
    texte = affichage.precision(CARTE, _mesure(10.0, "ok", borne_basse=8.0, borne_haute=12.0, cv=0.1))
    assert "95\u00a0%" in texte and "Entre\u00a08 et\u00a012" in texte and "12\u00a0associations" in texte
    assert "échantillon non probabiliste" in texte


LIGNES = [
    {"nom": "=cmd|' /C calc'!A0", "montant": 1234.5, "n": 3, "fictif": True, "vide": None},
    {"nom": 'Ville ; "de" Meaux', "montant": -7.25, "n": 0, "fictif": False, "vide": None},
]


def test_csv_francais() -> None:
    octets = export.csv_octets(LIGNES, francais=True)
    assert octets.startswith(b"\xef\xbb\xbf") and b"\r\n" in octets
    lus = list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig")), delimiter=";"))
    assert lus == [
        {"nom": "'=cmd|' /C calc'!A0", "montant": "1234,5", "n": "3", "fictif": "oui", "vide": ""},
        {"nom": 'Ville ; "de" Meaux', "montant": "-7,25", "n": "0", "fictif": "non", "vide": ""},
    ]


def test_csv_technique_se_relit_en_nombres() -> None:
    lus = list(csv.DictReader(io.StringIO(export.csv_octets(LIGNES, francais=False).decode())))
    assert [float(ligne["montant"]) for ligne in lus] == [1234.5, -7.25]
    assert [ligne["fictif"] for ligne in lus] == ["true", "false"]


@pytest.mark.parametrize("debut", list("=+-@\t\r\n＝＋－＠"))
def test_formules_neutralisees(debut: str) -> None:
    assert export.neutraliser(f"{debut}1+1") == f"'{debut}1+1"
    assert export.neutraliser(f"a{debut}") == f"a{debut}"


def test_nom_de_fichier() -> None:
    assert (
        export.nom_fichier("Part des CDI", "épci", 2024, "publication-3")
        == "part-des-cdi-epci-2024-publication-3"
    )


class _Table(HTMLParser):
    """Cells of the tables of a page, row by row, and the attributes of the region around."""

    def __init__(self) -> None:
        super().__init__()
        self.lignes: list[list[str]] = []
        self.balises: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.balises.append((tag, dict(attrs)))
        if tag == "tr":
            self.lignes.append([])
        elif tag in ("td", "th"):
            self.lignes[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.lignes and self.lignes[-1]:
            self.lignes[-1][-1] += data


def test_tableau_est_un_vrai_tableau_echappe() -> None:
    colonnes = [tableau.Colonne("Nom", entete_de_ligne=True), tableau.Colonne("Valeur", nombre=True)]
    html = tableau.html(colonnes, [["<b>a</b>", "1"], ["x & y", "2"]], 'Titre "<i>"', marquee=1)
    lu = _Table()
    lu.feed(html)
    assert lu.lignes == [["Nom", "Valeur"], ["<b>a</b>", "1"], ["x & y", "2"]]
    assert "<b>" not in html and "<i>" not in html
    assert [a.get("scope") for t, a in lu.balises if t == "th"] == ["col", "col", "row", "row"]
    assert [a.get("aria-current") for t, a in lu.balises if t == "tr"] == [None, None, "true"]
    assert lu.balises[0][1]["aria-label"] == 'Titre "<i>"'


PAGE = (
    b'<html lang="en"><head><title>Streamlit</title><script>\nvar a = 1\n</script></head><body></body></html>'
)


def test_page_de_depart_en_francais() -> None:
    page = asgi.francais(PAGE)
    assert b'<html lang="fr">' in page and b"<title>Streamlit</title>" not in page
    assert page.count(b"fr.js") == 1


def test_politique_n_autorise_que_nos_scripts() -> None:
    politique = dict(d.strip().split(" ", 1) for d in asgi.politique(asgi.francais(PAGE)).split(";"))
    assert politique["default-src"] == "'self'" and politique["object-src"] == "'none'"
    assert politique["script-src"].count("'sha256-") == 1
    assert "unsafe-inline" not in politique["script-src"] and "unsafe-eval" not in politique["script-src"]
    assert "http:" not in str(politique) and "https:" not in str(politique)


def test_reglages_de_streamlit() -> None:
    reglages = tomllib.loads((DASHBOARDS / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert reglages["server"]["maxUploadSize"] == 0
    assert reglages["server"]["address"] == "127.0.0.1"
    assert reglages["browser"]["gatherUsageStats"] is False
    assert reglages["client"]["showErrorDetails"] == "none"
    assert reglages["client"]["toolbarMode"] == "viewer"
    assert reglages["runner"]["postScriptGC"] is False
    for police in reglages["theme"]["fontFaces"]:
        fichier = DASHBOARDS / "static" / Path(police["url"]).name
        assert fichier.read_bytes()[:4] == b"wOF2"
        assert "SIL Open Font License" in fichier.with_suffix(".OFL.txt").read_text(encoding="utf-8")


def test_commande_et_environnement(tmp_path: Path) -> None:
    reglages = Settings(donnees=tmp_path, departement="91")
    commande = servir.commande(reglages, 8999, "127.0.0.1")
    assert commande[1:4] == ["-m", "streamlit", "run"] and Path(commande[4]) == DASHBOARDS / "asgi.py"
    assert commande[commande.index("--server.port") + 1] == "8999"
    assert commande[commande.index("--server.address") + 1] == "127.0.0.1"
    env = servir.environnement(reglages)
    assert env["OBSERVATOIRE_DONNEES"] == str(tmp_path)
    assert env["OBSERVATOIRE_DEPARTEMENT"] == "91"
    with pytest.raises(FileNotFoundError):
        servir.commande(Settings(donnees=tmp_path / "absent"), 8999, "127.0.0.1")


def test_publication_suit_le_lien(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(tmp_path))
    assert donnees.courante() is None
    fabrique.fabriquer(tmp_path, version=1)
    premiere = donnees.courante()
    fabrique.fabriquer(tmp_path, version=2, fictif=False)
    seconde = donnees.courante()
    assert premiere is not None and seconde is not None
    assert (premiere.edition.version, premiere.edition.fictif) == (1, True)
    assert (seconde.edition.version, seconde.edition.fictif) == (2, False)
    assert premiere.chemin.name != seconde.chemin.name
    assert premiere.lire(lecture.annees) == seconde.lire(lecture.annees) == (2024, 2023)
    assert seconde.edition.publie_le == datetime(2026, 11, 20, 8, 30)
