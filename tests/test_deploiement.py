"""The example of deployment, as it is shipped: a real nginx in front of two processes of the real pages."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import random
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from dashboards import servir
from tests.fabrique_publication import fabriquer
from tests.serveur_public import pages_servies, port_libre

EXEMPLES = Path(servir.RACINE) / "exemples" / "deploiement"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
NOM = "observatoire.exemple.fr"
sans_nginx = pytest.mark.skipif(NGINX is None, reason="nginx n’est pas installé (Debian : nginx-light)")


def test_les_exemples_lancent_les_bonnes_commandes() -> None:
    """Units, proxies and documentation name the same ports, and the variables that the code reads."""
    unite = (EXEMPLES / "observatoire@.service").read_text(encoding="utf-8")
    assert "observatoire servir --port %i" in unite and "ProtectSystem=strict" in unite
    conf, caddy = ((EXEMPLES / n).read_text(encoding="utf-8") for n in ("nginx.conf", "Caddyfile"))
    for texte in (conf, caddy):
        assert "127.0.0.1:8511" in texte and "127.0.0.1:8512" in texte and "observatoire_place" in texte
        assert all(f"/_stcore/{interdit}" in texte for interdit in ("metrics", "agent", "upload_file"))
    lues = "".join(
        p.read_text(encoding="utf-8")
        for d in ("dashboards", "observatoire")
        for p in (servir.RACINE / d).rglob("*.py")
    )
    for unites in EXEMPLES.glob("*.service"):
        for variable in re.findall(r"^Environment=(\w+)=", unites.read_text(encoding="utf-8"), re.MULTILINE):
            assert variable in lues or variable.removeprefix("OBSERVATOIRE_") in lues, variable


@pytest.fixture(scope="module")
def mandataire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """Address of nginx, run from the example with its ports changed; addresses of the two processes behind."""
    assert NGINX is not None
    dossier = tmp_path_factory.mktemp("nginx")
    donnees = [tmp_path_factory.mktemp(f"donnees{i}") for i in range(2)]
    for i, chemin in enumerate(donnees):
        fabriquer(chemin, version=i + 1)
    port = port_libre()
    with contextlib.ExitStack() as fin:
        adresses = [fin.enter_context(pages_servies(chemin)) for chemin in donnees]
        conf = (
            (EXEMPLES / "nginx.conf")
            .read_text(encoding="utf-8")
            .replace("listen 80;", f"listen 127.0.0.1:{port};")
        )
        for ancien, adresse in zip(("127.0.0.1:8511", "127.0.0.1:8512"), adresses, strict=True):
            conf = conf.replace(ancien, adresse.removeprefix("http://"))
        places = "".join(
            f"{nom}_temp_path {dossier}/{nom};"
            for nom in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        principal = dossier / "nginx.conf"
        principal.write_text(
            f"daemon off; pid {dossier}/pid; error_log {dossier}/erreurs.log;\n"
            f"events {{ worker_connections 256; }}\nhttp {{ access_log off; {places}\n{conf}\n}}\n",
            encoding="utf-8",
        )
        commande = [NGINX, "-e", f"{dossier}/erreurs.log", "-p", str(dossier), "-c", str(principal)]
        essai = subprocess.run([*commande, "-t"], capture_output=True, text=True, check=False)
        assert essai.returncode == 0, essai.stderr
        service = subprocess.Popen(commande)
        try:
            _attendre(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}", adresses
        finally:
            service.terminate()
            service.wait(timeout=20)


def _attendre(adresse: str) -> None:
    limite = time.monotonic() + 20
    while time.monotonic() < limite:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            if _lire(adresse)[0] == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"{adresse} ne répond pas")


def _lire(adresse: str, **entetes: str) -> tuple[int, Mapping[str, str], bytes]:
    requete = urllib.request.Request(adresse, headers={"Host": NOM, **entetes})
    try:
        with urllib.request.urlopen(requete, timeout=20) as reponse:
            return reponse.status, reponse.headers, reponse.read()
    except urllib.error.HTTPError as refus:
        return refus.code, refus.headers, refus.read()


@sans_nginx
def test_page_compressee_avec_ses_protections(mandataire: tuple[str, list[str]]) -> None:
    adresse, _ = mandataire
    statut, entetes, corps = _lire(f"{adresse}/", **{"Accept-Encoding": "gzip"})
    assert statut == 200 and entetes["content-encoding"] == "gzip"
    page = gzip.decompress(corps).decode()
    assert '<html lang="fr">' in page and "frame-ancestors 'self'" in entetes["content-security-policy"]
    [script] = re.findall(r'src="\./(static/js/index[^"]+)"', page)
    statut, entetes, corps = _lire(f"{adresse}/{script}", **{"Accept-Encoding": "gzip"})
    assert statut == 200 and entetes["content-encoding"] == "gzip" and "immutable" in entetes["cache-control"]


@sans_nginx
@pytest.mark.parametrize("chemin", ["metrics", "agent/openapi.json", "upload_file/a/b", "metrics/"])
def test_rien_de_l_interieur(mandataire: tuple[str, list[str]], chemin: str) -> None:
    adresse, processus = mandataire
    assert _lire(f"{adresse}/_stcore/{chemin}")[0] == 404
    assert _lire(f"{processus[0]}/_stcore/health")[0] == 200


@sans_nginx
def test_une_visite_reste_sur_son_processus(mandataire: tuple[str, list[str]]) -> None:
    """The two processes show different publications: which one answered can be told."""
    adresse, _ = mandataire
    vues: dict[int, int] = {}
    for _ in range(40):
        _, entetes, _ = _lire(f"{adresse}/")
        temoin = entetes["set-cookie"].split(";")[0]
        assert "HttpOnly" in entetes["set-cookie"] and temoin.startswith("observatoire_place=")
        publications = {_publication(adresse, temoin) for _ in range(3)}
        assert len(publications) == 1
        vues[publications.pop()] = 1
        if len(vues) == 2:
            break
    assert set(vues) == {1, 2}  # both processes are in use
    assert _lire(f"{adresse}/", Cookie="observatoire_place=abc")[1]["set-cookie"] is None


def _publication(adresse: str, temoin: str) -> int:
    statut, _, corps = _lire(f"{adresse}/api/", Cookie=temoin)
    [numero] = re.findall(r'"publication": (\d+)', corps.decode())
    assert statut == 200
    return int(numero)


@sans_nginx
def test_liaison_a_travers_nginx(mandataire: tuple[str, list[str]]) -> None:
    """A page runs to its end through the proxy, several times on one link, on the process of the cookie."""
    websockets = pytest.importorskip("websockets.asyncio.client")
    from scripts.charge import Lecture, changer, relancer

    adresse, _ = mandataire

    async def visite(temoin: str) -> list[int]:
        async with websockets.connect(
            adresse.replace("http", "ws") + "/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
            additional_headers={"Cookie": temoin},
        ) as lien:
            ecran = Lecture()
            premiere = await relancer(lien, ecran)
            changer(ecran, random.Random(0))
            return [premiere, await relancer(lien, ecran)]

    tailles = asyncio.run(visite("observatoire_place=essai"))
    assert min(tailles) > 20_000  # the whole page, and not a sentence that says why there is none
