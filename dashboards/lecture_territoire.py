"""Reads of the publication for the pages of a territory: a figure with all that defends it, and where a place lies.

No Streamlit here; each function takes an open read-only connection and works on a cursor of its own.
"""

from __future__ import annotations

import duckdb

from dashboards.modeles import Territoire
from observatoire.chiffres.identifiant import lire_identifiant
from observatoire.chiffres.lecture import Chiffre, ChiffreInconnu, lire_chiffre


def chiffre(con: duckdb.DuckDBPyConnection, identifiant: str) -> Chiffre | None:
    """The figure with its constants, its weights and its deposits; None when the publication has no such row."""
    try:
        return lire_chiffre(con, lire_identifiant(identifiant))
    except ChiffreInconnu:
        return None


def englobants(con: duckdb.DuckDBPyConnection, niveau: str, code: str) -> tuple[Territoire, ...]:
    """Territories that hold this one, the most telling first: the EPCI of a commune, then the département.

    A grouping of communes is held by a territory when all of its communes are.
    """
    communes = [code] if niveau == "commune" else _communes(con, niveau, code)
    sql = """
        with siennes as (select * from communes where code in (select unnest(cast(? as varchar[])))),
        rangs as (
            select 1 as rang, 'epci' as niveau, min(code_epci) as code from siennes having count(distinct code_epci) = 1
            union all select 2, 'departement', null
            union all select 3, 'canton', min(code_canton) from siennes having count(distinct code_canton) = 1
            union all select 4, 'arrondissement', min(code_arrondissement) from siennes
                having count(distinct code_arrondissement) = 1
        )
        select t.niveau, t.code, t.libelle, t.population, t.note
        from territoires t join rangs r on t.niveau = r.niveau and (r.code is null or t.code = r.code)
        where t.niveau <> ? order by r.rang, t.code
    """
    with con.cursor() as curseur:
        lignes = curseur.execute(sql, [communes, niveau]).fetchall()
    return tuple(Territoire(*ligne) for ligne in lignes)


def _communes(con: duckdb.DuckDBPyConnection, niveau: str, code: str) -> list[str]:
    """Communes of a district or of a grouping; none in a publication older than their table."""
    with con.cursor() as curseur:
        table = "select 1 from duckdb_tables() where table_name = 'appartenances'"
        if not curseur.execute(table).fetchall():
            return []
        sql = "select code_commune from appartenances where niveau = ? and code = ? order by 1"
        return [commune for (commune,) in curseur.execute(sql, [niveau, code]).fetchall()]
