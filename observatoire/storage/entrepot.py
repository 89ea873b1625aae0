"""The private warehouse: one short-lived writer at a time, under an inter-process lock."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from types import TracebackType

import duckdb
from filelock import FileLock, Timeout

from observatoire.config.settings import Settings
from observatoire.domain.enquete import Enquete
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.loader import load_enquetes
from observatoire.storage.connexion import CONFIG_ENTREPOT
from observatoire.storage.copie_journal import rattraper
from observatoire.storage.erreurs import EntrepotAbsent, EntrepotOccupe, EspaceInsuffisant
from observatoire.storage.schema import depots_a_jour, empreinte_appliquee, preparer, preparer_depots
from observatoire.storage.tenue import noter_tenue, oublier_tenue

ATTENTE_MAX = 30.0
# DuckDB may rewrite the whole file beside itself before it gives the old blocks back.
MARGE = 3
# Two threads ask 2.0 s of CPU for 200 000 × 20 raw rows, one asks 1.3 s and ends as soon.
CONFIG_ECRITURE = {**CONFIG_ENTREPOT, "threads": 1}


@contextlib.contextmanager
def verrouiller(settings: Settings, attente_max: float = ATTENTE_MAX) -> Iterator[None]:
    """Hold the warehouse for this process; EntrepotOccupe after `attente_max` seconds.

    The system drops the lock of a killed process at once.
    """
    settings.donnees.mkdir(parents=True, exist_ok=True)
    verrou = FileLock(settings.verrou, timeout=attente_max)
    try:
        verrou.acquire()
    except Timeout as erreur:
        raise EntrepotOccupe(
            f"L’entrepôt est occupé par un autre chargement ou une publication depuis plus de "
            f"{attente_max:.0f} s. Attendez la fin de l’autre commande et relancez celle-ci. "
            f"La dernière publication reste lisible pendant ce temps : {settings.publication}."
        ) from erreur
    noter_tenue(settings)
    try:
        yield
    finally:
        oublier_tenue(settings)
        verrou.release()


def verrou_libre(settings: Settings) -> bool:
    """True when nobody holds the warehouse at this instant."""
    if not settings.verrou.exists():
        return True
    verrou = FileLock(settings.verrou, timeout=0)
    try:
        verrou.acquire()
    except Timeout:
        return False
    verrou.release()
    return True


def espace_demande(settings: Settings, octets: int = 0) -> int:
    """Bytes that writing `octets` asks for: three times the warehouse besides."""
    taille = settings.entrepot.stat().st_size if settings.entrepot.exists() else 0
    return MARGE * taille + octets


def exiger_espace(settings: Settings, octets: int = 0) -> None:
    """EspaceInsuffisant when the disk cannot take three times the warehouse plus `octets`."""
    besoin = espace_demande(settings, octets)
    libre = shutil.disk_usage(settings.donnees).free
    if libre < besoin:
        raise EspaceInsuffisant(
            f"Il reste {_mega(libre)} sur le disque de « {settings.donnees} » et il en faut {_mega(besoin)} "
            f"pour écrire sans risque. Rien n’a été modifié. Libérez de la place, puis recommencez."
        )


def _mega(octets: int) -> str:
    return f"{ecrire_nombre(octets / 1e6, 1)}\u00a0Mo"


@contextlib.contextmanager
def ouvrir_ecriture(
    settings: Settings, enquetes: Mapping[str, Enquete] | None = None, octets: int = 0
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Read-write connection with the schema up to date; the caller already holds the lock.

    Closed after a checkpoint, so that no log is left beside the file.
    """
    exiger_espace(settings, octets)
    try:
        con = duckdb.connect(str(settings.entrepot), config=CONFIG_ECRITURE)
    except duckdb.IOException as erreur:
        if "lock" not in str(erreur).lower():
            raise
        raise EntrepotOccupe(
            f"Un autre logiciel a ouvert « {settings.entrepot} ». Fermez-le et relancez la commande. "
            f"Pour explorer les données, ouvrez plutôt la publication : {settings.publication}."
        ) from erreur
    try:
        preparer(con, load_enquetes() if enquetes is None else enquetes)
        rattraper(con, settings)
        yield con
        rattraper(con, settings)
        con.execute("checkpoint")
    finally:
        con.close()


@contextlib.contextmanager
def ouvrir_lecture(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Read-only connection; the caller holds the lock. EntrepotAbsent when nothing was ever loaded.

    A warehouse that an older version wrote first gets the columns on the deposits that it lacks.
    """
    absent = EntrepotAbsent(
        f"Aucun dépôt n’a encore été chargé dans « {settings.donnees} ». "
        f"Chargez un fichier avec « observatoire deposer FICHIER »."
    )
    if not settings.entrepot.exists():
        raise absent
    with contextlib.closing(_connecter_lecture(settings)) as con:
        # The first writer may have been killed before its schema was there.
        if empreinte_appliquee(con) is None:
            raise absent
        if depots_a_jour(con):
            yield con
            return
    with duckdb.connect(str(settings.entrepot), config=CONFIG_ECRITURE) as con:
        preparer_depots(con)
    with contextlib.closing(_connecter_lecture(settings)) as con:
        yield con


def _connecter_lecture(settings: Settings) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(settings.entrepot), read_only=True, config=CONFIG_ENTREPOT)


class _Entrepot:
    """Lock and connection held together for the length of a `with` block."""

    def __init__(self, settings: Settings, *, attente_max: float = ATTENTE_MAX) -> None:
        self.settings = settings
        self.attente_max = attente_max
        self._pile = contextlib.ExitStack()

    def _ouvrir(self) -> contextlib.AbstractContextManager[duckdb.DuckDBPyConnection]:
        raise NotImplementedError

    def __enter__(self) -> duckdb.DuckDBPyConnection:
        with contextlib.ExitStack() as pile:
            pile.enter_context(verrouiller(self.settings, self.attente_max))
            con = pile.enter_context(self._ouvrir())
            self._pile = pile.pop_all()
        return con

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._pile.__exit__(genre, erreur, trace)


class EntrepotEcriture(_Entrepot):
    """The writer: `with EntrepotEcriture(settings) as con:`. Keep it short, it makes the others wait.

    `octets` is the size of the file about to be loaded, for the free-space check. `enquetes` are the
    questionnaires of the library when None.
    """

    def __init__(
        self,
        settings: Settings,
        enquetes: Mapping[str, Enquete] | None = None,
        *,
        octets: int = 0,
        attente_max: float = ATTENTE_MAX,
    ) -> None:
        super().__init__(settings, attente_max=attente_max)
        self.enquetes = enquetes
        self.octets = octets

    def _ouvrir(self) -> contextlib.AbstractContextManager[duckdb.DuckDBPyConnection]:
        return ouvrir_ecriture(self.settings, self.enquetes, self.octets)


class EntrepotLecture(_Entrepot):
    """A reader of the private warehouse. It takes the lock too: pages read publications, never this."""

    def _ouvrir(self) -> contextlib.AbstractContextManager[duckdb.DuckDBPyConnection]:
        return ouvrir_lecture(self.settings)
