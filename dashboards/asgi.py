"""The public application as an ASGI app: French document, security headers, compression, warm imports."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from dashboards import fonds
from dashboards.api.routes import ROUTES
from dashboards.app_pages import PAGES
from dashboards.entetes import EntetesFrancais, francais, origines, politique

__all__ = ["app", "francais", "politique"]
_RAMENER = ("plotly.graph_objects", "duckdb", "pandas", "pyarrow", "dashboards.figures.barres")
# How often a new publication is looked for, so that its first reader finds it already read.
VEILLE = 20.0


@asynccontextmanager
async def _demarrage(_app: Any) -> AsyncIterator[dict[str, Any] | None]:
    """Import what every page needs, read the publication, then take it all out of the garbage collector's rounds."""
    for module in _RAMENER:
        importlib.import_module(module)
    donnees = importlib.import_module("dashboards.components.donnees")
    lue = await asyncio.to_thread(donnees.chauffer, "")
    gc.collect()
    gc.freeze()
    veille = asyncio.create_task(_veiller(donnees.chauffer, lue))
    yield None
    veille.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await veille


async def _veiller(chauffer: Callable[[str], str], lue: str) -> None:
    """Read each new publication once, before somebody asks for it."""
    while True:
        await asyncio.sleep(VEILLE)
        lue = await asyncio.to_thread(chauffer, lue)


def _accueil(requete: Request) -> RedirectResponse:
    """The first page is at the root: its own name leads there, filters kept."""
    return RedirectResponse("./" + (f"?{requete.url.query}" if requete.url.query else ""))


app = st.App(
    Path(__file__).with_name("public.py"),
    lifespan=_demarrage,
    routes=[*ROUTES, *fonds.ROUTES, Route(f"/{PAGES[0].adresse}", _accueil)],
    middleware=[
        Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),
        Middleware(EntetesFrancais, cadres=origines(os.environ.get("OBSERVATOIRE_EMBARQUER", ""))),
    ],
)
