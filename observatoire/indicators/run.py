"""Run the indicators on the answers in force and fill the tables of a publication."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import duckdb

from observatoire.config.cle import lire_cle
from observatoire.config.settings import SPARK, Settings
from observatoire.estimation import lots, systeme
from observatoire.estimation.secret import Bilan, Seuils, proteger
from observatoire.indicators.catalogue import (
    POUR_CENT,
    REPERES,
    SENSIBLES,
    SOURCE,
    THEMES,
    Carte,
    catalogue,
    des_financeurs,
    francais,
)
from observatoire.indicators.valeurs import AGREGATS, COLONNES, bases, macro, requete_unites
from observatoire.indicators.vues import CONSTANTES, peser_cellules, tables_du_redressement
from observatoire.storage import fichiers
from observatoire.storage.entrepot import CONFIG_ECRITURE
from observatoire.storage.insertion import creer_codee
from observatoire.territoire.territoire import NIVEAUX, Territoire, Zone

MIN_ASSOCIATIONS, DOMINANCE = "secret_min_associations", "secret_dominance"
MIN_PERSONNES, MIN_ASSOCIATIONS_PERSONNES = "secret_min_personnes", "secret_min_unites"
DOMINANCE_DEUX, MARGE, LOT = "secret_dominance_deux", "secret_marge", "secret_lot"
SEUILS = (
    MIN_ASSOCIATIONS, DOMINANCE, DOMINANCE_DEUX, MIN_PERSONNES, MIN_ASSOCIATIONS_PERSONNES, MARGE, LOT,
)  # fmt: skip
Ligne = Mapping[str, Any]
# Told the step that goes on and the share of the whole that is done (0–1).
Suivi = Callable[[str, float], None]
# Steps of a computation, and what part of its time each one takes.
ETAPES = {
    "Valeur de chaque association": 0.05,
    "Sommes par territoire": 0.06,
    "Redressement sur le registre": 0.06,
    "Estimations et intervalles": 0.08,
    "Secret statistique": 0.60,
    "Évolutions d’une année à l’autre": 0.12,
    "Écriture des tables": 0.03,
}
VALEURS, SOMMES, POIDS, ESTIMATIONS, SECRET, EVOLUTIONS, TABLES = ETAPES
# Temporary tables that nothing reads once the values of the associations, then the cells, are known.
_BASES_LOURDES = (
    "base_valeurs", "base_fiches", "base_budgets", "base_benevolat", "base_notes", "base_effets", "base_paires",
    "base_avis",
)  # fmt: skip
_SOMMES = ("sommes", "distributions", "concentrations")


def _muet(etape: str, part: float) -> None:
    """Progress for nobody."""


def calculer(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    territoire: Territoire,
    version: int,
    schema: str = "pub",
    *,
    ponderer: bool = True,
    suivre: bool = False,
    suivi: Suivi = _muet,
) -> Bilan:
    """Fill `mesures`, `evolutions`, `redressement`, `redressement_journal`, `representativite`, `indicateurs`, `territoires`, `appartenances`, `communes`, `domaines`, `lorenz`, `parametres` of `schema`.

    Reads the views `courant.<questionnaire>` and the tables `ref.domaines` and `ref.parametres`. `schema` is
    a schema, made when missing, or an attached database. Without a register, or with `ponderer` False,
    figures are those of the respondents only; what the secret masks is null. ValueError names every constant that is missing from `ref.parametres`.
    With `suivre`, the publication in force decides what may move (lots.py). `suivi` is told each step of `ETAPES`.
    Gives what the secret masks.
    """
    avancer = _Avancement(suivi)
    cartes = catalogue()
    constantes = lire_constantes(con, cartes)
    avancer(VALEURS)
    preparer(con)
    poser_references(con, territoire, cartes.values(), constantes)
    if settings.moteur == SPARK:
        from observatoire.moteurs.calcul import remplir_ailleurs

        remplir_ailleurs(con, settings, cartes.values())
    else:
        remplir_unites(con, cartes.values(), avancer.dans(VALEURS))
    situer(con)
    _oublier(con, _BASES_LOURDES)
    avancer(SOMMES)
    for table in AGREGATS:
        con.execute(f"create or replace temp table {table} as {macro(table)}")
    _poser_concentration(con, constantes)
    _oublier(con, _SOMMES)
    registre = settings.registre if ponderer else None
    avancer(POIDS)
    cadre, bilan = peser_cellules(
        con,
        cartes.values(),
        registre,
        constantes,
        (avancer.dans(POIDS), avancer.dans(ESTIMATIONS)),
        settings.memoire_poids,
    )
    avancer(SECRET)
    seuils = lire_seuils(settings, constantes)
    lot = int(constantes[LOT])
    est_suite = suivre and lots.lire_precedente(con, *fichiers.references(settings))
    deja = lots.deja_masquees(con, lot, seuils.min_associations) if est_suite else ()
    masques = proteger(
        con,
        seuils,
        deja=deja,
        tues=_tues(con),
        memoire=settings.memoire_masques,
        sel=lire_cle(settings),
        suivi=avancer.dans(SECRET),
    )
    _oublier(con, ("cellules_statut",))
    _poser_inegalites(con)
    avancer(EVOLUTIONS)
    redressement = tables_du_redressement(
        con, cartes.values(), (cadre, bilan), constantes, seuils.min_associations,
        memoire=settings.memoire_evolutions, suivi=avancer.dans(EVOLUTIONS),
    )  # fmt: skip
    avancer(TABLES)
    con.execute(f"set threads = {CONFIG_ECRITURE['threads']}")
    textes = {**lire_textes(con), **{nom: francais(valeur) for nom, valeur in constantes.items()}}
    _publier(con, schema, version, list(_fiches(cartes.values(), textes)))
    if est_suite:
        lots.figer(con, _nommer(schema), lot, seuils.min_associations)
    for table, (lignes, genres) in redressement.items():
        _poser(con, "a_publier", lignes, genres)
        con.execute(f"create or replace table {_nommer(schema)}.{table} as select * from a_publier")
    if est_suite:
        lots.figer_evolutions(con, _nommer(schema), lot)
    suivi(TABLES, 1.0)
    return masques


class Lieux(Protocol):
    """What a territory tells the sums: one zone of the level « departement », that counts everybody."""

    def zones(self, niveau: str) -> Sequence[Zone]:
        """Zones of a level."""
        ...

    def rattachements(self) -> Iterable[tuple[str, str, str]]:
        """Place, level and code of each zone it lies in."""
        ...

    def appartenances(self) -> Iterable[tuple[str, str, str]]:
        """Level, code and commune of each district and grouping."""
        ...


class _Avancement:
    """From the share of a step to that of the whole."""

    def __init__(self, suivi: Suivi) -> None:
        self._suivi = suivi
        debuts = itertools.accumulate((0.0, *ETAPES.values()))
        self._debuts = dict(zip(ETAPES, debuts, strict=False))

    def __call__(self, etape: str, part: float = 0.0) -> None:
        self._suivi(etape, self._debuts[etape] + part * ETAPES[etape])

    def dans(self, etape: str) -> Callable[[float], None]:
        """What tells the share of that step."""
        return lambda part: self(etape, part)


def _oublier(con: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    for table in tables:
        con.execute(f"drop table if exists temp.{table}")


def preparer(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary base tables that the queries of the indicators share.

    `ref.registre` (cle_association, annee_creation, code_commune, secteur) is made empty when there is none.
    """
    con.execute(
        "create table if not exists ref.registre "
        "(cle_association varchar, annee_creation integer, code_commune varchar, secteur varchar)"
    )
    for nom, requete in bases().items():
        con.execute(f"create or replace temp table {nom} as {requete}")


def remplir_unites(
    con: duckdb.DuckDBPyConnection,
    cartes: Collection[Carte],
    suivi: Callable[[float], None] = lambda part: None,
) -> None:
    """Make the temporary table `unites` (valeurs.py): one row per indicator, association and year (and funder)."""
    poser_unites(con)
    for rang, carte in enumerate(cartes, 1):
        requete = requete_unites(carte)
        con.execute(f"insert into unites {requete.sql}", requete.valeurs)
        suivi(rang / len(cartes))


def poser_unites(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary table `unites`, empty."""
    genres = {"indicateur": "varchar", **COLONNES}
    con.execute(
        f"create or replace temp table unites ({', '.join(f'{nom} {genre}' for nom, genre in genres.items())})"
    )


def poser_references(
    con: duckdb.DuckDBPyConnection,
    territoire: Lieux,
    cartes: Iterable[Carte],
    constantes: Mapping[str, float],
) -> None:
    """Make `zones`, `rattachements`, `appartenances`, `domaines` and `regles`: what places the associations and says what each indicator asks."""
    _poser_territoire(con, territoire)
    _poser_regles(con, cartes, constantes)


def placer(con: duckdb.DuckDBPyConnection, territoire: Territoire) -> None:
    """Make `zones` and `rattachements` (place, level, code), and put each row of `unites` in its place."""
    _poser_territoire(con, territoire)
    situer(con)


def situer(con: duckdb.DuckDBPyConnection) -> None:
    """Put each row of `unites` in the district its association names, when `appartenances` knows it."""
    con.execute(f"""
        update unites set code_commune = l.lieu from ({macro("quartiers")}) as l
        where unites.cle_association = l.cle_association and unites.millesime = l.millesime
            and unites.code_commune = l.code_commune""")


def lire_constantes(con: duckdb.DuckDBPyConnection, cartes: Mapping[str, Carte]) -> dict[str, float]:
    """Latest value of each dated constant by identifier; ValueError when a needed one is missing."""
    lignes = con.execute(
        "select id, cast(valeur as double) from ref.parametres order by cast(valable_du as date) nulls first"
    ).fetchall()
    constantes: dict[str, float] = dict(lignes)
    besoins = {*SEUILS, *CONSTANTES}.union(*(c.constantes_lues for c in cartes.values()))
    if manquantes := sorted(besoins - constantes.keys()):
        raise ValueError(f"ref.parametres : constantes manquantes : {', '.join(manquantes)}")
    return constantes


def lire_textes(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What the texts of the cards read beside the constants: the latest source of each, each share out of 100."""
    lignes = con.execute(
        "select id, source, cast(valeur as double) from ref.parametres order by cast(valable_du as date) nulls first"
    ).fetchall()
    textes: dict[str, str] = {}
    for nom, source, valeur in lignes:
        textes[f"{SOURCE}{nom}"] = str(source).rstrip(".")
        textes[f"{nom}{POUR_CENT}"] = francais(round(100 * valeur, 6))
    return textes


def lire_seuils(settings: Settings, constantes: Mapping[str, float]) -> Seuils:
    """Thresholds of the secret: dated constants, and the minimum of the settings when it is given."""
    return Seuils(
        min_associations=settings.secret_min_associations or int(constantes[MIN_ASSOCIATIONS]),
        dominance=constantes[DOMINANCE],
        min_personnes=int(constantes[MIN_PERSONNES]),
        min_associations_personnes=int(constantes[MIN_ASSOCIATIONS_PERSONNES]),
        dominance_deux=constantes[DOMINANCE_DEUX],
        marge=constantes[MARGE],
    )


def _poser_territoire(con: duckdb.DuckDBPyConnection, territoire: Lieux) -> None:
    zones = [zone for niveau in NIVEAUX for zone in territoire.zones(niveau)]
    rattachements = list(territoire.rattachements())
    etages = systeme.couches(rattachements)
    colonnes = ("niveau", "code", "libelle", "population", "note", "code_departement")
    lignes = [
        {c: getattr(zone, c) for c in colonnes} | {"couche": etages.get((zone.niveau, zone.code), 0)}
        for zone in zones
    ]
    _poser(con, "zones", lignes, {"population": "bigint", "couche": "integer"})
    noms = ("code_commune", "niveau", "code")
    genres = dict.fromkeys(noms, "varchar")
    _poser(con, "rattachements", [dict(zip(noms, r, strict=True)) for r in rattachements], genres)
    noms = ("niveau", "code", "code_commune")
    genres = dict.fromkeys(noms, "varchar")
    _poser(
        con, "appartenances", [dict(zip(noms, r, strict=True)) for r in territoire.appartenances()], genres
    )
    con.execute("create or replace temp table domaines as select code, libelle from ref.domaines")


def _tues(con: duckdb.DuckDBPyConnection) -> dict[str, set[systeme.Zone]]:
    """Famille → zones that its indicators are never shown for."""
    tues: dict[str, set[systeme.Zone]] = defaultdict(set)
    for famille, *zone in con.execute("""
        select distinct g.famille, z.niveau, z.code from regles as g cross join zones as z
        where not exists (
            select 1 from permises as p
            where p.indicateur = g.indicateur and p.niveau = z.niveau and p.code = z.code
        )""").fetchall():
        tues[famille].add((zone[0], zone[1]))
    return tues


def _poser_concentration(con: duckdb.DuckDBPyConnection, constantes: Mapping[str, float]) -> None:
    """Add to `cellules` the share of their two largest contributors, where it may be too large."""
    con.execute(
        f"create or replace temp table concentrations as {macro('concentrations')}",
        {"part": constantes[DOMINANCE_DEUX] / 2},
    )
    con.execute("""
        create or replace temp table cellules as
        select c.*, coalesce(d.part_deux, c.part_max) as part_deux
        from cellules as c
        left join concentrations as d using (indicateur, millesime, niveau, code, domaine, financeur)""")


def _poser_inegalites(con: duckdb.DuckDBPyConnection) -> None:
    """Gini between territories, from the cells that are shown: none is computed when one of them is masked."""
    con.execute(f"create or replace temp table lorenz as {macro('lorenz')}")
    con.execute(macro("inegalites"))


def _poser_regles(
    con: duckdb.DuckDBPyConnection, cartes: Iterable[Carte], constantes: Mapping[str, float]
) -> None:
    regles = [
        {
            "indicateur": carte.nom,
            "estimateur": carte.estimateur,
            "secret": carte.secret,
            "famille": carte.famille,
            "dominance": carte.est_dominance,
            "communes": carte.communes,
            "min_personnes": constantes[carte.min_personnes] if carte.min_personnes else None,
            "sensible": carte.unite == "part" and carte.theme in SENSIBLES,
            "large": carte.theme in SENSIBLES,
            "beneficiaires": des_financeurs(carte.theme, carte.sql),
        }
        for carte in cartes
    ]
    genres = dict.fromkeys(("dominance", "communes", "sensible", "large", "beneficiaires"), "boolean") | {
        "min_personnes": "double"
    }
    _poser(con, "regles", regles, genres)


def _fiches(cartes: Iterable[Carte], textes: Mapping[str, str]) -> Iterator[Ligne]:
    """Rows of the table `indicateurs`, texts completed with the constants."""
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
            "secret": carte.secret,
            "raison_secret": carte.raison_secret,
            "dit": carte.dit,
            "ne_dit_pas": carte.ne_dit_pas,
            **{cle: getattr(carte, cle) for cle in REPERES},
            "parametres": " ; ".join(f"${nom} = {valeur}" for nom, valeur in carte.liees.items()),
            "sql": carte.sql,
        }


def _publier(con: duckdb.DuckDBPyConnection, schema: str, version: int, fiches: Sequence[Ligne]) -> None:
    attachees = con.execute(
        "select 1 from duckdb_databases() where database_name = $nom", {"nom": schema}
    ).fetchall()
    cible = _nommer(schema)
    if not attachees:
        con.execute(f"create schema if not exists {cible}")
    creer_codee(con, f"{cible}.mesures", macro("mesures"), {"version": version})
    nombres = {"decimales": "integer", "repere_valeur": "double", "repere_valeur_haute": "double"}
    _poser(con, "fiches", fiches, nombres)
    requetes = {
        "indicateurs": "select * from fiches",
        "territoires": macro("territoires"),
        "appartenances": "select * from appartenances order by all",
        "communes": macro("communes"),
        "domaines": "select code, libelle from domaines",
        "lorenz": "select * from lorenz",
        "parametres": "select * from ref.parametres",
    }
    for table, requete in requetes.items():
        con.execute(f"create or replace table {cible}.{table} as {requete}")


def _nommer(schema: str) -> str:
    return '"' + schema.replace('"', '""') + '"'


def _poser(
    con: duckdb.DuckDBPyConnection,
    table: str,
    lignes: Sequence[Ligne],
    types: Mapping[str, str] | None = None,
) -> None:
    """Make a temporary table of rows alike; columns are text but for those in `types`."""
    genres = {nom: (types or {}).get(nom, "varchar") for nom in (lignes[0] if lignes else types or {})}
    colonnes = ", ".join(f"unnest(cast(${nom} as {genre}[])) as {nom}" for nom, genre in genres.items())
    valeurs = {nom: [ligne[nom] for ligne in lignes] for nom in genres}
    con.execute(f"create or replace temp table {table} as select {colonnes}", valeurs)
