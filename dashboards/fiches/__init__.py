"""Printed documents, made from one publication: `fiche_pdf` for a page, the rest for the command line."""

from __future__ import annotations

import os

import duckdb

from dashboards.fiches import feuilles
from dashboards.fiches.feuilles import LieuInconnu, UnLieu
from dashboards.lecture_papier import Fonds
from observatoire.documents.pdf import feuille

__all__ = ["LieuInconnu", "UnLieu", "fiche_pdf"]
CONTACT = "OBSERVATOIRE_CONTACT"


def contact() -> str:
    """Whom a reader may write to, as the installation says it; empty when it does not."""
    return os.environ.get(CONTACT, "").strip()


def fiche_pdf(con: duckdb.DuckDBPyConnection, lieu: UnLieu, fonds: Fonds | None = None) -> bytes:
    """The printed sheet (A4, PDF/UA-1) of a territory, from an open publication. LieuInconnu when it has none.

    `fonds`: what was read once for several sheets (`feuilles.fonds_de_fiche`).
    """
    contenu = feuilles.fiche(fonds or feuilles.fonds_de_fiche(con, lieu), lieu, contact())
    return feuille("fiche", contenu, contenu["date"])[0]
