"""How the programs are answered: JSON in French, an entity tag a publication and its filters, open to any origin."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import duckdb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

METHODES = ("GET", "HEAD", "OPTIONS")
# A page of another site may read what anybody may download; it sends no cookie and learns nothing else.
ORIGINES = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Content-Disposition, Content-Length, Retry-After",
}
PRECHARGE = {
    "Allow": ", ".join(METHODES),
    "Access-Control-Allow-Methods": ", ".join(METHODES),
    "Access-Control-Allow-Headers": "If-None-Match, Range",
    "Access-Control-Max-Age": "86400",
}
FRAICHEUR = "public, max-age=300"
POUR_TOUJOURS = "public, max-age=31536000, immutable"
Traitement = Callable[[Request], Response]


class Refus(Exception):
    """An answer that is a sentence: status and what to tell."""

    def __init__(self, statut: int, phrase: str, **entetes: str) -> None:
        super().__init__(phrase)
        self.statut, self.phrase, self.entetes = statut, phrase, entetes


def json_reponse(contenu: Any, statut: int = 200, entetes: Mapping[str, str] | None = None) -> Response:
    """Indented JSON in UTF-8, dates in ISO 8601; a number that is none is refused."""
    corps = json.dumps(contenu, ensure_ascii=False, indent=1, allow_nan=False, default=_date) + "\n"
    return Response(corps, statut, headers=dict(entetes or {}), media_type="application/json; charset=utf-8")


def refus(faute: Refus) -> Response:
    """The sentence of a refusal."""
    return json_reponse(
        {"erreur": faute.phrase, "statut": faute.statut},
        faute.statut,
        {"Cache-Control": "no-store", **faute.entetes},
    )


def etiquette(*parties: object) -> str:
    """Weak entity tag: the bytes may be compressed on the way."""
    return f'W/"{hashlib.sha256(repr(parties).encode()).hexdigest()[:32]}"'


def entetes(etag: str, fraicheur: str = FRAICHEUR) -> dict[str, str]:
    """What says how long an answer holds."""
    return {"ETag": etag, "Cache-Control": fraicheur}


def inchange(requete: Request, etag: str, fraicheur: str = FRAICHEUR) -> Response | None:
    """304 when the reader already has this answer."""
    connues = {e.strip().removeprefix("W/") for e in requete.headers.get("if-none-match", "").split(",")}
    if connues & {"*", etag.removeprefix("W/")}:
        return Response(status_code=304, headers=entetes(etag, fraicheur))
    return None


def route(chemin: str, traitement: Traitement) -> Route:
    """A read-only address: refusals become sentences, other methods too, any origin may read."""

    @functools.wraps(traitement)
    def repondre(requete: Request) -> Response:
        if requete.method == "OPTIONS":
            reponse = Response(status_code=204, headers=PRECHARGE)
        else:
            try:
                if requete.method not in METHODES:
                    raise Refus(
                        405,
                        f"Cette adresse se lit seulement\u00a0: {', '.join(METHODES)}.",
                        Allow=PRECHARGE["Allow"],
                    )
                reponse = traitement(requete)
            except Refus as faute:
                reponse = refus(faute)
            except duckdb.OutOfMemoryException:
                reponse = refus(
                    Refus(
                        503,
                        "Le service est trop chargé. Recommencez dans une minute.",
                        **{"Retry-After": "60"},
                    )
                )
        reponse.headers.update(ORIGINES)
        return reponse

    return Route(chemin, repondre, methods=[*METHODES, "POST", "PUT", "PATCH", "DELETE"])


def _date(valeur: object) -> str:
    if isinstance(valeur, date | datetime):
        return valeur.isoformat()
    raise TypeError(f"non écrit en JSON : {type(valeur).__name__}")
