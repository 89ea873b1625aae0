"""The method of a publication, read in its file alone. An older file, or one of a test, may lack a table or a column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from observatoire.estimation.cadre import LIBELLES_CLASSES
from observatoire.estimation.groupes import AUTRES
from observatoire.methode.modele import (
    AnneeCadre,
    Changement,
    Constante,
    Depots,
    Edition,
    Etats,
    Fiche,
    Ligne,
    Methodologie,
    Niveau,
    Operation,
    Rupture,
    SourceCadre,
    Vague,
)
from observatoire.methode.releve_genres import PERIMETRE

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")
Rangee = dict[str, Any]
# What is said of one publication: counts, never a cell.
VAGUES = """
    with lues as (
        select s.questionnaire, m.millesime, m.indicateur, max(m.n_repondants) as n
        from mesures as m
        inner join sources_indicateurs as s on m.indicateur = s.indicateur
        where m.niveau = 'departement' and m.domaine = 'tous' and m.financeur = 'tous' and m.vue = 'repondantes'
            and m.n_repondants > 0
            and (select count(*) from sources_indicateurs as t where t.indicateur = s.indicateur) = 1
        group by all
    )
    select l.questionnaire, l.millesime, max(l.n) as n_repondantes
    from lues as l
    group by all
    union all
    select '', millesime, n_repondants from mesures
    where indicateur = 'nb_associations_repondantes' and niveau = 'departement' and domaine = 'tous'
        and financeur = 'tous' and vue = 'repondantes' and statut in ('ok', 'prudence')
    order by all"""
DEPOTS = """
    select questionnaire, coalesce(source, '') as source, count(*) as nb, min(depose_le) as du, max(depose_le) as au,
        sum(lignes_lues)::bigint as lues, sum(lignes_chargees)::bigint as chargees,
        sum(lignes_en_attente)::bigint as en_attente, sum(lignes_ignorees)::bigint as ignorees
    from depots where statut <> 'annule' group by all order by questionnaire, source"""
JOURNAL = """
    select millesime, etape, coalesce(groupe, '') as groupe, vers, raison, est_ensemble, count(*) as fois
    from redressement_journal group by all order by est_ensemble desc, millesime, min(ordre), etape, groupe"""


def lire_methodologie(con: duckdb.DuckDBPyConnection) -> Methodologie:
    """The method of the publication behind `con`, a read-only connection to one file."""
    lecteur = _Lecteur(con)
    ((version, publie_le, fictif),) = lecteur.tuples("select version, publie_le, fictif from _publication")
    libelles = lecteur.libelles()
    lignes = lecteur.objets(Ligne, "versions")
    return Methodologie(
        edition=Edition(version, publie_le, bool(fictif)),
        departement=_departement(lecteur, lignes),
        fiches=lecteur.objets(Fiche, "indicateurs"),
        annees=tuple(
            a for (a,) in lecteur.tuples("select distinct millesime from mesures where millesime is not null order by 1")
        ),
        cadre=_cadre(lecteur),
        sources=lecteur.objets(SourceCadre, "registre_sources"),
        depots=tuple(Depots(**x) for x in lecteur.lignes(DEPOTS, "depots")),
        annules=sum(n for (n,) in lecteur.tuples("select count(*) from depots where statut = 'annule'")),
        titres=dict(lecteur.tuples("select questionnaire, titre from questionnaires")) if lecteur.a("questionnaires") else {},
        vagues=tuple(Vague(**x) for x in lecteur.lignes(VAGUES, "sources_indicateurs")),
        representativite=tuple(
            Niveau(**{k: v for k, v in x.items() if k in _noms(Niveau)}, libelle=libelles(x["dimension"], x["modalite"]))
            for x in lecteur.lignes(
                "select * from representativite order by millesime, dimension, modalite = 'autres', n_cadre desc, modalite",
                "representativite",
            )
        ),
        journal=tuple(_operation(x, libelles) for x in lecteur.lignes(JOURNAL, "redressement_journal")),
        constantes=lecteur.objets(Constante, "parametres"),
        etats=_etats(lecteur),
        masques=dict(lecteur.tuples("select raison, environ from secret_bilan")) if lecteur.a("secret_bilan") else {},
        lignes=lignes,
        empreintes_questionnaires=dict(lecteur.tuples("select questionnaire, empreinte from questionnaires"))
        if lecteur.a("questionnaires")
        else {},
        changements=lecteur.objets(Changement, "changements", "order by objet, nom"),
        ruptures=_ruptures(lecteur),
        precedente=_precedente(lecteur),
    )  # fmt: skip


class _Lecteur:
    """Reads of one file, each on its own cursor; a table that is not there gives nothing."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.tables: dict[str, set[str]] = {}
        for table, colonne in self.tuples(
            "select table_name, column_name from duckdb_columns() "
            "where database_name = current_database() and schema_name = 'main'"
        ):
            self.tables.setdefault(table, set()).add(colonne)

    def a(self, table: str) -> bool:
        return table in self.tables

    def tuples(self, requete: str) -> list[tuple[Any, ...]]:
        with self.con.cursor() as cur:
            return cur.execute(requete).fetchall()

    def lignes(self, requete: str, table: str) -> list[Rangee]:
        if not self.a(table):
            return []
        with self.con.cursor() as cur:
            resultat = cur.execute(requete)
            noms = [d[0] for d in resultat.description or ()]
            return [dict(zip(noms, x, strict=True)) for x in resultat.fetchall()]

    def objets(self, genre: type[T], table: str, fin: str = "") -> tuple[T, ...]:
        """Rows of a table as records; a column that the file lacks is an empty text."""
        presentes = self.tables.get(table, set())
        colonnes = ", ".join(n if n in presentes else f"'' as {n}" for n in _noms(genre))
        return tuple(genre(**x) for x in self.lignes(f"select {colonnes} from {table} {fin}", table))

    def libelles(self) -> Libelles:
        domaines = dict(self.tuples("select code, libelle from domaines"))
        epci = dict(self.tuples("select code, libelle from territoires where niveau = 'epci'"))
        return Libelles(domaines, epci)


class Libelles:
    """Names of the levels of the frame, by dimension: size class, sector, EPCI."""

    def __init__(self, domaines: Mapping[str, str], epci: Mapping[str, str]) -> None:
        classes = {**LIBELLES_CLASSES, "employeuse": "Employeuses", "employeuses": "Employeuses"}
        self.noms: dict[str, Mapping[str, str]] = {
            "employeuse": classes, "taille": classes, "secteur": domaines,
            "epci": {**epci, "sans_epci": "Commune inconnue ou hors du département"},
        }  # fmt: skip

    def __call__(self, dimension: str, modalite: str) -> str:
        """Name of a level, of several joined by « + », or of those put together."""
        if modalite == AUTRES:
            return "Autres, réunis"
        noms = self.noms.get(dimension, {})
        return " et ".join(noms.get(m, m) for m in modalite.split("+"))


def _noms(genre: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(genre))


def _departement(lecteur: _Lecteur, lignes: Iterable[Ligne]) -> str:
    for ligne in lignes:
        if (ligne.genre, ligne.nom) == (PERIMETRE, "departement"):
            return ligne.valeur
    trouves = lecteur.tuples("select libelle, code from territoires where niveau = 'departement'")
    return f"{trouves[0][0]} ({trouves[0][1]})" if trouves else ""


def _precedente(lecteur: _Lecteur) -> int | None:
    """Number of the publication this one was compared to; an older file does not say."""
    if "precedente" not in lecteur.tables["_publication"]:
        return None
    ((numero,),) = lecteur.tuples("select precedente from _publication")
    return None if numero is None else int(numero)


def _cadre(lecteur: _Lecteur) -> tuple[AnneeCadre, ...]:
    """Years of the frame: the weighting and the proofs of activity, side by side."""
    annees: dict[int, Rangee] = {}
    for table in ("redressement", "cadre_bilan"):
        for ligne in lecteur.lignes(f"select * from {table} order by millesime", table):
            annees.setdefault(ligne["millesime"], {}).update(ligne)
    connus = _noms(AnneeCadre)
    return tuple(AnneeCadre(**{k: v for k, v in x.items() if k in connus}) for _, x in sorted(annees.items()))


def _operation(ligne: Rangee, libelles: Libelles) -> Operation:
    """A line of the log, its codes replaced by names: `secteur, 3_9` joins a step and a size class."""
    etape, _, classe = ligne["etape"].partition(", ")
    dimension = etape.lower()
    noms = {
        c: libelles(dimension, ligne[c]) if dimension in libelles.noms else ligne[c]
        for c in ("groupe", "vers")
    }
    if classe:
        etape = f"{etape}, {libelles('taille', classe)}"
    return Operation(**{**ligne, **noms, "etape": etape})


def _etats(lecteur: _Lecteur) -> tuple[Etats, ...]:
    comptes: dict[tuple[str, str], dict[str, int]] = {}
    for niveau, vue, statut, n in lecteur.tuples(
        "select niveau, vue, statut, count(*) from mesures group by all order by all"
    ):
        comptes.setdefault((niveau, vue), {})[statut] = n
    return tuple(Etats(niveau, vue, statuts) for (niveau, vue), statuts in comptes.items())


def _ruptures(lecteur: _Lecteur) -> tuple[Rupture, ...]:
    requete = """
        select distinct e.indicateur, i.titre, e.rupture as raison from evolutions as e
        inner join indicateurs as i on e.indicateur = i.indicateur where e.rupture is not null order by all"""
    return tuple(Rupture(**x) for x in lecteur.lignes(requete, "evolutions"))


def en_json(valeur: Any) -> Any:
    """Dates as ISO text, for `json.dumps(default=…)`."""
    if isinstance(valeur, dt.date | dt.datetime):
        return valeur.isoformat()
    raise TypeError(f"{type(valeur).__name__} ne s’écrit pas en JSON")
