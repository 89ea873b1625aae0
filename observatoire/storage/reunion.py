"""Several publications in one file: each département is computed and protected alone, then put side by side.

What the file adds to them is drawn from their published figures only, so that it tells nothing they do not: the sum
over the départements of what adds up (numbers, totals), and only when every département shows its own. A département
answers for itself: its variances add up, as strata do. An absent cell is one that nobody answered.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from observatoire.storage.connexion import BLOC, CONFIG_ENTREPOT, FORMAT, litteral

ENSEMBLE = "france"
MEMOIRE = "2GB"
# Half of those of a département: a page of the whole country is read twice as fast.
PETIT_BLOC = BLOC // 2
# Sorted by place: the figures of a commune lie together, and a page reads one block of the file.
_MESURES = """
    insert into mesures select ? as code_departement, * from p.mesures where statut <> 'nd'
    order by niveau, code_territoire, indicateur, millesime, domaine, financeur, vue"""
_VIDE = "create table mesures as select cast(null as varchar) as code_departement, * from p.mesures limit 0"
_ENSEMBLE = f"""
    insert into mesures by name
    with additifs as (
        select indicateur from indicateurs where estimateur in ('compte', 'total')
    ),
    sommes as (
        select
            m.indicateur, m.millesime, m.domaine, m.financeur, m.vue,
            sum(m.valeur) as valeur, sqrt(sum(power(m.cv * m.valeur, 2))) as ecart, count(m.cv) = count(*) as est_precis,
            sum(m.n_repondants) as n_repondants, count(m.valeur) = count(*) as est_entiere,
            bool_or(m.statut = 'secret') as est_secrete, bool_or(m.statut = 'prudence') as est_prudente
        from mesures as m
        inner join additifs as a on m.indicateur = a.indicateur
        where m.niveau = 'departement'
        group by m.indicateur, m.millesime, m.domaine, m.financeur, m.vue
    )
    select
        '{ENSEMBLE}' as code_departement, indicateur, millesime, '{ENSEMBLE}' as niveau, '{ENSEMBLE}' as code_territoire,
        domaine, financeur, vue,
        case when est_entiere then valeur end as valeur,
        case when est_entiere and est_precis then valeur - 1.96 * ecart end as borne_basse,
        case when est_entiere and est_precis then valeur + 1.96 * ecart end as borne_haute,
        case when est_entiere and est_precis and valeur > 0 then ecart / valeur end as cv,
        case when est_entiere then cast(n_repondants as integer) end as n_repondants,
        case when est_entiere and est_prudente then 'prudence' when est_entiere then 'ok'
            when est_secrete then 'secret' else 'non_publie' end as statut
    from sommes
    order by indicateur, millesime, domaine, financeur, vue"""
_CATALOGUE = "select indicateur, estimateur, unite, sql from {base}indicateurs order by indicateur"


class CataloguesDifferents(ValueError):
    """Publications of two versions of the indicators: their figures do not add up."""


@dataclass(frozen=True, slots=True)
class Reunion:
    """What a joint file holds."""

    chemin: Path
    departements: int
    lignes: int
    lignes_ensemble: int


def reunir(publications: Mapping[str, Path], cible: Path) -> Reunion:
    """Write `cible` from the public file of each département; replaces it whole or not at all.

    Tables: `mesures` (the published ones, with `code_departement`, and the level « france »), `territoires`,
    `indicateurs`, `domaines`, `departements`. CataloguesDifferents names the département that stands apart.
    """
    provisoire = cible.with_name(f".{cible.name}.tmp")
    provisoire.unlink(missing_ok=True)
    with duckdb.connect(config={**CONFIG_ENTREPOT, "memory_limit": MEMOIRE}) as con:
        con.execute(
            f"attach {litteral(str(provisoire))} as f (storage_version '{FORMAT}', row_group_size {PETIT_BLOC})"
        )
        con.execute("use f")
        con.execute(
            "create table departements (code_departement varchar, publication integer, publie_le timestamp)"
        )
        for rang, (departement, chemin) in enumerate(sorted(publications.items())):
            con.execute(f"attach {litteral(str(chemin.resolve(strict=True)))} as p (read_only)")
            if rang == 0:
                _commencer(con)
            _ajouter(con, departement)
            con.execute("detach p")
        avant = _compter(con)
        con.execute(_ENSEMBLE)
        lignes = _compter(con)
        con.execute("checkpoint f")
        con.execute("use memory")
        con.execute("detach f")
    with provisoire.open("rb") as flux:
        os.fsync(flux.fileno())
    provisoire.replace(cible)
    return Reunion(cible, len(publications), lignes, lignes - avant)


def _commencer(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(_VIDE)
    con.execute("create table territoires as select * from p.territoires limit 0")
    for table in ("indicateurs", "domaines"):
        con.execute(f"create table {table} as from p.{table}")


def _ajouter(con: duckdb.DuckDBPyConnection, departement: str) -> None:
    ici, la = (con.execute(_CATALOGUE.format(base=base)).fetchall() for base in ("p.", ""))
    if ici != la:
        raise CataloguesDifferents(
            f"La publication du département {departement} n’a pas les mêmes indicateurs que les autres\u00a0: publiez-la "
            f"de nouveau avec la même version, puis recommencez. Rien n’a été changé."
        )
    con.execute(_MESURES, [departement])
    con.execute("insert into territoires from p.territoires")
    con.execute("insert into departements select ?, version, publie_le from p._publication", [departement])


def _compter(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("select count(*) from mesures").fetchall()[0][0])
