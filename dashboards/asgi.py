"""The public application as an ASGI app: French document, security headers, compression, warm imports."""

from __future__ import annotations

import gc
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from dashboards.entetes import EntetesFrancais, francais, politique

__all__ = ["app", "francais", "politique"]
_RAMENER = ("plotly.graph_objects", "duckdb", "pandas", "pyarrow", "dashboards.figures.barres")


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
