"""Where deposits are examined and loaded: two worker processes, warm, apart from the pages.

A page never parses a file: it asks, polls the progress on disk, and reads the verdict. A worker that dies takes no
page with it; a server that restarts finds the deposits in progress on disk and examines again what was cut short.
"""

from __future__ import annotations

import logging
import multiprocessing
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from typing import Any

OUVRIERS = 2
FILE_MAX = 20
PANNE = (
    "L’examen du fichier s’est arrêté de façon inattendue. Rien n’a été chargé ni perdu. Recommencez, et prévenez la "
    "personne qui administre l’outil si cela se reproduit."
)
_journal = logging.getLogger(__name__)


class AtelierPlein(Exception):
    """Too many deposits are waiting; the message is French."""


def _chauffer() -> None:
    """Import once, in the worker, what every deposit needs: the first one does not pay for it."""
    import pipelines.quality.porte
    import pipelines.travaux

    assert pipelines.quality.porte and pipelines.travaux


class Atelier:
    """A pool of workers and the jobs under way, one at most by key; `attendues` are the errors that speak French."""

    def __init__(self, ouvriers: int = OUVRIERS, attendues: tuple[type[Exception], ...] = ()) -> None:
        self._ouvriers = ouvriers
        self._attendues = attendues
        self._verrou = threading.Lock()
        self._bassin: ProcessPoolExecutor | None = None
        self._travaux: dict[str, Future[Any]] = {}

    def chauffer(self) -> None:
        """Start the workers before anybody comes."""
        with self._verrou:
            for future in [self._ouvrir().submit(_chauffer) for _ in range(self._ouvriers)]:
                future.add_done_callback(_taire)

    def confier(self, cle: str, fonction: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Ask for a job; the one already under way with this key when there is one. AtelierPlein past the queue."""
        with self._verrou:
            en_cours = self._travaux.get(cle)
            if en_cours is not None and not en_cours.done():
                return en_cours
            self._travaux = {c: f for c, f in self._travaux.items() if not f.done()}
            if len(self._travaux) >= FILE_MAX:
                raise AtelierPlein(
                    "Beaucoup de fichiers sont déjà en cours d’examen. Attendez une minute et recommencez."
                )
            try:
                future = self._ouvrir().submit(fonction, *arguments)
            except BrokenExecutor:
                self._bassin = None
                future = self._ouvrir().submit(fonction, *arguments)
            self._travaux[cle] = future
            return future

    def en_cours(self, cle: str) -> bool:
        """True while the job of this key is queued or running."""
        future = self._travaux.get(cle)
        return future is not None and not future.done()

    def panne(self, cle: str) -> str | None:
        """What to tell when the last job of this key failed without a verdict; None otherwise."""
        future = self._travaux.get(cle)
        if future is None or not future.done() or future.cancelled():
            return None
        erreur = future.exception()
        if erreur is None:
            return None
        if isinstance(erreur, BrokenExecutor):
            with self._verrou:
                self._bassin = None
        # The type and the place, never the message: it may quote a cell.
        lieu = traceback.extract_tb(erreur.__traceback__)[-1:] if erreur.__traceback__ else []
        _journal.error("travail %s interrompu : %s %s", cle, type(erreur).__name__, lieu)
        return PANNE

    def refus(self, cle: str) -> str | None:
        """Why the last job of this key gave up, in French, or what to tell of a breakdown; None otherwise."""
        future = self._travaux.get(cle)
        erreur = (
            future.exception() if future is not None and future.done() and not future.cancelled() else None
        )
        return str(erreur) if isinstance(erreur, self._attendues) else self.panne(cle)

    def fermer(self) -> None:
        """Stop the workers."""
        with self._verrou:
            if self._bassin is not None:
                self._bassin.shutdown(wait=True, cancel_futures=True)
                self._bassin = None

    def _ouvrir(self) -> ProcessPoolExecutor:
        if self._bassin is None:
            # Never fork: DuckDB and Arrow threads would not survive it.
            contexte = multiprocessing.get_context("spawn")
            self._bassin = ProcessPoolExecutor(self._ouvriers, contexte, initializer=_chauffer)
        return self._bassin


class AtelierDirect(Atelier):
    """The same without processes, for commands and tests: the job is done when `confier` returns."""

    def chauffer(self) -> None:
        """Nothing to warm."""

    def confier(self, cle: str, fonction: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Do it now; an expected refusal is kept for `refus`."""
        future: Future[Any] = Future()
        try:
            future.set_result(fonction(*arguments))
        except self._attendues as refus:
            future.set_exception(refus)
        self._travaux[cle] = future
        return future


def _taire(future: Future[Any]) -> None:
    """A worker that could not warm up will say so at the first deposit."""
    if not future.cancelled() and future.exception() is not None:
        _journal.warning("préparation d’un ouvrier interrompue : %s", type(future.exception()).__name__)
