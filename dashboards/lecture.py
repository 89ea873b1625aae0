"""Every SQL read of the public publication. No Streamlit here; values are bound, results are frozen.

Each function takes an open read-only connection and works on a cursor of its own, so that several
sessions may read at once. Only respondents' figures (`vue = 'repondantes'`) are read.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb

from dashboards.format_fr import typographie
from dashboards.modeles import CauseAnomalie, Depot, Edition, Indicateur, Mesure, Territoire
from dashboards.textes import TOUS
from observatoire.methode.lecture import lire_methodologie as lire_methodologie

_MESURE = """
    select indicateur, millesime, niveau, code_territoire, domaine, financeur, valeur, borne_basse,
           borne_haute, cv, n_repondants, taux_reponse, statut
    from mesures where vue = 'repondantes'
"""


def _lignes(con: duckdb.DuckDBPyConnection, sql: str, *valeurs: Any) -> list[tuple[Any, ...]]:
    curseur = con.cursor()
    try:
        return curseur.execute(sql, list(valeurs)).fetchall()
    finally:
        curseur.close()


def _tableau(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[dict[str, Any], ...]:
    """Rows with the names of their columns."""
    curseur = con.cursor()
    try:
        resultat = curseur.execute(sql)
        colonnes = [d[0] for d in resultat.description or ()]
        return tuple(dict(zip(colonnes, ligne, strict=True)) for ligne in resultat.fetchall())
    finally:
        curseur.close()


def _identifiants(brut: Any) -> tuple[str, ...]:
    """Deposit identifiers, stored as a JSON list or as text separated by commas."""
    texte = str(brut or "").strip()
    if texte.startswith("["):
        return tuple(str(i) for i in json.loads(texte))
    return tuple(i.strip() for i in texte.split(",") if i.strip())


def edition(con: duckdb.DuckDBPyConnection) -> Edition:
    """The publication's own row."""
    version, publie_le, fictif, depots = _lignes(
        con, "select version, publie_le, fictif, depots from _publication"
    )[0]
    return Edition(version, publie_le, bool(fictif), _identifiants(depots))


def indicateurs(con: duckdb.DuckDBPyConnection) -> tuple[Indicateur, ...]:
    """All cards, in the order of the file, their sentences with French unbreakable spaces."""
    connus = Indicateur.__dataclass_fields__.keys()

    def ecrite(colonne: str, valeur: Any) -> Any:
        return typographie(valeur) if isinstance(valeur, str) and colonne != "sql" else valeur

    return tuple(
        Indicateur(**{c: ecrite(c, v) for c, v in fiche.items() if c in connus and v is not None})
        for fiche in _tableau(con, "select * from indicateurs")
    )


def territoires(con: duckdb.DuckDBPyConnection) -> tuple[Territoire, ...]:
    """All territories and communes; within a level, sorted as a French reader sorts names."""
    sql = """
        with connus as (select niveau, code, libelle, population, note from territoires),
        tous as (
            from connus
            union all
            select 'commune', code, libelle, population, null from communes
            where code not in (select code from connus where niveau = 'commune')
        )
        select niveau, code, libelle, population, note from tous
        order by niveau, strip_accents(lower(libelle)), code
    """
    return tuple(Territoire(*ligne) for ligne in _lignes(con, sql))


def domaines(con: duckdb.DuckDBPyConnection) -> tuple[tuple[str, str], ...]:
    """Sectors as (code, label), without the total."""
    sql = "select code, libelle from domaines where code <> ? order by strip_accents(lower(libelle))"
    return tuple((code, libelle) for code, libelle in _lignes(con, sql, TOUS))


def annees(con: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """Years that have at least one figure, the latest first."""
    sql = "select distinct millesime from mesures where millesime is not null order by 1 desc"
    return tuple(annee for (annee,) in _lignes(con, sql))


def fiche(
    con: duckdb.DuckDBPyConnection, annee: int, niveau: str, code: str, domaine: str
) -> dict[str, Mesure]:
    """All indicators of one territory, year and sector, by indicator."""
    sql = (
        _MESURE + "and millesime = ? and niveau = ? and code_territoire = ? and domaine = ? and financeur = ?"
    )
    lignes = _lignes(con, sql, annee, niveau, code, domaine, TOUS)
    return {ligne[0]: Mesure(*ligne) for ligne in lignes}


def carte(
    con: duckdb.DuckDBPyConnection, indicateur: str, annee: int, niveau: str, domaine: str
) -> dict[str, Mesure]:
    """One indicator over all territories of a level, by territory."""
    sql = _MESURE + "and indicateur = ? and millesime = ? and niveau = ? and domaine = ? and financeur = ?"
    mesures = (Mesure(*x) for x in _lignes(con, sql, indicateur, annee, niveau, domaine, TOUS))
    return {mesure.code: mesure for mesure in mesures}


def par_financeur(
    con: duckdb.DuckDBPyConnection, indicateur: str, niveau: str, code: str, domaine: str
) -> tuple[Mesure, ...]:
    """One indicator by funder and year."""
    sql = (
        _MESURE
        + """
        and indicateur = ? and niveau = ? and code_territoire = ? and domaine = ? and financeur <> ?
        order by financeur, millesime
    """
    )
    return tuple(Mesure(*x) for x in _lignes(con, sql, indicateur, niveau, code, domaine, TOUS))


def par_domaine(
    con: duckdb.DuckDBPyConnection, indicateur: str, annee: int, niveau: str, code: str
) -> tuple[Mesure, ...]:
    """One indicator by sector."""
    sql = (
        _MESURE
        + """
        and indicateur = ? and millesime = ? and niveau = ? and code_territoire = ?
        and domaine <> ? and financeur = ? order by domaine
    """
    )
    return tuple(Mesure(*x) for x in _lignes(con, sql, indicateur, annee, niveau, code, TOUS, TOUS))


def depots(con: duckdb.DuckDBPyConnection) -> tuple[Depot, ...]:
    """Deposits of the publication, the latest first."""
    sql = """
        select depot_id, questionnaire, source, millesime, statut, depose_le, lignes_lues,
               lignes_chargees, lignes_en_attente, lignes_ignorees, fictif
        from depots order by depose_le desc, depot_id
    """
    return tuple(Depot(*ligne) for ligne in _lignes(con, sql))


def causes(con: duckdb.DuckDBPyConnection) -> tuple[CauseAnomalie, ...]:
    """Anomalies of the deposits in force summed by cause, the most frequent first."""
    sql = """
        select cause, niveau, sum(nb)::bigint as total, count(distinct depot_id)
        from anomalies
        where depot_id not in (select depot_id from depots where statut = 'annule')
        group by cause, niveau order by total desc, cause
    """
    return tuple(CauseAnomalie(typographie(cause), *reste) for cause, *reste in _lignes(con, sql))


def parametres(con: duckdb.DuckDBPyConnection) -> tuple[dict[str, Any], ...]:
    """Thresholds and dated constants, with every column the publication gives."""
    return _tableau(con, "select * from parametres")
