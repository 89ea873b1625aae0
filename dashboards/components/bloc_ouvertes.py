"""Blocks of « Données ouvertes »: the files, under which licence, how to quote and to query them."""

from __future__ import annotations

import hashlib
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards import lecture, lecture_comparer, textes
from dashboards.components import cadre, export, mention, tableau
from dashboards.components.donnees import Publication
from dashboards.components.tableau import Colonne, Lien
from dashboards.contenus.requetes import lire_requetes
from observatoire.publications.licence import licence
from observatoire.storage.fichiers import JEU

_BLOC = 1 << 20
# What each address gives, in the order in which most readers need it.
FICHIERS = (
    ("api/mesures.csv", "Tous les chiffres", "CSV technique (virgule, point, UTF-8)"),
    ("api/mesures.csv?niveau=epci,departement", "Les chiffres des intercommunalités", "le même, filtré"),
    ("api/mesures.metadata.json", "Ce que disent les colonnes et les indicateurs", "JSON"),
    ("api/publication.duckdb", "La publication entière", "base DuckDB"),
    ("api/publication/SHA256SUMS", "Les empreintes des fichiers", "texte"),
)
# Notices of the folder to carry away, when the publication has one.
DOSSIER = "api/publication/dossier/"
NOTICES = (
    ("LISEZMOI.md", "Comment ouvrir, vérifier et citer", "texte"),
    ("CHANGELOG.md", "Les chiffres qui ont bougé depuis la publication précédente, et pourquoi", "texte"),
    ("datapackage.json", "Chaque table et chaque colonne", "JSON"),
    ("catalogue_scdl.csv", "Une ligne pour le catalogue d’une collectivité", "SCDL"),
    ("dcat.jsonld", "Une fiche pour un portail de données", "DCAT"),
)


@st.cache_resource(max_entries=8, show_spinner=False)
def empreinte(identite: str, _chemin: Path) -> str:
    """SHA-256 of the file of a publication."""
    somme = hashlib.sha256()
    with _chemin.open("rb") as flux:
        while bloc := flux.read(_BLOC):
            somme.update(bloc)
    return somme.hexdigest()


def fichiers(pub: Publication) -> None:
    """What may be downloaded, and how to check that it came whole."""
    cadre.section("Fichiers", "Les mêmes chiffres que ces pages, déjà protégés par le secret statistique.")
    lignes: list[list[tableau.Cellule]] = [
        [Lien(titre, adresse), forme, adresse] for adresse, titre, forme in (*FICHIERS, *_notices(pub))
    ]
    tableau.afficher(
        [Colonne("Fichier", entete_de_ligne=True), Colonne("Forme"), Colonne("Adresse")],
        lignes,
        "Fichiers à télécharger",
    )
    st.html(
        f'<div class="ob-note"><p>Chaque table existe aussi en Parquet{fr.INSECABLE}: '
        f"<code>api/publication/parquet/NOM.parquet</code>. Un chiffre seul{fr.INSECABLE}: "
        "<code>api/figure/IDENTIFIANT.json</code>, avec l’identifiant écrit sous le chiffre.</p></div>"
    )
    st.html(
        '<div class="ob-note"><p>Empreinte SHA-256 du fichier DuckDB, pour vérifier qu’il est entier.</p></div>'
    )
    st.code(f"{empreinte(pub.identite, pub.chemin)}  {pub.chemin.name}", language=None, wrap_lines=True)


def _notices(pub: Publication) -> list[tuple[str, str, str]]:
    racine = pub.chemin.parent / JEU.nom(pub.edition.version)
    return [(f"{DOSSIER}{nom}", titre, forme) for nom, titre, forme in NOTICES if (racine / nom).is_file()]


def tables(pub: Publication) -> None:
    """Tables of the publication, and the dictionary of their columns to download."""
    cadre.section("Contenu", "Chaque table et chaque colonne porte un commentaire dans le fichier.")
    lignes: list[list[tableau.Cellule]] = [
        [Lien(nom, f"api/publication/parquet/{nom}.parquet"), fr.nombre(nb), fr.nombre(colonnes)]
        for nom, nb, colonnes in pub.lire(lecture_comparer.tables)
    ]
    tableau.afficher(
        [
            Colonne("Table (Parquet)", entete_de_ligne=True),
            Colonne("Lignes", nombre=True),
            Colonne("Colonnes", nombre=True),
        ],
        lignes,
        "Tables de la publication",
        defilant=True,
        provenance=mention.paires(
            vue="sans objet",
            methode="lignes de chaque table",
            reponses="sans objet",
            source="publication elle-même",
            annee=", ".join(str(a) for a in pub.lire(lecture.annees)),
            edition=pub.edition,
        ),
        requetes=pub.requetes(lecture_comparer.tables),
    )
    champs: list[dict[str, Any]] = [
        {**x, "publication": pub.edition.version} for x in pub.lire(lecture_comparer.dictionnaire)
    ]
    if not champs:
        champs = [
            {"indicateur": c.indicateur, "titre": c.titre, "definition": c.definition, "unite": c.unite,
             "publication": pub.edition.version}
            for c in pub.lire(lecture.indicateurs)
        ]  # fmt: skip
    export.boutons(champs, pub, "dictionnaire", notice=export.Notice("Dictionnaire des colonnes"))


def citer(pub: Publication) -> None:
    """Licence, and the line to write under a figure."""
    cadre.section(
        "Licence et citation", "Ces données peuvent être reprises, à condition de dire d’où elles viennent."
    )
    dite = licence()
    nom = escape(dite["nom"])
    lien = (
        f' (<a href="{escape(dite["adresse"])}">{escape(dite["adresse"])}</a>)' if dite.get("adresse") else ""
    )
    st.html(
        f'<div class="ob-texte"><p>Licence{fr.INSECABLE}: {nom}{lien}.</p><p>Pour citer l’ensemble{fr.INSECABLE}:</p></div>'
    )
    st.code(
        f"{textes.NOM}, {cadre.nom_departement(pub)}, {mention.reference(pub.edition)}. {dite['nom']}.",
        language=None,
        wrap_lines=True,
    )
    st.html(
        '<div class="ob-texte"><p>Pour citer un chiffre, ajoutez son identifiant, écrit dans «\u00a0D’où vient ce '
        "chiffre\u202f?\u00a0»\u00a0: il dit l’indicateur, l’année, le territoire, la vue et la publication. Un chiffre change "
        "d’une publication à l’autre\u202f; l’identifiant garde la trace de celle qui a été lue.</p></div>"
    )


def requetes(pub: Publication) -> None:
    """Queries to copy."""
    cadre.section(
        "Exemples de requêtes",
        "À lancer sur le fichier DuckDB, avec l’outil en ligne de commande ou depuis Python.",
    )
    st.code(
        f'import duckdb\n\ncon = duckdb.connect("{pub.chemin.name}", read_only=True)\n'
        'con.sql("select * from mesures limit 5")',
        language="python",
        wrap_lines=True,
    )
    for requete in lire_requetes():
        st.html(f'<div class="ob-texte"><h3>{escape(requete.titre)}</h3></div>')
        st.code(requete.sql, language="sql", wrap_lines=True)
