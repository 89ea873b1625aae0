"""The backgrounds of the maps, served once to a browser: the address changes when the outlines do.

A page sends the classes of its territories; the outlines, ten times heavier, come from here and stay in the cache of
the browser for good.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from observatoire.territoire.carte import COUCHES, fond
from observatoire.territoire.territoire import DepartementAbsent

_LONGUEUR = 12
_POUR_TOUJOURS = "public, max-age=31536000, immutable"


@cache
def _octets(departement: str, couche: str) -> bytes:
    chemins = fond(departement, couche)["chemins"]
    return json.dumps(chemins, separators=(",", ":")).encode()


@cache
def adresse(departement: str, couche: str) -> str:
    """Where the outlines of a layer are, from any public page. DepartementAbsent when there are none."""
    empreinte = hashlib.sha256(_octets(departement, couche)).hexdigest()[:_LONGUEUR]
    return f"fond/{departement}-{couche}-{empreinte}.json"


def servir(requete: Request) -> Response:
    """The outlines of a layer of our département; 404 for any other name, an old one included."""
    from observatoire.config.settings import load_settings

    departement = load_settings().departement
    for couche in COUCHES:
        try:
            nom = adresse(departement, couche)
        except DepartementAbsent:
            break
        if nom == f"fond/{requete.path_params['nom']}":
            return Response(
                _octets(departement, couche),
                media_type="application/json",
                headers={"Cache-Control": _POUR_TOUJOURS},
            )
    return Response("Fond de carte inconnu.", 404, media_type="text/plain; charset=utf-8")


ROUTES = (Route("/fond/{nom}", servir),)
