"""Which published figures a gesture on a deposit would move, computed apart from the warehouse."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.indicators.catalogue import catalogue
from observatoire.indicators.run import calculer
from observatoire.storage.connexion import CONFIG_ENTREPOT, litteral
from observatoire.storage.depots import annuler as retirer
from observatoire.storage.depots import compter
from observatoire.storage.depots import retablir as remettre
from observatoire.storage.entrepot import ouvrir_lecture, verrouiller
from observatoire.storage.insertion import en_table
from observatoire.storage.schema import preparer_depots
from observatoire.territoire import load_territoire
from pipelines.publication import references, resoudre

# What the figures and the gestures read of the deposits.
_TABLES = ("depots", "journal", "rapprochements")


@dataclass(frozen=True, slots=True)
class ChiffreTouche:
    """A figure of the département, all sectors together, that would move.

    A value is None when the rules of publication do not show it: `statut_…` says why (secret, nd; None when the
    figure does not exist). The numbers of respondents are for the staff, masked figures included.
    """

    indicateur: str
    titre: str
    unite: str
    millesime: int
    avant: float | None
    apres: float | None
    n_avant: int
    n_apres: int
    statut_avant: str | None
    statut_apres: str | None
    decimales: int


class _Case(NamedTuple):
    valeur: float | None = None
    n: int = 0
    statut: str | None = None


_Cases: TypeAlias = dict[tuple[str, int], _Case]


def apercu_chiffres(
    settings: Settings, depot_id: str, *, retablir: bool = False, valider: bool = False
) -> list[ChiffreTouche]:
    """Figures that move when the deposit is cancelled (or restored, or validated), the rest being in force.

    DepotInconnu or DepotInchange when the gesture itself is impossible. Nothing is written.
    """
    geste = remettre if retablir else compter if valider else retirer
    with _copie(settings) as con:
        avant = _calculer(con, settings)
        geste(con, depot_id)
        return list(_ecarts(avant, _calculer(con, settings)))


@contextmanager
def _copie(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database with the deposits and the typed answers; the warehouse is free at once."""
    with duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        preparer_depots(con)
        # Through the reader: it says when nothing was loaded, and brings an old file to date.
        with verrouiller(settings):
            with ouvrir_lecture(settings):
                pass
            con.execute(f"attach {litteral(str(settings.entrepot))} as entrepot (read_only)")
            for table in _TABLES:
                con.execute(f"insert into depot.{table} by name from entrepot.depot.{table}")
            for nom in load_enquetes():
                table = en_table("enquete", nom)
                con.execute(f"create table {table} as from entrepot.{table}")
            con.execute("detach entrepot")
        references(con, settings)
        yield con


def _calculer(con: duckdb.DuckDBPyConnection, settings: Settings) -> _Cases:
    """The cells of the département, masked as a publication masks them."""
    resoudre(con, load_enquetes().values(), "memory")
    calculer(
        con,
        settings,
        load_territoire(settings.departement, settings.territoires),
        0,
        "apercu",
        ponderer=False,
    )
    lignes = con.execute("""
        select indicateur, millesime, case when statut = 'ok' then valeur end, n, statut
        from cellules where niveau = 'departement' and domaine = 'tous' and financeur = 'tous'
            and vue = 'repondantes'""").fetchall()
    return {(indicateur, int(annee)): _Case(*reste) for indicateur, annee, *reste in lignes}


def _ecarts(avant: _Cases, apres: _Cases) -> Iterator[ChiffreTouche]:
    """What differs, in the order of the catalogue, then by year."""
    annees = sorted({annee for _, annee in avant.keys() | apres.keys()})
    for nom, carte in catalogue().items():
        for annee in annees:
            a, b = avant.get((nom, annee), _Case()), apres.get((nom, annee), _Case())
            if not _pareil(a, b):
                yield ChiffreTouche(
                    nom,
                    carte.titre,
                    carte.unite,
                    annee,
                    a.valeur,
                    b.valeur,
                    a.n,
                    b.n,
                    a.statut,
                    b.statut,
                    carte.decimales,
                )


def _pareil(a: _Case, b: _Case) -> bool:
    """True when neither the value nor the respondents move; a figure nobody answered is as good as none."""
    if (a.n, b.n) == (0, 0):
        return True
    if a.n != b.n or a.statut != b.statut:
        return False
    return a.valeur is None or b.valeur is None or math.isclose(a.valeur, b.valeur, rel_tol=1e-12)
