"""The choropleth as one SVG text: background paths, classes, hatches, tooltips, selection. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from dashboards import format_fr as fr
from dashboards.figures.classes import ABSENTE, ND, NON_PUBLIE, SECRET, ZERO, Classement
from dashboards.figures.theme import CLASSES, ENCRE
from dashboards.figures.theme import ZERO as COULEUR_ZERO
from dashboards.textes import ETATS


@dataclass(frozen=True, slots=True)
class Entree:
    """One line of the legend: class of the shape, label, number of territories."""

    classe: str
    libelle: str
    effectif: int


def _motifs(u: float) -> str:
    """Hatches of the special states, drawn for `u` units of the drawing a pixel."""
    fond = f'<rect width="{6 * u:g}" height="{6 * u:g}" fill="#f3efe6"/>'

    def hachure(etat: str, angle: int, encre: str, trait: float) -> str:
        return (
            f'<pattern id="m-{etat}" width="{6 * u:g}" height="{6 * u:g}" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate({angle})">{fond}<path d="M0 0V{6 * u:g}" stroke="{encre}" '
            f'stroke-width="{trait * u:g}"/></pattern>'
        )

    points = (
        f'<pattern id="m-{ND}" width="{6 * u:g}" height="{6 * u:g}" patternUnits="userSpaceOnUse">{fond}'
        f'<circle cx="{3 * u:g}" cy="{3 * u:g}" r="{0.9 * u:g}" fill="#8d949a"/></pattern>'
    )
    secret, non_publie = hachure(SECRET, 45, "#6b5d78", 2.4), hachure(NON_PUBLIE, -45, "#b9853f", 1.6)
    absente = hachure(ABSENTE, 0, "#8d949a", 1.2)
    return f"<defs>{secret}{non_publie}{points}{absente}</defs>"


def _remplissages() -> dict[str, str]:
    pleins = {str(rang): couleur for rang, couleur in enumerate(CLASSES)}
    hachures = {etat: f"url(#m-{etat})" for etat in (SECRET, NON_PUBLIE, ND, ABSENTE)}
    return {**pleins, ZERO: COULEUR_ZERO, **hachures}


def couleur(rang: int, nb_classes: int) -> int:
    """Index in `CLASSES` of a class, so that few classes still use both ends of the scale."""
    return round(rang * (len(CLASSES) - 1) / max(1, nb_classes - 1)) if nb_classes > 1 else 2


def _classe(rang: int | str, nb_classes: int) -> str:
    return str(couleur(rang, nb_classes)) if isinstance(rang, int) else rang


def legende(
    classement: Classement,
    unite: str,
    decimales: int | None = None,
    libelles: Mapping[str, str] | None = None,
) -> list[Entree]:
    """Classes from the highest to the lowest, then zero and the states without a value, when present.

    `libelles` replaces the names of the states.
    """
    nb = len(classement.classes)
    entrees = [
        Entree(
            _classe(c.rang, nb),
            _intervalle(c.bas, c.haut, unite, decimales),
            c.effectif,
        )
        for c in reversed(classement.classes)
    ]
    speciaux = [(ZERO, fr.valeur(0, unite, 0))] + [
        (etat, f"{ETATS[etat].signe}{fr.INSECABLE}: {ETATS[etat].libelle}")
        for etat in (SECRET, NON_PUBLIE, ND)
    ]
    if libelles is not None:
        speciaux = list(libelles.items())
    entrees += [
        Entree(e, libelle, classement.effectif(e)) for e, libelle in speciaux if classement.effectif(e)
    ]
    return entrees


def _intervalle(bas: float, haut: float, unite: str, decimales: int | None) -> str:
    """Bounds of a class; one value when both read the same."""
    textes = {fr.valeur_abregee(borne, unite, decimales) for borne in (bas, haut)}
    return textes.pop() if len(textes) == 1 else fr.plage(bas, haut, unite, decimales)


def pastille(classe: str, u: float) -> str:
    """Small SVG square of a legend line, in units of the map so that its hatch is the same."""
    return (
        f'<svg viewBox="0 0 {22 * u:g} {16 * u:g}" width="22" height="16" aria-hidden="true">'
        f'<rect x="{u / 2:g}" y="{u / 2:g}" width="{21 * u:g}" height="{15 * u:g}" '
        f'fill="{_remplissages()[classe]}" stroke="{ENCRE}" stroke-width="{u:g}"/></svg>'
    )


def dessiner(
    fond: Mapping[str, Any],
    classement: Classement,
    bulles: Mapping[str, str],
    alt: str,
    choisi: str | None = None,
) -> str:
    """SVG of the layer `fond` (see `observatoire.territoire.carte.fond`).

    `bulles` gives the tooltip of each code; all text is escaped. The chosen shape is drawn again on top.
    """
    nb = len(classement.classes)
    formes, dessus = [], ""
    for code, chemin in fond["chemins"].items():
        classe = _classe(classement.rangs.get(code, ND), nb)
        titre = f"<title>{escape(bulles.get(code, code))}</title>"
        formes.append(
            f'<path class="k-{classe}" data-code="{escape(code)}" d="{escape(chemin)}">{titre}</path>'
        )
        if code == choisi:
            dessus = f'<path class="choisi" d="{escape(chemin)}"/>'
    styles = "".join(f".k-{classe}{{fill:{valeur}}}" for classe, valeur in _remplissages().items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{escape(str(fond["viewBox"]))}" role="img" '
        f'aria-label="{escape(alt)}" preserveAspectRatio="xMidYMid meet">'
        f"<style>{styles}</style>{_motifs(unites_par_pixel(fond))}"
        f'<g class="zones">{"".join(formes)}</g>{dessus}'
        f"{_echelle(fond)}</svg>"
    )


def unites_par_pixel(fond: Mapping[str, Any]) -> float:
    """Units of the drawing that make one pixel at the width it was drawn for."""
    return float(str(fond["viewBox"]).split()[2]) / float(fond["largeur"])


def _echelle(fond: Mapping[str, Any]) -> str:
    """Scale bar of ten kilometres in the lower right corner."""
    u = unites_par_pixel(fond)
    gauche, haut, largeur, hauteur = (float(v) for v in str(fond["viewBox"]).split())
    longueur = 10_000 / float(fond["metres_par_unite"])
    x, y = gauche + largeur - longueur - 8 * u, haut + hauteur - 8 * u
    return (
        f'<g class="echelle" aria-hidden="true"><path d="M{x:.0f} {y - 5 * u:.0f}v{5 * u:.0f}h{longueur:.0f}'
        f'v{-5 * u:.0f}"/><text x="{x + longueur / 2:.0f}" y="{y - 5 * u:.0f}" font-size="{13 * u:.0f}">'
        f"10{fr.INSECABLE}km</text></g>"
    )
