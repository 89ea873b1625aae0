"""What both applications answer with: French start page, security headers, a policy that runs only our scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.textes import NOM

_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
_REMPLACEMENTS = (
    (b'<html lang="en">', b'<html lang="fr">'),
    (b"<title>Streamlit</title>", f"<title>{NOM}</title>".encode()),
    (
        b"You need to enable JavaScript to run this app.",
        b"Cette page a besoin de JavaScript pour afficher les chiffres.",
    ),
)
SCRIPTS = ("fr.js",)
_SOI = "'self'"
_ORIGINE = re.compile(r"https?://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?")


def francais(page: bytes, scripts: Sequence[str] = SCRIPTS) -> bytes:
    """The start page in French, with our scripts (the first translates the interface labels)."""
    for anglais, remplacant in _REMPLACEMENTS:
        page = page.replace(anglais, remplacant)
    balises = "".join(f'<script defer src="./app/static/{s}"></script>' for s in scripts)
    return page.replace(b"</head>", balises.encode() + b"</head>", 1)


def origines(texte: str) -> tuple[str, ...]:
    """Sites that may show our pages inside theirs, from a list between commas or spaces; ValueError for another text."""
    lues = tuple(dict.fromkeys(texte.replace(",", " ").split()))
    for origine in lues:
        if not _ORIGINE.fullmatch(origine):
            raise ValueError(
                f"OBSERVATOIRE_EMBARQUER\u00a0: «\u00a0{origine}\u00a0» n’est pas une origine. Exemple\u00a0: https://www.association.fr"
            )
    return lues


def politique(page: bytes, formulaires: str = "'none'", cadres: Sequence[str] = ()) -> str:
    """Content-Security-Policy that lets run only our scripts and the inline ones of this very page.

    `cadres` are the other sites that may show it in a frame; none unless told.
    """
    empreintes = (base64.b64encode(hashlib.sha256(s).digest()).decode() for s in _SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{e}'" for e in empreintes)
    return (
        f"default-src 'self'; script-src 'self' blob: {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        f"object-src 'none'; base-uri 'self'; form-action {formulaires}; frame-ancestors {' '.join((_SOI, *cadres))}"
    )


class EntetesFrancais:
    """Rewrites the HTML start page and adds security headers to every answer.

    A page that comes with its own policy is sent as it is: it is one of ours, already French.
    """

    def __init__(
        self,
        app: ASGIApp,
        formulaires: str = "'none'",
        scripts: Sequence[str] = SCRIPTS,
        cadres: Sequence[str] = (),
    ) -> None:
        self.app = app
        self.formulaires = formulaires
        self.scripts = scripts
        self.cadres = cadres

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on without `accept-encoding`, so that the page comes back readable."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        entetes = [(n, v) for n, v in scope["headers"] if n != b"accept-encoding"]
        await self.app({**scope, "headers": entetes}, receive, _Reponse(send, self))


class _Reponse:
    """Sends an answer on; holds an HTML one back until it is whole."""

    def __init__(self, send: Send, reglages: EntetesFrancais) -> None:
        self.send = send
        self.reglages = reglages
        self.debut: Message | None = None
        self.corps = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            entetes = MutableHeaders(scope=message)
            entetes["X-Content-Type-Options"] = "nosniff"
            if not self.reglages.cadres:  # this header knows no list: the policy alone rules then
                entetes["X-Frame-Options"] = "SAMEORIGIN"
            entetes["Referrer-Policy"] = "same-origin"
            entetes["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
            recus = Headers(raw=message["headers"])
            a_nous = "content-security-policy" in recus
            if recus.get("content-type", "").startswith("text/html") and not a_nous:
                self.debut = message
                return
        elif self.debut is not None:
            self.corps += message.get("body", b"")
            if not message.get("more_body", False):
                await self._page(self.debut)
            return
        await self.send(message)

    async def _page(self, debut: Message) -> None:
        page = francais(self.corps, self.reglages.scripts)
        entetes = MutableHeaders(scope=debut)
        entetes["Content-Length"] = str(len(page))
        entetes["Content-Security-Policy"] = politique(page, self.reglages.formulaires, self.reglages.cadres)
        if "etag" in entetes:
            del entetes["etag"]
        await self.send(debut)
        await self.send({"type": "http.response.body", "body": page})
