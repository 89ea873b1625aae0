"""The public application as an ASGI app: French document, security headers, compression, warm imports."""

from __future__ import annotations

import base64
import gc
import hashlib
import importlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.textes import NOM

_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
_RAMENER = ("plotly.graph_objects", "duckdb", "pandas", "pyarrow", "dashboards.figures.barres")
_REMPLACEMENTS = (
    (b'<html lang="en">', b'<html lang="fr">'),
    (b"<title>Streamlit</title>", f"<title>{NOM}</title>".encode()),
    (
        b"You need to enable JavaScript to run this app.",
        b"Cette page a besoin de JavaScript pour afficher les chiffres.",
    ),
)


def francais(page: bytes) -> bytes:
    """The start page in French, with the script that translates the interface labels."""
    for anglais, remplacant in _REMPLACEMENTS:
        page = page.replace(anglais, remplacant)
    return page.replace(b"</head>", b'<script defer src="./app/static/fr.js"></script></head>', 1)


def politique(page: bytes) -> str:
    """Content-Security-Policy that lets run only our scripts and the inline ones of this very page."""
    empreintes = (base64.b64encode(hashlib.sha256(s).digest()).decode() for s in _SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{e}'" for e in empreintes)
    return (
        f"default-src 'self'; script-src 'self' blob: {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'"
    )


class EntetesFrancais:
    """Rewrites the HTML start page and adds security headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on without `accept-encoding`, so that the page comes back readable."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        entetes = [(n, v) for n, v in scope["headers"] if n != b"accept-encoding"]
        await self.app({**scope, "headers": entetes}, receive, _Reponse(send))


class _Reponse:
    """Sends an answer on; holds an HTML one back until it is whole."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.debut: Message | None = None
        self.corps = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            entetes = MutableHeaders(scope=message)
            entetes["X-Content-Type-Options"] = "nosniff"
            entetes["X-Frame-Options"] = "SAMEORIGIN"
            entetes["Referrer-Policy"] = "same-origin"
            entetes["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
            if Headers(raw=message["headers"]).get("content-type", "").startswith("text/html"):
                self.debut = message
                return
        elif self.debut is not None:
            self.corps += message.get("body", b"")
            if not message.get("more_body", False):
                await self._page(self.debut)
            return
        await self.send(message)

    async def _page(self, debut: Message) -> None:
        page = francais(self.corps)
        entetes = MutableHeaders(scope=debut)
        entetes["Content-Length"] = str(len(page))
        entetes["Content-Security-Policy"] = politique(page)
        if "etag" in entetes:
            del entetes["etag"]
        await self.send(debut)
        await self.send({"type": "http.response.body", "body": page})


@asynccontextmanager
async def _demarrage(_app: Any) -> AsyncIterator[dict[str, Any] | None]:
    """Import what every page needs, then take it out of the garbage collector's rounds."""
    for module in _RAMENER:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    yield None


app = st.App(
    Path(__file__).with_name("public.py"),
    lifespan=_demarrage,
    middleware=[Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5), Middleware(EntetesFrancais)],
)
