"""Documents as PDF (A4, tagged, PDF/UA-1) or images of their pages, by Typst: same data, same bytes.

Fonts are those that Typst embeds: the same on every machine. Texts go in as data and are never read as markup.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from observatoire.documents.modele import Bloc, Definition, Document, Liste, Tableau

GABARITS = Path(__file__).with_name("gabarits")
PPP = 90.0


def pdf(document: Document, gabarit: str = "sections") -> bytes:
    """The document as PDF/UA-1."""
    import typst

    chemin = GABARITS / f"{gabarit}.typ"
    return typst.compile(chemin, format="pdf", pdf_standards="ua-1", **_options(document))


def images(document: Document, gabarit: str = "sections", ppp: float = PPP) -> list[bytes]:
    """Each page as PNG."""
    import typst

    pages: Any = typst.compile(GABARITS / f"{gabarit}.typ", format="png", ppi=ppp, **_options(document))
    return pages if isinstance(pages, list) else [pages]


def donnees(document: Document) -> dict[str, Any]:
    """What the template reads."""
    return {
        **{k: v for k, v in asdict(document).items() if k != "sections"},
        "sections": [
            {"nom": s.nom, "titre": s.titre, "blocs": [_bloc(b) for b in s.blocs]} for s in document.sections
        ],
    }


def _bloc(bloc: Bloc) -> dict[str, Any]:
    genres = {Tableau: "tableau", Liste: "liste", Definition: "definition"}
    return {"genre": genres.get(type(bloc), "paragraphe"), **asdict(bloc)}


def _options(document: Document) -> dict[str, Any]:
    jour = dt.datetime.fromisoformat(document.date).replace(tzinfo=dt.UTC)
    return {
        "root": GABARITS,
        "ignore_system_fonts": True,
        "sys_inputs": {"document": json.dumps(donnees(document), ensure_ascii=False)},
        "timestamp": int(jour.timestamp()),
    }
