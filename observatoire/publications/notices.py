"""The texts of the folder of a publication, from its own tables: datapackage, SCDL, DCAT, read-me, changes. Pure text.

Nothing is described here: titles, definitions and units are those of `meta.dictionnaire`, written in the file.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from observatoire.domain.francais import accord, date_courte, ecrire_nombre
from observatoire.publications.comparaison import GENRES, Comparaison, Mouvement, raisons
from observatoire.publications.licence import licence
from observatoire.storage.jeu import Contenu, nom_de

if TYPE_CHECKING:
    import duckdb

DATAPACKAGE, SCDL, DCAT = "datapackage.json", "catalogue_scdl.csv", "dcat.jsonld"
LISEZMOI, CHANGEMENTS = "LISEZMOI.md", "CHANGELOG.md"
PROFIL = "https://datapackage.org/profiles/2.0/datapackage.json"
PROFIL_RESSOURCE = "https://datapackage.org/profiles/2.0/dataresource.json"
PROFIL_TABLE = "https://datapackage.org/profiles/2.0/tableschema.json"
MOTS = ("associations", "vie associative", "bénévolat", "emploi associatif", "subventions")
GENRES_FICHIERS = {
    "csv": ("text/csv", "CSV"),
    "parquet": ("application/vnd.apache.parquet", "Parquet"),
    "duckdb": ("application/vnd.duckdb", "DuckDB"),
}
# Who publishes, for the catalogues: name, SIRET, address of the site.
EDITEUR, SIRET, ADRESSE = "OBSERVATOIRE_EDITEUR", "OBSERVATOIRE_SIRET", "OBSERVATOIRE_ADRESSE"
SANS_EDITEUR = "Observatoire de la vie associative"
# Figures told one by one in the list of the changes.
MONTRES = 40
_TYPES = {
    "VARCHAR": "string", "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime", "DOUBLE": "number",
    "FLOAT": "number", "TINYINT": "integer", "SMALLINT": "integer", "INTEGER": "integer", "BIGINT": "integer",
    "HUGEINT": "integer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fiche:
    """What the notices say of a publication, read in its file."""

    version: int
    publie_le: dt.datetime
    fictif: bool
    depots: tuple[str, ...]
    departement: str
    code_departement: str
    annees: tuple[int, int] | None
    tables: tuple[tuple[str, str, int], ...]
    colonnes: Mapping[str, Sequence[Mapping[str, Any]]]
    sources: tuple[Mapping[str, Any], ...]


def lire_fiche(con: duckdb.DuckDBPyConnection, departement: str) -> Fiche:
    """Read a publication that has its `meta` tables."""
    ((version, publie_le, fictif, depots),) = con.execute(
        "select version, publie_le, fictif, depots from _publication"
    ).fetchall()
    noms = con.execute(
        "select libelle from territoires where niveau = 'departement' and code = ? and libelle is not null",
        [departement],
    ).fetchall()
    ((debut, fin),) = con.execute("select min(millesime), max(millesime) from mesures").fetchall()
    tables = con.execute(
        "select schema_name, table_name, comment, estimated_size from duckdb_tables() where not internal order by all"
    ).fetchall()
    colonnes: dict[str, list[dict[str, Any]]] = {}
    for ligne in _dictionnaires(con, "select * from meta.dictionnaire"):
        colonnes.setdefault(nom_de(ligne["nom_schema"], ligne["nom_table"]), []).append(ligne)
    return Fiche(
        version,
        publie_le,
        fictif,
        tuple(d for d in depots.split(", ") if d),
        next((n for (n,) in noms), departement),
        departement,
        None if debut is None else (debut, fin),
        tuple((nom_de(s, t), c or "", n) for s, t, c, n in tables),
        colonnes,
        tuple(_dictionnaires(con, "select * from meta.sources")),
    )


def _dictionnaires(con: duckdb.DuckDBPyConnection, requete: str) -> Iterator[dict[str, Any]]:
    resultat = con.execute(requete)
    noms = [d[0] for d in resultat.description or ()]
    return (dict(zip(noms, x, strict=True)) for x in resultat.fetchall())


def ecrire_notices(fiche: Fiche, contenu: Contenu, comparaison: Comparaison | None) -> dict[str, str]:
    """Every text of the set, by file name. `comparaison`: with the previous publication; None when there is none."""
    textes = {
        DATAPACKAGE: _json(datapackage(fiche, contenu)),
        LISEZMOI: lisez_moi(fiche, contenu),
        CHANGEMENTS: changements(fiche, comparaison),
    }
    if not contenu.analyse:
        textes[SCDL] = catalogue_scdl(fiche, contenu)
        textes[DCAT] = _json(dcat(fiche, contenu))
    return textes


def _json(objet: Mapping[str, Any]) -> str:
    return json.dumps(objet, ensure_ascii=False, indent=2) + "\n"


def titre(fiche: Fiche, *, analyse: bool = False) -> str:
    """Title of the data set."""
    suite = " — fichier des analystes (accès restreint)" if analyse else ""
    return f"Vie associative en {fiche.departement} : chiffres de l’observatoire{suite}"


def description(fiche: Fiche, *, analyse: bool = False) -> str:
    """What the set holds, in two sentences."""
    quoi = (
        "Réponses typées des associations, sans donnée personnelle, poids, registre et chiffres publiés"
        if analyse
        else "Chiffres par indicateur, année, territoire et domaine, avec fourchettes et fiabilité, protégés par le "
        "secret statistique"
    )
    annees = "" if fiche.annees is None else f" Années {fiche.annees[0]} à {fiche.annees[1]}."
    fictif = " Données de démonstration, inventées." if fiche.fictif else ""
    return f"{quoi}. Publication n° {fiche.version} du {date_courte(fiche.publie_le.date())}.{annees}{fictif}"


def datapackage(fiche: Fiche, contenu: Contenu) -> dict[str, Any]:
    """Frictionless Data Package, version 2: one resource by table and format."""
    nom = f"observatoire-associatif-{fiche.code_departement.lower()}" + (
        "-analyse" if contenu.analyse else ""
    )
    return {
        "$schema": PROFIL,
        "name": nom,
        "title": titre(fiche, analyse=contenu.analyse),
        "description": description(fiche, analyse=contenu.analyse),
        "version": str(fiche.version),
        "created": _instant(fiche.publie_le),
        "keywords": list(MOTS),
        # The answers are given to nobody: only the public set has a licence.
        **({} if contenu.analyse else {"licenses": [_licence()]}),
        "contributors": [{"title": os.environ.get(EDITEUR, SANS_EDITEUR), "roles": ["publisher"]}],
        "sources": [
            {"title": s["titre"], **({"path": s["adresse"]} if s["adresse"] else {})} for s in fiche.sources
        ],
        "resources": [
            _ressource(fiche, contenu, nom_table, texte, genre)
            for nom_table, texte, _ in fiche.tables
            for genre in ("csv", "parquet")
        ],
    }  # fmt: skip


def _licence() -> dict[str, str]:
    dite = licence()
    return {
        "title": dite["nom"],
        **({"path": dite["adresse"]} if "adresse" in dite else {"name": dite["nom"]}),
    }


def _instant(quand: dt.datetime) -> str:
    return quand.replace(microsecond=0).isoformat() + "Z"


def _ressource(fiche: Fiche, contenu: Contenu, table: str, texte: str, genre: str) -> dict[str, Any]:
    chemin = f"{genre}/{table}.{genre}"
    return {
        "$schema": PROFIL_RESSOURCE,
        "name": table if genre == "csv" else f"{table}.{genre}",
        "type": "table",
        "title": texte.split(" : ")[0],
        "description": texte,
        "path": chemin,
        "format": genre,
        "mediatype": GENRES_FICHIERS[genre][0],
        **({"encoding": "utf-8"} if genre == "csv" else {}),
        "bytes": contenu.octets[chemin],
        "hash": f"sha256:{contenu.sommes[chemin]}",
        "schema": {
            "$schema": PROFIL_TABLE,
            "fields": [_champ(c) for c in fiche.colonnes[table]],
            "missingValues": [""],
        },
    }


def _champ(colonne: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": colonne["colonne"],
        "title": colonne["titre"],
        "description": colonne["definition"],
        "type": type_de_champ(colonne["type"]),
        **({"unit": colonne["unite"]} if colonne["unite"] else {}),
        "source": colonne["source"],
    }


def type_de_champ(type_sql: str) -> str:
    """Type of Table Schema of a SQL type. A list is written as JSON in the CSV."""
    if type_sql.endswith("[]"):
        return "array"
    return "number" if type_sql.startswith("DECIMAL") else _TYPES[type_sql]


def catalogue_scdl(fiche: Fiche, contenu: Contenu) -> str:
    """The line of the open data catalogue of a local authority (SCDL « catalogue »), with its header."""
    editeur, siret = os.environ.get(EDITEUR, SANS_EDITEUR), os.environ.get(SIRET, "")
    jour = fiche.publie_le.date().isoformat()
    debut, fin = fiche.annees or (None, None)
    formats = sorted({GENRES_FICHIERS[c.rsplit(".", 1)[1]][1] for c in contenu.sommes})
    ligne = {
        "COLL_NOM": editeur,
        "COLL_SIRET": siret,
        "ID": f"observatoire-associatif-{fiche.code_departement.lower()}",
        "TITRE": titre(fiche),
        "DESCRIPTION": description(fiche),
        "THEME": "Vie associative",
        "PRODUCTEUR_NOM": editeur,
        "PRODUCTEUR_SIRET": siret,
        "COUV_SPAT_MAILLE": "Commune",
        "COUV_SPAT_NOM": fiche.departement,
        "COUV_TEMP_DEBUT": f"{debut}-01-01" if debut else "",
        "COUV_TEMP_FIN": f"{fin}-12-31" if fin else "",
        "DATE_PUBL": jour,
        "FREQ_MAJ": "Irrégulière",
        "DATE_MAJ": jour,
        "MOTS_CLES": ";".join(MOTS),
        "LICENCE": licence()["nom"],
        "NOMBRE_RESSOURCES": str(len(contenu.sommes)),
        "FORMAT_RESSOURCES": ";".join(formats),
        "URL": os.environ.get(ADRESSE, ""),
    }
    flux = io.StringIO(newline="")
    ecrivain = csv.DictWriter(flux, list(ligne), lineterminator="\r\n")
    ecrivain.writeheader()
    ecrivain.writerow(ligne)
    return flux.getvalue()


def dcat(fiche: Fiche, contenu: Contenu) -> dict[str, Any]:
    """DCAT description of the public set, in JSON-LD; one distribution by file."""
    adresse = os.environ.get(ADRESSE, "").rstrip("/")
    dite = licence()
    droits = {"@id": dite["adresse"]} if "adresse" in dite else dite["nom"]
    jeu: dict[str, Any] = {
        "@id": f"{adresse}/api/" if adresse else f"urn:observatoire:{fiche.code_departement}",
        "@type": "dcat:Dataset",
        "dct:title": {"@value": titre(fiche), "@language": "fr"},
        "dct:description": {"@value": description(fiche), "@language": "fr"},
        "dct:identifier": f"observatoire-associatif-{fiche.code_departement.lower()}",
        "dct:issued": {"@value": _instant(fiche.publie_le), "@type": "xsd:dateTime"},
        "dct:modified": {"@value": _instant(fiche.publie_le), "@type": "xsd:dateTime"},
        "dct:language": {"@id": "http://publications.europa.eu/resource/authority/language/FRA"},
        "dct:accrualPeriodicity": {"@id": "http://publications.europa.eu/resource/authority/frequency/IRREG"},
        "dct:publisher": {"@type": "foaf:Organization", "foaf:name": os.environ.get(EDITEUR, SANS_EDITEUR)},
        "dct:license": droits,
        "dct:spatial": {"@type": "dct:Location", "rdfs:label": fiche.departement},
        "dcat:version": str(fiche.version),
        "dcat:keyword": [{"@value": m, "@language": "fr"} for m in MOTS],
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dct:title": chemin,
                "dcat:accessURL": {"@id": f"{adresse}/api/" if adresse else chemin},
                "dcat:mediaType": GENRES_FICHIERS[chemin.rsplit(".", 1)[1]][0],
                "dcat:byteSize": contenu.octets[chemin],
                "dct:license": droits,
                "spdx:checksum": {
                    "@type": "spdx:Checksum",
                    "spdx:algorithm": {"@id": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"},
                    "spdx:checksumValue": somme,
                },
            }
            for chemin, somme in sorted(contenu.sommes.items())
        ],
    }
    if fiche.annees:
        jeu["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": f"{fiche.annees[0]}-01-01", "@type": "xsd:date"},
            "dcat:endDate": {"@value": f"{fiche.annees[1]}-12-31", "@type": "xsd:date"},
        }
    espaces = {
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "spdx": "http://spdx.org/rdf/terms#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
    return {"@context": espaces, **jeu}


def lisez_moi(fiche: Fiche, contenu: Contenu) -> str:
    """How to open the set, what it holds, how to check it and to quote it."""
    tables = "\n".join(
        f"| `{nom}` | {ecrire_nombre(n)} | {texte} |"
        for nom, texte, n in fiche.tables
        if nom != "_publication"
    )
    sources = "\n".join(
        f"- {s['titre']} ({s['producteur']}), {s['licence']}, {s['extrait_le']}" for s in fiche.sources
    )
    garde = (
        "\n**Accès restreint.** Ce dossier contient des réponses d’associations : ne le recopiez pas, ne le publiez "
        "pas. Les chiffres que l’on peut citer sont ceux de la table `mesures`.\n"
        if contenu.analyse
        else ""
    )
    limite = " pour les chiffres de `mesures` ; aucune pour les réponses" if contenu.analyse else ""
    return f"""# {titre(fiche, analyse=contenu.analyse)}

{description(fiche, analyse=contenu.analyse)}
{garde}
Licence : {licence()["nom"]}{limite}. Pour citer : observatoire de la vie associative, {fiche.departement}, publication n° {fiche.version}.

## Ouvrir

`{contenu.nom_fichier}` contient tout (DuckDB 1.2 ou plus récent) :

```python
import duckdb

con = duckdb.connect("{contenu.nom_fichier}", read_only=True)
con.sql("from pub.indicateur_territoire_annee limit 5")
con.sql("select valeur('participations', '{fiche.code_departement}', {fiche.annees[1] if fiche.annees else 2025})")
con.sql("from meta.dictionnaire")
```

Les mêmes tables existent en `parquet/` et en `csv/` (UTF-8, virgule, point décimal, vide = absent).

Schémas du fichier : `pub` (à lire d’abord), `mesure`, `ref`, `source`, `meta` (dictionnaire, sources, contrôles,
requêtes d’exemple). Un chiffre masqué n’a pas de valeur : son `statut` dit pourquoi.

## Tables

| Table | Lignes | Contenu |
|---|---|---|
{tables}

## Sources

{sources}

## Vérifier

```
sha256sum --check SHA256SUMS
```
"""


def changements(fiche: Fiche, comparaison: Comparaison | None) -> str:
    """Which figures moved since the previous publication, and why."""
    entete = f"# Publication n° {fiche.version} du {date_courte(fiche.publie_le.date())}\n"
    if comparaison is None:
        return f"{entete}\nPas de publication plus ancienne à laquelle comparer celle-ci.\n"
    return f"{entete}\n" + "\n".join(lignes_comparaison(comparaison)) + "\n"


def lignes_comparaison(c: Comparaison) -> Iterator[str]:
    """A comparison in Markdown."""
    yield f"Par rapport à la publication n° {c.avant} : " + (
        f"aucun chiffre n’a bougé ({ecrire_nombre(c.communs)} comparés)."
        if c.pareilles
        else ", ".join(f"{ecrire_nombre(n)} {GENRES[g]}" for g, n in c.nombres.items() if n)
        + f" ; {ecrire_nombre(c.communs)} comparés."
    )
    yield "\n## Pourquoi\n"
    yield from (f"- {texte}" for texte in (*raisons(c),) or ("Rien ne diffère.",))
    if c.par_indicateur:
        yield "\n## Indicateurs touchés\n"
        yield from (f"- {titre} (`{nom}`) : {accord(nb, 'chiffre')}" for nom, titre, nb in c.par_indicateur)
    if c.mouvements:
        yield f"\n## Chiffres\n\n{entete_des_mouvements(c)}\n"
        yield "| Chiffre | Avant | Après |\n|---|---|---|"
        yield from (
            f"| `{cle(m)}` | {_dire(m.avant, m.statut_avant)} | {_dire(m.apres, m.statut_apres)} |"
            for m in c.mouvements[:MONTRES]
        )


def entete_des_mouvements(c: Comparaison) -> str:
    """How many figures the list shows."""
    total = sum(c.nombres.values())
    montres = min(len(c.mouvements), MONTRES)
    return (
        "Tous les chiffres qui ont bougé."
        if montres == total
        else f"Les {montres} premiers sur {ecrire_nombre(total)} ; « observatoire publications comparer {c.avant} {c.apres} --json » les donne tous."
    )


def cle(m: Mouvement) -> str:
    """Place of a figure, as its identifier writes it."""
    reste = [x for x in (m.domaine, m.financeur) if x != "tous"]
    return ".".join([m.indicateur, str(m.millesime), f"{m.niveau}-{m.code_territoire}", *reste, m.vue])


def _dire(valeur: float | None, statut: str | None) -> str:
    if valeur is not None:
        return ecrire_nombre(valeur, 3)
    return {"secret": "s. s.", "non_publie": "n. p.", None: "—"}.get(statut, "tu")
