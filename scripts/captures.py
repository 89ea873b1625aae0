"""Screenshots of every public page for docs/captures/, taken by hand from a demonstration publication.

    OBSERVATOIRE_DONNEES=essai observatoire demo        invented data, always the same
    OBSERVATOIRE_DONNEES=essai python scripts/captures.py
    OBSERVATOIRE_DONNEES=essai python scripts/captures.py --pages essentiel,carte --vers vues

Each page at 1280 and 390 pixels in the light theme, the first one in the dark theme too; long pages are cut. It needs
Playwright and a Chromium (`--chromium`); nothing leaves the machine. Refused on data that are not fictitious.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path

RACINE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(RACINE))
# Read when the application is imported: a demonstration, not a production without its key.
os.environ.setdefault("OBSERVATOIRE_CLE", "demo")

from PIL import Image  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from dashboards.app_pages import PAGES  # noqa: E402
from dashboards.components import donnees  # noqa: E402
from observatoire.config.settings import load_settings  # noqa: E402
from tests.serveur_public import pages_servies  # noqa: E402

DOSSIER = RACINE / "docs" / "captures"
# Height kept at each width: what somebody reads before scrolling for long.
TAILLES = {1280: 1700, 390: 1600}
SOMBRES = ("essentiel",)
COULEURS = 96
LIMITE = 4_000_000
OPTIONS = ("--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")


def photographier(page: Page, adresse: str, largeur: int) -> bytes:
    """PNG of the top of a page, once its charts and its map are drawn."""
    page.set_viewport_size({"width": largeur, "height": TAILLES[largeur]})
    page.goto(adresse)
    page.wait_for_selector(".ob-pied", timeout=90_000)
    page.wait_for_function(
        "() => document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'", timeout=90_000
    )
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(1_500)
    return page.screenshot()


def reduire(octets: bytes) -> bytes:
    """The same image with few colours, without metadata."""
    image = Image.open(io.BytesIO(octets)).convert("RGB")
    sortie = io.BytesIO()
    image.quantize(COULEURS, dither=Image.Dither.NONE).save(sortie, "PNG", optimize=True)
    return sortie.getvalue()


def main() -> int:
    """Take them all; the number of bytes of the folder may not pass `LIMITE`."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--pages", default="", help="adresses, séparées par des virgules")
    arguments.add_argument("--vers", type=Path, default=DOSSIER)
    arguments.add_argument("--chromium", default="/usr/bin/chromium")
    choix = arguments.parse_args()
    pub = donnees.courante()
    if pub is None or not pub.edition.fictif:
        print("Il faut une publication de démonstration : observatoire demo.", file=sys.stderr)
        return 2
    voulues = [p.adresse for p in PAGES if not choix.pages or p.adresse in choix.pages.split(",")]
    choix.vers.mkdir(parents=True, exist_ok=True)
    with pages_servies(load_settings().donnees) as adresse, sync_playwright() as outil:
        navigateur = outil.chromium.launch(executable_path=choix.chromium, args=list(OPTIONS))
        for theme in ("light", "dark"):
            page = navigateur.new_context(locale="fr-FR", color_scheme=theme).new_page()
            for nom in voulues if theme == "light" else [n for n in voulues if n in SOMBRES]:
                for largeur in TAILLES:
                    suffixe = "" if theme == "light" else "-sombre"
                    octets = reduire(photographier(page, f"{adresse}/{nom}", largeur))
                    (choix.vers / f"{nom}-{largeur}{suffixe}.png").write_bytes(octets)
                    print(f"{nom} {largeur}{suffixe} : {len(octets) // 1000} ko", flush=True)
        navigateur.close()
    total = sum(c.stat().st_size for c in choix.vers.glob("*.png"))
    print(f"{choix.vers} : {total / 1e6:.1f} Mo")
    return 0 if total <= LIMITE else 1


if __name__ == "__main__":
    raise SystemExit(main())
