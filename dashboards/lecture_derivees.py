"""Figures worked out of the published ones: per inhabitant, in euros of one year, differences of two territories.

The query itself works them out, so that « Voir la requête SQL » gives what is written, to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from dashboards.lecture_base import COLONNES, LIEUX, lire_lignes
from dashboards.modeles import Mesure
from dashboards.textes import TOUS

# Indicator, view, inhabitants that its values are given for (0: as they are published).
Voulue = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Demande:
    """Figures of a year, of one level and sector, of some territories or of all; the first one is the reference.

    None is divided by fewer than `minimum` inhabitants.
    """

    voulues: tuple[Voulue, ...]
    annee: int
    niveau: str
    domaine: str
    minimum: int = 1
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ecart:
    """A territory less the first one, for one indicator; no bound where one of the two has no interval."""

    indicateur: str
    code: str
    ecart: float
    bas: float | None
    haut: float | None
    separees: bool


def habitants(
    con: duckdb.DuckDBPyConnection, niveau: str, codes: tuple[str, ...]
) -> tuple[tuple[str, int], ...]:
    """Inhabitants of the territories that have them, by code."""
    sql = f"""
        with {LIEUX}
        select code, population from tous
        where niveau = ? and code in ({_places(codes)}) and population > 0 order by code
    """
    return tuple((code, population) for code, population in lire_lignes(con, sql, niveau, *codes))


def rapportees(con: duckdb.DuckDBPyConnection, demande: Demande) -> tuple[Mesure, ...]:
    """Figures divided by the inhabitants, bounds included."""
    if not demande.voulues:
        return ()
    chiffres, valeurs = _chiffres(demande)
    sql = f"""
        with {chiffres}
        select {COLONNES} from chiffres order by indicateur, code_territoire
    """
    return tuple(Mesure(*ligne) for ligne in lire_lignes(con, sql, *valeurs))


def ecarts(con: duckdb.DuckDBPyConnection, demande: Demande) -> tuple[Ecart, ...]:
    """Differences of the other territories with the first one, where both have a figure.

    Their interval comes from those of the two figures (Zou and Donner, 2008).
    """
    if not demande.voulues:
        return ()
    chiffres, valeurs = _chiffres(demande)
    sql = f"""
        with {chiffres},
        bornes as (
            select indicateur, code_territoire as code, valeur,
                   case when cv is not null and borne_basse is not null then least(borne_basse, valeur) end as bas,
                   case when cv is not null and borne_basse is not null then greatest(borne_haute, valeur) end as haut
            from chiffres where valeur is not null
        )
        select i.indicateur, i.code, i.valeur - r.valeur as ecart,
               i.valeur - r.valeur - sqrt((i.valeur - i.bas) * (i.valeur - i.bas)
                                          + (r.haut - r.valeur) * (r.haut - r.valeur)) as bas,
               i.valeur - r.valeur + sqrt((i.haut - i.valeur) * (i.haut - i.valeur)
                                          + (r.valeur - r.bas) * (r.valeur - r.bas)) as haut,
               coalesce(i.bas > r.haut or r.bas > i.haut, false) as separees
        from bornes as i inner join bornes as r using (indicateur)
        where r.code = ? and i.code <> r.code
        order by i.indicateur, i.code
    """
    return tuple(Ecart(*ligne) for ligne in lire_lignes(con, sql, *valeurs, demande.codes[0]))


def deflatees(
    con: duckdb.DuckDBPyConnection, indicateur: str, niveau: str, code: str, domaine: str, vue: str
) -> tuple[Mesure, ...]:
    """Figures of a territory year after year, in euros of the last one; a year without price index is left out."""
    sql = f"""
        with prix as (
            select year(cast(valable_du as date)) as millesime, cast(valeur as double) as indice
            from parametres where id = 'ipc'
        ),
        suite as (
            select * from mesures
            where indicateur = ? and niveau = ? and code_territoire = ? and domaine = ? and financeur = ? and vue = ?
        ),
        derniere as (select indice from prix where millesime = (select max(millesime) from suite)),
        deflatees as (
            select s.* replace (
                s.valeur * d.indice / p.indice as valeur,
                s.borne_basse * d.indice / p.indice as borne_basse,
                s.borne_haute * d.indice / p.indice as borne_haute
            )
            from suite as s inner join prix as p using (millesime) cross join derniere as d
        )
        select {COLONNES} from deflatees order by millesime
    """
    return tuple(
        Mesure(*ligne) for ligne in lire_lignes(con, sql, indicateur, niveau, code, domaine, TOUS, vue)
    )


def _chiffres(d: Demande) -> tuple[str, list[Any]]:
    """The relation `chiffres`: rows of `mesures`, divided where it is asked for; and the values to bind."""
    ici = f"and m.code_territoire in ({_places(d.codes)})" if d.codes else ""
    sql = f"""{LIEUX},
        voulues(indicateur, vue, base) as (values {", ".join(["(?, ?, ?)"] * len(d.voulues))}),
        chiffres as (
            select m.* replace (
                m.valeur * par / habitants as valeur,
                m.borne_basse * par / habitants as borne_basse,
                m.borne_haute * par / habitants as borne_haute
            )
            from mesures as m
            inner join voulues as v using (indicateur, vue)
            left join tous as t on t.niveau = m.niveau and t.code = m.code_territoire
            cross join lateral (
                select case when v.base = 0 then 1 else v.base end as par,
                       case when v.base = 0 then 1 else t.population end as habitants
            )
            where m.millesime = ? and m.niveau = ? and m.domaine = ? and m.financeur = ? {ici}
              and (m.valeur is null or v.base = 0 or t.population >= ?)
        )"""
    triples = [x for voulue in d.voulues for x in voulue]
    return sql, [*triples, d.annee, d.niveau, d.domaine, TOUS, *d.codes, d.minimum]


def _places(codes: Sequence[str]) -> str:
    return ", ".join("?" * len(codes))
