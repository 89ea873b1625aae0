"""Page « Requêtes »: browse what the file holds, schema by schema, or look for a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun
from observatoire.domain.types._nettoyage import plier

if TYPE_CHECKING:
    from observatoire.requetes.contenu import Contenu, Table

SCHEMAS = {
    "enquete": "Réponses aux questionnaires",
    "ponderation": "Poids, cadre et registre",
    "mesure": "Chiffres publiés et redressement",
    "pub": "Chiffres publiés, codes et libellés côte à côte",
    "ref": "Territoires, domaines, constantes, fiches des indicateurs",
    "source": "Dépôts, anomalies, questionnaires",
    "meta": "Dictionnaire, contrôles, exemples",
    "main": "Les tables elles-mêmes, sous leur nom court",
}
TROUVEES = 60


def parcourir(contenu: Contenu) -> None:
    """Choose a schema, then a table; or find the columns that speak of something."""
    commun.section("Ce que contient le fichier", "Chaque colonne a son titre, son unité et sa définition.")
    with st.container(key="colonnes"):
        _choisir(contenu)


def _choisir(contenu: Contenu) -> None:
    cherche = st.text_input("Chercher un mot dans les colonnes", placeholder="bénévoles, poids, commune…")
    if cherche.strip():
        _trouver(contenu, cherche)
        return
    schemas = sorted(contenu.schemas, key=lambda s: list(SCHEMAS).index(s) if s in SCHEMAS else len(SCHEMAS))
    gauche, droite = st.columns(2)
    schema = gauche.selectbox("Schéma", schemas, format_func=lambda s: f"{s} — {SCHEMAS.get(s, s)}")
    tables = [t for t in contenu.tables if t.schema == schema]
    table = droite.selectbox("Table", tables, format_func=lambda t: t.nom)
    if table is not None:
        _montrer(table)


def _montrer(table: Table) -> None:
    commun.note(table.description)
    st.code(f"select *\nfrom {table.adresse}\nlimit 20", language="sql")
    tableau.afficher(
        [Colonne("Colonne", entete_de_ligne=True), *map(Colonne, ("Titre", "Unité", "Définition", "Type"))],
        [[c.nom, c.titre, c.unite, c.definition, c.genre.lower()] for c in table.colonnes_a_lire],
        f"Colonnes de {table.adresse}",
        defilant=True,
    )


def _trouver(contenu: Contenu, cherche: str) -> None:
    mots = plier(cherche).split()
    trouvees = [
        (t, c)
        for t in contenu.tables
        for c in t.colonnes_a_lire
        if all(mot in plier(f"{t.adresse} {c.nom} {c.titre} {c.definition}") for mot in mots)
    ]
    suite = f", les {TROUVEES} premières" if len(trouvees) > TROUVEES else ""
    commun.note(f"{fr.accord(len(trouvees), 'colonne trouvée', 'colonnes trouvées')}{suite}.")
    if trouvees:
        tableau.afficher(
            [
                Colonne("Table", entete_de_ligne=True),
                *map(Colonne, ("Colonne", "Titre", "Unité", "Définition")),
            ],
            [[t.adresse, c.nom, c.titre, c.unite, c.definition] for t, c in trouvees[:TROUVEES]],
            f"Colonnes qui parlent de «\u00a0{cherche.strip()}\u00a0»",
            defilant=True,
        )
