"""Blocks of the page « L’essentiel »: each shows a figure with its table, its sources and its downloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboards import affichage, lecture, textes
from dashboards import format_fr as fr
from dashboards.components import cadre, export, tableau
from dashboards.components.donnees import Publication
from dashboards.components.filtres import Choix
from dashboards.components.tableau import Colonne
from dashboards.figures import barres, theme
from dashboards.modeles import Indicateur, Mesure

REPONDANTES = "nb_associations_repondantes"


def grille() -> Any:
    """Container of the cards: three in a row on a wide screen, one on a phone."""
    return st.grid(3, min_column_width=300, gap="medium")


def chapeau_territoire(choix: Choix, fiche: Mapping[str, Mesure]) -> None:
    """Where, when, on how many answers the figures below rest."""
    territoire = choix.territoire
    morceaux = [f"{fr.nombre(territoire.population)} habitants"] if territoire.population else []
    if territoire.note:
        morceaux.append(territoire.note)
    reponses = fiche.get(REPONDANTES)
    if reponses is not None and reponses.valeur is not None:
        nb = int(reponses.valeur)
        dites = fr.accord(nb, "association a répondu", "associations ont répondu")
        morceaux.append(f"<strong>{dites}</strong> pour {choix.annee}")
    domaine = "" if choix.domaine == textes.TOUS else f" · {escape(choix.domaine_libelle)}"
    st.html(
        f'<div class="ob-fiche"><h2>{escape(territoire.libelle)} · {choix.annee}{domaine}</h2>'
        f"<p>{' · '.join(morceaux)}. {textes.REPONDANTES}</p></div>"
    )


def _encart(
    figure: go.Figure, alt: str, nom: str, colonnes: Sequence[Colonne], lignes: Sequence[Any]
) -> None:
    """A chart and, one tab away, the same data as a table."""
    graphique, table = st.tabs(["Graphique", "Tableau"], key=f"onglets-{nom}")
    with graphique:
        st.plotly_chart(figure, theme=None, config=theme.config(nom), alt=alt, key=f"graphique-{nom}")
    with table:
        tableau.afficher(colonnes, lignes, alt)


def _source(carte: Indicateur, pub: Publication) -> None:
    source = carte.source.rstrip(".")
    st.html(
        f'<div class="ob-note"><p>{escape(carte.definition)} Source{fr.INSECABLE}: {escape(source)}. '
        f"{escape(cadre.reference(pub))}.</p></div>"
    )


@st.cache_resource(max_entries=500, show_spinner=False)
def _figure_financeurs(mesures: tuple[Mesure, ...], unite: str) -> go.Figure:
    return barres.par_financeur(mesures, unite)


@st.cache_resource(max_entries=500, show_spinner=False)
def _figure_domaines(
    mesures: tuple[Mesure, ...], libelles: tuple[tuple[str, str], ...], unite: str
) -> go.Figure:
    return barres.par_domaine(mesures, dict(libelles), unite)


def subventions(carte: Indicateur, choix: Choix, pub: Publication) -> None:
    """Subsidies by funder and year."""
    lieu = choix.territoire
    cadre.section(f"{carte.titre} par financeur", f"{lieu.libelle}, {choix.domaine_libelle.lower()}")
    mesures = pub.lire(lecture.par_financeur, carte.indicateur, lieu.niveau, lieu.code, choix.domaine)
    if not mesures:
        st.info("Aucune subvention n’a été déposée pour ce territoire.", icon=":material/info:")
        return
    annees = sorted({m.millesime for m in mesures}, reverse=True)
    par_cle = {(m.financeur, m.millesime): m for m in mesures}
    noms = barres.financeurs_principaux(mesures, len(mesures))
    noms += sorted({m.financeur for m in mesures} - set(noms))
    colonnes = [Colonne("Financeur", entete_de_ligne=True), *(Colonne(str(a), nombre=True) for a in annees)]
    lignes = [
        [nom, *(affichage.valeur(carte, par_cle.get((nom, annee))) for annee in annees)] for nom in noms
    ]
    if len(noms) > barres.MAX_CATEGORIES or len(annees) > barres.MAX_SERIES:
        st.html(
            '<div class="ob-note"><p>Le graphique montre au plus les '
            f"{barres.MAX_CATEGORIES} premiers financeurs et les {barres.MAX_SERIES} dernières années"
            f"{fr.FINE}; le tableau les donne tous.</p></div>"
        )
    alt = f"{carte.titre} par financeur et par année, {lieu.libelle}, {choix.domaine_libelle.lower()}"
    _encart(_figure_financeurs(mesures, carte.unite), alt, "financeurs", colonnes, lignes)
    _source(carte, pub)
    lignes_export = [export.ligne_mesure(m, pub, territoire=lieu.libelle, unite=carte.unite) for m in mesures]
    export.boutons(lignes_export, pub, carte.indicateur, "financeurs", lieu.niveau, lieu.code, choix.domaine)


def par_domaine(carte: Indicateur, choix: Choix, pub: Publication) -> None:
    """One figure by sector; not shown for a commune, where sectors are not published."""
    lieu = choix.territoire
    if lieu.niveau == "commune":
        return
    mesures = pub.lire(lecture.par_domaine, carte.indicateur, choix.annee, lieu.niveau, lieu.code)
    if not any(m.valeur for m in mesures):
        return
    cadre.section(f"{carte.titre} par domaine", f"{lieu.libelle}, {choix.annee}")
    libelles = pub.lire(lecture.domaines)
    noms = dict(libelles)
    colonnes = [
        Colonne("Domaine", entete_de_ligne=True),
        Colonne(carte.unite.capitalize(), nombre=True),
        Colonne(affichage.titre_repondants(carte), nombre=True),
        Colonne("État"),
    ]
    triees = sorted(mesures, key=lambda m: (m.valeur is None, -(m.valeur or 0)))
    lignes = [
        [
            noms.get(m.domaine, m.domaine),
            affichage.valeur(carte, m),
            affichage.nombre_repondants(m),
            affichage.etat(m).libelle,
        ]
        for m in triees
    ]
    alt = f"{carte.titre} par domaine, {lieu.libelle}, {choix.annee}"
    _encart(_figure_domaines(mesures, libelles, carte.unite), alt, "domaines", colonnes, lignes)
    _source(carte, pub)
    lignes_export = [
        export.ligne_mesure(m, pub, territoire=lieu.libelle, domaine_libelle=noms.get(m.domaine, m.domaine))
        for m in triees
    ]
    export.boutons(lignes_export, pub, carte.indicateur, "domaines", lieu.niveau, lieu.code, choix.annee)


def tous_les_chiffres(
    cartes: Mapping[str, Indicateur], fiche: Mapping[str, Mesure], choix: Choix, pub: Publication
) -> None:
    """Every indicator of the territory in one table, with its download."""
    cadre.section(
        "Tous les indicateurs", f"{choix.territoire.libelle}, {choix.annee}, {choix.domaine_libelle.lower()}"
    )
    colonnes = [
        Colonne("Indicateur", entete_de_ligne=True),
        Colonne("Valeur", nombre=True),
        Colonne("Unité"),
        Colonne("Répondantes", nombre=True),
        Colonne("État"),
    ]
    lignes, lignes_export = [], []
    for identifiant, carte in cartes.items():
        mesure = fiche.get(identifiant)
        valeur, unite = affichage.valeur(carte, mesure), affichage.unite(carte, mesure)
        etat = affichage.etat(mesure).libelle
        lignes.append([carte.titre, valeur, unite, affichage.nombre_repondants(mesure), etat])
        if mesure is not None:
            lignes_export.append(export.ligne_mesure(mesure, pub, titre=carte.titre, unite=carte.unite))
    tableau.afficher(colonnes, lignes, f"Tous les indicateurs, {choix.territoire.libelle}, {choix.annee}")
    lieu = choix.territoire
    export.boutons(lignes_export, pub, "indicateurs", lieu.niveau, lieu.code, choix.annee, choix.domaine)
