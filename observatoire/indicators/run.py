"""Run the indicators on the answers in force and fill the tables of a publication."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.estimation.secret import Seuils, proteger
from observatoire.indicators.catalogue import THEMES, Carte, catalogue, francais
from observatoire.territoire.territoire import NIVEAUX, Territoire

MACROS = Path(__file__).with_name("macros")
_BASE = re.compile(r"\d\d_(base_\w+)")
# Columns that the query of every indicator gives, in this order. nb_personnes: persons behind the value.
COLONNES = {
    "cle_association": "varchar",
    "millesime": "integer",
    "code_commune": "varchar",
    "domaine": "varchar",
    "financeur": "varchar",
    "valeur": "double",
    "poids": "double",
    "valeur_basse": "double",
    "valeur_haute": "double",
    "nb_personnes": "double",
}
MIN_ASSOCIATIONS, DOMINANCE = "secret_min_associations", "secret_dominance"
MIN_PERSONNES, MIN_ASSOCIATIONS_PERSONNES = "secret_min_personnes", "secret_min_unites"
SEUILS = (MIN_ASSOCIATIONS, DOMINANCE, MIN_PERSONNES, MIN_ASSOCIATIONS_PERSONNES)
Ligne = Mapping[str, Any]


def calculer(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    territoire: Territoire,
    version: int,
    schema: str = "pub",
) -> None:
    """Fill `mesures`, `indicateurs`, `territoires`, `communes`, `domaines` and `parametres` of `schema`.

    Reads the views `courant.<questionnaire>` and the tables `ref.domaines` and `ref.parametres`. `schema` is
    a schema, made when missing, or an attached database. Figures are those of the respondents; what the
    secret masks is null. ValueError names every constant that is missing from `ref.parametres`.
    """
    cartes = catalogue()
    constantes = lire_constantes(con, cartes)
    preparer(con)
    _poser_territoire(con, territoire)
    _poser_regles(con, cartes.values())
    remplir_unites(con, cartes.values())
    for table in ("sommes", "cellules"):
        con.execute(f"create or replace temp table {table} as {_macro(table)}")
    proteger(con, lire_seuils(settings, constantes))
    _publier(con, schema, version, list(_fiches(cartes.values(), constantes)))


def preparer(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary base tables that the queries of the indicators share."""
    for chemin in sorted(MACROS.glob("[0-9]*.sql")):
        nom = _BASE.fullmatch(chemin.stem)
        if nom is None:
            raise ValueError(f"{chemin.name} : nom attendu « 01_base_xxx.sql »")
        con.execute(f"create or replace temp table {nom[1]} as {chemin.read_text(encoding='utf-8')}")


def remplir_unites(con: duckdb.DuckDBPyConnection, cartes: Iterable[Carte]) -> None:
    """Make the temporary table `unites`: one row per indicator, association and year (and funder).

    An association that refuses any publication is in no figure drawn from its answers.
    """
    con.execute(
        "create or replace temp table unites (indicateur varchar, "
        + ", ".join(f"{nom} {genre}" for nom, genre in COLONNES.items())
        + ")"
    )
    for carte in cartes:
        con.execute(
            f"insert into unites select $indicateur, {', '.join(COLONNES)} from ({carte.sql}) as u "
            "where valeur is not null and poids is not null and ($est_ouvert or not exists "
            "(select 1 from base_refus as r where r.cle_association = u.cle_association))",
            {"indicateur": carte.nom, "est_ouvert": carte.secret == "aucun", **carte.liees},
        )


def lire_constantes(con: duckdb.DuckDBPyConnection, cartes: Mapping[str, Carte]) -> dict[str, float]:
    """Latest value of each dated constant by identifier; ValueError when a needed one is missing."""
    lignes = con.execute(
        "select id, cast(valeur as double) from ref.parametres order by cast(valable_du as date) nulls first"
    ).fetchall()
    constantes: dict[str, float] = dict(lignes)
    besoins = set(SEUILS).union(*(c.constantes_lues for c in cartes.values()))
    if manquantes := sorted(besoins - constantes.keys()):
        raise ValueError(f"ref.parametres : constantes manquantes : {', '.join(manquantes)}")
    return constantes


def lire_seuils(settings: Settings, constantes: Mapping[str, float]) -> Seuils:
    """Thresholds of the secret: dated constants, and the minimum of the settings when it is given."""
    return Seuils(
        min_associations=settings.secret_min_associations or int(constantes[MIN_ASSOCIATIONS]),
        dominance=constantes[DOMINANCE],
        min_personnes=int(constantes[MIN_PERSONNES]),
        min_associations_personnes=int(constantes[MIN_ASSOCIATIONS_PERSONNES]),
    )


def _poser_territoire(con: duckdb.DuckDBPyConnection, territoire: Territoire) -> None:
    zones = [zone for niveau in NIVEAUX for zone in territoire.zones(niveau)]
    colonnes = ("niveau", "code", "libelle", "population", "note", "code_departement")
    _poser(
        con, "zones", [{c: getattr(zone, c) for c in colonnes} for zone in zones], {"population": "bigint"}
    )
    noms = ("code_commune", "niveau", "code")
    _poser(con, "rattachements", [dict(zip(noms, r, strict=True)) for r in territoire.rattachements()])
    con.execute("create or replace temp table domaines as select code, libelle from ref.domaines")


def _poser_regles(con: duckdb.DuckDBPyConnection, cartes: Iterable[Carte]) -> None:
    regles = [
        {
            "indicateur": carte.nom,
            "estimateur": carte.estimateur,
            "secret": carte.secret,
            "famille": carte.famille,
            "dominance": carte.est_dominance,
            "communes": carte.communes,
        }
        for carte in cartes
    ]
    _poser(con, "regles", regles, {"dominance": "boolean", "communes": "boolean"})


def _fiches(cartes: Iterable[Carte], constantes: Mapping[str, float]) -> Iterator[Ligne]:
    """Rows of the table `indicateurs`, texts completed with the constants."""
    textes = {nom: francais(valeur) for nom, valeur in constantes.items()}
    for carte in cartes:
        yield {
            "indicateur": carte.nom,
            "titre": carte.titre,
            "theme": carte.theme,
            "libelle_theme": THEMES[carte.theme],
            **carte.textes(textes),
            "unite": carte.unite,
            "decimales": carte.decimales,
            "estimateur": carte.estimateur,
            "source": carte.source,
            "secret": carte.secret,
            "raison_secret": carte.raison_secret,
            "dit": carte.dit,
            "ne_dit_pas": carte.ne_dit_pas,
            "parametres": " ; ".join(f"${nom} = {valeur}" for nom, valeur in carte.liees.items()),
            "sql": carte.sql,
        }


def _publier(con: duckdb.DuckDBPyConnection, schema: str, version: int, fiches: Sequence[Ligne]) -> None:
    bases = con.execute(
        "select 1 from duckdb_databases() where database_name = $nom", {"nom": schema}
    ).fetchall()
    cible = '"' + schema.replace('"', '""') + '"'
    if not bases:
        con.execute(f"create schema if not exists {cible}")
    con.execute(f"create or replace table {cible}.mesures as {_macro('mesures')}", {"version": version})
    _poser(con, "fiches", fiches, {"decimales": "integer"})
    requetes = {
        "indicateurs": "select * from fiches",
        "territoires": _macro("territoires"),
        "communes": _macro("communes"),
        "domaines": "select code, libelle from domaines",
        "parametres": "select * from ref.parametres",
    }
    for table, requete in requetes.items():
        con.execute(f"create or replace table {cible}.{table} as {requete}")


def _macro(nom: str) -> str:
    return (MACROS / f"{nom}.sql").read_text(encoding="utf-8")


def _poser(
    con: duckdb.DuckDBPyConnection,
    table: str,
    lignes: Sequence[Ligne],
    types: Mapping[str, str] | None = None,
) -> None:
    """Make a temporary table of rows alike; columns are text but for those in `types`."""
    genres = {nom: (types or {}).get(nom, "varchar") for nom in lignes[0]}
    colonnes = ", ".join(f"unnest(cast(${nom} as {genre}[])) as {nom}" for nom, genre in genres.items())
    valeurs = {nom: [ligne[nom] for ligne in lignes] for nom in genres}
    con.execute(f"create or replace temp table {table} as select {colonnes}", valeurs)
