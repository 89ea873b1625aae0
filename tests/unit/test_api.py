"""What programs read: the same figures as the pages, described, cached, open to any site; no private file."""

from __future__ import annotations

import csv
import hashlib
import io
import tracemalloc
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboards.api import mesures as module_mesures
from dashboards.api.filtres import Filtres
from dashboards.api.routes import ADRESSES, ROUTES
from dashboards.api.source import courante
from observatoire.config.settings import Settings
from observatoire.storage.connexion import ouvrir_publication
from observatoire.storage.fichiers import CHIFFRES, JEU, PARQUET, PUBLIC, SOMMES, ecrire_chiffres
from tests.fabrique_chiffres import fabriquer

IDENTIFIANT = "participations.2025.departement-77.repondantes"
PIEGE = "update territoires set libelle = '=cmd|'' /C calc''!A0' where niveau = 'epci'"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Publications 1 to 3: of the first only the figures are kept; private files stand beside."""
    settings = Settings(donnees=tmp_path_factory.mktemp("donnees"), memoire=None)
    for version in (1, 2, 3):
        fabriquer(settings, version, [PIEGE])
    assert ecrire_chiffres(PARQUET.final(settings, 1), CHIFFRES.final(settings, 1))
    PUBLIC.final(settings, 1).unlink()
    copies = PARQUET.final(settings, 3)
    noms = [PUBLIC.final(settings, 3), *sorted(copies.glob("*.parquet"))]
    lignes = [
        f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {'../' if f.suffix == '.duckdb' else ''}{f.name}\n"
        for f in noms
    ]
    (copies / SOMMES).write_text("".join(lignes), encoding="utf-8")
    JEU.final(settings, 3).mkdir()
    (JEU.final(settings, 3) / "datapackage.json").write_text('{"version": "3"}', encoding="utf-8")
    for prive in (settings.entrepot, settings.comptes, settings.donnees / "secret.parquet", settings.cle):
        prive.write_bytes(b"PRIVE")
    (settings.curated / "analyse").mkdir()
    (settings.curated / "analyse" / "analyse-0003.duckdb").write_bytes(b"PRIVE")
    return settings


@pytest.fixture
def client(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(settings.donnees))
    with TestClient(Starlette(routes=ROUTES), base_url="http://observatoire.test") as client:
        yield client


def _lignes(texte: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(texte, newline="")))


def _nombre(settings: Settings, condition: str = "true") -> int:
    with ouvrir_publication(PUBLIC.final(settings, 3)) as con:
        return int(con.execute(f"select count(*) from mesures where {condition}").fetchall()[0][0])


def test_tout_le_fichier_une_ligne_par_mesure(client: TestClient, settings: Settings) -> None:
    reponse = client.get("/api/mesures.csv")
    assert reponse.headers["content-type"] == "text/csv; charset=utf-8"
    lignes = _lignes(reponse.text)
    assert len(lignes) == _nombre(settings) > 1000
    assert tuple(lignes[0]) == tuple(module_mesures.COLONNES)
    assert len({x["identifiant"] for x in lignes}) == len(lignes)
    for nom in (
        "vue",
        "methode",
        "source",
        "publication",
        "publie_le",
        "donnees_fictives",
        "statut",
        "titre",
    ):
        assert all(x[nom] for x in lignes)
    assert not [x for x in lignes if x["valeur"] and x["statut"] not in ("ok", "prudence")]


def test_filtres_unis(client: TestClient, settings: Settings) -> None:
    lignes = _lignes(
        client.get(
            "/api/mesures.csv?indicateur=participations,nb_salaries&niveau=epci&millesime=2025&vue=repondantes"
        ).text
    )
    condition = "indicateur in ('participations', 'nb_salaries') and niveau = 'epci' and millesime = 2025 and vue = 'repondantes'"
    assert len(lignes) == _nombre(settings, condition) > 0
    assert {x["niveau"] for x in lignes} == {"epci"}
    complet = client.get("/api/mesures.csv?indicateur=participations&csvType=full")
    assert len(_lignes(complet.text)) == _nombre(settings)
    assert "complet" in complet.headers["content-disposition"]


def test_formules_neutralisees_et_nombres_intacts(client: TestClient) -> None:
    lignes = _lignes(client.get("/api/mesures.csv?niveau=epci").text)
    assert {x["territoire"] for x in lignes} == {"'=cmd|' /C calc'!A0"}
    valeurs = [x["valeur"] for x in _lignes(client.get("/api/mesures.csv").text) if x["valeur"]]
    assert valeurs and all(float(v) is not None for v in valeurs)


def test_description_du_fichier(client: TestClient, settings: Settings) -> None:
    contenu = client.get("/api/mesures.metadata.json?indicateur=participations").json()
    assert contenu["lignes"] == _nombre(settings, "indicateur = 'participations'")
    [fiche] = contenu["indicateurs"]
    for nom in ("definition", "unite", "formule", "source", "precautions"):
        assert fiche[nom]
    assert set(contenu["colonnes"]) == set(module_mesures.COLONNES)
    assert set(contenu["statuts"]) == {"ok", "prudence", "secret", "nd", "non_publie"}
    assert contenu["publication"]["numero"] == 3 and contenu["licence"]["nom"]


def test_licence_choisie_par_le_reseau(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_LICENCE", "ODbL 1.0")
    assert client.get("/api/").json()["licence"] == {"nom": "ODbL 1.0"}


def test_une_figure(client: TestClient, settings: Settings) -> None:
    contenu = client.get(f"/api/figure/{IDENTIFIANT}.json").json()
    with ouvrir_publication(PUBLIC.final(settings, 3)) as con:
        [(valeur,)] = con.execute(
            "select valeur from mesures where indicateur = 'participations' and millesime = 2025 "
            "and niveau = 'departement' and vue = 'repondantes' and domaine = 'tous' and financeur = 'tous'"
        ).fetchall()
    assert contenu["valeur"] == valeur
    assert contenu["identifiant"] == f"{IDENTIFIANT}@3"
    assert contenu["phrase"].endswith(".") and contenu["methode"] and contenu["source"]
    defense = client.get(contenu["metadata"]).json()
    assert defense["definition"] and defense["formule"] and "select" in defense["sql"].lower()
    assert {r["titre"] for r in defense["rubriques"]} >= {"Le chiffre", "Ce qu’il mesure"}


def test_figure_d_une_publication_passee(client: TestClient) -> None:
    gardee = client.get(f"/api/figure/{IDENTIFIANT}@2.json")
    assert gardee.json()["publication"]["numero"] == 2
    assert "immutable" in gardee.headers["cache-control"]
    effacee = client.get(f"/api/figure/{IDENTIFIANT}@1.json").json()
    assert effacee["valeur"] is not None and effacee["publication"]["numero"] == 1
    assert client.get(f"/api/figure/{IDENTIFIANT}@1.metadata.json").status_code == 410


@pytest.mark.parametrize("version", [2, 3, None])
@pytest.mark.parametrize("statut", ["secret", "non_publie", "nd"])
def test_figure_masquee_sans_valeur(client: TestClient, statut: str, version: int | None) -> None:
    masquees = [x for x in _lignes(client.get("/api/mesures.csv").text) if x["statut"] == statut]
    assert masquees
    for ligne in masquees[:3]:
        nom = ligne["identifiant"].partition("@")[0] + (f"@{version}" if version else "")
        contenu = client.get(f"/api/figure/{nom}.json").json()
        assert contenu["statut"] == statut and contenu["valeur"] is None and contenu["borne_basse"] is None


@pytest.mark.parametrize(
    ("adresse", "statut", "mot"),
    [
        ("/api/mesures.csv?millesime=deux", 400, "millesime"),
        ("/api/mesures.csv?niveau=pays", 400, "niveau"),
        ("/api/mesures.csv?vue=autre", 400, "vue"),
        ("/api/mesures.csv?sql=select", 400, "sql"),
        ("/api/mesures.csv?csvType=tout", 400, "csvType"),
        ("/api/mesures.csv?indicateur=a'b", 400, "indicateur"),
        ("/api/mesures.csv?indicateur=" + ",".join(f"i{n}" for n in range(300)), 400, "Trop de valeurs"),
        ("/api/mesures.csv?indicateur=participation", 404, "participation"),
        ("/api/mesures.metadata.json?code=99999", 404, "99999"),
        ("/api/figure/n’importe quoi.json", 400, "identifiant"),
        ("/api/figure/participations.2025.departement-99.repondantes.json", 404, "territoire"),
        (f"/api/figure/{IDENTIFIANT}@9.json", 404, "9"),
        (f"/api/figure/{IDENTIFIANT}@0.json", 404, "0"),
        ("/api/publication/parquet/absente.parquet", 404, "mesures"),
        ("/api/autre", 404, "/api/"),
        ("/api/publication.csv", 404, "/api/"),
    ],
)
def test_refus_en_francais(client: TestClient, adresse: str, statut: int, mot: str) -> None:
    reponse = client.get(adresse)
    assert reponse.status_code == statut
    assert reponse.headers["content-type"].startswith("application/json")
    assert reponse.headers["cache-control"] == "no-store"
    assert mot in reponse.json()["erreur"] and reponse.json()["erreur"][-1] in ".0123456789"


@pytest.mark.parametrize(
    "chemin",
    [
        "../secret",
        "..%2Fsecret",
        "%2e%2e%2fsecret",
        "..%5csecret",
        "....//secret",
        "/etc/passwd",
        "%2Fetc%2Fpasswd",
        "analyse/analyse-0003",
        "../analyse/analyse-0003",
        "..%2F..%2Fentrepot",
        "mesures.parquet%00",
        "SHA256SUMS",
    ],
)
def test_aucun_fichier_prive(client: TestClient, chemin: str) -> None:
    for adresse in (
        f"/api/publication/parquet/{chemin}.parquet",
        f"/api/publication/parquet/{chemin}",
        f"/api/publication/{chemin}.duckdb",
        f"/api/{chemin}",
    ):
        reponse = client.get(adresse)
        assert reponse.status_code in (400, 404) and "PRIVE" not in reponse.text


def test_fichiers_publies_et_leurs_empreintes(client: TestClient, settings: Settings) -> None:
    sommes = client.get("/api/publication/SHA256SUMS").text
    empreintes = {ligne.split("  ")[1]: ligne.split("  ")[0] for ligne in sommes.splitlines()}
    base = client.get("/api/publication.duckdb")
    assert base.content == PUBLIC.final(settings, 3).read_bytes()
    nom = base.headers["content-disposition"].partition("filename=")[2].strip('"')
    assert empreintes[nom] == hashlib.sha256(base.content).hexdigest()
    for table in client.get("/api/").json()["tables"]:
        copie = client.get(f"/api/publication/parquet/{table}.parquet")
        assert empreintes[f"{table}.parquet"] == hashlib.sha256(copie.content).hexdigest()
    partie = client.get("/api/publication.duckdb", headers={"Range": "bytes=0-9"})
    assert partie.status_code == 206 and partie.content == base.content[:10]


def _adresses() -> list[str]:
    valeurs = {"identifiant": IDENTIFIANT, "table": "mesures", "chemin": "datapackage.json"}
    return [a.format(**valeurs) for a in ADRESSES]


@pytest.mark.parametrize("adresse", _adresses())
def test_etiquette_cors_et_methodes(client: TestClient, adresse: str) -> None:
    reponse = client.get(adresse)
    assert reponse.status_code == 200 and reponse.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in reponse.headers and "set-cookie" not in reponse.headers
    assert "max-age" in reponse.headers["cache-control"]
    etag = reponse.headers["etag"]
    for connue in (etag, etag.removeprefix("W/"), f'"autre", {etag}', "*"):
        deja = client.get(adresse, headers={"If-None-Match": connue})
        assert deja.status_code == 304 and deja.content == b"" and deja.headers["etag"] == etag
    assert client.get(adresse, headers={"If-None-Match": '"autre"'}).status_code == 200
    tete = client.head(adresse)
    assert tete.status_code == 200 and tete.content == b"" and tete.headers["etag"] == etag
    options = client.options(adresse)
    assert options.status_code == 204 and "GET" in options.headers["access-control-allow-methods"]
    for methode in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.request(methode, adresse).status_code == 405
    assert client.post(adresse).json()["erreur"]


def test_etiquette_change_avec_les_filtres_et_la_publication(
    client: TestClient, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adresses = (
        "/api/mesures.csv",
        "/api/mesures.csv?niveau=epci",
        "/api/mesures.csv?niveau=commune",
        "/api/mesures.metadata.json",
    )
    premieres = [client.head(a).headers["etag"] for a in adresses]
    assert len(set(premieres)) == len(adresses)
    assert client.head("/api/mesures.csv?niveau=epci&csvType=full").headers["etag"] == premieres[0]
    autre = Settings(donnees=tmp_path)
    fabriquer(autre, 4)
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(tmp_path))
    assert not {client.head(a).headers["etag"] for a in adresses} & set(premieres)


def test_memoire_bornee(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held while a file is sent follows the batch, not the rows: eight times the rows, the same memory."""
    monkeypatch.setattr(module_mesures, "PAR_LOT", 100)
    sommets, tailles = [], []
    for fois in (1, 8):
        settings = Settings(donnees=tmp_path / str(fois))
        repete = f"insert into mesures by name select * replace (millesime + 10 * n as millesime) from mesures, range(1, {fois}) as r(n)"
        fabriquer(settings, 1, [repete.replace("select *", "select * exclude (n)")])
        monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(settings.donnees))
        lignes = _envoi()
        next(lignes), next(lignes)
        tracemalloc.start()
        tailles.append(sum(map(len, lignes)))
        sommets.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert tailles[1] > 7 * tailles[0]
    assert sommets[1] < 1.5 * sommets[0]


def _envoi() -> Generator[bytes, None, None]:
    con = courante().ouvrir()
    assert module_mesures._envois.acquire(blocking=False)
    return module_mesures._lignes(con, module_mesures.lire_edition(con), Filtres(()))


def test_trop_d_envois_a_la_fois(client: TestClient) -> None:
    for _ in range(module_mesures.ENVOIS_MAX):
        assert module_mesures._envois.acquire(blocking=False)
    try:
        reponse = client.get("/api/mesures.csv")
        assert reponse.status_code == 503 and reponse.headers["retry-after"] == "5"
        assert client.get(f"/api/figure/{IDENTIFIANT}.json").status_code == 200
    finally:
        for _ in range(module_mesures.ENVOIS_MAX):
            module_mesures._envois.release()
    assert client.get("/api/mesures.csv?niveau=epci").status_code == 200


def test_envoi_interrompu_rend_sa_place(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(settings.donnees))
    libres = module_mesures._envois._value
    lignes = _envoi()
    next(lignes)
    assert module_mesures._envois._value == libres - 1
    lignes.close()
    assert module_mesures._envois._value == libres


def test_sans_publication(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(tmp_path))
    with TestClient(Starlette(routes=ROUTES)) as client:
        for adresse in _adresses():
            reponse = client.get(adresse)
            assert reponse.status_code == 503 and "publication" in reponse.json()["erreur"]
