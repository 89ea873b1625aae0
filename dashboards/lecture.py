"""Every SQL read of the public publication. No Streamlit here; values are bound, results are frozen.

Each function takes an open read-only connection and works on a cursor of its own, so that several
sessions may read at once.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb

from dashboards.format_fr import typographie
from dashboards.lecture_base import LIEUX, MESURE, lire_facultatives, lire_lignes, lire_tableau
from dashboards.modeles import (
    CauseAnomalie,
    Depot,
    Edition,
    Evolution,
    Indicateur,
    Lignes,
    Mesure,
    Operation,
    Presence,
    Redressement,
    Territoire,
)
from dashboards.textes import TOUS
from observatoire.chiffres.requete import requete_evolutions
from observatoire.indicators.catalogue import REPONDANTES, VUES
from observatoire.methode.lecture import lire_methodologie as lire_methodologie


def _identifiants(brut: Any) -> tuple[str, ...]:
    """Deposit identifiers, stored as a JSON list or as text separated by commas."""
    texte = str(brut or "").strip()
    if texte.startswith("["):
        return tuple(str(i) for i in json.loads(texte))
    return tuple(i.strip() for i in texte.split(",") if i.strip())


def edition(con: duckdb.DuckDBPyConnection) -> Edition:
    """The publication's own row."""
    version, publie_le, fictif, depots = lire_lignes(
        con, "select version, publie_le, fictif, depots from _publication"
    )[0]
    return Edition(version, publie_le, bool(fictif), _identifiants(depots))


def indicateurs(con: duckdb.DuckDBPyConnection) -> tuple[Indicateur, ...]:
    """All cards, in the order of the file, with French unbreakable spaces and the views published for each."""
    connus = Indicateur.__dataclass_fields__.keys()
    sql = """
        select indicateur, vue, bool_or(borne_basse is not null and cv is null) from mesures group by indicateur, vue
    """
    publiees: dict[str, dict[str, bool]] = {}
    for indicateur, vue, bornee in lire_lignes(con, sql):
        publiees.setdefault(indicateur, {})[vue] = bool(bornee)

    def ecrite(colonne: str, valeur: Any) -> Any:
        return typographie(valeur) if isinstance(valeur, str) and colonne != "sql" else valeur

    def propres(nom: str) -> dict[str, Any]:
        vues = publiees.get(nom, {})
        return {
            "vues": tuple(v for v in VUES if v in vues) or (REPONDANTES,),
            "est_convention": vues.get(REPONDANTES, False),
        }

    return tuple(
        Indicateur(
            **{c: ecrite(c, v) for c, v in fiche.items() if c in connus and v is not None},
            **propres(fiche["indicateur"]),
        )
        for fiche in lire_tableau(con, "select * from indicateurs")
    )


def territoires(con: duckdb.DuckDBPyConnection) -> tuple[Territoire, ...]:
    """All territories and communes; within a level, sorted as a French reader sorts names."""
    sql = f"""
        with {LIEUX}
        select niveau, code, libelle, population, note from tous
        order by niveau, strip_accents(lower(libelle)), code
    """
    return tuple(Territoire(*ligne) for ligne in lire_lignes(con, sql))


def domaines(con: duckdb.DuckDBPyConnection) -> tuple[tuple[str, str], ...]:
    """Sectors as (code, label), without the total."""
    sql = "select code, libelle from domaines where code <> ? order by strip_accents(lower(libelle))"
    return tuple((code, libelle) for code, libelle in lire_lignes(con, sql, TOUS))


def annees(con: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """Years that have at least one figure, the latest first."""
    sql = "select distinct millesime from mesures where millesime is not null order by 1 desc"
    return tuple(annee for (annee,) in lire_lignes(con, sql))


def fiche(
    con: duckdb.DuckDBPyConnection, annee: int, niveau: str, code: str, domaine: str
) -> dict[str, dict[str, Mesure]]:
    """All indicators of one territory, year and sector, by indicator, then by view."""
    sql = (
        MESURE + "and millesime = ? and niveau = ? and code_territoire = ? and domaine = ? and financeur = ?"
    )
    lues: dict[str, dict[str, Mesure]] = {}
    for ligne in lire_lignes(con, sql, annee, niveau, code, domaine, TOUS):
        mesure = Mesure(*ligne)
        lues.setdefault(mesure.indicateur, {})[mesure.vue] = mesure
    return lues


def carte(
    con: duckdb.DuckDBPyConnection, indicateur: str, annee: int, niveau: str, domaine: str, vue: str
) -> dict[str, Mesure]:
    """One indicator in one view over all territories of a level, by territory."""
    sql = MESURE + (
        "and indicateur = ? and millesime = ? and niveau = ? and domaine = ? and financeur = ? and vue = ?"
    )
    mesures = (Mesure(*x) for x in lire_lignes(con, sql, indicateur, annee, niveau, domaine, TOUS, vue))
    return {mesure.code: mesure for mesure in mesures}


def par_financeur(
    con: duckdb.DuckDBPyConnection, indicateur: str, niveau: str, code: str, domaine: str
) -> tuple[Mesure, ...]:
    """One indicator by funder and year; nothing is weighted by funder."""
    sql = (
        MESURE
        + """
        and indicateur = ? and niveau = ? and code_territoire = ? and domaine = ? and financeur <> ? and vue = ?
        order by financeur, millesime
    """
    )
    lignes = lire_lignes(con, sql, indicateur, niveau, code, domaine, TOUS, REPONDANTES)
    return tuple(Mesure(*x) for x in lignes)


def par_domaine(
    con: duckdb.DuckDBPyConnection, indicateur: str, annee: int, niveau: str, code: str, vue: str
) -> tuple[Mesure, ...]:
    """One indicator in one view by sector."""
    sql = (
        MESURE
        + """
        and indicateur = ? and millesime = ? and niveau = ? and code_territoire = ?
        and domaine <> ? and financeur = ? and vue = ? order by domaine
    """
    )
    return tuple(Mesure(*x) for x in lire_lignes(con, sql, indicateur, annee, niveau, code, TOUS, TOUS, vue))


def evolutions(con: duckdb.DuckDBPyConnection) -> tuple[Evolution, ...]:
    """From each year to the next, for the département."""
    lignes = lire_facultatives(con, "evolutions", requete_evolutions())
    return tuple(Evolution(*ligne) for ligne in lignes)


def representativite(con: duckdb.DuckDBPyConnection) -> tuple[Presence, ...]:
    """Respondents beside the register; empty without one."""
    sql = """
        select millesime, dimension, modalite, n_repondantes, n_cadre, n_cadre_haut, part_repondantes,
               part_cadre, ecart, taux_bas, taux_haut
        from representativite order by millesime, dimension, part_cadre desc, modalite
    """
    return tuple(Presence(*ligne) for ligne in lire_facultatives(con, "representativite", sql))


def redressements(con: duckdb.DuckDBPyConnection) -> tuple[Redressement, ...]:
    """How the weighting of each year went, the latest first; empty without a register."""
    sql = """
        select millesime, n_repondantes, n_bas, n_haut, taux_bas, taux_haut, ecart_max, ecart_ou, chi2, chi2_ddl,
               chi2_p, n_efficace, deff, poids_min, poids_max, marges, est_salariat, est_date, refus
        from redressement order by millesime desc
    """
    return tuple(Redressement(*ligne) for ligne in lire_facultatives(con, "redressement", sql))


def operations(con: duckdb.DuckDBPyConnection) -> tuple[Operation, ...]:
    """Log of the weighting of all the respondents, in its order."""
    sql = """
        select millesime, etape, groupe, vers, raison from redressement_journal
        where est_ensemble order by millesime desc, jeu, ordre
    """
    return tuple(Operation(*ligne) for ligne in lire_facultatives(con, "redressement_journal", sql))


def est_ponderee(con: duckdb.DuckDBPyConnection) -> bool:
    """True when the publication rests on a register: some figures have a weighted view."""
    return any(vue != REPONDANTES for (vue,) in lire_lignes(con, "select distinct vue from mesures"))


def depots(con: duckdb.DuckDBPyConnection) -> tuple[Depot, ...]:
    """Deposits of the publication, the latest first."""
    sql = """
        select depot_id, questionnaire, source, millesime, statut, depose_le, lignes_lues,
               lignes_chargees, lignes_en_attente, lignes_ignorees, fictif
        from depots order by depose_le desc, depot_id
    """
    return tuple(Depot(*ligne) for ligne in lire_lignes(con, sql))


def comptes(con: duckdb.DuckDBPyConnection) -> tuple[Lignes, ...]:
    """Lines of the deposits in force: all of them first, then by questionnaire; none without a deposit."""
    sql = """
        select questionnaire, count(*) as depots, cast(sum(lignes_lues) as bigint) as lues,
               cast(sum(lignes_chargees) as bigint) as chargees,
               cast(sum(lignes_en_attente) as bigint) as en_attente,
               cast(sum(lignes_ignorees) as bigint) as ignorees
        from depots where statut <> 'annule'
        group by grouping sets ((), (questionnaire)) having count(*) > 0
        order by questionnaire nulls first
    """
    return tuple(Lignes(*ligne) for ligne in lire_lignes(con, sql))


def causes(con: duckdb.DuckDBPyConnection) -> tuple[CauseAnomalie, ...]:
    """Anomalies of the deposits in force summed by cause, the most frequent first."""
    sql = """
        select cause, niveau, sum(nb)::bigint as total, count(distinct depot_id)
        from anomalies
        where depot_id not in (select depot_id from depots where statut = 'annule')
        group by cause, niveau order by total desc, cause
    """
    return tuple(CauseAnomalie(typographie(cause), *reste) for cause, *reste in lire_lignes(con, sql))


def parametres(con: duckdb.DuckDBPyConnection) -> tuple[dict[str, Any], ...]:
    """Thresholds and dated constants, with every column the publication gives."""
    return lire_tableau(con, "select * from parametres")
