"""Bring the warehouse to the present questionnaires: tables, added fields, comments, `courant` views."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import duckdb

from observatoire.domain.enquete import Enquete
from observatoire.storage.connexion import litteral, nom_sql, transaction
from observatoire.storage.ddl import ddl
from observatoire.storage.erreurs import SchemaIncompatible

SCHEMA = Path(__file__).with_name("schema.sql")


class Colonne(NamedTuple):
    """A column as DuckDB describes it."""

    nom: str
    type: str
    commentaire: str | None


def preparer(con: duckdb.DuckDBPyConnection, enquetes: Mapping[str, Enquete]) -> bool:
    """Create or extend every schema; returns False when the warehouse is already up to date.

    A field that was added to a questionnaire becomes a column; nothing is ever dropped. SchemaIncompatible
    lists every field whose type changed.
    """
    empreinte = empreinte_du_schema(enquetes)
    if empreinte_appliquee(con) == empreinte:
        return False
    with transaction(con) as cur:
        cur.execute(SCHEMA.read_text(encoding="utf-8"))
        presentes = {nom: _colonnes(cur, nom) for nom in enquetes}
        anciennes = {nom: enquetes[nom] for nom, colonnes in presentes.items() if colonnes}
        # A new warehouse has nothing to compare.
        voulues = _modele(anciennes) if anciennes else {}
        fautes: list[str] = []
        for nom, enquete in enquetes.items():
            if nom in anciennes:
                fautes += _etendre(cur, enquete, presentes[nom], voulues[nom])
            else:
                cur.execute(ddl(enquete))
        if fautes:
            raise SchemaIncompatible(" ; ".join(fautes))
        for enquete in enquetes.values():
            cur.execute(vue_courante(enquete))
        cur.execute("delete from depot.schema_applique")
        cur.execute("insert into depot.schema_applique values (?)", [empreinte])
    return True


def empreinte_du_schema(enquetes: Mapping[str, Enquete]) -> str:
    """Fingerprint of the schema that these questionnaires call for."""
    textes = [SCHEMA.read_text(encoding="utf-8"), *(ddl(e) + vue_courante(e) for e in enquetes.values())]
    return hashlib.sha256("\0".join(textes).encode()).hexdigest()


def depots_a_jour(con: duckdb.DuckDBPyConnection) -> bool:
    """True when the tables and views on the deposits have every column that the present code reads."""
    with con.cursor() as cur:
        return _colonnes_attendues() <= _colonnes_depot(cur)


def preparer_depots(con: duckdb.DuckDBPyConnection) -> None:
    """Extend the tables on the deposits only; the next writer brings the rest to date."""
    with transaction(con) as cur:
        cur.execute(SCHEMA.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _colonnes_attendues() -> frozenset[tuple[str, str]]:
    with duckdb.connect(":memory:") as con:
        con.execute(SCHEMA.read_text(encoding="utf-8"))
        return _colonnes_depot(con)


def _colonnes_depot(cur: duckdb.DuckDBPyConnection) -> frozenset[tuple[str, str]]:
    requete = """
        select table_name, column_name from duckdb_columns()
        where database_name = current_database() and schema_name = 'depot'"""
    return frozenset(cur.execute(requete).fetchall())


def vue_courante(enquete: Enquete) -> str:
    """SQL of `courant.<name>`: rows of the active deposits, the latest ones when there is a key."""
    nom = nom_sql(enquete.name)
    return (
        f"create or replace view courant.{nom} as\nselect e.*\nfrom enquete.{nom} as e\n"
        f"inner join depot.en_vigueur as d on e.depot_id = d.depot_id\n"
        f"{garder_la_derniere(enquete)};\n"
    )


def garder_la_derniere(enquete: Enquete, cle_association: str = "e.cle_association") -> str:
    """QUALIFY clause that keeps the answer in force, for rows `e` and their deposit `d`; empty without a key.

    The last deposit of an association for a year replaces the earlier ones of the same source, whole: fewer
    categories than before leave none of the old ones. Then the last row of each key counts. A row whose
    association is unknown replaces no other row.
    """
    if not enquete.cle:
        return ""
    autres = [f"e.{nom_sql(c)}" for c in enquete.cle if c not in enquete.millesime_de]
    annee = f"{cle_association}, e.millesime"
    cle = ", ".join([annee, *autres])
    return (
        f"qualify {cle_association} is null or (\n"
        f"    d.ordre = max(d.ordre) over (partition by {annee}, d.source)\n"
        f"    and row_number() over (\n"
        f"        partition by {cle}\n        order by d.ordre desc, e.feuille desc, e.ligne desc) = 1)\n"
    )


def empreinte_appliquee(con: duckdb.DuckDBPyConnection) -> str | None:
    """Fingerprint of the schema the warehouse has; None when it has none yet."""
    with con.cursor() as cur:
        requete = """
            select 1 from duckdb_tables() where schema_name = 'depot' and table_name = 'schema_applique'"""
        if not cur.execute(requete).fetchall():
            return None
        lignes = cur.execute("select empreinte from depot.schema_applique").fetchall()
    return lignes[0][0] if lignes else None


def _modele(enquetes: Mapping[str, Enquete]) -> dict[str, list[Colonne]]:
    """Columns that the questionnaires call for, as DuckDB understands their DDL."""
    with duckdb.connect(":memory:") as con:
        con.execute("create schema enquete")
        for enquete in enquetes.values():
            con.execute(ddl(enquete))
        return {nom: _colonnes(con, nom) for nom in enquetes}


def _colonnes(cur: duckdb.DuckDBPyConnection, table: str) -> list[Colonne]:
    """Columns of `enquete.<table>`, in order; empty when there is no such table."""
    requete = """
        select column_name, data_type, comment from duckdb_columns()
        where database_name = current_database() and schema_name = 'enquete' and table_name = ?
        order by column_index"""
    return [Colonne(*ligne) for ligne in cur.execute(requete, [table]).fetchall()]


def _etendre(
    cur: duckdb.DuckDBPyConnection, enquete: Enquete, presentes: list[Colonne], voulues: list[Colonne]
) -> list[str]:
    table, fautes = f"enquete.{nom_sql(enquete.name)}", []
    par_nom = {c.nom: c for c in presentes}
    for colonne in voulues:
        presente = par_nom.get(colonne.nom)
        if presente is None:
            cur.execute(f"alter table {table} add column {nom_sql(colonne.nom)} {colonne.type}")
        elif presente.type != colonne.type:
            fautes.append(
                f"{enquete.name}.toml, champ {colonne.nom} : {presente.type} dans l’entrepôt, "
                f"{colonne.type} demandé (fermez le champ avec until et ouvrez-en un autre)"
            )
        if colonne.commentaire != (presente.commentaire if presente else None):
            texte = litteral(colonne.commentaire) if colonne.commentaire else "null"
            cur.execute(f"comment on column {table}.{nom_sql(colonne.nom)} is {texte}")
    return fautes
