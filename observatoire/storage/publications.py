"""The list of the publications: who made each, on which deposits, and whether its file is still there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.storage import fichiers
from observatoire.storage.connexion import CONFIG_ENTREPOT
from observatoire.storage.entrepot import EntrepotLecture
from observatoire.storage.erreurs import EntrepotAbsent
from observatoire.storage.fichiers import PARQUET, PUBLIC


@dataclass(frozen=True, slots=True)
class PublicationInscrite:
    """One publication. `chiffres` counts the values shown; None when the file was pruned. `publie_le` is UTC."""

    version: int
    publie_le: dt.datetime
    qui: str
    depots: tuple[str, ...]
    chiffres: int | None = None
    presente: bool = False
    courante: bool = False


def inscrire(
    con: duckdb.DuckDBPyConnection, version: int, publie_le: dt.datetime, qui: str, depots: Sequence[str]
) -> None:
    """Keep who published what; called once the publication is installed."""
    with con.cursor() as cur:
        cur.execute(
            "insert into depot.publications (version, publie_le, qui, depots) values (?, ?, ?, ?::varchar[])",
            [version, publie_le, qui, list(depots)],
        )


def derniere_inscrite(con: duckdb.DuckDBPyConnection) -> int:
    """Highest number kept in the warehouse; 0 at first."""
    with con.cursor() as cur:
        lignes = cur.execute("select coalesce(max(version), 0) from depot.publications").fetchall()
    return int(lignes[0][0])


def lister_publications(settings: Settings) -> list[PublicationInscrite]:
    """Every publication, the latest first: those the warehouse knows, and the files that precede its list."""
    try:
        with EntrepotLecture(settings) as con, con.cursor() as cur:
            requete = "select version, publie_le, qui, depots from depot.publications"
            inscrites = {
                v: PublicationInscrite(v, le, qui, tuple(depots))
                for v, le, qui, depots in cur.execute(requete).fetchall()
            }
            inscrites |= _presentes(settings, inscrites)
    except EntrepotAbsent:
        return []
    return [inscrites[v] for v in sorted(inscrites, reverse=True)]


def _presentes(
    settings: Settings, inscrites: Mapping[int, PublicationInscrite]
) -> dict[int, PublicationInscrite]:
    """Those whose file is there, but for what an interrupted publication left above the current one."""
    cible = fichiers.cible(settings.publication)
    courante = (PUBLIC.version(cible) if cible else None) or 0
    presentes = {}
    for version in (v for v in PUBLIC.versions(settings) if v <= courante):
        publie_le, depots, chiffres = _lire(PARQUET.final(settings, version))
        connue = inscrites.get(version) or PublicationInscrite(version, publie_le, "", depots)
        presentes[version] = replace(connue, chiffres=chiffres, presente=True, courante=version == courante)
    return presentes


def _lire(dossier: Path) -> tuple[dt.datetime, tuple[str, ...], int]:
    """Date, deposits and number of values of a publication, from its Parquet copies."""
    with duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        ((publie_le, depots),) = con.execute(
            "select publie_le, depots from read_parquet(?)", [str(dossier / "_publication.parquet")]
        ).fetchall()
        requete = "select count(valeur) from read_parquet(?)"
        ((chiffres,),) = con.execute(requete, [str(dossier / "mesures.parquet")]).fetchall()
    return publie_le, tuple(d for d in depots.split(", ") if d), int(chiffres)
