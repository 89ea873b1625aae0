"""The staff application as an ASGI app: the gate around everything, its own headers, the first one-time link."""

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

from dashboards.entetes import SCRIPTS, EntetesFrancais
from dashboards.identification import lire_config, secrets_oidc
from dashboards.porte import Porte
from observatoire.comptes import lien_premier_admin

_RAMENER = ("duckdb", "pandas", "pyarrow", "dashboards.acces")
_config = lire_config()


def _adresse() -> str:
    """Where people reach this server."""
    hote = st.get_option("server.address") or "127.0.0.1"
    return _config.adresse or f"http://{hote}:{st.get_option('server.port')}"


@asynccontextmanager
async def _demarrage(_app: Any) -> AsyncIterator[dict[str, Any] | None]:
    """Say how to make the first account, then import what every page needs and wake the workers."""
    if lien := lien_premier_admin(_config.settings, _adresse()):
        print(
            f"Aucun compte d’administration. Créez le premier avec ce lien, valable une fois\u00a0:\n{lien}",
            flush=True,
        )
    for module in _RAMENER:
        importlib.import_module(module)
    importlib.import_module("dashboards.acces").atelier().chauffer()
    gc.collect()
    gc.freeze()
    yield None


app = st.App(
    Path(__file__).with_name("deposer.py"),
    secrets=secrets_oidc(_config, _adresse()),
    lifespan=_demarrage,
    middleware=[
        Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),
        Middleware(EntetesFrancais, formulaires="'self'", scripts=(*SCRIPTS, "session.js")),
        Middleware(Porte, config=_config),
    ],
)
