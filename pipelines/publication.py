"""What a publication holds: figures, references and the state of the data, from the answers in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import catalogue
from observatoire.domain.enquete import Enquete
from observatoire.domain.loader import load_enquetes
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.parametre import parametres_du_reseau
from observatoire.domain.types import type_de
from observatoire.estimation import lots, repliques
from observatoire.estimation.poids import Regles
from observatoire.indicators.run import Suivi, calculer, lire_constantes
from observatoire.methode.releve import relever
from observatoire.publications.dictionnaire import commentaires, lire_dictionnaire
from observatoire.publications.schemas import colonnes_de, commentaires_reponses, decrire, poser_schemas
from observatoire.storage.connexion import litteral, nom_sql
from observatoire.storage.insertion import creer_codee, inserer
from observatoire.storage.publication import Remplir
from observatoire.storage.schema import garder_la_derniere
from observatoire.territoire import load_territoire
from pipelines.alias import poser_alias
from pipelines.origines_publiees import origines
from pipelines.paroles_publiees import publier_paroles
from pipelines.sources_publiees import poser_sources

# Tables of the analysts' file that repeat official files: who is in them has not answered for all that.
DU_REGISTRE = ("ponderation.cadre", "ponderation.registre", "source.subventions")
# What tells the rows of a large table apart, when it is not all of them.
ORDRES = {"cadre": "cle_association, millesime"}
NON_CLASSE = ("non_classe", "Non classé")


def remplir(settings: Settings, suivi: Suivi = lambda etape, part: None) -> Remplir:
    """The function that fills the public file of a publication; `suivi` is told the step and the share done."""

    def _remplir(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
        enquetes = load_enquetes()
        con.execute("use memory")
        resoudre(con, enquetes.values())
        references(con, settings)
        territoire = load_territoire(settings.departement, settings.territoires)
        masques = calculer(con, settings, territoire, version, suivre=True, suivi=suivi)
        qualite(con, enquetes.values())
        publier_paroles(con, settings)
        relever(con, settings, enquetes, masques)
        poser_schemas(con, origines(con, settings, enquetes))
        return commentaires(colonnes_de(con))

    return _remplir


def remplir_analyse(settings: Settings) -> Remplir:
    """The function that fills the analysts' file: answers in force, weights, frame and register behind the figures."""

    def _remplir(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
        enquetes = load_enquetes()
        con.execute("create schema pub.enquete")
        for table, requete in lots.a_garder():
            _poser(con, table, f"({requete})")
        for nom in enquetes:
            con.execute(
                f"create table pub.enquete.{nom_sql(nom)} as from memory.courant.{nom_sql(nom)} "
                "order by depot_id, feuille, ligne"
            )
        poser_ponderation(con, settings)
        poser_sources(con, settings)
        decrire(con, enquetes)
        return {**commentaires(colonnes_de(con)), **commentaires_reponses(enquetes.values())}

    return _remplir


def poser_ponderation(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Weights and frame as the figures used them, and the register; without a register there are none."""
    con.execute("create schema pub.ponderation")
    presentes = con.execute("select table_name from duckdb_tables() where database_name = 'temp'").fetchall()
    for table in ("poids", "jeux", "cadre"):
        if (table,) in presentes:
            _poser(con, f"ponderation.{table}", f"temp.{table}", ORDRES.get(table, "all"))
    if ("poids",) in presentes:
        _poser_repliques(con)
    if settings.registre.is_file():
        source = f"read_parquet({litteral(str(settings.registre))})"
        ecrites = {nom for nom, *_ in con.execute(f"describe from {source}").fetchall()}
        colonnes = [c for c in lire_dictionnaire()["ponderation.registre"].colonnes if c in ecrites]
        _poser(con, "ponderation.registre", f"(select {', '.join(colonnes)} from {source})")


def _poser_repliques(con: duckdb.DuckDBPyConnection) -> None:
    """Replicates of the weights, in the order they are worked out; none when the constant asks for none."""
    constantes = lire_constantes(con, {})
    if nombre := int(constantes[repliques.NOMBRE]):
        regles = Regles.lire(constantes)
        # All at once: DuckDB takes small batches half as fast. 8 bytes a weight.
        lues = repliques.lire(con, nombre, regles.tolerance, regles.tours_max).read_all().combine_chunks()
        con.register("repliques_lues", lues)
        con.execute("create table pub.ponderation.repliques as from repliques_lues")
        con.unregister("repliques_lues")


def _poser(con: duckdb.DuckDBPyConnection, table: str, source: str, ordre: str = "all") -> None:
    """Copy `source` into the file in a settled order: the same answers give the same bytes."""
    creer_codee(con, f"pub.{table}", f"from {source} order by {ordre}")


def resoudre(con: duckdb.DuckDBPyConnection, enquetes: Iterable[Enquete], base: str = "entrepot") -> None:
    """Make `courant.<questionnaire>` in the current database: answers in force, one key per association.

    `base` is the database that holds the deposits and the answers. See `poser_alias` for the keys.
    """
    enquetes = tuple(enquetes)
    con.execute("create schema if not exists courant")
    poser_alias(con, enquetes, base)
    for enquete in enquetes:
        con.execute(_courant(enquete, base))


def _courant(enquete: Enquete, base: str) -> str:
    """SQL of the answers in force, under the key that names the association everywhere.

    What pairs two answers of a person becomes a rank among the persons of that association and year.
    """
    cle = "coalesce(a.vers, e.cle_association)"
    rangs = "".join(
        f", case when e.{nom} is not null then cast(dense_rank() over (partition by {cle}, e.millesime "
        f"order by e.{nom}) as varchar) end as {nom}"
        for nom in (nom_sql(c.name) for c in enquete.champs_actifs() if c.appariement)
    )
    return f"""
        create or replace table courant.{nom_sql(enquete.name)} as
        select e.* replace ({cle} as cle_association{rangs})
        from {base}.enquete.{nom_sql(enquete.name)} as e
        inner join {base}.depot.en_vigueur as d on e.depot_id = d.depot_id
        left join alias as a on e.cle_association = a.cle
        {garder_la_derniere(enquete, cle)}"""


def references(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make the tables `ref.domaines`, `ref.parametres` and `ref.registre` in the current database.

    The constants are those that are shipped, and over them those of the network (`settings.parametres`).
    """
    con.execute("create schema if not exists ref")
    con.execute("create or replace table ref.domaines (code varchar, libelle varchar)")
    choix = charger_nomenclature("secteurs").lignes
    codes = {c.code: c.libelle for c in choix} | dict([NON_CLASSE])
    inserer(con, "ref.domaines", {"code": list(codes), "libelle": list(codes.values())})
    con.execute("""
        create or replace table ref.parametres (id varchar, libelle varchar, valeur double, unite varchar, valable_du date,
            valable_au date, source varchar, statut varchar)""")
    colonnes = ("id", "libelle", "valeur", "unite", "valable_du", "valable_au", "source", "statut")
    valeurs = parametres_du_reseau(settings.parametres)
    inserer(con, "ref.parametres", {c: [getattr(p, c) for p in valeurs] for c in colonnes})
    con.execute("""
        create or replace table ref.registre (cle_association varchar, annee_creation integer, code_commune varchar,
            secteur varchar)""")
    if settings.registre.is_file():
        _creations(con, settings.registre)


def _creations(con: duckdb.DuckDBPyConnection, registre: Path) -> None:
    """The associations of the register whose creation is dated; a register built before dates were kept has none."""
    source = f"read_parquet({litteral(str(registre))})"
    colonnes = {nom for nom, *_ in con.execute(f"describe from {source}").fetchall()}
    if "date_creation" in colonnes:
        con.execute(f"""
            insert into ref.registre
            select cle, cast(substr(date_creation, 1, 4) as integer), code_commune, secteur
            from {source} where date_creation is not null""")


def qualite(con: duckdb.DuckDBPyConnection, enquetes: Iterable[Enquete]) -> None:
    """State of the data: deposits without file names, anomalies by cause, dictionary.

    A deposit that nobody validated yet is not spoken of.
    """
    con.execute("""
        create table pub.depots as
        select depot_id, questionnaire, source, millesime, statut, depose_le, lignes_lues, lignes_chargees,
            lignes_en_attente, lignes_ignorees, fictif
        from entrepot.depot.depots where not coalesce(a_valider, false) order by ordre""")
    con.execute("create or replace temp table causes (code varchar, niveau varchar, cause varchar)")
    modeles = catalogue().values()
    lignes: dict[str, list[Any]] = {
        "code": [m.code for m in modeles],
        "niveau": [m.niveau.value for m in modeles],
        "cause": [m.cause for m in modeles],
    }
    inserer(con, "causes", lignes)
    con.execute("""
        create table pub.anomalies as
        select a.depot_id, c.code, c.niveau, c.cause, count(*)::integer as nb
        from entrepot.depot.anomalies as a
        inner join causes as c using (code)
        inner join entrepot.depot.en_vigueur as d using (depot_id)
        group by all order by nb desc, code, depot_id""")
    con.execute("""
        create table pub.dictionnaire (table_name varchar, champ varchar, titre varchar, description varchar,
            type varchar, unite varchar)""")
    champs = [(e.name, c) for e in enquetes for c in e.champs_actifs()]
    dictionnaire = {
        "table_name": [nom for nom, _ in champs],
        "champ": [c.name for _, c in champs],
        "titre": [c.title for _, c in champs],
        "description": [c.description for _, c in champs],
        "type": [type_de(c).lisible for _, c in champs],
        "unite": [c.unit for _, c in champs],
    }
    inserer(con, "pub.dictionnaire", dictionnaire)
