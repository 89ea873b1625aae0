"""Spark over Parquet: the same queries, translated; Sail is a light server of the same protocol.

Each table that is made goes through Parquet files of the exchange folder, which every worker must see: nothing is
worked out twice, and nothing is kept in the memory of the cluster.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from observatoire.indicators.valeurs import Requete
from observatoire.moteurs.base import MoteurIndisponible

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SAIL, DISTANT = "sail", "sc://"
# Queries that one job runs together: enough to fill a cluster, few enough for its planner.
LOT = 16
REGLAGES = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
}
LOCAUX = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
MANQUE = "Le moteur spark demande l’extra « spark » : pip install 'observatoire-associatif[spark]'."


class MoteurSpark:
    """A session on `adresse`: a master (`local[2]`), a Spark Connect server (`sc://…`), or `sail` (in this process)."""

    nom = "spark"

    def __init__(self, adresse: str, echange: Path) -> None:
        self._echange = echange
        self._serveur: Any = None
        self._est_local = adresse != SAIL and not adresse.startswith(DISTANT)
        try:
            from observatoire.moteurs.traduction import traduire, vue

            self._traduire, self._vue = traduire, vue
            self.session = self._ouvrir(adresse)
        except ImportError as absente:
            raise MoteurIndisponible(f"{MANQUE} (absent : {absente.name})") from absente
        echange.mkdir(mode=0o700, parents=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, genre: type[BaseException] | None, faute: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.stop()
        # Left there by a session on a server: the next one of this process may be on a master.
        os.environ.pop("SPARK_CONNECT_MODE_ENABLED", None)
        if self._serveur is not None:
            self._serveur.stop()
        shutil.rmtree(self._echange, ignore_errors=True)

    def poser(self, table: str, fichiers: Sequence[Path]) -> None:
        """A temporary view on the files."""
        self.session.read.parquet(*map(str, fichiers)).createOrReplaceTempView(self._vue(table))

    def creer(self, table: str, requetes: Iterable[Requete]) -> None:
        """Files of the exchange folder, and a view on them."""
        dossier = self._echange / self._vue(table)
        suite = iter(requetes)
        while lot := list(islice(suite, LOT)):
            parties = [self.session.sql(self._traduire(r.sql), args=dict(r.valeurs)) for r in lot]
            ensemble = reduce(_ajouter, parties)
            if self._est_local:
                # A task of Spark costs more than the few rows that each one would write here.
                ensemble = ensemble.coalesce(1)
            ensemble.write.mode("append").parquet(str(dossier))
        # The schema is told: no row may leave no file at all.
        lues = self.session.read.schema(ensemble.schema).parquet(str(dossier))
        lues.createOrReplaceTempView(self._vue(table))

    def renommer(self, table: str, nom: str) -> None:
        """A second view on the same files."""
        self.session.table(self._vue(table)).createOrReplaceTempView(self._vue(nom))

    def ecrire(self, table: str, cible: Path) -> int:
        """Brought back here as Arrow, then written."""
        import pyarrow.parquet as pq

        lignes = self.session.table(self._vue(table)).toArrow()
        pq.write_table(lignes, cible)
        return int(lignes.num_rows)

    def _ouvrir(self, adresse: str) -> SparkSession:
        from pyspark.sql import SparkSession

        chantier: Any = SparkSession.builder
        if adresse == SAIL:
            chantier = chantier.remote(self._servir_sail())
        elif adresse.startswith(DISTANT):
            chantier = chantier.remote(adresse)
        else:
            chantier = chantier.master(adresse).appName("observatoire")
            for cle, valeur in LOCAUX.items():
                chantier = chantier.config(cle, valeur)
        for cle, valeur in REGLAGES.items():
            chantier = chantier.config(cle, valeur)
        return chantier.getOrCreate()

    def _servir_sail(self) -> str:
        from pysail.spark import SparkConnectServer

        self._serveur = SparkConnectServer(ip="127.0.0.1", port=0)
        self._serveur.start(background=True)
        _, port = self._serveur.listening_address
        return f"{DISTANT}127.0.0.1:{port}"


def _ajouter(a: DataFrame, b: DataFrame) -> DataFrame:
    return a.unionAll(b)
