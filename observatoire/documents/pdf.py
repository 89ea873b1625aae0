"""Documents as PDF (tagged, PDF/UA-1) or images of their pages, by Typst: same data, same bytes.

The only fonts are those of `polices` and those that Typst embeds: the same on every machine. Texts go in as data
and are never read as markup.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from observatoire.documents.modele import Bloc, Definition, Document, Liste, Tableau

GABARITS = Path(__file__).with_name("gabarits")
POLICES = Path(__file__).with_name("polices")
PPP = 90.0
ECHELLES = (1.0, 0.95, 0.92, 0.89, 0.86, 0.83)
# How much larger the small print of a single page may be written, when the page leaves room.
PREUVES = (1.1, 1.2)
_PAGES = re.compile(rb"/Type\s*/Pages\s*/Count (\d+)")
# A compiler keeps what it has read and laid out, and serves one caller at a time.
_verrou = threading.Lock()


class DocumentTropLong(ValueError):
    """A document that would take more pages than it may."""


def pdf(document: Document, gabarit: str = "sections") -> bytes:
    """The document as PDF/UA-1."""
    return composer(gabarit, donnees(document), document.date)


def images(document: Document, gabarit: str = "sections", ppp: float = PPP) -> list[bytes]:
    """Each page as PNG."""
    return vues(gabarit, donnees(document), document.date, ppp)


def composer(gabarit: str, contenu: Mapping[str, Any], date: str) -> bytes:
    """PDF/UA-1 of a template filled with `contenu`. `date`: ISO day of the publication, that of the file."""
    with _verrou:
        octets: bytes = _compilateur(gabarit).compile(
            format="pdf", pdf_standards="ua-1", **_entrees(contenu, date)
        )
    return octets


def feuille(gabarit: str, contenu: Mapping[str, Any], date: str, pages: int = 1) -> tuple[bytes, float]:
    """The same on `pages` pages at most, and the scale of its text: shrunk by steps when it would not fit.

    The small print of a single page that leaves room is enlarged. DocumentTropLong when the smallest text goes past
    the pages.
    """

    def essayer(echelle: float, preuves: float) -> bytes | None:
        octets = composer(gabarit, {**contenu, "echelle": echelle, "preuves": preuves}, date)
        return octets if nombre_de_pages(octets) <= pages else None

    essais = ((octets, echelle) for echelle in ECHELLES if (octets := essayer(echelle, 1.0)) is not None)
    trouvee = next(essais, None)
    if trouvee is None:
        raise DocumentTropLong(
            f"«\u00a0{contenu.get('nom', gabarit)}\u00a0» ne tient pas sur {'une page' if pages == 1 else f'{pages} pages'}."
        )
    octets, echelle = trouvee
    if pages == 1 and echelle == ECHELLES[0]:
        for preuves in PREUVES:
            if (plus_grand := essayer(echelle, preuves)) is None:
                break
            octets = plus_grand
    return octets, echelle


def nombre_de_pages(octets: bytes) -> int:
    """Pages of a PDF written here."""
    (nombre,) = _PAGES.findall(octets)
    return int(nombre)


def vues(gabarit: str, contenu: Mapping[str, Any], date: str, ppp: float = PPP) -> list[bytes]:
    """Each page of the same as PNG."""
    with _verrou:
        pages: Any = _compilateur(gabarit).compile(format="png", ppi=ppp, **_entrees(contenu, date))
    return pages if isinstance(pages, list) else [pages]


def dessin(gabarit: str, contenu: Mapping[str, Any], date: str, titre: str, texte: str) -> bytes:
    """The first page of the same as SVG: letters are outlines, the words are in `titre` and `texte`, for who does not see."""
    with _verrou:
        pages: Any = _compilateur(gabarit).compile(format="svg", **_entrees(contenu, date))
    page: bytes = pages[0] if isinstance(pages, list) else pages
    debut, _, suite = page.decode().partition(">")
    mots = f"<title>{escape(titre)}</title><desc>{escape(texte)}</desc>"
    return f'{debut} role="img">{mots}{suite}'.encode()


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


@cache
def _compilateur(gabarit: str) -> Any:
    import typst

    return typst.Compiler(GABARITS / f"{gabarit}.typ", **_cadre())


def _cadre() -> dict[str, Any]:
    return {"root": GABARITS, "font_paths": [POLICES], "ignore_system_fonts": True}


def _entrees(contenu: Mapping[str, Any], date: str) -> dict[str, Any]:
    jour = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
    return {
        "sys_inputs": {"document": json.dumps(contenu, ensure_ascii=False)},
        "timestamp": int(jour.timestamp()),
    }


def options(document: Document) -> dict[str, Any]:
    """All that Typst is given for this document, its template apart."""
    return {**_cadre(), **_entrees(donnees(document), document.date)}
