"""Schemas of the analysts in the published file: views by layer, the tables of `meta`, the macro `valeur`.

The tables stay where pages, addresses and older queries read them (the main schema); `ref`, `source`, `mesure`,
`pub` and `meta` hold views on them. Everything is written without the name of the database, which is that of the
file once it is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from observatoire.domain.enquete import Enquete
from observatoire.domain.types import type_de
from observatoire.indicators.catalogue import REPONDANTES
from observatoire.publications.dictionnaire import (
    Colonne,
    DictionnaireInvalide,
    commentaire,
    est_nombre,
    lire_dictionnaire,
)
from observatoire.publications.requetes import lire_requetes
from observatoire.storage.connexion import litteral, nom_sql, transaction
from observatoire.storage.ddl import COLONNES_TECHNIQUES
from observatoire.storage.insertion import inserer

BASE = "pub"
SCHEMAS = ("ref", "source", "mesure", "pub", "meta")
DICTIONNAIRE = (
    "nom_schema varchar, nom_table varchar, colonne varchar, titre varchar, definition varchar, type varchar, "
    "unite varchar, source varchar"
)
NIVEAUX = {
    "departement": "département",
    "arrondissement": "arrondissement",
    "epci": "intercommunalité",
    "canton": "canton",
    "commune": "commune",
    "qpv": "quartier prioritaire",
    "regroupement": "regroupement de communes",
}
QUALITES = {
    "ok": "publié",
    "prudence": "publié, à lire avec prudence",
    "non_publie": "non publié",
    "secret": "masqué par le secret statistique",
    "nd": "aucune réponse",
}
LONGUE = """
    create view {base}.pub.indicateur_territoire_annee as
    select m.indicateur as code_indicateur, i.titre as libelle_indicateur, i.unite,
        m.niveau, {niveaux} as libelle_niveau, m.code_territoire, t.libelle as libelle_territoire,
        m.millesime as annee, m.domaine as code_domaine, coalesce(d.libelle, 'Tous les domaines') as libelle_domaine,
        m.financeur, m.vue, m.valeur, m.borne_basse, m.borne_haute, m.statut, {qualites} as qualite,
        m.n_repondants as n_associations, m.statut in ('ok', 'prudence') as est_publiee
    from main.mesures as m
    inner join main.indicateurs as i on m.indicateur = i.indicateur
    left join main.territoires as t on m.niveau = t.niveau and m.code_territoire = t.code
    left join main.domaines as d on m.domaine = d.code
"""
# The inner query names its columns otherwise than the arguments, which DuckDB could not tell apart.
VALEUR = f"""
    create macro main.valeur(indicateur, territoire, annee, vue := '{REPONDANTES}', domaine := 'tous',
        financeur := 'tous', niveau := null) as (
        select any_value(v) from (
            select m.indicateur as i, m.code_territoire as c, m.millesime as an, m.vue as vu, m.domaine as d,
                m.financeur as f, m.niveau as n, m.valeur as v
            from main.mesures as m
        )
        where i = indicateur and c = cast(territoire as varchar) and an = annee and vu = vue and d = domaine
            and f = financeur and (niveau is null or n = niveau))
"""
DIT_VALEUR = (
    "Valeur publiée d’un indicateur : valeur('participations', '77', 2025) ; vide quand elle est masquée. Au besoin : "
    f"vue := 'representatif', domaine := 'sport', financeur := 'tous', niveau := 'epci' (vue par défaut : {REPONDANTES})"
)


@dataclass(frozen=True, slots=True)
class Origine:
    """A source of the data: who makes it, under which licence, when it was taken."""

    source: str
    titre: str
    producteur: str
    licence: str
    adresse: str | None
    extrait_le: str
    lignes: int | None


def poser_schemas(con: duckdb.DuckDBPyConnection, origines: Sequence[Origine]) -> None:
    """Add schemas, views, macro and `meta` tables to the file `pub`, once all its tables are there."""
    with _chez(con):
        presentes = {nom for (nom,) in con.execute(_TABLES).fetchall()}
        for schema in SCHEMAS:
            con.execute(f"create schema {BASE}.{schema}")
        for table in lire_dictionnaire().values():
            if table.schema and table.nom in presentes:
                con.execute(f"create view {table.schema}.{table.nom} as select * from main.{table.nom}")
        if "indicateurs" in presentes:
            con.execute("create view meta.indicateurs as select * from main.indicateurs")
        con.execute("create view meta.publication as select * from main._publication")
        con.execute(
            LONGUE.format(base=BASE, niveaux=_cas("m.niveau", NIVEAUX), qualites=_cas("m.statut", QUALITES))
        )
        con.execute(_fiche(con))
        con.execute(VALEUR)
        con.execute(f"comment on macro main.valeur is {litteral(DIT_VALEUR)}")
    _origines(con, origines)
    _requetes(con)
    _controles(con)
    con.execute(f"create table {BASE}.meta.dictionnaire ({DICTIONNAIRE})")
    decrire(con)


_TABLES = f"select table_name from duckdb_tables() where database_name = '{BASE}' and schema_name = 'main'"


@contextmanager
def _chez(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Make the published file the current database: a view keeps the names as they are written."""
    ((avant,),) = con.execute("select current_database()").fetchall()
    con.execute(f"use {BASE}")
    try:
        yield
    finally:
        con.execute(f"use {nom_sql(avant)}")


def _cas(colonne: str, libelles: Mapping[str, str]) -> str:
    suite = " ".join(f"when {litteral(code)} then {litteral(texte)}" for code, texte in libelles.items())
    return f"case {colonne} {suite} else {colonne} end"


def _fiche(con: duckdb.DuckDBPyConnection) -> str:
    """One row by territory and year, one column by indicator."""
    noms = [
        n for (n,) in con.execute("select indicateur from main.indicateurs order by indicateur").fetchall()
    ]
    colonnes = "".join(
        f",\n max(m.valeur) filter (where m.indicateur = {litteral(n)}) as {nom_sql(n)}" for n in noms
    )
    return f"""
        create view {BASE}.pub.fiche_territoire as
        select m.niveau, m.code_territoire as code, t.libelle, t.population, m.millesime as annee{colonnes}
        from main.mesures as m
        left join main.territoires as t on m.niveau = t.niveau and m.code_territoire = t.code
        where m.vue = '{REPONDANTES}' and m.domaine = 'tous' and m.financeur = 'tous'
        group by all"""


def _poser(
    con: duckdb.DuckDBPyConnection, nom: str, colonnes: str, lignes: Sequence[Sequence[object]]
) -> None:
    con.execute(f"create table {BASE}.meta.{nom} ({colonnes})")
    noms = [c.split()[0] for c in colonnes.split(", ")]
    if lignes:
        inserer(
            con,
            f"{BASE}.meta.{nom}",
            {n: list(v) for n, v in zip(noms, zip(*lignes, strict=True), strict=True)},
        )


def _origines(con: duckdb.DuckDBPyConnection, origines: Sequence[Origine]) -> None:
    _poser(
        con,
        "sources",
        "source varchar, titre varchar, producteur varchar, licence varchar, adresse varchar, extrait_le varchar, "
        "lignes bigint",
        [(o.source, o.titre, o.producteur, o.licence, o.adresse, o.extrait_le, o.lignes) for o in origines],
    )


def _requetes(con: duckdb.DuckDBPyConnection) -> None:
    lignes = [(rang, r.titre, r.sql) for rang, r in enumerate(lire_requetes(), 1)]
    _poser(con, "requetes_exemples", "rang integer, titre varchar, sql varchar", lignes)


# Name, what is checked, the query that counts the rows that do not follow the rule.
CONTROLES = (
    (
        "masques_vides",
        "Une case masquée ou sans réponse n’a ni valeur, ni fourchette",
        "select count(*) from pub.mesures where statut not in ('ok', 'prudence') "
        "and (valeur is not null or borne_basse is not null or borne_haute is not null)",
    ),
    (
        "valeurs_presentes",
        "Un chiffre publié a une valeur",
        "select count(*) from pub.mesures where statut in ('ok', 'prudence') and valeur is null",
    ),
    (
        "chiffres_uniques",
        "Un seul chiffre par indicateur, année, territoire, domaine, financeur et vue",
        "select count(*) - count(distinct hash(indicateur, millesime, niveau, code_territoire, domaine, financeur, vue)) "
        "from pub.mesures",
    ),
    (
        "fourchettes",
        "La fourchette contient la valeur",
        "select count(*) from pub.mesures where valeur is not null and (borne_basse > valeur * (1 + 1e-9) + 1e-9 "
        "or borne_haute < valeur * (1 - 1e-9) - 1e-9) and valeur >= 0",
    ),
    (
        "territoires_connus",
        "Chaque chiffre est celui d’un territoire connu",
        "select count(*) from pub.mesures as m anti join pub.territoires as t "
        "on m.niveau = t.niveau and m.code_territoire = t.code",
    ),
    (
        "indicateurs_connus",
        "Chaque chiffre a sa fiche d’indicateur",
        "select count(*) from pub.mesures as m anti join pub.indicateurs as i on m.indicateur = i.indicateur",
    ),
    (
        "lignes_comptees",
        "Lignes lues d’un dépôt = chargées + en attente + ignorées",
        "select count(*) from pub.depots where lignes_lues <> lignes_chargees + lignes_en_attente + lignes_ignorees",
    ),
)  # fmt: skip
MASQUES, UNIQUES = "masques_vides", "chiffres_uniques"
# Figures that differ have, but for a chance in a billion, different hashes, four times faster to count: no gap is a
# proof, and a gap is counted again on the figures themselves.
_EXACT = {UNIQUES: ("distinct hash(", "distinct (")}


class SecretNonTenu(ValueError):
    """A masked cell has a value: such a file is never published."""


def _controles(con: duckdb.DuckDBPyConnection) -> None:
    """Run the controls. SecretNonTenu when a masked cell has a value."""
    lignes = []
    for nom, titre, requete in CONTROLES:
        ((ecarts,),) = con.execute(requete).fetchall()
        if ecarts and nom in _EXACT:
            ((ecarts,),) = con.execute(requete.replace(*_EXACT[nom])).fetchall()
        if nom == MASQUES and ecarts:
            raise SecretNonTenu(f"{ecarts} cases masquées ont une valeur : rien n’est publié.")
        lignes.append((nom, titre, int(ecarts), "ecart" if ecarts else "ok"))
    _poser(con, "controles", "controle varchar, titre varchar, ecarts bigint, verdict varchar", lignes)


def decrire(con: duckdb.DuckDBPyConnection, enquetes: Mapping[str, Enquete] | None = None) -> None:
    """Fill `meta.dictionnaire` and comment the views; `enquetes` gives the answers of the analysts' file.

    DictionnaireInvalide names every column without description, and every number without unit.
    """
    colonnes = con.execute(
        f"""
        select c.schema_name, c.table_name, c.column_name, c.data_type, v.view_name is not null, c.comment, v.comment
        from duckdb_columns() as c
        left join duckdb_views() as v
            on c.database_name = v.database_name and c.schema_name = v.schema_name and c.table_name = v.view_name
        where c.database_name = '{BASE}' order by c.schema_name, c.table_name, c.column_index"""
    ).fetchall()
    titres = _indicateurs(con)
    lignes: list[tuple[str, ...]] = []
    vues: dict[str, str] = {}
    fautes: list[str] = []
    for schema, table, nom, genre, est_vue, dit, dit_vue in colonnes:
        x = _decrite(schema, table, nom, titres, enquetes or {})
        if x is None or (est_nombre(genre) and not x.unite):
            fautes.append(f"{schema}.{table}.{nom} ({'sans description' if x is None else 'sans unité'})")
            continue
        unite = x.unite if est_nombre(genre) else ""
        lignes.append((schema, table, nom, x.titre, x.definition, genre, unite, x.source))
        if est_vue:
            chemin = ".".join(nom_sql(n) for n in (BASE, schema, table))
            # What the public file already says is not said again in its copy.
            if dit_vue != (texte := _description(schema, table)):
                vues[f"view {chemin}"] = texte
            if dit != (texte := commentaire(x)):
                vues[f"column {chemin}.{nom_sql(nom)}"] = texte
    if fautes:
        raise DictionnaireInvalide(
            f"colonnes.toml ne décrit pas tout ce qui est publié : {', '.join(fautes)}"
        )
    con.execute(f"delete from {BASE}.meta.dictionnaire")
    noms = [c.split()[0] for c in DICTIONNAIRE.split(", ")]
    inserer(
        con,
        f"{BASE}.meta.dictionnaire",
        {n: list(v) for n, v in zip(noms, zip(*lignes, strict=True), strict=True)},
    )
    with transaction(con) as cur:
        for objet, texte in vues.items():
            cur.execute(f"comment on {objet} is {litteral(texte)}")


def colonnes_de(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Pairs (table, column) of the tables of the file, the table with its schema when it is not the main one."""
    requete = f"""
        select case when c.schema_name = 'main' then c.table_name else concat(c.schema_name, '.', c.table_name) end,
            c.column_name
        from duckdb_columns() as c
        inner join duckdb_tables() as t using (database_name, schema_name, table_name)
        where c.database_name = '{BASE}'"""
    return con.execute(requete).fetchall()


def _indicateurs(con: duckdb.DuckDBPyConnection) -> dict[str, Colonne]:
    requete = f"select indicateur, titre, definition, unite, source from {BASE}.indicateurs"
    return {n: Colonne(n, t, d, u, s) for n, t, d, u, s in con.execute(requete).fetchall()}


def _nom(schema: str, table: str) -> str:
    """Key of a table or of a view in the dictionary: a view that repeats a table is described as that table."""
    tables = lire_dictionnaire()
    if f"{schema}.{table}" in tables:
        return f"{schema}.{table}"
    return "_publication" if (schema, table) == ("meta", "publication") else table


def _description(schema: str, table: str) -> str:
    return lire_dictionnaire()[_nom(schema, table)].description


def _decrite(
    schema: str, table: str, nom: str, titres: Mapping[str, Colonne], enquetes: Mapping[str, Enquete]
) -> Colonne | None:
    """Description of a column; None when nothing describes it."""
    if schema == "enquete":
        return _reponse(enquetes[table], nom) if table in enquetes else None
    if (schema, table) == ("pub", "fiche_territoire") and nom in titres:
        return titres[nom]
    decrite = lire_dictionnaire().get(_nom(schema, table))
    return decrite.colonne(nom) if decrite else None


_UNITES_TECHNIQUES = {"millesime": "année", "ligne": "rang"}


def _reponse(enquete: Enquete, nom: str) -> Colonne | None:
    source = f"Questionnaire « {enquete.title} »"
    for champ in enquete.champs_actifs():
        if champ.name == nom:
            unite = champ.unit or ("année" if type_de(champ).nom == "annee" else "")
            return Colonne(nom, champ.title, champ.description, unite, source)
    for technique, _, _, texte in COLONNES_TECHNIQUES:
        if technique == nom:
            titre = _TITRES_TECHNIQUES[nom]
            return Colonne(nom, titre, texte, _UNITES_TECHNIQUES.get(nom, ""), source)
    return None


_TITRES_TECHNIQUES = {
    "millesime": "Année des données",
    "cle_association": "Clé de l’association",
    "qualite": "Qualité de la lecture",
    "depot_id": "Dépôt",
    "feuille": "Feuille",
    "ligne": "Ligne",
    "lignes_source": "Lignes résumées",
}


def commentaires_reponses(enquetes: Iterable[Enquete]) -> dict[str, str]:
    """Comments of the answers of the analysts' file: `enquete.<nom>[.colonne]` → sentence."""
    textes: dict[str, str] = {}
    for enquete in enquetes:
        textes[f"enquete.{enquete.name}"] = f"{enquete.title}. {enquete.grain}"
        for nom in [c.name for c in enquete.champs_actifs()] + [t[0] for t in COLONNES_TECHNIQUES]:
            if (x := _reponse(enquete, nom)) is not None:
                textes[f"enquete.{enquete.name}.{nom}"] = f"{x.titre}. {commentaire(x)}"
    return textes
