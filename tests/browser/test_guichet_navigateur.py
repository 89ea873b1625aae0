"""The staff application in a real browser cut from the network: from a messy workbook to a published figure."""

from __future__ import annotations

import io
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import Workbook, load_workbook

from dashboards.guichet_blocs.etapes import ETAPES
from observatoire.comptes import Role
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.fichiers import PUBLIC
from tests import classeur_sale as sale
from tests import fabrique
from tests.browser.calme import DELAI, lire_jusqu_a
from tests.browser.test_public_navigateur import CHROMIUM, OPTIONS
from tests.poste_guichet import Poste, compte
from tests.serveur_depot import Depot, depot_servi
from tests.serveur_public import pages_servies

api = pytest.importorskip("playwright.sync_api", reason="playwright n’est pas installé")
pytestmark = [
    pytest.mark.navigateur,
    pytest.mark.xdist_group("navigateur-guichet"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"pas de navigateur : {CHROMIUM} est absent"),
]
SESSIONS = 8
LIGNES, SECONDES_MAX = 10_000, 15.0
TITRES = [
    "Nom de l’association",
    "Commune du siège",
    "Année des données",
    "Bénévoles réguliers",
    "Total des heures de l’année",
]
Retouche = Callable[[list[list[Any]]], None]


def benevolat(annee: int, nombre: int = 12, retouche: Retouche | None = None) -> bytes:
    """A clean workbook of volunteering, of a year of its own so that no other test meets it; `retouche` spoils it."""
    lignes: list[list[Any]] = [
        [f"Club {annee} numéro {i}", fabrique.COMMUNES[i % 8], annee, 10 + i % 50, 100 + i % 900]
        for i in range(nombre)
    ]
    if retouche is not None:
        retouche(lignes)
    livre = Workbook(write_only=True)
    page = livre.create_sheet("Réponses")
    for ligne in [TITRES, *lignes]:
        page.append(ligne)
    return en_octets(livre)


def en_octets(livre: Workbook) -> bytes:
    tampon = io.BytesIO()
    livre.save(tampon)
    return tampon.getvalue()


def ecrire(ligne: int, colonne: int, valeur: object) -> Retouche:
    """A retouch of one cell, row and column from 0 in the data."""

    def retoucher(lignes: list[list[Any]]) -> None:
        lignes[ligne][colonne] = valeur

    return retoucher


@pytest.fixture(scope="module")
def navigateur() -> Iterator[Any]:
    with api.sync_playwright() as moteur:
        navigateur = moteur.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield navigateur
        navigateur.close()


@pytest.fixture(scope="module")
def depot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Depot]:
    with depot_servi(tmp_path_factory.mktemp("guichet")) as servi:
        compte(servi, "val", Role.VALIDEUR)
        for rang in range(SESSIONS):
            compte(servi, f"dep{rang}", Role.DEPOSANT)
        yield servi


@pytest.fixture(scope="module")
def ouvert(navigateur: Any, depot: Depot) -> Iterator[Poste]:
    poste = Poste(navigateur, depot)
    poste.entrer("val")
    yield poste
    poste.contexte.close()


@pytest.fixture
def poste(ouvert: Poste) -> Iterator[Poste]:
    """A validator on a wide screen, on the page « Déposer »; nothing may have gone out or gone wrong."""
    ouvert.dehors.clear()
    ouvert.erreurs.clear()
    ouvert.aller()
    yield ouvert
    assert ouvert.dehors == []
    assert ouvert.erreurs == []


@pytest.fixture(autouse=True)
def sans_memoire(depot: Depot) -> None:
    """Each test starts without a remembered matching, whatever the tests before it chose."""
    if depot.reglages.entrepot.exists():
        with EntrepotEcriture(depot.reglages) as con:
            con.execute("delete from depot.memoire")


def une(chemin: Path, sql: str, *valeurs: Any) -> tuple[Any, ...]:
    """The row of a query on a published file."""
    with duckdb.connect(str(chemin), read_only=True) as con:
        (ligne,) = con.execute(sql, list(valeurs)).fetchall()
    return tuple(ligne)


def publique(depot: Depot) -> Path:
    return depot.reglages.donnees / "curated" / "observatoire.duckdb"


def publier(poste: Poste) -> None:
    """Publish from the page, and wait until a new number is on line."""
    poste.aller("publications")
    numero = max(PUBLIC.versions(poste.depot.reglages), default=0) + 1
    poste.presser("Publier les chiffres")
    poste.page.locator("[class*=st-key-oui-publier] button").click()
    lire_jusqu_a(poste.page, lambda: f"n° {numero} (en ligne)" in poste.texte(), True)
    poste.calme()


def charger(poste: Poste) -> str:
    """From any step to the receipt; the id of the loaded deposit."""
    if poste.etape != "Charger":
        poste.presser("Charger", role="link", exact=False)
    poste.page.locator(".st-key-charger button").click()
    poste.page.get_by_text("C’est chargé").wait_for()
    poste.calme()
    return str(poste.page.locator(".gu-encart.bien p").first.inner_text()).rsplit("Dépôt ", 1)[1].rstrip(".")


# --- 1. From a messy workbook to a published figure ---------------------------------------------------------
def test_du_classeur_sale_au_chiffre_publie(poste: Poste, depot: Depot) -> None:
    page = poste.page
    poste.deposer(sale.CLASSEUR, sale.octets())
    assert poste.etape == "Reconnaître"
    assert "« 2025 » (13 lignes remplies)" in poste.texte(), "une feuille non lue est dite"
    assert "Données personnelles trouvées à" in poste.texte()
    assert not [c for c in ("canari0@", "98 76 54 32") if c in poste.texte()]
    assert page.get_by_role("button", name="Continuer", exact=True).is_disabled()
    # The sheet of the year, and its row of titles.
    page.locator(".st-key-feuille-1 label", has_text="Lire cette feuille").click()
    page.get_by_text("année 2025").wait_for()
    poste.calme()
    page.locator(".st-key-titre-2-4 button:visible").click()
    poste.calme()
    assert page.locator(".gu-grille tr.choisie th").first.inner_text() == "4"
    page.locator(".st-key-titre-2-5 button:visible").click()
    page.get_by_text("11 lignes lues").wait_for()
    poste.calme()
    poste.presser("Retirer ces colonnes")
    # A column in thousands of euros is matched by hand.
    poste.presser("Faire correspondre", role="link")
    assert poste.etape == "Faire correspondre"
    choix = page.get_by_role("combobox", name="Colonne de mon fichier pour Dons des particuliers")
    choix.click()
    page.get_by_role("option", name="Dons des particuliers (k€)").click()
    poste.presser("Continuer", exact=True)
    page.get_by_text("avant de lire").wait_for()
    page.get_by_text("Oui, en milliers d’euros").click()
    page.get_by_text("12 450 (le signe sépare les milliers)".replace(" 450", "\u202f450")).click()
    poste.presser("Enregistrer mes réponses")
    assert "avant de lire" not in poste.texte()
    # Correct in place: the cells in error only.
    page.get_by_role("heading", name="Corriger ici").wait_for()
    lire_jusqu_a(page, lambda: sorted(poste.colonne_grille(1)), ["B7", "C9", "E8"])
    cellules = poste.colonne_grille(1)
    poste.taper_cellule(cellules.index("E8"), "300")
    poste.taper_cellule(cellules.index("C9"), "Coulommiers")
    poste.presser("Appliquer mes corrections")
    page.get_by_text("2 cellules corrigées.").wait_for()
    lire_jusqu_a(page, lambda: poste.colonne_grille(1), ["B7"])
    # One of two answers of the same association is left out.
    page.get_by_text("2025, ligne 11 — Les Amis du Ru").click()
    poste.presser("Laisser de côté")
    page.get_by_text("7 lignes sur 11 seront chargées, 4 sont ignorées".replace("7 l", "7\u00a0l")).wait_for()
    poste.calme()
    poste.presser("Continuer", exact=True)
    assert poste.etape == "Charger"
    depot_id = charger(poste)
    assert "11 = 7 + 0 + 4" in poste.texte()
    publier(poste)
    assert sale.CLASSEUR in poste.texte()
    # Rows 6, 7, 8, 9, 10, 12 and 13 of column F, added by hand.
    a_la_main = 12_450 + 1_234 + 20_500 + 8_750 + 15_000 + 9_900 + 7_300
    lu = une(
        publique(depot),
        "select valeur from mesures where indicateur = 'budget_total' and niveau = 'departement' "
        "and domaine = 'tous' and financeur = 'tous' and millesime = 2025",
    )
    assert lu == (a_la_main,)
    assert une(publique(depot), "select lignes_chargees from depots where depot_id = ?", depot_id) == (7,)
    with pages_servies(depot.reglages.donnees) as adresse:
        public = poste.contexte.browser.new_page(locale="fr-FR")
        public.goto(f"{adresse}/?annee=2025")
        fiche = public.locator("[data-indicateur=budget_total] strong")
        fiche.wait_for(timeout=DELAI)
        assert fiche.inner_text().split() == ["75", "134", "€"]
        public.close()


# --- 2. Annotated file round trip ---------------------------------------------------------------------------
def test_copie_annotee_corrigee_dans_le_tableur(poste: Poste) -> None:
    page = poste.page
    poste.deposer("annote.xlsx", benevolat(2024, retouche=ecrire(3, 3, "une foule")))
    assert poste.etape == "Vérifier"
    premier = charger(poste)
    # Nothing is pending: the value alone is missing. The annotated copy is asked for from a second deposit.
    poste.aller()
    poste.deposer("annote bis.xlsx", benevolat(2024, retouche=ecrire(4, 3, "beaucoup")))
    if poste.etape != "Vérifier":
        poste.presser("Vérifier", role="link")
    poste.presser("Préparer mon fichier annoté")
    page.get_by_role("button", name="Télécharger mon fichier annoté").wait_for()
    livre = load_workbook(io.BytesIO(poste.telecharger("Télécharger mon fichier annoté")))
    assert "À corriger" in livre.sheetnames
    cellule = livre["Réponses"]["D6"]
    assert cellule.value == "beaucoup" and cellule.comment is not None
    cellule.value = 33
    poste.aller()
    poste.deposer("annote bis - à corriger.xlsx", en_octets(livre))
    assert "copie annotée qui revient" in poste.texte()
    if poste.etape != "Charger":
        poste.presser("Charger", role="link")
    # It is loaded in place of the first deposit, with its differences.
    page.get_by_text("remplace « annote.xlsx »".replace("« ", "«\u00a0").replace(" »", "\u00a0»")).click()
    page.get_by_role("heading", name="Ce que le remplacement change").wait_for()
    poste.calme()
    lignes = [x.split("\t") for x in page.get_by_role("table").first.inner_text().split("\n")]
    assert [x[0] for x in lignes if x[0].startswith("Club")] == ["Club 2024 numéro 3", "Club 2024 numéro 4"]
    assert next(x for x in lignes if x[0].endswith("numéro 3"))[3:5] == ["(vide)", "13"]
    assert next(x for x in lignes if x[0].endswith("numéro 4"))[3:5] == ["14", "33"]
    charger(poste)
    poste.aller(f"depots?id={premier}")
    assert "Ce dépôt est annulé" in poste.texte()


# --- 3. The same file twice ---------------------------------------------------------------------------------
def test_le_meme_fichier_deux_fois(poste: Poste) -> None:
    octets = benevolat(2023)
    poste.deposer("deux-fois.xlsx", octets)
    assert poste.etape == "Charger", "rien à regarder : droit au chargement"
    depot_id = charger(poste)
    poste.aller()
    poste.deposer("deux-fois (1).xlsx", octets)
    assert poste.etape == "Reconnaître"
    assert "Rien n’a été ajouté" in poste.texte() and "12 lignes" in poste.texte()
    assert poste.page.get_by_role("button", name="Continuer", exact=True).is_disabled()
    poste.presser("Voir ce dépôt", role="link")
    assert poste.parametres["id"] == depot_id


# --- 4 and 5. Replace with differences, undo, redo ----------------------------------------------------------
def exporter(depot: Depot) -> dict[str, bytes]:
    """The public tables as CSV, but the columns that say which publication it is."""
    tables = {}
    with duckdb.connect(str(publique(depot)), read_only=True) as con:
        noms = [
            n
            for (n,) in con.execute(
                "select table_name from duckdb_tables() where schema_name = 'main' order by 1"
            ).fetchall()
        ]
        for nom in noms:
            colonnes = [
                c
                for (c,) in con.execute(
                    "select column_name from duckdb_columns() where schema_name = 'main' and table_name = ? "
                    "order by column_index",
                    [nom],
                ).fetchall()
                if c not in ("version", "publication", "publie_le", "precedente")
            ]
            liste = ", ".join(f'"{c}"' for c in colonnes)
            lignes = con.execute(f'select {liste} from "{nom}" order by all').fetchall()
            tables[nom] = "\n".join(map(repr, [colonnes, *lignes])).encode()
    return tables


def ecarts(lus: dict[str, bytes], attendus: dict[str, bytes]) -> list[str]:
    """Rows of one and not of the other, a few a table."""
    assert lus.keys() == attendus.keys()
    trouves = []
    for nom in sorted(lus):
        ici, la = (set(x[nom].decode().splitlines()) for x in (lus, attendus))
        trouves += [f"{nom} + {x}" for x in sorted(ici - la)[:6]] + [
            f"{nom} - {x}" for x in sorted(la - ici)[:6]
        ]
    return trouves


def test_remplacer_annuler_retablir(poste: Poste, depot: Depot) -> None:
    page = poste.page
    poste.deposer("avant.xlsx", benevolat(2022))
    ancien = charger(poste)

    def retoucher(lignes: list[list[Any]]) -> None:
        lignes[0][4] = 999
        del lignes[1]
        lignes.append(["Club nouveau venu", "Melun", 2022, 7, 70])

    poste.aller()
    poste.deposer("apres.xlsx", benevolat(2022, retouche=retoucher))
    if poste.etape != "Charger":
        poste.presser("Charger", role="link")
    page.get_by_text("avant.xlsx").first.click()
    page.get_by_role("heading", name="Ce que le remplacement change").wait_for()
    poste.calme()
    assert "1 nouvelle, 1 changée, 10 identiques, 1 disparue" in poste.texte()
    assert page.get_by_role("row", name="Club 2022 numéro 0 changée").inner_text().split("\t")[3:] == [
        "100",
        "999",
    ]
    nouveau = charger(poste)
    publier(poste)
    avec = exporter(depot)
    heures = [999 + sum(100 + i for i in range(2, 12)) + 70, sum(100 + i for i in range(12))]
    requete = (
        "select valeur from mesures where indicateur = 'heures_benevolat' and niveau = 'departement' "
        "and domaine = 'tous' and financeur = 'tous' and millesime = 2022"
    )
    assert une(publique(depot), requete) == (heures[0],)
    poste.aller(f"depots?id={nouveau}")
    poste.presser("Annuler ce dépôt")
    page.get_by_role("heading", name="Les chiffres qui bougent").wait_for()
    page.reload()
    page.get_by_role("heading", name="Les chiffres qui bougent").wait_for()
    poste.calme()
    page.locator("[class*=st-key-oui-annuler] button").click()
    page.get_by_text("Ce dépôt est annulé").wait_for()
    publier(poste)
    assert une(publique(depot), requete) == (heures[1],), "le dépôt remplacé est revenu"
    assert exporter(depot).keys() == avec.keys()
    assert exporter(depot)["mesures"] != avec["mesures"]
    poste.aller(f"depots?id={ancien}")
    assert "C’est chargé" in poste.texte()
    poste.aller(f"depots?id={nouveau}")
    poste.presser("Rétablir ce dépôt")
    page.get_by_text("C’est chargé").wait_for()
    publier(poste)
    assert len(avec) > 5
    assert ecarts(exporter(depot), avec) == [], "\n".join(ecarts(exporter(depot), avec))
    # The list leads to each deposit by a link.
    poste.aller("depots")
    page.get_by_role("link", name="apres.xlsx").click()
    page.get_by_text("C’est chargé").wait_for()
    assert poste.parametres["id"] == nouveau


# --- 6. Refresh at each step, two windows -------------------------------------------------------------------
def _attendre_etape(poste: Poste, mot: str) -> None:
    """The step is drawn, and nothing is left to draw."""
    poste.page.locator("[aria-current=step]", has_text=mot).wait_for()
    poste.calme()


def test_recharger_a_chaque_etape(poste: Poste) -> None:
    page = poste.page
    poste.poser([("recharge.xlsx", benevolat(2021, retouche=ecrire(2, 3, "plein")))])
    page.wait_for_url("**/depot?depot=*")
    page.reload()  # while it is being examined
    poste.page.get_by_text("Se déconnecter").wait_for()
    poste.calme()
    identifiant = poste.identifiant
    vus = []
    for code, mot in list(ETAPES.items())[1:]:
        if poste.etape != mot:
            poste.aller(f"depot?depot={identifiant}&etape={code}")
        _attendre_etape(poste, mot)
        avant, adresse = poste.texte(), page.url
        page.reload()
        page.get_by_text("Se déconnecter").wait_for()
        _attendre_etape(poste, mot)
        assert (poste.etape, page.url) == (mot, adresse)
        assert poste.texte() == avant
        vus.append(mot)
    assert vus == ["Reconnaître", "Faire correspondre", "Vérifier", "Charger"]
    poste.aller("deposer")
    assert "recharge.xlsx" in poste.texte()
    poste.presser("recharge.xlsx", role="link")
    assert poste.identifiant == identifiant
    # A second window on the same deposit sees what the first one chose; the first one is not lost.
    poste.aller(f"depot?depot={identifiant}&etape=verifier")
    seconde = poste.fenetre()
    seconde.goto(page.url)
    seconde.get_by_role("heading", name="Corriger ici").wait_for()
    poste.calme(seconde)
    poste.taper_cellule(0, "44")
    poste.presser("Appliquer mes corrections")
    page.get_by_text("1 cellule corrigée.".replace(" c", "\u00a0c", 1)).wait_for()
    poste.calme()
    # What she agrees to is what she sees: the first press shows what has just changed, the second one goes on.
    seconde.get_by_role("button", name="Continuer", exact=True).click()
    seconde.get_by_text("Ce dépôt venait de changer").wait_for()
    poste.calme(seconde)
    assert "Vérifier" in seconde.locator("[aria-current=step]").inner_text()
    seconde.get_by_role("button", name="Continuer", exact=True).click()
    seconde.locator("[aria-current=step]").filter(has_text="Charger").wait_for()
    seconde.close()
    poste.aller(f"depot?depot={identifiant}&etape=charger")
    charger(poste)


# --- 7. A telephone -----------------------------------------------------------------------------------------
def hors_ecran(poste: Poste) -> list[str]:
    """Visible things that go past the right edge and that no scrolling frame of their own holds."""
    noms: list[str] = poste.page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(e => {
            const r = e.getBoundingClientRect();
            if (!r.width || !r.height || r.right <= innerWidth + 1) return false;
            for (let p = e.parentElement; p; p = p.parentElement)
                if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(p).overflowX)
                    && p.getBoundingClientRect().right <= innerWidth + 1) return false;
            return true;
        }).map(e => e.className + ' ' + e.innerText?.slice(0, 40))"""
    )
    return noms


def test_sur_un_telephone(navigateur: Any, depot: Depot) -> None:
    poste = Poste(navigateur, depot, largeur=390, hauteur=800)
    page = poste.page
    poste.entrer("val")

    def tient() -> None:
        assert poste.debords() == [0, 0]
        assert hors_ecran(poste) == []

    tient()
    poste.deposer("Téléphone de l’enquête sur les bénévoles de l’année.xlsx", sans_passee(sale.variante(90)))
    assert poste.etape == "Reconnaître"
    tient()
    poste.presser("Retirer ces colonnes")
    poste.presser("Faire correspondre", role="link")
    tient()
    page.get_by_text("colonnes reconnues").click()
    page.wait_for_timeout(300)
    tient()
    poste.presser("Continuer", exact=True)
    assert poste.etape == "Vérifier"
    tient()
    poste.taper_cellule(0, "12")
    poste.presser("Appliquer mes corrections")
    page.get_by_text("corrigée").first.wait_for()
    tient()
    page.locator(".st-key-continuer button").click()
    page.locator(".st-key-charger").wait_for()
    poste.calme()
    assert poste.etape == "Charger"
    tient()
    charger(poste)
    tient()
    for adresse in (
        "depots",
        "attente",
        "publications",
        "journal",
        "aide?code=NB-01",
        "reponses",
        "qui-est-qui",
    ):
        poste.aller(adresse)
        tient()
    poste.fermer()


def sans_passee(octets: bytes) -> bytes:
    """The messy workbook without last year's sheet: this year's is then read by itself."""
    livre = load_workbook(io.BytesIO(octets))
    del livre[sale.PASSEE]
    return en_octets(livre)


# --- 8. Keyboard only ---------------------------------------------------------------------------------------
_FOCUS = """() => {
    const e = document.activeElement;
    const s = getComputedStyle(e), nom = e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText;
    return [e.matches('a, button, input, summary, [role]') ? (nom ?? '').trim() : '', e.type ?? '',
        s.outlineStyle !== 'none' || s.boxShadow !== 'none' || e.type === 'radio' || e.type === 'checkbox'];
}"""


def tabuler(page: Any, nom: str, limite: int = 150) -> None:
    """Press Tab until what has the focus reads so; it must be seen to have it."""
    lus = []
    for _ in range(limite):
        page.keyboard.press("Tab")
        lu, _genre, vu = page.evaluate(_FOCUS)
        lus.append(lu)
        if nom in lu.replace("\u00a0", " ").replace("\u202f", " "):
            assert vu, f"le focus ne se voit pas sur {lu}"
            return
    raise AssertionError(f"« {nom} » n’est pas atteint au clavier : {lus}")


def test_au_clavier_seul(navigateur: Any, depot: Depot) -> None:
    poste = Poste(navigateur, depot)
    page = poste.page
    page.goto(depot.adresse)
    page.keyboard.press("Tab")
    page.keyboard.type("val")
    page.keyboard.press("Tab")
    page.keyboard.type("Sapin-bleu-2026")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Se déconnecter").wait_for()
    poste.calme()
    tabuler(page, "Choisir des fichiers")
    poste.deposer("clavier.xlsx", sans_passee(sale.variante(91)))
    tabuler(page, "Retirer ces colonnes")
    page.keyboard.press("Enter")
    page.get_by_text("avant de lire").wait_for()
    poste.calme()
    tabuler(page, "Non, en euros")
    page.keyboard.press("Space")
    tabuler(page, "12 450")
    page.keyboard.press("Space")
    tabuler(page, "Enregistrer mes réponses")
    page.keyboard.press("Enter")
    page.get_by_text("avant de lire").wait_for(state="detached")
    poste.calme()
    tabuler(page, "Continuer")
    page.keyboard.press("Enter")
    page.locator(".st-key-charger button").wait_for()
    poste.calme()
    tabuler(page, "Charger ")
    while not page.evaluate("document.activeElement.closest('.st-key-charger') !== null"):
        tabuler(page, "Charger ")
    page.keyboard.press("Enter")
    page.get_by_text("C’est chargé").wait_for()
    poste.calme()
    assert " = " in poste.texte()
    poste.fermer()


# --- 9. Eight sessions at once ------------------------------------------------------------------------------
def montants_faux(poste: Poste) -> dict[str, str]:
    """What the grid of corrections shows of column D, by cell."""
    paires = zip(poste.colonne_grille(1), poste.colonne_grille(3), strict=False)
    return {cellule: texte for cellule, texte in paires if cellule.startswith("D")}


def test_huit_sessions_a_la_fois(navigateur: Any, depot: Depot) -> None:
    postes = [Poste(navigateur, depot) for _ in range(SESSIONS)]
    for rang, poste in enumerate(postes):
        poste.entrer(f"dep{rang}")
    classeurs = [sans_passee(sale.variante(rang)) for rang in range(SESSIONS)]
    for rang, poste in enumerate(postes):
        poste.poser([(f"session-{rang}.xlsx", classeurs[rang])])
    for poste in postes:
        poste.page.wait_for_url("**/depot?depot=*")
    assert len({poste.identifiant for poste in postes}) == SESSIONS
    for poste in postes:
        poste.page.get_by_role("button", name="Retirer ces colonnes").click()
    for rang, poste in enumerate(postes):
        poste.page.get_by_role("heading", name="Corriger ici").wait_for()
        poste.calme()
        assert poste.page.locator("h1").inner_text() == f"session-{rang}.xlsx"
        lire_jusqu_a(poste.page, lambda: montants_faux(poste), sale.attendu(rang))  # noqa: B023
        autres = {e for r in range(SESSIONS) if r != rang for e in sale.attendu(r).values()}
        assert not [e for e in autres if e in poste.texte()]
    # Somebody else's deposit cannot be seen.
    postes[0].aller(f"depot?depot={postes[1].identifiant}")
    assert "celui d’une autre personne" in postes[0].texte()
    for poste in postes:
        poste.fermer()


# --- 10. Ten thousand rows ----------------------------------------------------------------------------------
_RELEVE = """() => { window.releve = new Set(); window.setInterval(() => {
    const b = document.querySelector('[data-testid=stProgress] [role=progressbar]');
    if (b) window.releve.add(Number(b.getAttribute('aria-valuenow')));
}, 40) }"""


def test_dix_mille_lignes(poste: Poste, depot: Depot) -> None:
    """The bar is on the processor the application takes: `make bench` holds the clock, alone on the machine."""
    page = poste.page
    octets = benevolat(2020, LIGNES)
    poste.deposer("échauffement.xlsx", benevolat(2019))
    poste.aller()
    page.evaluate(_RELEVE)
    debut, avant = time.monotonic(), depot.processeur()
    poste.poser([("dix-mille.xlsx", octets)])
    page.get_by_text(
        "10 000 lignes sur 10 000".replace(" 000", "\u202f000").replace("00 l", "00\u00a0l")
    ).wait_for()
    duree, calcul = time.monotonic() - debut, depot.processeur() - avant
    parts = sorted(page.evaluate("[...window.releve]"))
    print(
        f"\n10 000 lignes, du dépôt au rapport : {duree:.1f} s, {calcul:.1f} s de calcul ; avancement : {parts}"
    )
    assert len(parts) >= 3
    assert duree < SECONDES_MAX
    assert 0.1 < calcul < SECONDES_MAX


# --- 11. Everyone can read and press it ---------------------------------------------------------------------
_SANS_NOM = """() => [...document.querySelectorAll(
        'button, a[href], input:not([type=hidden]):not([type=file]), select, textarea, [role=button], iframe')]
    .filter(e => e.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}) && !e.closest('[aria-hidden=true]'))
    .filter(e => !(e.getAttribute('aria-label') || e.getAttribute('title') || e.getAttribute('alt')
        || [...(e.labels ?? [])].some(l => l.innerText.trim()) || e.innerText?.trim()
        || document.getElementById(e.getAttribute('aria-labelledby') ?? '')?.innerText))
    .map(e => e.outerHTML.slice(0, 160))"""
_TITRES = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
    .filter(e => e.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})).map(e => Number(e.tagName[1]))"""
_CONTRASTES = """() => {
    const nombres = c => (c.match(/[\\d.]+/g) ?? []).map(Number);
    const lum = c => { const [r, v, b] = c.map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * v + 0.0722 * b; };
    const fond = e => { for (; e; e = e.parentElement) { const c = nombres(getComputedStyle(e).backgroundColor);
        if (c.length === 3 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
    const vus = {};
    for (const e of document.querySelectorAll('[class*="gu-"], [class*="gu-"] *, .ob-tableau *, .ob-note *, .ob-titre *')) {
        if (!e.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}) || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
        const s = getComputedStyle(e), a = lum(nombres(s.color).slice(0, 3)), b = lum(fond(e));
        const gros = parseFloat(s.fontSize) >= 24 || (parseFloat(s.fontSize) >= 18.66 && Number(s.fontWeight) >= 700);
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const nom = e.className || e.tagName;
        vus[nom] = Math.min(vus[nom] ?? 99, ratio / (gros ? 3 : 4.5));
    }
    return vus;
}"""
ANGLAIS = (
    "Help for",
    "Navigate to",
    "Show/hide",
    "Fullscreen",
    "Search:",
    "Choose an",
    "Main menu",
    "Drag and drop",
)


def accessible(poste: Poste) -> None:
    """Names, order of the headings, contrasts, French labels of the page shown."""
    page = poste.page
    assert page.evaluate(_SANS_NOM) == []
    titres = page.evaluate(_TITRES)
    assert titres.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(titres)), titres
    contrastes = page.evaluate(_CONTRASTES)
    assert len(contrastes) > 1
    assert {nom: round(r, 2) for nom, r in contrastes.items() if r < 1} == {}
    noms = page.evaluate(
        "() => [...document.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap("
        "e => ['aria-label', 'title', 'placeholder'].map(a => e.getAttribute(a) ?? ''))"
    )
    assert not [nom for nom in noms if any(mot in nom for mot in ANGLAIS)]


def test_lisible_et_nomme(poste: Poste) -> None:
    poste.deposer("accès.xlsx", sale.variante(92))
    identifiant = poste.identifiant
    accessible(poste)
    poste.page.locator(".st-key-feuille-1 label", has_text="Lire cette feuille").click()
    poste.page.get_by_text("année 2025").wait_for()
    poste.calme()
    poste.presser("Retirer ces colonnes")
    for code, mot in list(ETAPES.items())[1:]:
        poste.aller(f"depot?depot={identifiant}&etape={code}")
        assert poste.etape == mot
        assert poste.page.locator("[aria-current=step]").count() == 1
        accessible(poste)
    for adresse in (
        "",
        "depots",
        "attente",
        "qui-est-qui",
        "reponses",
        "publications",
        "journal",
        "aide?code=NB-01",
    ):
        poste.aller(adresse)
        accessible(poste)
