"""The public server as it runs: French document, security headers, compression, and no way in for a file."""

from __future__ import annotations

import asyncio
import gzip
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from tests.fabrique_publication import fabriquer
from tests.serveur_public import pages_servies

pytestmark = pytest.mark.xdist_group("serveur")


@pytest.fixture(scope="module")
def adresse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    donnees = tmp_path_factory.mktemp("donnees")
    fabriquer(donnees)
    with pages_servies(donnees) as url:
        yield url


def lire(url: str, **entetes: str) -> tuple[int, Message, bytes]:
    demande = urllib.request.Request(url, headers={n.replace("_", "-"): v for n, v in entetes.items()})
    try:
        with urllib.request.urlopen(demande, timeout=20) as reponse:
            return reponse.status, reponse.headers, reponse.read()
    except urllib.error.HTTPError as refus:
        return refus.code, refus.headers, refus.read()


@pytest.mark.parametrize("chemin", ["/", "/carte", "/methode"])
def test_document_francais_et_entetes(adresse: str, chemin: str) -> None:
    statut, entetes, page = lire(adresse + chemin)
    assert statut == 200 and b'<html lang="fr">' in page
    assert entetes["X-Content-Type-Options"] == "nosniff"
    assert entetes["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'self'" in entetes["Content-Security-Policy"]
    assert int(entetes["Content-Length"]) == len(page)


def test_compression(adresse: str) -> None:
    _, entetes, corps = lire(adresse + "/", Accept_Encoding="gzip")
    assert entetes["Content-Encoding"] == "gzip"
    assert b'<html lang="fr">' in gzip.decompress(corps)


@pytest.mark.parametrize("fichier", ["fr.js", "atkinson-hyperlegible-next.woff2", "observatoire.css"])
def test_fichiers_du_site(adresse: str, fichier: str) -> None:
    statut, entetes, corps = lire(f"{adresse}/app/static/{fichier}")
    assert statut == 200 and corps and entetes["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("chemin", ["/app/static/../public.py", "/app/static/%2e%2e/lecture.py"])
def test_le_code_n_est_pas_servi(adresse: str, chemin: str) -> None:
    statut, _, corps = lire(adresse + chemin)
    assert statut != 200 or b"def " not in corps


async def _session(adresse: str) -> str:
    """Open a session as a browser does and give its identifier."""
    flux = adresse.replace("http", "ws") + "/_stcore/stream"
    async with connect(flux, origin=adresse, max_size=None) as prise:
        await prise.send(BackMsg(rerun_script={"query_string": ""}).SerializeToString())
        for _ in range(50):
            message = ForwardMsg()
            message.ParseFromString(await prise.recv())
            if message.WhichOneof("type") == "new_session":
                session = message.new_session.initialize.session_id
                return await asyncio.to_thread(_envoyer, adresse, session)
    raise AssertionError("aucune session ouverte")


def _envoyer(adresse: str, session: str) -> str:
    """Send a file to this session with a valid XSRF token; gives the status of the answer."""
    temoin = "2|00000000|00000000000000000000000000000000|1700000000"
    _, entetes, _ = lire(f"{adresse}/_stcore/health")
    for pose in entetes.get_all("Set-Cookie") or []:
        nom, _, valeur = pose.split(";")[0].partition("=")
        temoin = valeur if nom.endswith("xsrf") else temoin
    demande = urllib.request.Request(
        f"{adresse}/_stcore/upload_file/{session}/00000000-0000-0000-0000-000000000001",
        data=b"--x\r\nContent-Disposition: form-data; name=f; filename=a.csv\r\n\r\na;b\r\n--x--\r\n",
        headers={
            "Content-Type": "multipart/form-data; boundary=x",
            "Cookie": f"_streamlit_xsrf={temoin}",
            "X-Xsrftoken": temoin,
            "Origin": adresse,
        },
        method="PUT",
    )
    try:
        with urllib.request.urlopen(demande, timeout=20) as reponse:
            return str(reponse.status)
    except urllib.error.HTTPError as refus:
        return str(refus.code)


def test_aucun_envoi_de_fichier_possible(adresse: str) -> None:
    assert asyncio.run(_session(adresse)) == "413"


def test_interface_pour_agents_fermee(adresse: str) -> None:
    demande = urllib.request.Request(
        f"{adresse}/_stcore/agent/interact", data=b"{}", headers={"Content-Type": "application/json"}
    )
    with pytest.raises(urllib.error.HTTPError) as refus:
        urllib.request.urlopen(demande, timeout=20)
    assert refus.value.code in (403, 404, 503)
