"""Map inset of a sheet, as vectors: the département by intercommunality, the territory in dark, readable in grey."""

from __future__ import annotations

from functools import cache

from dashboards.lecture_papier import Fonds
from dashboards.modeles import Territoire
from observatoire.territoire.carte import fond
from observatoire.territoire.territoire import DepartementAbsent

# Those of figures/theme.py, that a document cannot import (Plotly); a test holds them together.
PALE, VOISIN, FONCE, ENCRE = "#e6f0ee", "#a6d0c4", "#0e5a63", "#1f2a33"
# Under this part of the width, a ring is drawn around a shape that would not be seen.
PETIT, ANNEAU = 0.06, 0.055


def encart(fonds: Fonds, lieu: Territoire, departement: str) -> tuple[str, str]:
    """SVG and alternative text; empty when no contour is known for this territory."""
    membres = () if lieu.niveau == "departement" else fonds.membres(lieu)
    if not membres and lieu.niveau != "departement":
        return "", ""
    try:
        boite, intercommunalites, tracees = _fonds_de_carte(departement)
    except DepartementAbsent:
        return "", ""
    epci = fonds.communes.get(lieu.code, {}).get("epci", "") if lieu.niveau == "commune" else ""
    chemins = [f'<path d="{d}" fill="{_teinte(lieu, epci, code)}"/>' for code, d in intercommunalites.items()]
    dedans = [tracees[c] for c in membres if c in tracees]
    if lieu.niveau != "epci":
        trait = FONCE if len(dedans) > 1 else "#ffffff"
        chemins += [f'<path d="{d}" fill="{FONCE}" stroke="{trait}" stroke-width="6"/>' for d, _, _ in dedans]
    if len(dedans) == 1:
        chemins.append(_anneau(dedans[0], boite))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{boite}"><g stroke="#ffffff" stroke-width="10" '
        f'stroke-linejoin="round">{"".join(chemins)}</g></svg>'
    )
    ou = "Carte du département" if lieu.niveau == "departement" else "Carte de situation"
    return svg, f"{ou}\u00a0: {lieu.libelle}, en foncé, dans {fonds.departement.libelle}."


def _teinte(lieu: Territoire, epci: str, code: str) -> str:
    if lieu.niveau == "departement" or (lieu.niveau == "epci" and lieu.code == code):
        return FONCE
    return VOISIN if code == epci else PALE


def _anneau(commune: tuple[str, float, tuple[float, float]], boite: str) -> str:
    _, largeur, (x, y) = commune
    total = float(boite.split()[2])
    if largeur > PETIT * total:
        return ""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{ANNEAU * total:g}" fill="none" stroke="{ENCRE}" stroke-width="22"/>'


@cache
def _fonds_de_carte(
    departement: str,
) -> tuple[str, dict[str, str], dict[str, tuple[str, float, tuple[float, float]]]]:
    """View box, paths of the EPCI, and of each commune its path, about its width, and a point inside."""
    communes, epci = fond(departement, "commune"), fond(departement, "epci")
    tracees = {
        code: (chemin, _largeur(chemin), communes["etiquettes"][code])
        for code, chemin in communes["chemins"].items()
    }
    return epci["viewBox"], epci["chemins"], tracees


def _largeur(chemin: str) -> float:
    """Width of the first ring of a path made of one absolute point and relative steps."""
    x = bas = haut = 0.0
    depart, _, suite = chemin.removeprefix("M").partition("l")
    x = bas = haut = float(depart.split(",")[0])
    for pas in suite.partition("z")[0].split():
        x += float(pas.split(",")[0])
        bas, haut = min(bas, x), max(haut, x)
    return haut - bas


def credits(departement: str) -> str:
    """Whom the contours come from."""
    try:
        return str(fond(departement, "commune")["sources"][0])
    except DepartementAbsent:
        return ""
