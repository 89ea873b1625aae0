"""What a reader waits for: the page of a commune, alone then among sixteen readers, against a query that does nothing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from observatoire.storage.connexion import ouvrir_publication

LECTEURS, TOURS = 16, 40
RIEN = "select 1"
PAGE = """
    select indicateur, millesime, vue, valeur, borne_basse, borne_haute, n_repondants, statut
    from mesures
    where niveau = 'commune' and code_territoire = $code and domaine = 'tous' and financeur = 'tous'
    order by indicateur, millesime, vue"""


@dataclass(frozen=True, slots=True)
class Attente:
    """Milliseconds: a query that does nothing, a page (median), a page among sixteen readers (95 %); rows of a page."""

    rien: float
    page: float
    page_seize: float
    lignes: float

    @property
    def rapport(self) -> float:
        """A page against nothing."""
        return self.page / self.rien

    @property
    def rapport_seize(self) -> float:
        """A page among sixteen readers against nothing."""
        return self.page_seize / self.rien


def attendre(publication: Path, codes: Sequence[str]) -> Attente:
    """Read the pages of these communes in turn, as the public pages do: one connection, a cursor a query."""
    lues = len(_lire(ouvrir_publication(publication), PAGE, codes[0]))  # the file is open, as on a server
    rien, page = [], []
    # Interleaved, so that the load of the machine weighs on both.
    for rang in range(TOURS * 4):
        rien.append(_chronometrer(publication, RIEN, None))
        page.append(_chronometrer(publication, PAGE, codes[rang % len(codes)]))

    def lecteur(numero: int) -> list[float]:
        return [_chronometrer(publication, PAGE, codes[(numero * 7 + i) % len(codes)]) for i in range(TOURS)]

    with ThreadPoolExecutor(LECTEURS) as lecteurs:
        seize = [duree for durees in lecteurs.map(lecteur, range(LECTEURS)) for duree in durees]
    milli = 1000
    return Attente(
        statistics.median(rien) * milli, statistics.median(page) * milli, float(np.percentile(seize, 95)) * milli, lues
    )  # fmt: skip


def _chronometrer(publication: Path, requete: str, code: str | None) -> float:
    debut = time.perf_counter()
    with ouvrir_publication(publication) as curseur:
        _lire(curseur, requete, code)
    return time.perf_counter() - debut


def _lire(con: duckdb.DuckDBPyConnection, requete: str, code: str | None) -> list[tuple[object, ...]]:
    return con.execute(requete, {"code": code} if code else None).fetchall()
