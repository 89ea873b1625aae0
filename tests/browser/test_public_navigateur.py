"""The public pages in a real browser cut from the network: what is seen, on a screen and on a phone."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook

from dashboards import format_fr as fr
from dashboards.app_pages import PAGES, Page
from observatoire.indicators.catalogue import catalogue
from tests.browser import calme, controles
from tests.fabrique_publication import fabriquer
from tests.serveur_public import pages_servies

api = pytest.importorskip("playwright.sync_api", reason="playwright n’est pas installé")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
pytestmark = [
    pytest.mark.navigateur,
    pytest.mark.xdist_group("navigateur-public"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"pas de navigateur : {CHROMIUM} est absent"),
]
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The site that shows our page in a frame is invented: the browser cannot know that it is on this machine too.
    "--disable-features=LocalNetworkAccessChecks",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
]
LARGEURS = (1280, 390)
# Height of a filter with its label, in pixels: what is abreast is in one row.
UNE_LIGNE = 60
ASSOCIATION = "https://www.association.test"
# Streamlit looks for its base path under deep links before finding it: two harmless 404.
SANS_GRAVITE = ("Failed to load resource: the server responded with a status of 404",)


class Visite:
    """One browser page and what went wrong in it."""

    def __init__(self, contexte: Any, adresse: str, donnees: Path) -> None:
        self.page = contexte.new_page()
        calme.ecouter(self.page)
        self.adresse, self.donnees = adresse, donnees
        self.dehors: list[str] = []
        self.erreurs: list[str] = []
        self.page.on("request", self._requete)
        self.page.on("pageerror", lambda e: self.erreurs.append(str(e)))
        self.page.on("console", self._console)

    def _requete(self, requete: Any) -> None:
        if not requete.url.startswith((self.adresse, "data:", "blob:")):
            self.dehors.append(requete.url)

    def _console(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(SANS_GRAVITE):
            self.erreurs.append(message.text)

    def aller(self, chemin: str) -> Any:
        """Open a page and wait for its foot, the last thing written."""
        self.page.goto(f"{self.adresse}/{chemin}")
        self.attendre()
        return self.page

    def attendre(self) -> None:
        """Wait until the server has answered, the script has run and everything is drawn."""
        self.page.wait_for_selector(".ob-pied")
        calme.attendre(self.page, 200)

    def une(self, sql: str, *valeurs: Any) -> tuple[Any, ...]:
        """First row of a query on the publication."""
        with duckdb.connect(str(self.donnees / "curated" / "observatoire.duckdb"), read_only=True) as con:
            ligne = con.execute(sql, list(valeurs)).fetchone()
        assert ligne is not None
        return ligne


@pytest.fixture(scope="module")
def navigateur() -> Iterator[Any]:
    with api.sync_playwright() as moteur:
        navigateur = moteur.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield navigateur
        navigateur.close()


@pytest.fixture(scope="module")
def visites(navigateur: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Visite]]:
    donnees = tmp_path_factory.mktemp("donnees")
    fabriquer(donnees, registre=True)
    with pytest.MonkeyPatch.context() as environnement:
        environnement.setenv("OBSERVATOIRE_EMBARQUER", ASSOCIATION)
        service = pages_servies(donnees)
        adresse = service.__enter__()
    with contextlib.ExitStack() as fin:
        fin.push(service)
        contextes = {
            largeur: navigateur.new_context(viewport={"width": largeur, "height": 900}, locale="fr-FR")
            for largeur in LARGEURS
        }
        yield {largeur: Visite(contexte, adresse, donnees) for largeur, contexte in contextes.items()}


@pytest.fixture
def visite(visites: dict[int, Visite]) -> Iterator[Visite]:
    """The wide screen; nothing may have gone out or gone wrong."""
    yield from _propre(visites[1280])


def _propre(visite: Visite) -> Iterator[Visite]:
    visite.dehors.clear()
    visite.erreurs.clear()
    yield visite
    assert visite.dehors == []
    assert visite.erreurs == []


def _chemin(page: Page) -> str:
    return "" if page is PAGES[0] else page.adresse


@pytest.mark.parametrize("largeur", LARGEURS)
@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.adresse)
def test_page_lisible_accessible_et_francaise(visites: dict[int, Visite], page: Page, largeur: int) -> None:
    """Nothing overflows nor goes out, no English word is seen nor read aloud, axe-core finds nothing, in the dark too."""
    for vue in _propre(visites[largeur]):
        ecran = vue.aller(_chemin(page))
        assert ecran.evaluate("document.documentElement.lang") == "fr"
        assert ecran.locator("h1").inner_text() == page.titre
        assert ecran.locator(".ob-fictif").is_visible()
        assert ecran.locator("[data-testid=stException], [data-testid=stAlertContentError]").count() == 0
        assert "Traceback" not in ecran.locator("body").inner_text()
        ecran.evaluate("document.querySelectorAll('.ob-requete').forEach(d => { d.open = true })")
        debords = ecran.evaluate(
            "() => [document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".map(e => e.scrollWidth - e.clientWidth)"
        )
        assert debords == [0, 0]
        hors = ecran.evaluate(
            "l => [...document.querySelectorAll('.ob-chiffre, .ob-titre, .ob-tableau, .ob-note')]"
            ".filter(e => e.getBoundingClientRect().right > l + 1).length",
            largeur,
        )
        assert hors == 0
        assert controles.textes_anglais(ecran) == []
        assert controles.violations(ecran) == []
        assert ecran.locator("[tabindex]").evaluate_all("l => l.filter(e => e.tabIndex > 0).length") == 0
        _exiger_lisible_en_sombre(vue)


def _exiger_lisible_en_sombre(vue: Visite) -> None:
    """The same page in the dark theme, whatever the width."""
    try:
        vue.page.emulate_media(color_scheme="dark")
        vue.page.reload()
        vue.attendre()
        assert vue.page.evaluate("getComputedStyle(document.querySelector('.stApp')).colorScheme") == "dark"
        assert controles.violations(vue.page) == []
    finally:
        vue.page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("largeur", LARGEURS)
def test_chiffres_vus_egaux_a_la_publication(visites: dict[int, Visite], largeur: int) -> None:
    for vue in _propre(visites[largeur]):
        ecran = vue.aller("")
        vus = ecran.evaluate(
            "() => Object.fromEntries([...document.querySelectorAll('[data-indicateur]')]"
            ".map(e => [e.dataset.indicateur, e.querySelector('strong').textContent]))"
        )
        assert len(vus) == 6
        for indicateur, vu in vus.items():
            valeur, bas, haut = vue.une(
                "select valeur, borne_basse, borne_haute from mesures where indicateur = ? "
                "and domaine = 'tous' and millesime = 2024 and niveau = 'departement' and financeur = 'tous' "
                "and vue = 'representatif'",
                indicateur,
            )
            carte = catalogue()[indicateur]
            attendu = fr.valeur_abregee(valeur, carte.unite, carte.decimales)
            convention = indicateur == "valeur_benevolat"
            assert vu == (fr.plage(bas, haut, carte.unite) if convention else attendu)


def test_graphiques_dessines_en_francais(visite: Visite) -> None:
    ecran = visite.aller("")
    (nb,) = visite.une(
        "select count(*) from mesures where indicateur = 'participations' and millesime = 2024 "
        "and niveau = 'departement' and domaine <> 'tous' and valeur > 0 and vue = 'representatif'"
    )
    graphiques = ecran.locator(".js-plotly-plot")
    api.expect(graphiques).to_have_count(2, timeout=calme.DELAI)
    api.expect(graphiques.nth(1).locator(".bars .point path")).to_have_count(nb, timeout=calme.DELAI)
    noms = ecran.evaluate(
        "() => [...document.querySelectorAll('.modebar-btn')]"
        ".map(e => e.getAttribute('aria-label') ?? e.dataset.title)"
    )
    assert noms and not any("Download" in (nom or "") for nom in noms)


def test_onglet_tableau_montre_un_vrai_tableau(visite: Visite) -> None:
    ecran = visite.aller("")
    ecran.get_by_role("tab", name="Tableau").first.click()
    tableau = ecran.get_by_role("table").first
    tableau.wait_for()
    assert tableau.get_by_role("columnheader").all_inner_texts() == ["Financeur", "2024", "2023"]


@pytest.mark.parametrize("largeur", LARGEURS)
@pytest.mark.parametrize(("maille", "niveau"), [("Intercommunalité", "epci"), ("Commune", "commune")])
def test_carte_visible_et_complete(
    visites: dict[int, Visite], largeur: int, maille: str, niveau: str
) -> None:
    for vue in _propre(visites[largeur]):
        ecran = vue.aller(f"carte?maille={maille}&indicateur=Participations+bénévoles")
        carte_dessinee(ecran)
        carte = ecran.get_by_role("img", name="Participations bénévoles")
        boite = carte.bounding_box()
        assert boite is not None and boite["width"] > 250 and boite["height"] > 250
        formes = ecran.locator("path[data-code]")
        (nb,) = vue.une("select count(*) from territoires where niveau = ?", niveau)
        assert formes.count() == nb
        remplissages = set(formes.evaluate_all("l => l.map(e => getComputedStyle(e).fill)"))
        assert "none" not in remplissages and len(remplissages) >= 4
        assert any("m-secret" in r for r in remplissages) and any("rgb" in r for r in remplissages)
        code, valeur, libelle = vue.une(
            "select code, valeur, libelle from mesures m join territoires t on m.niveau = t.niveau "
            "and m.code_territoire = t.code where indicateur = 'participations' and millesime = 2024 "
            "and m.niveau = ? and domaine = 'tous' and vue = ? order by valeur desc nulls last, code limit 1",
            niveau,
            "repondantes" if niveau == "commune" else "representatif",
        )
        bulle = ecran.locator(f"path[data-code='{code}'] title").text_content()
        assert bulle == f"{libelle}\u00a0: {fr.nombre(valeur)} participations"


def carte_dessinee(ecran: Any) -> None:
    """The outlines come from a file of their own, after the page: wait until each shape has its own."""
    ecran.locator("path[data-trace][d]").first.wait_for(state="attached")
    api.expect(ecran.locator("path[data-trace]:not([d])")).to_have_count(0, timeout=calme.DELAI)


def test_fond_de_carte_lu_une_seule_fois(visite: Visite) -> None:
    fonds = (
        "() => performance.getEntriesByType('resource').filter(e => e.name.includes('/fond/'))"
        ".map(e => e.transferSize)"
    )
    carte_dessinee(visite.aller("carte?maille=Commune&indicateur=Budget+cumulé"))
    ecran = visite.aller("carte?maille=Commune&indicateur=Participations+bénévoles")
    carte_dessinee(ecran)
    assert ecran.locator("circle[data-code]").count() > 50
    assert ecran.evaluate(fonds) == [0]  # from the cache of the browser
    ecran.locator("circle[data-code]").last.click()
    ecran.wait_for_selector(".ob-fiche h3")
    visite.attendre()
    assert "zone=" in ecran.url and ecran.locator("path.choisi").get_attribute("d")


def test_comparaison_gardee_dans_l_adresse(visite: Visite) -> None:
    ecran = visite.aller("comparer?niveau=Canton")
    suggeres = ecran.locator(".ob-fiche li strong").all_inner_texts()
    assert len(suggeres) == 3
    choix = ecran.locator("[data-testid=stMultiSelect] input")
    choix.click()
    ecran.get_by_role("option").first.wait_for()
    ecran.keyboard.press("Enter")
    visite.attendre()
    assert "avec_canton=" in ecran.url
    noms = ecran.locator(".ob-fiche li strong").all_inner_texts()
    assert noms[:2] == suggeres[:2]  # the list offers the most alike first
    copie = visite.aller(ecran.url.removeprefix(f"{visite.adresse}/"))
    assert copie.locator(".ob-fiche li strong").all_inner_texts() == noms


def test_clic_sur_la_carte_choisit_le_territoire(visite: Visite) -> None:
    ecran = visite.aller("carte")
    carte_dessinee(ecran)
    ecran.locator("path[data-code='247700594']").click(force=True)
    ecran.wait_for_selector(".ob-fiche h3")
    visite.attendre()
    (libelle,) = visite.une("select libelle from territoires where code = '247700594'")
    assert ecran.locator(".ob-fiche h3").inner_text() == libelle
    assert "zone=" in ecran.url and "247700594" in ecran.url
    ecran.get_by_role("link", name="Tous les chiffres de ce territoire").click()
    ecran.wait_for_selector("[data-indicateur]")
    visite.attendre()
    assert libelle in ecran.locator(".ob-fiche h2").inner_text()


def test_filtre_garde_dans_l_adresse(visite: Visite) -> None:
    ecran = visite.aller("")
    ecran.get_by_role("combobox", name="Année").click()
    ecran.get_by_role("option", name="2023").click()
    ecran.wait_for_function("() => document.querySelector('.ob-fiche h2').textContent.includes('2023')")
    visite.attendre()
    assert "annee=2023" in ecran.url
    ecran.reload()
    visite.attendre()
    assert "2023" in ecran.locator(".ob-fiche h2").inner_text()


def test_annee_lieu_et_vue_suivent_le_menu(visite: Visite) -> None:
    """The filters follow the reader through the menu, and the address says them."""
    ecran = visite.aller("?annee=2023&niveau=Commune&territoire=Meaux%20(77284)")
    ecran.locator("h1", has_text="L’essentiel").wait_for()
    for titre in ("Bénévolat", "Ressources"):
        ecran.get_by_role("link", name=titre, exact=True).first.click()
        ecran.wait_for_selector(f"h1:text-is('{titre}')")
        visite.attendre()
        assert "Meaux · 2023" in ecran.locator(".ob-fiche h2").first.inner_text()
        assert "annee=2023" in ecran.url and "Meaux" in ecran.url
    ecran.reload()
    ecran.wait_for_selector("h1:text-is('Ressources')")
    visite.attendre()
    assert "Meaux · 2023" in ecran.locator(".ob-fiche h2").first.inner_text()


def test_telechargement_pour_tableur(visite: Visite) -> None:
    ecran = visite.aller("")
    ecran.get_by_text("Tous les indicateurs de ce territoire").click()
    ecran.get_by_role("table", name="Tous les indicateurs").wait_for()
    visite.attendre()
    with ecran.expect_download() as attendu:
        ecran.get_by_role("button", name="Télécharger pour tableur (CSV)").last.click()
    assert attendu.value.suggested_filename.endswith("publication-1-fr.csv")
    octets = Path(attendu.value.path()).read_bytes()
    assert octets.startswith(b"\xef\xbb\xbf")
    lignes = octets.decode("utf-8-sig").splitlines()
    (valeur,) = visite.une(
        "select valeur from mesures where indicateur = 'part_cdi' and niveau = 'departement' "
        "and domaine = 'tous' and millesime = 2024 and vue = 'representatif'"
    )
    [part] = [ligne for ligne in lignes if ";part_cdi;" in ligne]
    assert part.startswith("part_cdi.2024.departement-77.representatif@1;")
    assert fr.decimal_csv(valeur) in part.split(";") and ";oui" in part


def test_classeur_avec_notice(visite: Visite) -> None:
    ecran = visite.aller("")
    with ecran.expect_download() as attendu:
        ecran.get_by_role("button", name="Classeur avec notice (XLSX)").last.click()
    assert attendu.value.suggested_filename.endswith("publication-1-fr.xlsx")
    assert load_workbook(io.BytesIO(Path(attendu.value.path()).read_bytes())).sheetnames == [
        "Lisez-moi",
        "Données",
    ]


@pytest.mark.parametrize("largeur", LARGEURS)
def test_vue_choisie_gardee_dans_l_adresse(visites: dict[int, Visite], largeur: int) -> None:
    for vue in _propre(visites[largeur]):
        ecran = vue.aller("")
        lues = "() => [...new Set([...document.querySelectorAll('.ob-chiffre > .ob-mention div:first-child dd')].map(e => e.textContent))]"
        assert ecran.evaluate(lues) == ["Représentatif"]
        ecran.get_by_role("button", name="Autres réglages").click()
        ecran.get_by_role("combobox", name="Ce que disent les chiffres").click()
        ecran.get_by_role("option", name="1 association = 1 voix").click()
        ecran.wait_for_function(
            "() => document.querySelector('.ob-vue')?.textContent.includes('qui ont répondu')"
        )
        vue.attendre()
        assert ecran.evaluate(lues) == ["1\u00a0association = 1\u00a0voix"]
        assert "vue=1+association" in ecran.url or "vue=1%20association" in ecran.url
        ecran.reload()
        vue.attendre()
        assert ecran.evaluate(lues) == ["1\u00a0association = 1\u00a0voix"]


def test_identifiant_a_copier_et_provenance(visite: Visite) -> None:
    ecran = visite.aller("")
    ecran.get_by_text("D’où vient ce chiffre").first.click()
    code = ecran.locator("[data-testid=stCode]").first
    code.wait_for(state="visible")
    assert code.inner_text().strip() == "participations.2024.departement-77.representatif@1"


@pytest.mark.parametrize("largeur", LARGEURS)
def test_chemin_de_l_elu(visites: dict[int, Visite], largeur: int) -> None:
    """Three actions at most from the first page to the printed sheet; one to a definition, two to its query."""
    commune, nom = "77288", "Melun (commune)"
    for vue in _propre(visites[largeur]):
        ecran = vue.aller("")
        cherche = ecran.get_by_role("combobox", name="Chercher un lieu par son nom")
        cherche.click()  # 1: type the name of the commune…
        cherche.fill("Melun")
        ecran.get_by_role("option", name=nom, exact=True).click()  # 2: … take it…
        ecran.wait_for_function("() => document.querySelector('.ob-fiche h2').textContent.includes('Melun')")
        vue.attendre()
        with ecran.expect_download() as attendue:
            ecran.get_by_role("button", name="Imprimer la fiche").click()  # 3: … and print
        assert attendue.value.suggested_filename == f"fiche-commune-{commune}-publication-1.pdf"
        assert Path(attendue.value.path()).read_bytes().startswith(b"%PDF-1.7")

        vue.aller("")
        ecran.get_by_text("D’où vient ce chiffre").first.click()  # 1: what it measures…
        panneau = ecran.locator(".ob-provenance").first
        panneau.wait_for(state="visible")
        vue.attendre()
        (definition,) = vue.une("select definition from indicateurs where indicateur = 'participations'")
        assert definition in panneau.inner_text()
        assert not any(code.is_visible() for code in panneau.locator("code").all())
        assert "source-participations=true" in ecran.url
        panneau.get_by_text("Voir la requête SQL").first.click()  # 2: … and how it is computed
        publiee, *_, associations = panneau.locator("code").all_inner_texts()
        assert "from mesures" in publiee and "select" in associations.lower()


@pytest.mark.parametrize("largeur", LARGEURS)
def test_representativite_visible(visites: dict[int, Visite], largeur: int) -> None:
    for vue in _propre(visites[largeur]):
        ecran = vue.aller("qualite")
        carte = ecran.get_by_role("img", name="elles sont hachurées")
        boite = carte.bounding_box()
        assert boite is not None and boite["width"] > 250
        motifs = set(
            ecran.locator("path.k-absente").evaluate_all("l => l.map(e => getComputedStyle(e).fill)")
        )
        assert len(motifs) == 1 and "m-absente" in motifs.pop()
        assert ecran.get_by_role("tab", name="Emploi", exact=True).is_visible()


def test_le_controle_du_francais_voit_l_anglais() -> None:
    for anglais in (
        "Copy version to clipboard",
        "2 options available.",
        "Main menu",
        "Download plot",
        "Show more",
        "Press Enter to apply",
    ):
        assert controles.mots_anglais(anglais)
    for francais in (
        "Télécharger pour tableur (CSV)",
        "Menu",
        "L’essentiel",
        "tiré au sort",
        "Zoomer",
        "L’or et l’argent",
        "0 choix.",
    ):
        assert not controles.mots_anglais(francais)


@pytest.mark.parametrize("largeur", LARGEURS)
def test_menus_et_listes_en_francais(visites: dict[int, Visite], largeur: int) -> None:
    for vue in _propre(visites[largeur]):
        ecran = vue.aller("")
        ecran.get_by_role("button", name="Menu", exact=True).click()
        ecran.wait_for_timeout(300)
        assert controles.textes_anglais(ecran) == []
        ecran.keyboard.press("Escape")
        ecran.get_by_role("combobox", name="Territoire").click()
        ecran.keyboard.type("zzz")
        ecran.wait_for_timeout(300)
        assert controles.textes_anglais(ecran) == []
        ecran.keyboard.press("Escape")
        if largeur == 390:
            ecran.get_by_role("button", name="Ouvrir le menu").first.click()
            ecran.wait_for_timeout(500)
            assert controles.textes_anglais(ecran) == []


def test_adresse_inconnue_en_francais(visite: Visite) -> None:
    ecran = visite.aller("page-qui-n-existe-pas")
    ecran.get_by_text("Cette page n’existe pas").first.wait_for()
    assert controles.textes_anglais(ecran) == []
    dite = "The page that you have requested does not seem to exist. Running the app's main page."
    calme.lire_jusqu_a(ecran, lambda: dite in visite.erreurs, True)
    visite.erreurs.remove(dite)


def test_lien_d_evitement_et_ordre_du_focus(visite: Visite) -> None:
    """The first stop of the keyboard leads to the content; the next ones go down the page, with a visible frame."""
    ecran = visite.aller("")
    ecran.keyboard.press("Tab")
    assert ecran.evaluate("document.activeElement.textContent") == "Aller au contenu"
    ecran.keyboard.press("Enter")
    hauteurs = []
    for _ in range(5):
        ecran.keyboard.press("Tab")
        vu = ecran.evaluate(
            """() => { const e = document.activeElement, b = e.getBoundingClientRect();
            const c = e.closest('[data-testid=stMain]') !== null;
            const cadre = n => n && (getComputedStyle(n).outlineStyle !== 'none' || getComputedStyle(n).boxShadow !== 'none'
              || getComputedStyle(n).borderColor !== getComputedStyle(document.querySelector('.ob-fiche')).borderColor);
            return [c, b.top + scrollY, cadre(e) || cadre(e.parentElement) || cadre(e.parentElement.parentElement)]; }"""
        )
        assert vu[0] and vu[2]
        hauteurs.append(vu[1])
    assert all(apres > avant - UNE_LIGNE for avant, apres in itertools.pairwise(hauteurs))


def test_page_dans_le_site_d_une_association(visite: Visite, navigateur: Any) -> None:
    """Shown in the frame of a site of the list, without menu, with the way to the whole page; nowhere else."""
    contexte = navigateur.new_context(locale="fr-FR")
    try:
        cadre = f'<iframe src="{visite.adresse}/?embed=true&annee=2023" width="900" height="700"></iframe>'
        for origine, permis in ((ASSOCIATION, True), ("https://www.autre.test", False)):
            hote = contexte.new_page()
            hote.route(f"{origine}/**", lambda requete: requete.fulfill(content_type="text/html", body=cadre))
            hote.goto(f"{origine}/")
            dedans = hote.frame_locator("iframe")
            if not permis:
                hote.wait_for_timeout(1500)
                assert dedans.locator(".stApp").count() == 0  # the browser refuses the frame
                continue
            lien = dedans.get_by_role("link", name="Voir cette page sur le site")
            lien.wait_for(timeout=calme.DELAI)
            assert dedans.locator(".ob-fiche h2").inner_text().endswith("2023")
            assert lien.get_attribute("target") == "_blank"
            assert lien.get_attribute("href").endswith("?annee=2023")
            assert "embed" not in lien.get_attribute("href")
            assert dedans.get_by_role("button", name="Menu", exact=True).count() == 0
            assert dedans.get_by_role("link", name="Méthode").count() == 0
            hote.close()
    finally:
        contexte.close()


SANS_PAPIER = ("[data-testid=stHeader]", ".st-key-pages")


def test_impression_sans_menu_ni_carte_coupee(visite: Visite) -> None:
    ecran = visite.aller("")
    try:
        ecran.emulate_media(media="print", color_scheme="dark")
        for cache in (ecran.get_by_role("combobox").first, *map(ecran.locator, SANS_PAPIER)):
            api.expect(cache).to_be_hidden(timeout=calme.DELAI)
        coupures = ecran.locator("[class*=st-key-chiffre-]").evaluate_all(
            "l => l.map(e => getComputedStyle(e).breakInside)"
        )
        assert len(coupures) >= 6 and set(coupures) == {"avoid"}
        couleurs = ecran.locator(".ob-chiffre h3").first.evaluate("e => getComputedStyle(e).color")
        assert couleurs == "rgb(31, 42, 51)"
        assert ecran.pdf(format="A4").count(b"/Type /Page\n") >= 2
    finally:
        ecran.emulate_media(media="screen", color_scheme="light")


def test_mouvement_reduit(visite: Visite) -> None:
    ecran = visite.aller("")
    durees = "() => [...document.querySelectorAll('.stApp *')].map(e => Math.max(...getComputedStyle(e).transitionDuration.split(',').map(parseFloat)))"
    assert max(ecran.evaluate(durees)) > 0.01
    try:
        ecran.emulate_media(reduced_motion="reduce")
        calme.lire_jusqu_a(ecran, lambda: max(ecran.evaluate(durees)) <= 0.0001, True)
    finally:
        ecran.emulate_media(reduced_motion="no-preference")


PREMIERE_VISITE, SECONDE_VISITE = 3_000_000, 50_000


def test_poids_de_la_premiere_et_de_la_seconde_visite(visite: Visite, navigateur: Any) -> None:
    """Compressed bytes, WebSocket included for the first visit; the second one fetches next to nothing."""
    contexte = navigateur.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    try:
        comptes = []
        for _ in range(2):
            vue = Visite(contexte, visite.adresse, visite.donnees)
            comptes.append(controles.ecouter(vue.page))
            vue.aller("").wait_for_selector(".js-plotly-plot .bars")
            vue.page.wait_for_timeout(1500)
            vue.page.close()
    finally:
        contexte.close()
    premiere, seconde = comptes
    assert 500_000 < premiere.total <= PREMIERE_VISITE, sorted(premiere.lourds)[-8:]
    assert seconde.http <= SECONDE_VISITE and seconde.total <= 2 * SECONDE_VISITE, sorted(seconde.lourds)[-8:]


def test_sans_publication_une_phrase(navigateur: Any, tmp_path: Path) -> None:
    with pages_servies(tmp_path) as adresse:
        ecran = navigateur.new_page()
        ecran.goto(adresse)
        ecran.get_by_text("Aucune publication n’est disponible").wait_for(timeout=calme.DELAI)
        assert "Traceback" not in ecran.locator("body").inner_text()
