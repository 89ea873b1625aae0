"""The filters in a real browser: they follow the reader through the menu, and the address says them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import calme
from tests.fabrique_publication import fabriquer
from tests.serveur_public import pages_servies

api = pytest.importorskip("playwright.sync_api", reason="playwright n’est pas installé")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
pytestmark = [
    pytest.mark.navigateur,
    pytest.mark.xdist_group("navigateur-public"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"pas de navigateur : {CHROMIUM} est absent"),
]


@pytest.fixture(scope="module")
def ecran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    dossier = tmp_path_factory.mktemp("donnees")
    fabriquer(dossier, registre=True)
    with pages_servies(dossier) as adresse, api.sync_playwright() as outil:
        navigateur = outil.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = navigateur.new_page(viewport={"width": 1280, "height": 900})
        calme.ecouter(page)
        yield page, adresse
        navigateur.close()


def attendre(page: Any, titre: str) -> None:
    """The page of this title is drawn to its foot."""
    page.wait_for_selector(f"h1:text-is('{titre}')")
    page.wait_for_selector(".ob-pied")
    calme.attendre(page, 200)


def test_annee_lieu_et_vue_suivent_le_menu(ecran: tuple[Any, str]) -> None:
    page, adresse = ecran
    page.goto(f"{adresse}/?annee=2023&niveau=Commune&territoire=Meaux%20(77284)")
    attendre(page, "L’essentiel")
    for titre in ("Bénévolat", "Ressources"):
        page.get_by_role("link", name=titre, exact=True).first.click()
        attendre(page, titre)
        assert "Meaux · 2023" in page.locator(".ob-fiche h2").first.inner_text()
        assert "annee=2023" in page.url and "Meaux" in page.url
    page.reload()
    attendre(page, "Ressources")
    assert "Meaux · 2023" in page.locator(".ob-fiche h2").first.inner_text()
