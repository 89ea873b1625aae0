"""How the modules `lecture*` read the public publication: one statement on a cursor of its own, noted as anyone may paste it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import duckdb

from observatoire.chiffres.requete import requete_liee

# In the order of the record.
COLONNES = """
           indicateur, millesime, niveau, code_territoire, domaine, financeur, valeur, borne_basse,
           borne_haute, cv, n_repondants, taux_reponse, statut, vue""".strip()
MESURE = f"""
    select {COLONNES}
    from mesures where true
"""
# Territories and communes; a commune that is also a territory is there once.
LIEUX = """
        connus as (select niveau, code, libelle, population, note from territoires),
        tous as (
            from connus
            union all
            select 'commune', code, libelle, population, null from communes
            where code not in (select code from connus where niveau = 'commune')
        )"""

_NOTES: ContextVar[list[str] | None] = ContextVar("requetes", default=None)


@contextmanager
def noter() -> Iterator[list[str]]:
    """The queries that are run meanwhile, as anyone may paste them: their values are written in."""
    notes: list[str] = []
    jeton = _NOTES.set(notes)
    try:
        yield notes
    finally:
        _NOTES.reset(jeton)


def _noter(sql: str, *valeurs: Any) -> None:
    notes = _NOTES.get()
    if notes is not None:
        notes.append(requete_liee(sql, valeurs))


def lire_lignes(con: duckdb.DuckDBPyConnection, sql: str, *valeurs: Any) -> list[tuple[Any, ...]]:
    """Rows of a statement."""
    _noter(sql, *valeurs)
    curseur = con.cursor()
    try:
        return curseur.execute(sql, list(valeurs)).fetchall()
    finally:
        curseur.close()


def lire_tableau(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[dict[str, Any], ...]:
    """Rows with the names of their columns."""
    _noter(sql)
    curseur = con.cursor()
    try:
        resultat = curseur.execute(sql)
        colonnes = [d[0] for d in resultat.description or ()]
        return tuple(dict(zip(colonnes, ligne, strict=True)) for ligne in resultat.fetchall())
    finally:
        curseur.close()


def lire_facultatives(con: duckdb.DuckDBPyConnection, table: str, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a table that the oldest publications do not have; none then."""
    # Nothing bound here: the first bound value of a process loads pandas, a second that a printed sheet has not.
    with noter():  # what is looked at here is no figure
        noms = lire_lignes(con, "select table_name from duckdb_tables() where schema_name = 'main'")
    tables = {nom for (nom,) in noms}
    return lire_lignes(con, sql) if table in tables else []
