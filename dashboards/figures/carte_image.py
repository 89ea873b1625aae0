"""The map as an image to download: title, map, legend and what it rests on, in one SVG, or the same as PNG.

The PNG is drawn by Typst from the SVG: same data, same bytes on every machine.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from dashboards.components.mention import Paires
from dashboards.figures.carte_svg import Entree, pastille, rond, unites_par_pixel
from dashboards.figures.theme import ENCRE, GRIS, PETROLE

POLICES = Path(__file__).resolve().parent.parent / "fiches" / "polices"
POLICE = "Atkinson Hyperlegible Next"
LARGEUR, MARGE, INTERLIGNE = 900.0, 24.0, 22.0
COMPTES = "Entre parenthèses, le nombre de territoires."
CARACTERES = 104
PPP = 160.0
# A downloaded file has no style sheet, and a PNG no stroke that keeps its width: both are written for the drawing.
_TRAITS = (
    ".zones path{{stroke:#fff;stroke-width:{fin};stroke-linejoin:round}}.zones .k-zero{{stroke:#5b6770}}"
    ".zones .k-uni{{stroke:#b9b09c}}"
    ".choisi{{fill:none;stroke:#b8651b;stroke-width:{gras}}}.echelle path{{fill:none;stroke:#1f2a33;stroke-width:{fin}}}"
    ".echelle text{{text-anchor:middle;fill:#1f2a33}}.ronds .rond{{stroke-width:{fin}}}"
)
_ROND = f".rond{{fill:{PETROLE};fill-opacity:0.72;stroke:#fff}}"


def svg(
    carte: str,
    fond: Mapping[str, Any],
    titre: str,
    legende: Sequence[Entree],
    ronds: Sequence[tuple[float, str]],
    dites: Paires,
    avertissement: str = "",
) -> str:
    """The whole image. `avertissement` is said first of what the map rests on; `carte` is the map as `carte_svg.dessiner` makes it, outlines included."""
    u = unites_par_pixel(fond)
    _, _, large, haute = (float(v) for v in str(fond["viewBox"]).split())
    largeur_carte = LARGEUR - 2 * MARGE
    hauteur_carte = largeur_carte * haute / large
    morceaux, y = [], MARGE
    for ligne in textwrap.wrap(titre, CARACTERES - 30):
        y += 26
        morceaux.append(_texte(MARGE, y, ligne, 21, ENCRE, 700))
    y += 12
    interieur = re.sub(r"^<svg [^>]*>|</svg>$", "", carte)
    morceaux.append(
        f'<svg x="{MARGE:g}" y="{y:g}" width="{largeur_carte:g}" height="{hauteur_carte:g}" '
        f'viewBox="{escape(str(fond["viewBox"]))}"><style>{_TRAITS.format(fin=0.7 * u, gras=3.2 * u)}</style>{interieur}</svg>'
    )
    y += hauteur_carte + 12
    for dessin, libelle, hauteur in _lignes_legende(legende, ronds, u):
        morceaux.append(f'<g transform="translate({MARGE:g} {y:g})">{dessin}</g>')
        morceaux.append(_texte(MARGE + 66, y + hauteur / 2 + 5, libelle, 15, ENCRE))
        y += hauteur + 6
    y += 8
    credits_ = [
        *filter(None, [avertissement, COMPTES if legende else ""]),
        *(f"{t}\u00a0: {d}." for t, d in dites),
        ". ".join(fond["sources"]) + ".",
    ]
    for texte in credits_:
        for ligne in textwrap.wrap(texte, CARACTERES + 22):
            y += 18
            morceaux.append(_texte(MARGE, y, ligne, 13, GRIS))
    hauteur = y + MARGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LARGEUR:g} {hauteur:g}" width="{LARGEUR:g}" '
        f'height="{hauteur:g}" font-family="{POLICE}, sans-serif"><title>{escape(titre)}</title>'
        f'<style>{_ROND}</style><rect width="{LARGEUR:g}" height="{hauteur:g}" fill="#ffffff"/>{"".join(morceaux)}</svg>'
    )


def _lignes_legende(
    legende: Sequence[Entree], ronds: Sequence[tuple[float, str]], u: float
) -> list[tuple[str, str, float]]:
    """Drawing, label and height of each line of the legend."""
    lignes = [(rond(rayon), libelle, 2 * rayon + 2) for rayon, libelle in ronds]
    lignes += [(pastille(e.classe, u), f"{e.libelle} ({e.effectif})", 16.0) for e in legende]
    return lignes


def _texte(x: float, y: float, texte: str, taille: float, couleur: str, graisse: int = 400) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{taille:g}" font-weight="{graisse}" fill="{couleur}">'
        f"{escape(texte)}</text>"
    )


def png(image: str) -> bytes:
    """The SVG as PNG."""
    import typst

    source = (
        "#set page(width: auto, height: auto, margin: 0pt)\n"
        '#image(bytes(sys.inputs.image), format: "svg", width: 600pt)\n'
    )
    options: dict[str, Any] = {
        "sys_inputs": {"image": image},
        "font_paths": [POLICES],
        "ignore_system_fonts": True,
    }
    rendu: Any = typst.compile(source.encode(), format="png", ppi=PPP, **options)
    octets: bytes = rendu[0] if isinstance(rendu, list) else rendu
    return octets
