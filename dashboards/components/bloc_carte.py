"""Blocks of the page « Carte »: the map, the sheet of the chosen territory, the sorted table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

import streamlit as st

from dashboards import affichage, chiffre, fonds, lecture, lecture_derivees, textes, vue_carte, vues
from dashboards import format_fr as fr
from dashboards.components import (
    cadre,
    carte_chiffre,
    export,
    filtres,
    images,
    mention,
    requete,
    tableau,
)
from dashboards.components import carte as composant
from dashboards.components.donnees import Publication
from dashboards.components.tableau import Colonne
from dashboards.figures import carte_image, carte_svg, classes
from dashboards.lecture_derivees import Demande
from dashboards.modeles import Mesure, Territoire
from dashboards.vue_carte import Vue
from observatoire.territoire.carte import COUCHES, fond
from observatoire.territoire.territoire import DepartementAbsent

COLONNES = 5
# A rate that nearly every territory shows.
D_OFFICE = "subventions_par_habitant"


def choisir_vue(pub: Publication) -> Vue:
    """Filters of the map."""
    carte = filtres.indicateur(pub, D_OFFICE)
    with filtres.grille(4):
        annee = filtres.annee(pub)
        maille = filtres.niveau(pub, tuple(reversed(COUCHES)), filtres.MAILLE)
        code, libelle = filtres.domaine(pub, maille)
        demandee = filtres.vue()
    avec_registre = pub.lire(lecture.est_ponderee)
    filtres.dire_vue(demandee, avec_registre)
    vue, raison = vues.pour_indicateur(carte, demandee, maille, avec_registre=avec_registre)
    par_habitant = carte.additif and st.toggle(
        "Rapporter à la population", key="habitants", bind="query-params"
    )
    return Vue(carte, annee, maille, code, libelle, par_habitant, vue, raison)


def mentions(vue: Vue, pub: Publication, mesures: Mapping[str, Mesure]) -> mention.Paires:
    """What the map and its table rest on."""
    nb = sum(1 for m in mesures.values() if m.valeur is not None)
    appuis = [m.n_repondants for m in mesures.values() if m.valeur is not None and m.n_repondants]
    de_a = f", de {fr.nombre(min(appuis))} à {fr.nombre(max(appuis))} par territoire" if appuis else ""
    return mention.paires(
        vue=vues.libelle(vue.carte, vue.vue),
        methode=chiffre.methode(vue.carte, vue.vue),
        reponses=f"{affichage.titre_repondants(vue.carte).lower()} de {fr.accord(nb, 'territoire publié', 'territoires publiés')}{de_a}",
        source=vue.carte.source,
        annee=vue.annee,
        edition=pub.edition,
    )


def _demande(vue: Vue, *codes: str) -> Demande:
    """What is asked of `lecture_derivees`: the figures of the map, divided by the inhabitants."""
    voulue = (vue.carte.indicateur, vue.vue, vue.base)
    return Demande((voulue,), vue.annee, vue.maille, vue.domaine, codes=codes)


def _tirees(vue: Vue, pub: Publication, mesures: Mapping[str, Mesure]) -> dict[str, float | None]:
    """Values drawn, by territory: as they are published, or divided by the inhabitants."""
    if vue.par_habitant:
        mesures = {m.code: m for m in pub.lire(lecture_derivees.rapportees, _demande(vue))}
    lues = {code: m.valeur for code, m in mesures.items()}
    return {t.code: lues.get(t.code) for t in pub.lire(lecture.territoires) if t.niveau == vue.maille}


def _requetes(vue: Vue, pub: Publication, mesures: Mapping[str, Mesure]) -> tuple[str, ...]:
    """Queries of the map and of its table: figures, and the same divided by the inhabitants when they are."""
    divisees = pub.requetes(lecture_derivees.rapportees, _demande(vue)) if vue.par_habitant else ()
    return requete.des(mesures.values(), *divisees)


def carte(vue: Vue, pub: Publication, mesures: Mapping[str, Mesure], choisi: str | None) -> None:
    """The map; a click chooses the territory in the list."""
    lieux = [t for t in pub.lire(lecture.territoires) if t.niveau == vue.maille]
    try:
        contours = fond(pub.departement, vue.maille)
    except DepartementAbsent as absent:
        st.info(str(absent), icon=":material/info:")
        return
    tirees = _tirees(vue, pub, mesures)
    classement = classes.classer([t.code for t in lieux], mesures, tirees)
    bulles = {t.code: vue_carte.bulle(vue, t, mesures.get(t.code), tirees[t.code]) for t in lieux}
    cercles = carte_svg.cercles(contours, tirees) if vue.en_cercles else []
    alt = vue_carte.alt(vue, classement)
    unite = vue.libelle_valeur if vue.par_habitant else vue.carte.unite
    decimales = None if vue.par_habitant else vue.carte.decimales
    entrees = carte_svg.legende(classement, unite, decimales, etats_seuls=bool(cercles))
    ronds = carte_svg.legende_cercles(tirees, unite, decimales) if cercles else []
    par_code = {t.code: t for t in lieux}

    def au_choix(code: str) -> None:
        if code in par_code:
            st.session_state[filtres.ZONE] = par_code[code]

    def image() -> str:
        entiere = carte_svg.dessiner(contours, classement, bulles, alt, choisi, cercles=cercles)
        dites, fictif = mentions(vue, pub, mesures), textes.FICTIF_NU if pub.edition.fictif else ""
        return carte_image.svg(entiere, contours, vue.titre, entrees, ronds, dites, fictif)

    svg = carte_svg.dessiner(contours, classement, bulles, alt, choisi, cercles=cercles, traces=False)
    figure = composant.html(
        svg,
        entrees,
        vue.titre,
        contours["sources"],
        carte_svg.unites_par_pixel(contours),
        mentions(vue, pub, mesures),
        _requetes(vue, pub, mesures),
        ronds,
    )
    composant.afficher(figure, f"carte-{vue.maille}", au_choix, fonds.adresse(pub.departement, vue.maille))
    _images(vue, pub, image)
    if not classement.classes:
        st.info("Cet indicateur n’a aucune valeur publiée à cette échelle.", icon=":material/info:")


def _images(vue: Vue, pub: Publication, image: Callable[[], str]) -> None:
    """The map to download, with its legend and what it rests on; drawn when somebody clicks."""
    nom = export.nom_fichier(
        "carte", vue.carte.indicateur, vue.maille, vue.annee, vue.domaine, vue.vue,
        "par-habitant" if vue.par_habitant else "", f"publication-{pub.edition.version}",
    )  # fmt: skip
    images.boutons(nom, lambda: carte_image.png(image()), lambda: image().encode())


def avertissements(vue: Vue) -> None:
    """How to read this map without being misled."""
    est_subvention = vue.carte.des_financeurs
    ponderee = vue.vue != vues.REPONDANTES
    phrases = [vue.raison] if vue.raison else []
    if ponderee:
        phrases.append(textes.INDICATIF_LONG)
    else:
        phrases.append(textes.SUBVENTIONS if est_subvention else textes.REPONDANTES)
    if vue.par_habitant and not est_subvention and not ponderee:
        phrases.append(textes.PAR_HABITANT)
    if vue.carte.additif and not vue.par_habitant:
        phrases.append(textes.TOTAUX)
    if not est_subvention:
        phrases.append(textes.COMMUNE_DECLAREE)
    phrases += [textes.HACHURES, textes.SANS_CONTOUR]
    st.html(f'<div class="ob-note">{"".join(f"<p>{p}</p>" for p in phrases)}</div>')


def fiche(vue: Vue, pub: Publication, lieu: Territoire | None, mesures: Mapping[str, Mesure]) -> None:
    """The figure card of the chosen territory, with the way to its page of figures."""
    if lieu is None:
        st.html(
            '<div class="ob-note"><p>Choisissez un territoire dans la liste ou sur la carte '
            "pour lire son chiffre.</p></div>"
        )
        return
    population = f"{fr.nombre(lieu.population)} habitants" if lieu.population else ""
    note = " · ".join(filter(None, (population, lieu.note)))
    rapportee = _tirees(vue, pub, mesures)[lieu.code]
    soit = (
        f"{vue.carte.titre}{fr.INSECABLE}: {fr.utile(rapportee)} {vue.libelle_valeur}."
        if vue.par_habitant and rapportee
        else ""
    )
    divisees = pub.requetes(lecture_derivees.rapportees, _demande(vue, lieu.code)) if soit else ()
    requetes = (*pub.requetes_habitants([lieu]), *divisees)
    st.html(
        f'<div class="ob-fiche" {mention.COMPTE}="{mention.reference(pub.edition)}">'
        f"<h3>{escape(lieu.libelle)}</h3><p>{escape(note)}</p><p>{escape(soit)}</p>{requete.volet(requetes)}</div>"
    )
    departement = pub.lire(
        lecture.carte, vue.carte.indicateur, vue.annee, "departement", vue.domaine, vue.vue
    ).get(pub.departement)
    cadrage = chiffre.Cadrage(
        lieu, vue.annee, vue.domaine, vue.domaine_libelle, vue.vue, pub.edition,
        pub.lire(lecture.est_ponderee),
    )  # fmt: skip
    retenue = vues.Retenue(mesures.get(lieu.code), vue.vue, vue.raison)
    nom = cadre.nom_departement(pub)
    carte_chiffre.afficher(chiffre.Chiffre(vue.carte, retenue, cadrage, departement, nom), pub)
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
    tirees = _tirees(vue, pub, mesures)
    lieux.sort(key=lambda t: (tirees[t.code] is None, -(tirees[t.code] or 0), t.libelle))
    colonnes = [
        Colonne("Territoire", entete_de_ligne=True),
        Colonne(vue.libelle_valeur[:1].upper() + vue.libelle_valeur[1:], nombre=True),
        Colonne("Intervalle", nombre=True),
        Colonne(affichage.titre_repondants(vue.carte), nombre=True),
        Colonne("Fiabilité"),
    ]
    if vue.par_habitant or not any(affichage.est_estimee(m) for m in mesures.values()):
        del colonnes[2]
    lignes, lignes_export = [], []
    for lieu in lieux:
        mesure = mesures.get(lieu.code)
        nom = f"{lieu.libelle} ({lieu.note})" if lieu.note else lieu.libelle
        texte = vue_carte.texte_valeur(vue, mesure, tirees[lieu.code])
        intervalle = [affichage.bornes(vue.carte, mesure)] if len(colonnes) == COLONNES else []
        repondantes, etat = affichage.nombre_repondants(mesure), affichage.etat(mesure).libelle
        lignes.append([nom, texte, *intervalle, repondantes, etat])
        if mesure is not None:
            lignes_export.append(
                export.ligne_mesure(
                    mesure, vue.carte, pub, territoire=lieu.libelle, population=lieu.population
                )
            )
    marquee = next((rang for rang, t in enumerate(lieux) if t.code == choisi), None)
    nom_vue = vues.libelle(vue.carte, vue.vue)
    tableau.afficher(
        colonnes,
        lignes,
        f"Valeurs, de la plus élevée à la plus faible. Vue{fr.INSECABLE}: {nom_vue}",
        nom=vue.titre,
        defilant=True,
        marquee=marquee,
        provenance=mentions(vue, pub, mesures),
        requetes=_requetes(vue, pub, mesures),
    )
    filtres_dits = (("Année", str(vue.annee)), ("Domaine", vue.domaine_libelle), ("Vue", nom_vue))
    export.boutons(
        lignes_export, pub, vue.carte.indicateur, vue.maille, vue.annee, vue.domaine, vue.vue,
        notice=export.Notice(vue.titre, filtres_dits, (vue.carte,)),
    )  # fmt: skip
