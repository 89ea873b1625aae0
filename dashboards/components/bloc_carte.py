"""Blocks of the page « Carte »: the map, the sheet of the chosen territory, the sorted table."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from dashboards import affichage, lecture, textes, vue_carte
from dashboards import format_fr as fr
from dashboards.components import carte as composant
from dashboards.components import export, filtres, tableau
from dashboards.components.donnees import Publication
from dashboards.components.tableau import Colonne
from dashboards.figures import carte_svg, classes
from dashboards.modeles import Mesure, Territoire
from dashboards.vue_carte import Vue
from observatoire.territoire.carte import COUCHES, fond
from observatoire.territoire.territoire import DepartementAbsent


def choisir_vue(pub: Publication) -> Vue:
    """Filters of the map."""
    with filtres.grille():
        carte = filtres.indicateur(pub)
        annee = filtres.annee(pub)
        maille = filtres.niveau(pub, tuple(reversed(COUCHES)), filtres.MAILLE)
        code, libelle = filtres.domaine(pub, maille)
    par_habitant = carte.additif and st.toggle(
        "Rapporter à la population", key="habitants", bind="query-params"
    )
    return Vue(carte, annee, maille, code, libelle, par_habitant)


def carte(vue: Vue, pub: Publication, mesures: Mapping[str, Mesure], choisi: str | None) -> None:
    """The map; a click chooses the territory in the list."""
    lieux = [t for t in pub.lire(lecture.territoires) if t.niveau == vue.maille]
    try:
        contours = fond(pub.departement, vue.maille)
    except DepartementAbsent as absent:
        st.info(str(absent), icon=":material/info:")
        return
    tirees = vue_carte.valeurs(vue, mesures, lieux)
    classement = classes.classer([t.code for t in lieux], mesures, tirees)
    bulles = {t.code: vue_carte.bulle(vue, t, mesures.get(t.code), tirees[t.code]) for t in lieux}
    svg = carte_svg.dessiner(contours, classement, bulles, vue_carte.alt(vue, classement), choisi)
    unite = vue.libelle_valeur if vue.par_habitant else vue.carte.unite
    entrees = carte_svg.legende(classement, unite, None if vue.par_habitant else vue.carte.decimales)
    par_code = {t.code: t for t in lieux}

    def au_choix(code: str) -> None:
        if code in par_code:
            st.session_state[filtres.ZONE] = par_code[code]

    figure = composant.html(
        svg, entrees, vue.titre, contours["sources"], carte_svg.unites_par_pixel(contours)
    )
    composant.afficher(figure, f"carte-{vue.maille}", au_choix)
    if not classement.classes:
        st.info("Cet indicateur n’a aucune valeur publiée à cette échelle.", icon=":material/info:")


def avertissements(vue: Vue) -> None:
    """How to read this map without being misled."""
    est_subvention = vue.carte.theme == "subventions"
    phrases = [textes.SUBVENTIONS if est_subvention else textes.REPONDANTES]
    if vue.par_habitant and not est_subvention:
        phrases.append(textes.PAR_HABITANT)
    if vue.carte.additif and not vue.par_habitant:
        phrases.append(textes.TOTAUX)
    if not est_subvention:
        phrases.append(textes.COMMUNE_DECLAREE)
    phrases.append(textes.HACHURES)
    st.html(f'<div class="ob-note">{"".join(f"<p>{p}</p>" for p in phrases)}</div>')


def fiche(vue: Vue, lieu: Territoire | None, mesures: Mapping[str, Mesure]) -> None:
    """The chosen territory in words, with the way to its page of figures."""
    if lieu is None:
        st.html(
            '<div class="ob-note"><p>Choisissez un territoire dans la liste ou sur la carte '
            "pour lire son chiffre.</p></div>"
        )
        return
    mesure = mesures.get(lieu.code)
    population = f"{fr.nombre(lieu.population)} habitants" if lieu.population else ""
    note = " · ".join(filter(None, (population, lieu.note)))
    valeur = f"<strong>{escape(affichage.valeur(vue.carte, mesure))}</strong>"
    rapportee = vue_carte.valeurs(vue, mesures, [lieu])[lieu.code]
    soit = f", soit {fr.utile(rapportee)} {vue.libelle_valeur}" if vue.par_habitant and rapportee else ""
    st.html(
        f'<div class="ob-fiche"><h3>{escape(lieu.libelle)}</h3><p>{escape(note)}</p>'
        f"<p>{escape(vue.carte.titre)}{fr.INSECABLE}: {valeur} "
        f"{escape(affichage.unite(vue.carte, mesure))}{escape(soit)}</p>"
        f"<p>{escape(affichage.precision(vue.carte, mesure))}</p></div>"
    )
    st.page_link(
        "app_pages/essentiel.py",
        label="Tous les chiffres de ce territoire",
        icon=":material/arrow_forward:",
        query_params={
            filtres.NIVEAU: textes.NIVEAUX[lieu.niveau],
            filtres.TERRITOIRE: lieu.etiquette,
        },
    )


def table(vue: Vue, pub: Publication, mesures: Mapping[str, Mesure], choisi: str | None) -> None:
    """All territories of the level, from the highest value to those without one, with downloads."""
    lieux = [t for t in pub.lire(lecture.territoires) if t.niveau == vue.maille]
    tirees = vue_carte.valeurs(vue, mesures, lieux)
    lieux.sort(key=lambda t: (tirees[t.code] is None, -(tirees[t.code] or 0), t.libelle))
    colonnes = [
        Colonne("Territoire", entete_de_ligne=True),
        Colonne(vue.libelle_valeur[:1].upper() + vue.libelle_valeur[1:], nombre=True),
        Colonne(affichage.titre_repondants(vue.carte), nombre=True),
        Colonne("État"),
    ]
    lignes, lignes_export = [], []
    for lieu in lieux:
        mesure = mesures.get(lieu.code)
        nom = f"{lieu.libelle} ({lieu.note})" if lieu.note else lieu.libelle
        texte = vue_carte.texte_valeur(vue, mesure, tirees[lieu.code])
        lignes.append([nom, texte, affichage.nombre_repondants(mesure), affichage.etat(mesure).libelle])
        if mesure is not None:
            lignes_export.append(
                export.ligne_mesure(
                    mesure, pub, territoire=lieu.libelle, population=lieu.population, unite=vue.carte.unite
                )
            )
    marquee = next((rang for rang, t in enumerate(lieux) if t.code == choisi), None)
    legende = "Valeurs, de la plus élevée à la plus faible"
    tableau.afficher(colonnes, lignes, legende, nom=vue.titre, defilant=True, marquee=marquee)
    export.boutons(lignes_export, pub, vue.carte.indicateur, vue.maille, vue.annee, vue.domaine)
