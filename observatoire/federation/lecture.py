"""Read the lake: answers of the federation under the names that the queries know, its state, a copy of a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from observatoire.domain.enquete import Enquete
from observatoire.federation.lac import LAC, REGISTRE, code, colonnes_de, instantane
from observatoire.storage.connexion import litteral, nom_sql
from observatoire.storage.erreurs import ErreurEntrepot


class LacVide(ErreurEntrepot):
    """Nobody sent anything yet."""


@dataclass(frozen=True, slots=True)
class EtatDepartement:
    """What the lake holds of a département."""

    departement: str
    depots: int
    lignes: int
    publication: int
    envoi_le: str


def poser_courant(con: duckdb.DuckDBPyConnection, enquetes: Iterable[Enquete], departement: str = "") -> None:
    """Make the views `courant.<questionnaire>` and `ref.registre` of the federation, or of one département.

    An association that answered for a year in several départements counts in one: that which sent last.
    """
    con.execute("create schema if not exists courant")
    con.execute("create schema if not exists ref")
    for enquete in enquetes:
        con.execute(
            f"create or replace view courant.{nom_sql(enquete.name)} as {_courant(con, enquete, departement)}"
        )
    con.execute(f"create or replace view ref.registre as {_creations(con, departement)}")


def lire_etat(con: duckdb.DuckDBPyConnection) -> list[EtatDepartement]:
    """Départements of the lake, by code."""
    lignes = con.execute(f"""
        with derniers as (
            select departement, max(envoi_le) as envoi_le, arg_max(publication, envoi_le) as publication
            from {LAC}.federation.envois group by departement
        )
        select x.departement, count(d.depot_id), cast(coalesce(sum(d.lignes), 0) as bigint), x.publication,
            strftime(x.envoi_le, '%Y-%m-%d %H:%M:%S')
        from derniers as x
        left join {LAC}.federation.depots as d on x.departement = d.departement
        group by x.departement, x.publication, x.envoi_le order by x.departement""").fetchall()
    return [EtatDepartement(*ligne) for ligne in lignes]


def partagees(con: duckdb.DuckDBPyConnection, enquetes: Iterable[Enquete]) -> int:
    """Associations that answered for one year in several départements."""
    tables = [e for e in enquetes if e.cle and colonnes_de(con, e.name)]
    if not tables:
        return 0
    unies = " union all ".join(
        f"select cle_association, millesime, departement from {LAC}.enquete.{nom_sql(e.name)}" for e in tables
    )
    ((n,),) = con.execute(
        f"select count(distinct cle_association) from (select cle_association from ({unies}) "
        "where cle_association is not null group by cle_association, millesime having count(distinct departement) > 1)"
    ).fetchall()
    return int(n)


def tirer(
    con: duckdb.DuckDBPyConnection, enquetes: Iterable[Enquete], dossier: Path, departement: str = ""
) -> int:
    """Write the answers of one moment into a folder laid out as the `parquet/` of the analysts; its snapshot number."""
    dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
    enquetes = tuple(enquetes)
    con.execute("begin transaction")
    try:
        numero = instantane(con)
        poser_courant(con, enquetes, departement)
        for enquete in enquetes:
            _copier(con, f"from courant.{nom_sql(enquete.name)}", dossier / f"enquete.{enquete.name}.parquet")
        _copier(con, _registre(con, departement), dossier / "ponderation.registre.parquet")
    finally:
        con.execute("rollback")
    return numero


def _copier(con: duckdb.DuckDBPyConnection, requete: str, cible: Path) -> None:
    con.execute(f"copy ({requete}) to {litteral(str(cible))} (format parquet)")


def _courant(con: duckdb.DuckDBPyConnection, enquete: Enquete, departement: str) -> str:
    if not colonnes_de(con, enquete.name):
        raise LacVide(f"Le lac n’a pas de table « {enquete.name} » : aucun envoi n’y a été fait.")
    source = f"{LAC}.enquete.{nom_sql(enquete.name)}"
    if departement:
        return (
            f"select * exclude (departement) from {source} where departement = {litteral(code(departement))}"
        )
    if not enquete.cle:
        return f"select * exclude (departement) from {source}"
    return f"""
        select e.* exclude (departement) from {source} as e
        inner join {LAC}.federation.depots as d on e.departement = d.departement and e.depot_id = d.depot_id
            and d.questionnaire = {litteral(enquete.name)}
        qualify e.cle_association is null or e.departement = max_by(e.departement, (d.envoi_le, e.departement))
            over (partition by e.cle_association, e.millesime)"""


def _registre(con: duckdb.DuckDBPyConnection, departement: str) -> str:
    if not colonnes_de(con, REGISTRE):
        return (
            "select null::varchar as cle, null::varchar as date_creation, null::varchar as code_commune, "
            "null::varchar as secteur where false"
        )
    ou = f" where departement = {litteral(code(departement))}" if departement else ""
    return f"select cle, date_creation, code_commune, secteur from {LAC}.enquete.{REGISTRE}{ou}"


def _creations(con: duckdb.DuckDBPyConnection, departement: str) -> str:
    return (
        "select cle as cle_association, cast(substr(date_creation, 1, 4) as integer) as annee_creation, "
        f"code_commune, secteur from ({_registre(con, departement)})"
    )
