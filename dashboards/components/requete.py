"""« Voir la requête SQL » under a table, a chart or a map: what gives its figures back, on the published file. Pure HTML.

A test runs each of these queries with the command line of DuckDB, and finds in the answer what the page shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from observatoire.chiffres.requete import Place, requete_publiee

TITRE = "Voir la requête SQL"
# Where a test finds a query; its value says what it gives: « publiee » for the figure of a card.
MARQUE = "data-requete"
# The chart that a fold goes with.
MARQUE_DESSIN = "data-requete-de"
ENSEMBLE = "ensemble"


def des(chiffres: Iterable[Place | None], *autres: str) -> tuple[str, ...]:
    """The query of the figures that are there, then the others."""
    sql = requete_publiee(*(c for c in chiffres if c is not None))
    return tuple(x for x in (sql, *autres) if x)


def bloc(sql: str, genre: str = ENSEMBLE) -> str:
    """One query, as HTML."""
    return f'<pre {MARQUE}="{genre}"><code>{escape(sql)}</code></pre>'


def volet(requetes: Sequence[str], dessin: str = "") -> str:
    """The fold with these queries; nothing without any. `dessin`: key of the chart that it goes with."""
    if not requetes:
        return ""
    attribut = f' {MARQUE_DESSIN}="{escape(dessin)}"' if dessin else ""
    return f'<details class="ob-requete"{attribut}><summary>{TITRE}</summary>{"".join(map(bloc, requetes))}</details>'
