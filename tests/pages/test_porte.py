"""The gate of the staff process: who reaches what, by which door, with which forged request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from dashboards.connexion import ROUTES, chemin_sur
from dashboards.identification import COOKIE_SESSION, ConfigPorte
from dashboards.porte import Porte
from observatoire import comptes
from observatoire.comptes import OPERATEUR, Identite, Role, base
from observatoire.config.settings import Settings
from tests.fabrique_publication import fabriquer
from tests.serveur_depot import Depot, depot_servi
from tests.serveur_public import pages_servies

MOT = "Sapin-bleu-2026"
ICI = "http://127.0.0.1:8502"
FLUX = "ws://127.0.0.1:8502/_stcore/stream"
PROXY = "un secret partagé avec le mandataire"
CHEMINS = (
    "/",
    "/comptes",
    "/index.html",
    "/_stcore/stream",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore//metrics",
    "/_STCORE/metrics",
    "/_stcore/agent/openapi.json",
    "/_stcore/agent/interact",
    "/_stcore/script-health-check",
    "/_stcore/upload_file/s/f",
    "/_stcore/bidi-components/x/y.js",
    "/_stcore/health/",
    "/media/0123abcd.csv",
    "/static/js/index.js",
    "/app/static/fr.js",
    "/app/static/../../deposer.py",
    "/component/x/index.html",
    "/auth/login",
    "/auth/logout",
    "/oauth2callback",
    "/mot-de-passe",
    "/connexion/../comptes",
    "//_stcore/health",
)
METHODES = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
FERMES = ("/_stcore/metrics", "/_stcore//metrics", "/_STCORE/metrics", "/_stcore/agent/openapi.json")


class Interieur:
    """Stands for Streamlit: says what came through the gate."""

    def __init__(self) -> None:
        self.passes: list[str] = []
        self.messages: list[str] = []

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        self.passes.append(f"{scope.get('method', 'WS')} {scope['path']}")
        if scope["type"] == "websocket":
            prise = WebSocket(scope, receive, send)
            await prise.accept()
            try:
                while True:
                    self.messages.append(await prise.receive_text())
                    await prise.send_text("reçu")
            except WebSocketDisconnect:
                return
        genre = HTMLResponse if scope["path"] == "/" else PlainTextResponse
        if scope["type"] == "http":
            await genre("DEDANS")(scope, receive, send)


class Essai:
    def __init__(self, dossier: Path, **config: object) -> None:
        self.reglages = Settings(donnees=dossier)
        self.dedans = Interieur()
        self.config = replace(ConfigPorte(self.reglages), **config)  # type: ignore[arg-type]

    def client(self, adresse: str = ICI) -> TestClient:
        return TestClient(Porte(self.dedans, self.config), base_url=adresse, follow_redirects=False)

    def connecte(self, role: Role | None, sujet: str = "venue") -> TestClient:
        identite = comptes.creer_compte(self.reglages, OPERATEUR, sujet, "Venue", MOT, role)
        client = self.client()
        client.cookies.set(COOKIE_SESSION, comptes.ouvrir_session(self.reglages, identite, "192.0.2.1"))
        return client


@pytest.fixture
def essai(tmp_path: Path) -> Essai:
    return Essai(tmp_path)


def csrf(client: TestClient, chemin: str = "/connexion") -> str:
    trouve = re.search(r'name="csrf" value="([\w-]+)"', client.get(chemin).text)
    assert trouve is not None
    return trouve[1]


def entrer(client: TestClient, sujet: str = "venue", mot: str = MOT, **ajouts: str):  # type: ignore[no-untyped-def]
    champs = {"csrf": csrf(client), "sujet": sujet, "mot_de_passe": mot, **ajouts}
    return client.post("/connexion", data=champs, headers={"Origin": ICI})


# --- anonymous: nothing


@pytest.mark.parametrize("accepte", ["text/html", "*/*"])
@pytest.mark.parametrize("methode", METHODES)
def test_anonyme_n_atteint_rien(essai: Essai, methode: str, accepte: str) -> None:
    client, statuts = essai.client(), {}
    for chemin in CHEMINS:
        # httpx would resolve « .. » before sending.
        demande = client.build_request(methode, ICI + "/x", headers={"Accept": accepte})
        demande.url = demande.url.copy_with(raw_path=chemin.encode())
        reponse = client.send(demande)
        statuts[chemin] = reponse.status_code
        assert "DEDANS" not in reponse.text
        if reponse.status_code == 303:
            assert reponse.headers["location"].startswith("/connexion?suite=/")
            assert accepte == "text/html" or chemin == "/mot-de-passe"
    assert essai.dedans.passes == []
    lecture = methode in ("GET", "HEAD")
    assert set(statuts.values()) <= ({401, 303} if lecture else {401, 405})
    assert statuts["/"] == (303 if lecture and accepte == "text/html" else 401)
    assert {statuts[c] for c in CHEMINS if c.startswith(("/_stcore", "/media"))} == {401}


def test_anonyme_ne_lit_que_la_sante_et_la_porte(essai: Essai) -> None:
    client = essai.client()
    assert client.get("/_stcore/health").text == "DEDANS"
    for chemin in ("/connexion", "/connexion/porte.css", "/connexion/police.woff2", "/connexion/logo.svg"):
        assert client.get(chemin).status_code == 200
    assert client.get("/connexion/etat").status_code == 401
    assert client.get("/connexion/oidc").headers["location"] == "/connexion"
    assert client.get("/invitation/nimportequoi").status_code == 410
    assert client.post("/_stcore/health").status_code == 401
    assert essai.dedans.passes == ["GET /_stcore/health"]


def test_anonyme_sans_flux(essai: Essai) -> None:
    with pytest.raises(WebSocketDisconnect), essai.client().websocket_connect(FLUX):
        pass
    assert essai.dedans.passes == []


# --- roles


@pytest.mark.parametrize("role", list(Role))
def test_chaque_role(essai: Essai, role: Role) -> None:
    client = essai.connecte(role)
    assert client.get("/", headers={"Accept": "text/html"}).text == "DEDANS"
    assert client.get("/media/x.csv").text == "DEDANS"
    envoi = client.put("/_stcore/upload_file/s/f", headers={"Origin": ICI}, content=b"x")
    assert envoi.status_code == (403 if role in (Role.LECTEUR, Role.ANALYSTE) else 200)
    for chemin in FERMES:
        assert client.get(chemin).status_code == 403
    with client.websocket_connect(FLUX, headers={"Origin": ICI}) as prise:
        prise.send_text("bonjour")
        assert prise.receive_text() == "reçu"


def test_connu_sans_role(essai: Essai) -> None:
    client = essai.connecte(None)
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 403 and "Aucun droit" in page.text and "venue" in page.text
    for chemin in CHEMINS[3:19]:
        assert client.get(chemin).status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(FLUX):
        pass
    assert essai.dedans.passes == []


def test_trente_envois_par_heure(essai: Essai) -> None:
    client = essai.connecte(Role.DEPOSANT)
    statuts = [client.put("/_stcore/upload_file/s/f", content=b"x").status_code for _ in range(31)]
    assert statuts == [200] * 30 + [429]


@pytest.mark.parametrize("geste", ["role", "compte", "session"])
def test_flux_ferme_au_message_suivant(essai: Essai, geste: str) -> None:
    client = essai.connecte(Role.LECTEUR)
    with client.websocket_connect(FLUX) as prise:
        prise.send_text("un")
        assert prise.receive_text() == "reçu"
        if geste == "role":
            comptes.donner_role(essai.reglages, OPERATEUR, "venue", None)
        elif geste == "compte":
            comptes.desactiver(essai.reglages, OPERATEUR, "venue")
        else:
            comptes.fermer_sessions(essai.reglages, OPERATEUR, "venue")
        prise.send_text("deux")
        with pytest.raises(WebSocketDisconnect):
            prise.receive_text()
    assert essai.dedans.messages == ["un"]


# --- forged requests


@pytest.mark.parametrize(
    "origine",
    [
        "https://ailleurs.exemple",
        "null",
        "http://127.0.0.1:9999",
        "http://127.0.0.1:8502.ailleurs.fr",
        "http://[",
    ],
)
def test_origine_etrangere(essai: Essai, origine: str) -> None:
    client = essai.connecte(Role.ADMIN)
    for methode in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        for chemin in ("/_stcore/upload_file/s/f", "/connexion", "/deconnexion", "/"):
            assert client.request(methode, chemin, headers={"Origin": origine}).status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(FLUX, headers={"Origin": origine}):
        pass
    assert essai.dedans.passes == []


@pytest.mark.parametrize(
    "hote", ["ailleurs.exemple", "127.0.0.1.ailleurs.fr", "x@127.0.0.1", "127.0.0.1:a", "", "127.0.0.1/x"]
)
def test_hote_etranger(essai: Essai, hote: str) -> None:
    client = essai.connecte(Role.ADMIN)
    for chemin in ("/", "/_stcore/health", "/connexion"):
        assert client.get(chemin, headers={"Host": hote}).status_code == 400
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(FLUX, headers={"Host": hote}):
        pass
    assert essai.dedans.passes == []


def test_adresse_publique_en_https(tmp_path: Path) -> None:
    essai = Essai(tmp_path, adresse="https://depot.exemple.fr", hotes=frozenset({"depot.exemple.fr"}))
    comptes.creer_compte(essai.reglages, OPERATEUR, "venue", "Venue", MOT, Role.LECTEUR)
    client = essai.client("http://depot.exemple.fr")
    champs = {"csrf": "", "sujet": "venue", "mot_de_passe": MOT}
    page = client.get("/connexion")
    assert "Secure" in page.headers["set-cookie"]
    assert (
        client.post("/connexion", data=champs, headers={"Origin": "http://depot.exemple.fr"}).status_code
        == 403
    )
    temoin = re.findall(r"observatoire_csrf=([\w-]+)", page.headers["set-cookie"])[0]
    reponse = client.post(
        "/connexion",
        data={**champs, "csrf": temoin},
        headers={"Origin": "https://depot.exemple.fr", "Cookie": f"observatoire_csrf={temoin}"},
    )
    assert reponse.status_code == 303
    assert re.search(
        r"observatoire_session=[\w-]{43}; HttpOnly; .*Path=/; SameSite=lax; Secure",
        reponse.headers["set-cookie"],
    )


# --- proxy


def entetes_proxy(secret: str, sujet: str = "venue@exemple.fr") -> list[tuple[bytes, bytes]]:
    return [
        (b"X-Observatoire-Secret", secret.encode()),
        (b"X-Observatoire-Sujet", sujet.encode()),
        (b"X-Observatoire-Nom", "Élodie".encode()),
        (b"Accept", b"text/html"),
    ]


@pytest.mark.parametrize("secret", ["", "faux", PROXY])
def test_entetes_du_mandataire_sans_secret_configure(essai: Essai, secret: str) -> None:
    comptes.donner_role(essai.reglages, OPERATEUR, "venue@exemple.fr", Role.ADMIN)
    assert essai.client().get("/", headers=entetes_proxy(secret)).status_code == 303
    assert essai.dedans.passes == []


def test_entetes_du_mandataire_avec_le_bon_secret_seulement(tmp_path: Path) -> None:
    essai = Essai(tmp_path, secret_proxy=PROXY)
    client = essai.client()
    for secret in ("", "faux", PROXY + "x", PROXY[:-1]):
        assert client.get("/", headers=entetes_proxy(secret)).status_code == 303
    assert client.get("/", headers=entetes_proxy(PROXY)).status_code == 403
    assert [(c.sujet, c.nom, c.role) for c in comptes.lister(essai.reglages, OPERATEUR)] == [
        ("venue@exemple.fr", "Élodie", None)
    ]
    assert essai.dedans.passes == []
    comptes.donner_role(essai.reglages, OPERATEUR, "venue@exemple.fr", Role.LECTEUR)
    assert client.get("/", headers=entetes_proxy(PROXY)).text == "DEDANS"
    # A subject slipped in by the browser beside the proxy's: nobody.
    double = [*entetes_proxy(PROXY), (b"X-Observatoire-Sujet", b"cheffe@exemple.fr")]
    assert client.get("/", headers=double).status_code == 303
    for sujet in ("", "operateur", "a b"):
        assert client.get("/", headers=entetes_proxy(PROXY, sujet)).status_code == 303


# --- sign in and out


def test_connexion_et_ses_refus(essai: Essai) -> None:
    comptes.creer_compte(essai.reglages, OPERATEUR, "venue", "Venue", MOT, Role.LECTEUR)
    client = essai.client()
    refus = entrer(client, mot="faux")
    assert refus.status_code == 401 and "Identifiant ou mot de passe incorrect." in refus.text
    assert 'role="alert"' in refus.text and "faux" not in refus.text
    assert client.post("/connexion", data={"sujet": "venue", "mot_de_passe": MOT}).status_code == 403
    assert (
        client.post("/connexion", data={"csrf": "x" * 43, "sujet": "venue", "mot_de_passe": MOT}).status_code
        == 403
    )
    assert client.post("/connexion", content=b"a=" + b"x" * 20_000).status_code == 403
    assert COOKIE_SESSION not in client.cookies
    reussite = entrer(client, suite="/comptes?x=1")
    assert (reussite.status_code, reussite.headers["location"]) == (303, "/comptes?x=1")
    assert (
        "HttpOnly" in reussite.headers["set-cookie"]
        and "Path=/; SameSite=lax" in reussite.headers["set-cookie"]
    )
    assert client.get("/connexion/etat").status_code == 204
    assert client.get("/connexion").status_code == 303


def test_ce_qu_on_a_tape_est_echappe(essai: Essai) -> None:
    refus = entrer(essai.client(), sujet='"><script>alert(1)</script>', mot="x")
    assert "<script" not in refus.text and "script-src" not in refus.headers["content-security-policy"]
    assert "default-src 'none'" in refus.headers["content-security-policy"]


@pytest.mark.parametrize(
    "suite", ["//ailleurs.fr", "https://ailleurs.fr", "/\\ailleurs.fr", "javascript:x", "", "/a\nb"]
)
def test_suite_jamais_ailleurs(suite: str) -> None:
    assert chemin_sur(suite) == "/"


def test_deconnexion_revoque(essai: Essai) -> None:
    client = essai.connecte(Role.ADMIN)
    jeton = client.cookies[COOKIE_SESSION]
    assert client.post("/deconnexion").status_code == 403
    assert client.get("/connexion/etat").status_code == 204
    temoin = csrf(client, "/deconnexion")
    assert client.post("/deconnexion", data={"csrf": temoin}).status_code == 303
    voleur = essai.client()
    voleur.cookies.set(COOKIE_SESSION, jeton)
    assert voleur.get("/media/x").status_code == 401
    assert essai.dedans.passes == []


def test_session_expiree(essai: Essai, monkeypatch: pytest.MonkeyPatch) -> None:
    depart = base.maintenant()
    client = essai.connecte(Role.ADMIN)
    assert client.get("/media/x").status_code == 200
    monkeypatch.setattr(base, "maintenant", lambda: depart + 12 * 3600 + 2)
    assert client.get("/media/x").status_code == 401


def test_nouvelle_connexion_remplace_la_session_du_navigateur(essai: Essai) -> None:
    client = essai.connecte(Role.LECTEUR)
    ancien = client.cookies[COOKIE_SESSION]
    comptes.fermer_session(essai.reglages, "autre", "x")
    client.cookies.delete(COOKIE_SESSION)
    temoin = csrf(client)
    client.cookies.set(COOKIE_SESSION, ancien)
    client.post("/connexion", data={"csrf": temoin, "sujet": "venue", "mot_de_passe": MOT})
    assert comptes.identite_de_session(essai.reglages, ancien) is None


def test_invitation_puis_mot_de_passe(essai: Essai) -> None:
    jeton = comptes.inviter(essai.reglages, OPERATEUR, "venue", Role.DEPOSANT)
    client, lien = essai.client(), f"/invitation/{jeton}"
    champs = {"csrf": csrf(client, lien), "nom": "Venue", "nouveau": MOT, "encore": MOT + "x"}
    assert "pas les mêmes" in client.post(lien, data=champs).text
    assert client.post(lien, data={**champs, "csrf": "faux", "encore": MOT}).status_code == 403
    assert client.post(lien, data={**champs, "encore": MOT}).status_code == 303
    assert client.get("/media/x").text == "DEDANS"
    assert essai.client().post(lien, data={**champs, "encore": MOT}).status_code in (403, 410)
    avant = client.cookies[COOKIE_SESSION]
    nouveau = {
        "csrf": csrf(client, "/mot-de-passe"),
        "nouveau": "Chouette&Hibou77",
        "encore": "Chouette&Hibou77",
    }
    assert "incorrect" in client.post("/mot-de-passe", data={**nouveau, "ancien": "faux"}).text
    assert client.post("/mot-de-passe", data={**nouveau, "ancien": MOT}).status_code == 303
    assert client.cookies[COOKIE_SESSION] != avant
    assert comptes.identite_de_session(essai.reglages, avant) is None


def test_methodes_des_routes_de_la_porte(essai: Essai) -> None:
    client = essai.connecte(Role.ADMIN)
    for chemin in (*ROUTES, "/invitation/x", "/connexion/porte.css"):
        for methode in ("PUT", "DELETE", "PATCH"):
            assert client.request(methode, chemin).status_code == 405
    assert essai.dedans.passes == []


# --- both real processes


def session_de(depot: Depot, sujet: str, role: Role) -> str:
    venue: Identite = comptes.creer_compte(depot.reglages, OPERATEUR, sujet, sujet, MOT, role)
    return f"{COOKIE_SESSION}={comptes.ouvrir_session(depot.reglages, venue, '192.0.2.1')}"


@pytest.fixture(scope="module")
def depot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Depot]:
    with depot_servi(tmp_path_factory.mktemp("depot")) as servi:
        yield servi


async def envoyer(adresse: str, cookie: str = "", octets: bytes = b"a;b", session: str = "") -> int:
    """Send a file as a browser does, in a session of its own when the server opens one; status of the answer."""
    xsrf = "2|00000000|00000000000000000000000000000000|1700000000"
    entetes = {"Cookie": f"{cookie}; _streamlit_xsrf={xsrf}", "X-Xsrftoken": xsrf, "Origin": adresse}
    async with httpx.AsyncClient(timeout=60) as client:
        if not session:
            flux = adresse.replace("http", "ws") + "/_stcore/stream"
            async with connect(
                flux, origin=adresse, additional_headers={"Cookie": cookie}, max_size=None
            ) as prise:
                await prise.send(BackMsg(rerun_script={"query_string": ""}).SerializeToString())
                for _ in range(50):
                    message = ForwardMsg()
                    message.ParseFromString(await prise.recv())
                    if message.WhichOneof("type") == "new_session":
                        return await envoyer(
                            adresse, cookie, octets, message.new_session.initialize.session_id
                        )
            raise AssertionError("aucune session ouverte")
        cible = f"{adresse}/_stcore/upload_file/{session}/00000000-0000-0000-0000-000000000001"
        reponse = await client.put(cible, headers=entetes, files={"f": ("a.csv", octets)})
        return reponse.status_code


@pytest.mark.xdist_group("serveur")
def test_envoi_anonyme_aux_deux_serveurs(depot: Depot, tmp_path: Path) -> None:
    assert asyncio.run(envoyer(depot.adresse, session="quelconque")) == 401
    with pytest.raises(InvalidStatus) as refus:
        asyncio.run(envoyer(depot.adresse))
    assert refus.value.response.status_code == 401
    fabriquer(tmp_path)
    with pages_servies(tmp_path) as public:
        assert asyncio.run(envoyer(public)) == 413


@pytest.mark.xdist_group("serveur")
def test_envoi_selon_le_role_et_la_taille(depot: Depot) -> None:
    lectrice, deposante = (session_de(depot, r.value, r) for r in (Role.LECTEUR, Role.DEPOSANT))
    assert asyncio.run(envoyer(depot.adresse, lectrice)) == 403
    assert asyncio.run(envoyer(depot.adresse, deposante)) == 204
    assert asyncio.run(envoyer(depot.adresse, deposante, b"x" * (21 * 2**20))) == 413


@pytest.mark.xdist_group("serveur")
def test_serveur_reel_entetes_et_document(depot: Depot) -> None:
    cookie = session_de(depot, "entetes", Role.LECTEUR)
    with httpx.Client(base_url=depot.adresse, headers={"Accept": "text/html"}, timeout=60) as client:
        assert client.get("/").status_code == 303
        assert client.get("/_stcore/health").status_code == 200
        for chemin in CHEMINS:
            assert client.get(chemin, headers={"Accept": "*/*"}).status_code in (401, 303)
        page = client.get("/", headers={"Cookie": cookie})
        assert page.status_code == 200 and '<html lang="fr">' in page.text and "session.js" in page.text
        assert "form-action 'self'" in page.headers["Content-Security-Policy"]
        assert (
            page.headers["Cache-Control"] == "no-store" and "observatoire_csrf=" in page.headers["Set-Cookie"]
        )
        assert client.get("/_stcore/metrics", headers={"Cookie": cookie}).status_code == 403
        porte = client.get("/connexion")
        assert (
            porte.headers["X-Content-Type-Options"] == "nosniff"
            and "default-src 'none'" in porte.headers["Content-Security-Policy"]
        )
        assert client.get("/", headers={"Host": "ailleurs.fr", "Cookie": cookie}).status_code == 400
