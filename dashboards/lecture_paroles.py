"""Reads of the publication for « Parole du terrain »: the extracts of a place and year, and how many there were.

No Streamlit here; each function takes an open read-only connection and works on a cursor of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from dashboards.lecture_base import lire_facultatives
from dashboards.textes import TOUS
from observatoire.domain.paroles import SEUIL

EPCI, DEPARTEMENT = "epci", "departement"


@dataclass(frozen=True, slots=True)
class Parole:
    """One extract; `domaine` is empty when it is not said, `lieu` the name of its EPCI or of the département."""

    rang: int
    millesime: int
    niveau: str
    code: str
    lieu: str
    domaine: str
    domaine_libelle: str
    extrait: str


@dataclass(frozen=True, slots=True)
class Bilan:
    """How many extracts of a year were received, consented, published; None under the threshold."""

    millesime: int
    recus: int | None
    accords: int | None
    publies: int | None


def paroles(con: duckdb.DuckDBPyConnection, annee: int, domaine: str) -> tuple[Parole, ...]:
    """Extracts of a year (and of a domain), in the order of the publication; none in the oldest publications."""
    sql = """
        select p.rang, p.millesime, p.niveau, p.code_territoire, coalesce(t.libelle, p.code_territoire),
            coalesce(p.domaine, ''), coalesce(d.libelle, ''), p.extrait
        from paroles as p
        left join territoires as t on p.niveau = t.niveau and p.code_territoire = t.code
        left join domaines as d on p.domaine = d.code
        order by p.rang"""
    toutes = (Parole(*ligne) for ligne in lire_facultatives(con, "paroles", sql))
    return tuple(p for p in toutes if p.millesime == annee and domaine in (TOUS, p.domaine))


def bilans(con: duckdb.DuckDBPyConnection) -> tuple[Bilan, ...]:
    """Counts of every year, the latest first."""
    sql = "select millesime, nb_recus, nb_accords, nb_publies from paroles_bilan order by 1 desc"
    return tuple(Bilan(*ligne) for ligne in lire_facultatives(con, "paroles_bilan", sql))


def seuil(con: duckdb.DuckDBPyConnection) -> int | None:
    """Associations that must have spoken somewhere for that place to be named."""
    sql = f"select cast(valeur as integer) as seuil from parametres where id = '{SEUIL}' order by valable_du desc limit 1"
    lignes = lire_facultatives(con, "parametres", sql)
    return int(lignes[0][0]) if lignes else None
