"""Background of the maps: SVG paths of a département, for pages and PDF alike."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from observatoire.territoire.territoire import dossier

COUCHES = ("commune", "epci")


@cache
def _contours(departement: str) -> dict[str, Any]:
    texte = (dossier(departement) / "contours.json").read_text(encoding="utf-8")
    contours: dict[str, Any] = json.loads(texte)
    return contours


def fond(departement: str, couche: str) -> dict[str, Any]:
    """The layer `couche` of `COUCHES`, as a new dictionary.

    `viewBox` (text of the SVG attribute), `largeur` and `hauteur` (pixels it was drawn for), `chemins`
    ({code: 'M…z'}), `etiquettes` ({code: (x, y)}, a point well inside the shape), `metres_par_unite`,
    `origine` (Lambert-93 coordinates of the top left corner) and `sources` (credits to print under the map).
    ValueError when there is no such layer, DepartementAbsent when the files have not been made.
    """
    if couche not in COUCHES:
        raise ValueError(f"couche inconnue : « {couche} » (attendu : {', '.join(COUCHES)})")
    contours = _contours(departement)
    contenu = contours["couches"][couche]
    return {
        "viewBox": contours["viewBox"],
        "largeur": contours["largeur"],
        "hauteur": contours["hauteur"],
        "metres_par_unite": contours["metres_par_unite"],
        "origine": tuple(contours["origine"]),
        "sources": tuple(contours["sources"]),
        "chemins": dict(contenu["chemins"]),
        "etiquettes": {code: tuple(point) for code, point in contenu["etiquettes"].items()},
    }
