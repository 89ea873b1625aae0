"""The door of the staff application in a real browser: first account, sign in, refusal, phone, keyboard only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards.guichet_pages import PAGES
from observatoire import comptes
from observatoire.comptes import OPERATEUR, Role
from tests.browser.calme import DELAI
from tests.browser.test_public_navigateur import CHROMIUM, OPTIONS, SANS_GRAVITE
from tests.serveur_depot import Depot, depot_servi

api = pytest.importorskip("playwright.sync_api", reason="playwright n’est pas installé")
pytestmark = [
    pytest.mark.navigateur,
    pytest.mark.xdist_group("navigateur-public"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"pas de navigateur : {CHROMIUM} est absent"),
]
MOT = "Sapin-bleu-2026"
# Streamlit gives no path of its own to the first page.
COMPTES = "?ecran=comptes" if PAGES[0].adresse == "comptes" else "comptes"


@pytest.fixture(scope="module")
def navigateur() -> Iterator[Any]:
    with api.sync_playwright() as moteur:
        navigateur = moteur.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield navigateur
        navigateur.close()


@pytest.fixture(scope="module")
def depot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Depot]:
    with depot_servi(tmp_path_factory.mktemp("depot")) as servi:
        yield servi


@pytest.fixture(scope="module")
def admin(depot: Depot, navigateur: Any) -> Any:
    """Somebody who followed the first link: her browser is signed in."""
    contexte = navigateur.new_context(locale="fr-FR")
    contexte.set_default_timeout(DELAI)
    ecran = contexte.new_page()
    ecran.goto(depot.lien_premier_admin())
    ecran.get_by_label("Adresse électronique ou identifiant").fill("cheffe@exemple.fr")
    ecran.get_by_label("Nom à afficher").fill("Cheffe Essai")
    ecran.get_by_label("Mot de passe", exact=True).fill("trop court")
    ecran.get_by_label("Le même, encore une fois").fill("trop court")
    ecran.get_by_role("button", name="Créer mon compte").click()
    assert "trop faible" in ecran.get_by_role("alert").inner_text()
    ecran.get_by_label("Mot de passe", exact=True).fill(MOT)
    ecran.get_by_label("Le même, encore une fois").fill(MOT)
    ecran.get_by_role("button", name="Créer mon compte").click()
    return ecran


@pytest.fixture
def page(navigateur: Any) -> Iterator[Any]:
    contexte = navigateur.new_context(viewport={"width": 390, "height": 800}, locale="fr-FR")
    contexte.set_default_timeout(DELAI)
    yield contexte.new_page()
    contexte.close()


def dans_l_application(ecran: Any) -> None:
    ecran.get_by_text("Se déconnecter").wait_for()


def test_premier_lien_mot_de_passe_puis_application(admin: Any, depot: Depot) -> None:
    dans_l_application(admin)
    assert admin.evaluate("document.documentElement.lang") == "fr"
    assert admin.locator(".ob-session").inner_text().startswith("Cheffe Essai · administration")
    [compte] = comptes.lister(depot.reglages, OPERATEUR)
    assert (compte.sujet, compte.role) == ("cheffe@exemple.fr", Role.ADMIN)
    lien = depot.lien_premier_admin()
    assert admin.request.get(lien).status == 410


def test_mot_de_passe_faux_puis_juste_sur_un_telephone(admin: Any, depot: Depot, page: Any) -> None:
    erreurs: list[str] = []
    page.on("console", lambda m: erreurs.append(m.text) if m.type == "error" else None)
    page.goto(f"{depot.adresse}/{COMPTES}")
    assert page.url.startswith(f"{depot.adresse}/connexion?suite=")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert (
        page.evaluate("getComputedStyle(document.querySelector('button')).backgroundColor")
        == "rgb(14, 90, 99)"
    )
    assert not erreurs
    page.get_by_label("Identifiant ou adresse électronique").fill("cheffe@exemple.fr")
    page.get_by_label("Mot de passe").fill("pas le bon")
    page.get_by_role("button", name="Se connecter").click()
    assert page.get_by_role("alert").inner_text() == "Identifiant ou mot de passe incorrect."
    assert page.title().startswith("Erreur")
    page.get_by_label("Mot de passe").fill(MOT)
    page.get_by_role("button", name="Se connecter").click()
    dans_l_application(page)
    page.get_by_role("heading", name="Comptes", exact=True).wait_for()
    debord = "() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth }"
    assert page.evaluate(debord) == 0
    graves = [
        e
        for e in erreurs
        if not e.startswith(
            (*SANS_GRAVITE, "Failed to load resource: the server responded with a status of 401")
        )
    ]
    assert graves == []


def test_au_clavier_seul_entrer_et_sortir(admin: Any, depot: Depot, page: Any) -> None:
    page.goto(depot.adresse)
    page.keyboard.press("Tab")
    page.keyboard.type("cheffe@exemple.fr")
    page.keyboard.press("Tab")
    page.keyboard.type(MOT)
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    dans_l_application(page)
    page.get_by_role("button", name="Se déconnecter").focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert page.get_by_role("status").inner_text() == "Vous êtes déconnecté."
    page.goto(depot.adresse)
    assert "/connexion" in page.url


def test_sans_javascript_la_porte_marche(admin: Any, depot: Depot, navigateur: Any) -> None:
    contexte = navigateur.new_context(java_script_enabled=False)
    ecran = contexte.new_page()
    ecran.goto(depot.adresse)
    ecran.get_by_label("Identifiant ou adresse électronique").fill("cheffe@exemple.fr")
    ecran.get_by_label("Mot de passe").fill(MOT)
    ecran.get_by_role("button", name="Se connecter").click()
    ecran.wait_for_url(f"{depot.adresse}/", timeout=DELAI)
    contexte.close()


def test_inviter_montre_le_lien_une_fois(admin: Any, depot: Depot) -> None:
    admin.goto(f"{depot.adresse}/{COMPTES}")
    dans_l_application(admin)
    admin.get_by_label("Adresse électronique ou identifiant").fill("tresoriere@exemple.fr")
    admin.get_by_role("button", name="Préparer le lien").click()
    lien = admin.get_by_text("/invitation/").inner_text()
    admin.reload()
    dans_l_application(admin)
    admin.get_by_role("heading", name="Journal des accès").wait_for()
    assert admin.get_by_text("/invitation/").count() == 0
    offre = comptes.lire_invitation(depot.reglages, lien.strip().rsplit("/", 1)[1])
    assert (offre.sujet, offre.role) == ("tresoriere@exemple.fr", Role.LECTEUR)
    with admin.expect_download() as attendu:
        admin.get_by_role("button", name="Télécharger tout le journal").click()
    texte = Path(attendu.value.path()).read_bytes().decode("utf-8-sig")
    assert "tresoriere@exemple.fr" in texte and MOT not in texte and lien.strip()[-20:] not in texte


def test_compte_ferme_ramene_a_la_connexion(admin: Any, depot: Depot, page: Any) -> None:
    comptes.creer_compte(depot.reglages, OPERATEUR, "partante", "Partante", MOT, Role.LECTEUR)
    page.goto(depot.adresse)
    page.get_by_label("Identifiant").fill("partante")
    page.get_by_label("Mot de passe").fill(MOT)
    page.get_by_role("button", name="Se connecter").click()
    dans_l_application(page)
    comptes.desactiver(depot.reglages, OPERATEUR, "partante")
    page.wait_for_url(re.compile("/connexion"))
