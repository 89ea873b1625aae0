"""Where deposits are examined and loaded: two worker processes, warm, apart from the pages.

A page never parses a file: it asks, polls the progress on disk, and reads the verdict. A worker that dies takes neither
a page nor the other worker with it; a server that restarts finds the deposits in progress on disk and examines again
what was cut short.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import logging
import multiprocessing
import os
import queue
import re
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.connection import wait
from typing import Any

OUVRIERS = 2
FILE_MAX = 20
ECHECS_GARDES = 200
DUREE_MAX = 600.0
PANNE = (
    "L’examen du fichier s’est arrêté de façon inattendue. Rien n’a été chargé ni perdu. Recommencez, et prévenez la "
    "personne qui administre l’outil si cela se reproduit."
)
_LIEU = re.compile(r'File "([^"]+)", line (\d+)')
_journal = logging.getLogger(__name__)


class AtelierPlein(Exception):
    """Too many deposits are waiting; the message is French."""


class TropLong(Exception):
    """A job was stopped because it held its worker for too long; the message is French."""

    def __init__(self) -> None:
        super().__init__(
            "Ce fichier demande trop de temps : l’examen a été arrêté. Rien n’a été chargé. Partagez-le en plusieurs "
            "fichiers, ou copiez ses réponses dans un classeur neuf."
        )


def _preparer() -> None:
    """First thing a worker does: watch its server, then import once what every deposit needs."""
    threading.Thread(target=_mourir_avec_le_serveur, daemon=True).start()
    _chauffer()


def _chauffer() -> None:
    # Great Expectations alone takes four seconds: the first deposit of each worker would pay for it.
    for module in (
        "pipelines.chantiers.travaux",
        "pipelines.quality.porte",
        "great_expectations.expectations",
    ):
        importlib.import_module(module)


def _mourir_avec_le_serveur() -> None:
    """A worker whose server was killed would wait for ever: its queue never closes."""
    serveur = multiprocessing.parent_process()
    if serveur is not None:
        wait([serveur.sentinel])
        os._exit(1)


class _Ouvrier:
    """One process, started again when it has died."""

    def __init__(self) -> None:
        self._bassin: ProcessPoolExecutor | None = None

    @property
    def pid(self) -> int | None:
        """The process, once started."""
        return next(iter(self._bassin._processes or ()), None) if self._bassin else None

    def faire(self, fonction: Callable[..., Any], *arguments: Any) -> Any:
        """Do it in the process and wait; BrokenExecutor when the process dies meanwhile."""
        try:
            future = self._ouvrir().submit(fonction, *arguments)
        except BrokenExecutor:  # it died while nobody asked anything of it
            self._bassin = None
            future = self._ouvrir().submit(fonction, *arguments)
        try:
            return future.result(DUREE_MAX)
        except BrokenExecutor:
            self._bassin = None
            raise
        except TimeoutError:
            if future.done():
                raise
            self._tuer()
            raise TropLong from None

    def fermer(self) -> None:
        """Stop the process."""
        if self._bassin is not None:
            self._bassin.shutdown(wait=True, cancel_futures=True)
            self._bassin = None

    def _tuer(self) -> None:
        """Stop the process in the middle of its job."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self._bassin = None

    def _ouvrir(self) -> ProcessPoolExecutor:
        if self._bassin is None:
            # Never fork: DuckDB and Arrow threads would not survive it.
            contexte = multiprocessing.get_context("spawn")
            self._bassin = ProcessPoolExecutor(1, contexte, initializer=_preparer)
        return self._bassin


class Atelier:
    """The workers and the jobs under way, one at most by key; `attendues` are the errors that speak French."""

    def __init__(self, ouvriers: int = OUVRIERS, attendues: tuple[type[Exception], ...] = ()) -> None:
        self._attendues = attendues
        self._verrou = threading.Lock()
        self._ouvriers = [_Ouvrier() for _ in range(ouvriers)]
        self._libres: queue.SimpleQueue[_Ouvrier] = queue.SimpleQueue()
        for ouvrier in self._ouvriers:
            self._libres.put(ouvrier)
        self._fils = ThreadPoolExecutor(ouvriers, thread_name_prefix="atelier")
        self._travaux: dict[str, Future[Any]] = {}

    @property
    def pids(self) -> list[int]:
        """The processes that are started."""
        return [o.pid for o in self._ouvriers if o.pid is not None]

    def chauffer(self) -> None:
        """Start the workers before anybody comes."""
        for _ in self._ouvriers:
            self._fils.submit(self._executer, _chauffer).add_done_callback(_taire)

    def confier(self, cle: str, fonction: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Ask for a job; the one already under way with this key when there is one. AtelierPlein past the queue."""
        with self._verrou:
            en_cours = self._travaux.get(cle)
            if en_cours is not None and not en_cours.done():
                return en_cours
            if sum(not f.done() for f in self._travaux.values()) >= FILE_MAX:
                raise AtelierPlein(
                    "Beaucoup de fichiers sont déjà en cours d’examen. Attendez une minute et recommencez."
                )
            self._oublier()
            future = self._fils.submit(self._executer, fonction, *arguments)
            self._travaux[cle] = future
        future.add_done_callback(functools.partial(self._dire, cle))
        return future

    def en_cours(self, cle: str) -> bool:
        """True while the job of this key is queued or running."""
        future = self._travaux.get(cle)
        return future is not None and not future.done()

    def panne(self, cle: str) -> str | None:
        """What to tell when the last job of this key failed without a verdict; None otherwise."""
        erreur = self._erreur(cle)
        return None if erreur is None else str(erreur) if isinstance(erreur, TropLong) else PANNE

    def refus(self, cle: str) -> str | None:
        """Why the last job of this key gave up, in French, or what to tell of a breakdown; None otherwise."""
        erreur = self._erreur(cle)
        return str(erreur) if isinstance(erreur, self._attendues) else self.panne(cle)

    def fermer(self) -> None:
        """Stop the workers; what was waiting is dropped, and examined again at the next start."""
        self._fils.shutdown(wait=True, cancel_futures=True)
        for ouvrier in self._ouvriers:
            ouvrier.fermer()

    def _executer(self, fonction: Callable[..., Any], *arguments: Any) -> Any:
        ouvrier = self._libres.get()
        try:
            return ouvrier.faire(fonction, *arguments)
        finally:
            self._libres.put(ouvrier)

    def _dire(self, cle: str, future: Future[Any]) -> None:
        """Log a breakdown: its type and its place in the worker, never its message, which may quote a cell."""
        erreur = None if future.cancelled() else future.exception()
        if erreur is not None and not isinstance(erreur, self._attendues):
            lieux = _LIEU.findall(str(erreur.__cause__)) or [("", "")]
            _journal.error("travail %s interrompu : %s %s:%s", cle, type(erreur).__name__, *lieux[-1])

    def _erreur(self, cle: str) -> BaseException | None:
        future = self._travaux.get(cle)
        return future.exception() if future is not None and future.done() and not future.cancelled() else None

    def _oublier(self) -> None:
        """Forget the jobs that went well, and the oldest failures: somebody may still ask about the others."""
        gardes = {c: f for c, f in self._travaux.items() if not f.done() or self._erreur(c) is not None}
        finis = [c for c, f in gardes.items() if f.done()]
        for cle in finis[: max(0, len(finis) - ECHECS_GARDES)]:
            del gardes[cle]
        self._travaux = gardes


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
        _journal.warning("préparation d’un ouvrier interrompue")
