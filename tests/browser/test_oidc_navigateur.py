"""Sign-in through a real OpenID provider (npm oidc-provider, on this machine): identity there, rights here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import itsdangerous
import pytest

from observatoire import comptes
from observatoire.comptes import OPERATEUR, Role
from tests.browser.calme import DELAI
from tests.browser.test_public_navigateur import CHROMIUM, OPTIONS
from tests.serveur_depot import Depot, depot_servi
from tests.serveur_public import port_libre

api = pytest.importorskip("playwright.sync_api", reason="playwright n’est pas installé")
pytestmark = [
    pytest.mark.navigateur,
    pytest.mark.xdist_group("navigateur-public"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"pas de navigateur : {CHROMIUM} est absent"),
]
FOURNISSEUR = Path(__file__).with_name("fournisseur_oidc.mjs")
PAQUET = "oidc-provider@9"
SECRET = "un-secret-pour-les-seuls-tests-0123456789"


def _installer(dossier: Path) -> None:
    """Have the provider in this folder, or skip and say why."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node ou npm n’est pas installé")
    commande = [npm, "install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", PAQUET]
    (dossier / "package.json").write_text("{}", encoding="utf-8")
    try:
        fait = subprocess.run(commande, cwd=dossier, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm n’a pas pu installer {PAQUET} en 60 s")
    if fait.returncode:
        pytest.skip(f"npm n’a pas pu installer {PAQUET} : {fait.stderr.strip()[-300:]}")


@contextmanager
def _fournisseur(dossier: Path, port: int, retour: str) -> Iterator[str]:
    adresse = f"http://127.0.0.1:{port}"
    with (dossier / "fournisseur.log").open("wb") as sortie:
        serveur = subprocess.Popen(
            ["node", str(FOURNISSEUR), str(dossier), str(port), retour, SECRET],
            stdout=sortie,
            stderr=subprocess.STDOUT,
        )
        try:
            fin = time.monotonic() + DELAI / 1000
            while True:
                try:
                    httpx.get(f"{adresse}/.well-known/openid-configuration", timeout=60).raise_for_status()
                    break
                except httpx.TransportError:
                    if serveur.poll() is not None or time.monotonic() > fin:
                        raise AssertionError(
                            (dossier / "fournisseur.log").read_text(encoding="utf-8")
                        ) from None
                    time.sleep(0.2)
            yield f"{adresse}/.well-known/openid-configuration"
        finally:
            serveur.terminate()
            serveur.wait(timeout=DELAI / 1000)


@pytest.fixture(scope="module")
def depot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Depot]:
    npm = tmp_path_factory.mktemp("npm")
    _installer(npm)
    port, donnees = port_libre(), tmp_path_factory.mktemp("depot")
    with _fournisseur(npm, port_libre(), f"http://127.0.0.1:{port}/oauth2callback") as metadonnees:
        ajouts = {
            "OBSERVATOIRE_OIDC_NOM": "Essai",
            "OBSERVATOIRE_OIDC_CLIENT": "observatoire",
            "OBSERVATOIRE_OIDC_SECRET": SECRET,
            "OBSERVATOIRE_OIDC_METADATA": metadonnees,
        }
        with depot_servi(donnees, port, ajouts) as servi:
            yield servi


@pytest.fixture(scope="module")
def navigateur() -> Iterator[Any]:
    with api.sync_playwright() as moteur:
        navigateur = moteur.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield navigateur
        navigateur.close()


def entrer(depot: Depot, navigateur: Any, nom: str) -> Any:
    """A browser whose person signed in at the provider."""
    ecran = navigateur.new_context(locale="fr-FR").new_page()
    ecran.set_default_timeout(DELAI)
    ecran.goto(depot.adresse)
    ecran.get_by_role("link", name="Se connecter avec Essai").click()
    ecran.locator("input[name=login]").fill(nom)
    ecran.locator("input[name=password]").fill("sans importance")
    ecran.locator("button[type=submit]").click()
    ecran.locator("input[name=password]").wait_for(state="detached")
    ecran.locator("button[type=submit]").click()
    ecran.wait_for_url(re.compile(re.escape(depot.adresse)))
    return ecran


def titre(ecran: Any) -> str:
    return str(ecran.locator("h1").first.inner_text())


def test_identite_sans_role_puis_role_donne_puis_retire(depot: Depot, navigateur: Any) -> None:
    ecran = entrer(depot, navigateur, "nadia")
    assert titre(ecran) == "Aucun droit"
    assert "nadia@exemple.fr" in ecran.locator("main").inner_text()
    [venue] = comptes.lister(depot.reglages, OPERATEUR)
    assert (venue.sujet, venue.nom, venue.role, venue.porte) == (
        "nadia@exemple.fr",
        "Personne nadia",
        None,
        "oidc",
    )
    comptes.donner_role(depot.reglages, OPERATEUR, "nadia@exemple.fr", Role.ADMIN)
    ecran.goto(depot.adresse)
    ecran.get_by_text("Se déconnecter").wait_for()
    assert ecran.locator(".ob-session").inner_text().startswith("Personne nadia · administration")

    comptes.creer_compte(depot.reglages, OPERATEUR, "cheffe", "Cheffe", "Sapin-bleu-2026", Role.ADMIN)
    comptes.donner_role(depot.reglages, OPERATEUR, "nadia@exemple.fr", None)
    ecran.get_by_role("heading", name="Aucun droit").wait_for()

    # Leaving calls back every cookie signed until now, also one that was copied.
    comptes.donner_role(depot.reglages, OPERATEUR, "nadia@exemple.fr", Role.LECTEUR)
    copie = {c["name"]: c["value"] for c in ecran.context.cookies()}
    assert httpx.get(f"{depot.adresse}/connexion/etat", cookies=copie, timeout=60).status_code == 204
    ecran.goto(f"{depot.adresse}/deconnexion")
    ecran.get_by_role("button", name="Se déconnecter").click()
    assert ecran.get_by_role("status").inner_text() == "Vous êtes déconnecté."
    assert httpx.get(f"{depot.adresse}/connexion/etat", cookies=copie, timeout=60).status_code == 401
    assert ecran.get_by_role("link", name="Se déconnecter aussi de Essai").count() == 1


def test_courriel_non_verifie_ne_donne_pas_le_role_d_autrui(depot: Depot, navigateur: Any) -> None:
    comptes.donner_role(depot.reglages, OPERATEUR, "doute@exemple.fr", Role.ADMIN)
    ecran = entrer(depot, navigateur, "doute")
    assert titre(ecran) == "Aucun droit"
    assert "oidc:default:doute" in ecran.locator("main").inner_text()


def test_temoin_falsifie_ou_vieux_de_douze_heures(depot: Depot) -> None:
    def temoin(secret: str, age: float, origine: str) -> str:
        signeur = itsdangerous.URLSafeTimedSerializer(secret, salt="_streamlit_user")
        signeur_date = signeur.make_signer("_streamlit_user")
        dires = {
            "email": "jean@exemple.fr",
            "email_verified": True,
            "origin": origine,
            "is_logged_in": True,
            "provider": "default",
            "sub": "jean",
        }
        signeur_date.get_timestamp = lambda: int(time.time() - age)  # type: ignore[attr-defined]
        return str(signeur_date.sign(signeur.dump_payload(json.dumps(dires))).decode())

    def statut(cookie: str) -> int:
        return httpx.get(
            f"{depot.adresse}/connexion/etat", cookies={"_streamlit_user": cookie}, timeout=60
        ).status_code

    comptes.donner_role(depot.reglages, OPERATEUR, "jean@exemple.fr", Role.LECTEUR)
    secret = comptes.secret_cookies(depot.reglages)
    assert statut(temoin(secret, 0, depot.adresse)) == 204
    assert statut(temoin(secret, 12 * 3600 + 5, depot.adresse)) == 401
    assert statut(temoin("un autre secret", 0, depot.adresse)) == 401
    assert statut(temoin(secret, 0, "http://ailleurs.exemple")) == 401
    assert statut("nimporte.quoi") == 401
