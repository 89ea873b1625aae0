"""What a publication holds: figures, references and the state of the data, from the answers in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import catalogue
from observatoire.domain.enquete import Enquete
from observatoire.domain.loader import load_enquetes
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.parametre import parametres
from observatoire.domain.types import type_de
from observatoire.indicators.run import calculer
from observatoire.storage.connexion import nom_sql
from observatoire.storage.insertion import inserer
from observatoire.storage.publication import Remplir
from observatoire.storage.schema import garder_la_derniere
from observatoire.territoire import load_territoire

NON_CLASSE = ("non_classe", "Non classé")

COMMENTAIRES = {
    "mesures": "Chiffres publiés : un par indicateur, année, territoire, domaine et financeur ; masqués quand il le faut",
    "mesures.statut": "ok, prudence, non_publie, secret (masqué), nd (aucune réponse) ; valeur vide sauf ok et prudence",
    "mesures.n_repondants": "Associations qui ont répondu ; vide quand la case est masquée",
    "mesures.borne_basse": "Bas de la fourchette, quand l’indicateur en a une",
    "mesures.borne_haute": "Haut de la fourchette, quand l’indicateur en a une",
    "indicateurs": "Fiche de chaque indicateur : définition, formule en mots, précautions, source, requête",
    "territoires": "Zones du département à chaque niveau, avec leur population",
    "communes": "Communes et leurs rattachements",
    "domaines": "Domaines d’activité des associations",
    "parametres": "Constantes datées et sourcées employées par les indicateurs",
    "depots": "Dépôts comptés ou annulés : lignes lues = chargées + en attente + ignorées",
    "anomalies": "Nombre d’anomalies par dépôt et par cause",
    "dictionnaire": "Champs des questionnaires : titre, description, type, unité",
}


def remplir(settings: Settings) -> Remplir:
    """The function that fills the public file of a publication."""

    def _remplir(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
        enquetes = load_enquetes()
        con.execute("use memory")
        resoudre(con, enquetes.values())
        _references(con)
        calculer(con, settings, load_territoire(settings.departement), version)
        _qualite(con, enquetes.values())
        return COMMENTAIRES

    return _remplir


def remplir_analyse(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
    """Fill the analysts' file with the answers in force, as the figures were computed on them."""
    enquetes = load_enquetes()
    con.execute("create schema pub.enquete")
    for nom in enquetes:
        con.execute(f"create table pub.enquete.{nom_sql(nom)} as from memory.courant.{nom_sql(nom)}")
    return {
        f"enquete.{nom}.{champ.name}": f"{champ.title}. {champ.description}"
        for nom, enquete in enquetes.items()
        for champ in enquete.champs_actifs()
    }


def resoudre(con: duckdb.DuckDBPyConnection, enquetes: Iterable[Enquete]) -> None:
    """Make `courant.<questionnaire>` in the current database: answers in force, one key per association.

    An association that gave its RNA here and its SIRET there is one association when one of its rows gives
    both; a name without number is linked when a single association bears it in that commune.
    """
    enquetes = tuple(enquetes)
    con.execute("create schema if not exists courant")
    identites = " union all ".join(_identites(e) for e in enquetes)
    con.execute(f"create or replace temp table identites as {identites}")
    con.execute("""
        create or replace temp table alias as
        with paires as (
            select 'SIREN:' || substr(siret, 1, 9) as cle, 'RNA:' || rna as vers
            from identites where rna is not null and siret is not null
        ),
        noms as (
            select n.cle_association as cle, coalesce(p.vers, i.cle_association) as vers
            from identites as n
            inner join identites as i on n.cle_nom = i.cle_nom and i.cle_association not like 'NOM:%'
            left join paires as p on i.cle_association = p.cle
            where n.cle_association like 'NOM:%'
        )
        select cle, min(vers) as vers from (select * from paires union all select * from noms) as t
        group by cle having count(distinct vers) = 1""")
    for enquete in enquetes:
        con.execute(_courant(enquete))


def _identites(enquete: Enquete) -> str:
    champs = enquete.identite
    return f"""
        select distinct e.cle_association, {nom_sql(champs["rna"])} as rna, {nom_sql(champs["siret"])} as siret,
            lower({nom_sql(champs["nom"])}) || '|' || coalesce({nom_sql(champs["commune"])}, '') as cle_nom
        from entrepot.enquete.{nom_sql(enquete.name)} as e
        inner join entrepot.depot.depots as d on e.depot_id = d.depot_id
        where d.statut <> 'annule' and e.cle_association is not null"""


def _courant(enquete: Enquete) -> str:
    """SQL of the answers in force, under the key that names the association everywhere."""
    return f"""
        create or replace table courant.{nom_sql(enquete.name)} as
        select e.* replace (coalesce(a.vers, e.cle_association) as cle_association)
        from entrepot.enquete.{nom_sql(enquete.name)} as e
        inner join entrepot.depot.depots as d on e.depot_id = d.depot_id
        left join alias as a on e.cle_association = a.cle
        where d.statut <> 'annule'
        {garder_la_derniere(enquete, "coalesce(a.vers, e.cle_association)")}"""


def _references(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema if not exists ref")
    con.execute("create or replace table ref.domaines (code varchar, libelle varchar)")
    choix = charger_nomenclature("secteurs").lignes
    codes = {c.code: c.libelle for c in choix} | dict([NON_CLASSE])
    inserer(con, "ref.domaines", {"code": list(codes), "libelle": list(codes.values())})
    con.execute("""
        create or replace table ref.parametres (id varchar, libelle varchar, valeur double, unite varchar, valable_du date,
            valable_au date, source varchar, statut varchar)""")
    colonnes = ("id", "libelle", "valeur", "unite", "valable_du", "valable_au", "source", "statut")
    inserer(con, "ref.parametres", {c: [getattr(p, c) for p in parametres()] for c in colonnes})


def _qualite(con: duckdb.DuckDBPyConnection, enquetes: Iterable[Enquete]) -> None:
    """State of the data: deposits without file names, anomalies by cause, dictionary."""
    con.execute("""
        create table pub.depots as
        select depot_id, questionnaire, source, millesime, statut, depose_le, lignes_lues, lignes_chargees,
            lignes_en_attente, lignes_ignorees, fictif
        from entrepot.depot.depots order by ordre""")
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
        inner join entrepot.depot.depots as d using (depot_id)
        where d.statut <> 'annule'
        group by all order by nb desc, code""")
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
