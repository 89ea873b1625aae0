"""A person at the staff application in a real browser: signs in, drops files, presses what she reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from observatoire import comptes
from observatoire.comptes import OPERATEUR, Role
from tests.browser import calme
from tests.serveur_depot import Depot

MOT = "Sapin-bleu-2026"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Streamlit looks for its base path under deep links before finding it; a browser asks for an icon before signing in.
SANS_GRAVITE = tuple(
    f"Failed to load resource: the server responded with a status of {s}" for s in (401, 404)
)
_DEBORDS = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
    .map(e => e.scrollWidth - e.clientWidth)"""


def compte(depot: Depot, sujet: str, role: Role | None) -> None:
    """An account on this server; the password is `MOT`."""
    comptes.creer_compte(depot.reglages, OPERATEUR, sujet, sujet.capitalize(), MOT, role)


class Poste:
    """One browser session, and what went wrong in it."""

    def __init__(self, navigateur: Any, depot: Depot, *, largeur: int = 1280, hauteur: int = 900) -> None:
        self.contexte = navigateur.new_context(
            viewport={"width": largeur, "height": hauteur}, locale="fr-FR", accept_downloads=True
        )
        self.depot = depot
        self.dehors: list[str] = []
        self.erreurs: list[str] = []
        self.page = self.fenetre()

    def fenetre(self) -> Any:
        """Another window of the same session."""
        page = self.contexte.new_page()
        calme.ecouter(page)
        page.on("request", self._requete)
        page.on("pageerror", lambda e: self.erreurs.append(str(e)))
        page.on("console", self._console)
        return page

    def _requete(self, requete: Any) -> None:
        if not requete.url.startswith((self.depot.adresse, "data:", "blob:")):
            self.dehors.append(requete.url)

    def _console(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(SANS_GRAVITE):
            self.erreurs.append(message.text)

    def fermer(self) -> None:
        """Leave; nothing may have gone out or gone wrong."""
        self.contexte.close()
        assert self.dehors == []
        assert self.erreurs == []

    def entrer(self, sujet: str) -> None:
        """Sign in with the keyboardless form."""
        self.page.goto(self.depot.adresse)
        self.page.get_by_label("Identifiant ou adresse électronique").fill(sujet)
        self.page.get_by_label("Mot de passe").fill(MOT)
        self.page.get_by_role("button", name="Se connecter").click()
        self.page.get_by_text("Se déconnecter").wait_for()
        self.calme()

    def calme(self, page: Any = None) -> None:
        """Wait until the server has answered, nothing is stale and no progress is shown."""
        calme.attendre(page or self.page)

    def aller(self, chemin: str = "") -> None:
        """Open an address of the application."""
        self.page.goto(f"{self.depot.adresse}/{chemin}")
        self.page.get_by_text("Se déconnecter").wait_for()
        self.calme()

    def presser(self, nom: str, *, exact: bool = False, role: str = "button") -> None:
        """Press what reads so, once it can be, and wait for what follows."""
        self.page.get_by_role(role, name=nom, exact=exact).first.click()
        self.calme()

    def deposer(self, nom: str, octets: bytes) -> str:
        """Drop one file and wait until it is examined; the id of the deposit in progress."""
        self.poser([(nom, octets)])
        self.page.wait_for_url("**/depot?depot=*")
        self.calme()
        return self.identifiant

    def poser(self, fichiers: list[tuple[str, bytes]]) -> None:
        """Give files to the drop zone."""
        self.page.locator("input[type=file]").first.set_input_files(
            [{"name": nom, "mimeType": EXCEL, "buffer": octets} for nom, octets in fichiers]
        )

    @property
    def parametres(self) -> dict[str, str]:
        """What the address carries."""
        valeurs: dict[str, str] = self.page.evaluate("Object.fromEntries(new URL(location).searchParams)")
        return valeurs

    @property
    def identifiant(self) -> str:
        """The deposit in progress of the address."""
        return self.parametres["depot"]

    @property
    def etape(self) -> str:
        """The step said to screen readers."""
        texte: str = self.page.locator("[aria-current=step]").inner_text()
        return texte.lstrip("0123456789 \n").strip()

    def texte(self) -> str:
        """All that is read, with plain spaces."""
        brut: str = self.page.locator("[data-testid=stMain]").inner_text()
        return brut.replace("\u00a0", " ").replace("\u202f", " ")

    def telecharger(self, nom: str) -> bytes:
        """What a download button gives."""
        with self.page.expect_download() as attendu:
            self.page.get_by_role("button", name=nom).first.click()
        return Path(attendu.value.path()).read_bytes()

    def debords(self) -> list[int]:
        """Pixels out of the screen, sideways."""
        valeurs: list[int] = self.page.evaluate(_DEBORDS)
        return valeurs

    def colonne_grille(self, colonne: int) -> list[str]:
        """What the grid of corrections says in a column (from 1), as a screen reader hears it."""
        cellules = self.page.locator(f"[data-testid=stDataFrame] canvas td[aria-colindex='{colonne}']")
        cellules.first.wait_for(state="attached")
        textes: list[str] = cellules.all_text_contents()
        return textes

    def taper_cellule(self, ligne: int, texte: str) -> None:
        """Type in the column « Nouvelle valeur », the second one of the grid."""
        grille = self.page.locator("[data-testid=stDataFrame]").first
        grille.scroll_into_view_if_needed()
        self.page.wait_for_timeout(150)
        cadre = grille.bounding_box()
        assert cadre is not None
        self.page.mouse.click(cadre["x"] + 30, cadre["y"] + 35 * (ligne + 1) + 17)
        for touche in ("ArrowRight", "Enter"):
            self.page.wait_for_timeout(300)
            self.page.keyboard.press(touche)
        saisie = self.page.locator(".gdg-input, .clip-region textarea, #portal textarea").first
        saisie.wait_for()
        saisie.fill(texte)
        self.page.keyboard.press("Enter")
        calme.lire_jusqu_a(self.page, lambda: self.colonne_grille(2)[ligne], texte)
