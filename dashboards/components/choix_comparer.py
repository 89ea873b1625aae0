"""What « Comparer » compares: the territories and figures chosen, and what is read for them, with its queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from dashboards import comparaison, lecture, lecture_comparer, lecture_derivees, textes, voisins, vues
from dashboards.components import filtres, requete
from dashboards.components.donnees import Publication
from dashboards.lecture_derivees import Ecart
from dashboards.modeles import Indicateur, Mesure, Territoire
from dashboards.voisins import Profil
from dashboards.vue_carte import base
from observatoire.territoire.carte import fond
from observatoire.territoire.territoire import DepartementAbsent

AVEC, THEME, HABITANTS = "avec", "theme", "rapporte"
MAXIMUM, D_OFFICE = 3, 2
NIVEAUX = ("epci", "commune", "canton", "arrondissement", "qpv", "regroupement")
# View of an indicator, and its figures in the order of the territories.
Lue = tuple[str, list[Mesure | None]]
# Districts and groupings of communes may overlap, and so share respondents.
SEPARES = ("arrondissement", "epci", "canton", "commune", "qpv")


@dataclass(frozen=True, slots=True)
class Comparaison:
    """Which territories, which figures: the first territory is the one the others are read beside."""

    lieux: tuple[Territoire, ...]
    annee: int
    cartes: tuple[Indicateur, ...]
    theme: str
    vue: str
    rapportee: bool
    profils: Mapping[str, Profil]

    @property
    def niveau(self) -> str:
        """Level of the territories."""
        return self.lieux[0].niveau

    @property
    def independants(self) -> bool:
        """True when no association may answer in two of the territories."""
        return self.niveau in SEPARES


@st.cache_resource(max_entries=8, show_spinner=False)
def _surfaces(departement: str) -> dict[str, float]:
    """Area of each commune; empty when the département has no outlines."""
    try:
        contours = fond(departement, "commune")
    except DepartementAbsent:
        return {}
    echelle = float(contours["metres_par_unite"])
    return {c: voisins.surface_km2(chemin, echelle) for c, chemin in contours["chemins"].items()}


def _profils(pub: Publication, niveau: str) -> dict[str, Profil]:
    lieux = [t for t in pub.lire(lecture.territoires) if t.niveau == niveau]
    return voisins.profils(lieux, pub.lire(lecture_comparer.communes_de, niveau), _surfaces(pub.departement))


def choisir(pub: Publication) -> Comparaison:
    """Filters: a territory, those to read beside it (the most alike first), a theme, a view."""
    themes = dict.fromkeys(c.theme for c in pub.lire(lecture.indicateurs))
    libelles = {c.theme: c.libelle_theme or c.theme for c in pub.lire(lecture.indicateurs)}
    with filtres.grille(5):
        niveau = filtres.niveau(pub, NIVEAUX)
        lieu = filtres.territoire(pub, niveau)
        annee = filtres.annee(pub)
        theme_ = st.selectbox(
            "Thème",
            [libelles[t] for t in themes],
            key=THEME,
            bind="query-params",
        )
        vue = filtres.vue()
    profils = _profils(pub, niveau)
    pareils = voisins.proches(lieu.code, profils)
    sans_population = [
        t for t in pub.lire(lecture.territoires)
        if t.niveau == niveau and t.code not in profils and t.code != lieu.code
    ]  # fmt: skip
    par_nom = {t.etiquette: t for t in [*(p.lieu for p in pareils), *sans_population]}
    choisis = st.multiselect(
        f"Comparer avec (au plus {MAXIMUM}, du plus semblable au moins semblable)",
        list(par_nom),
        key=f"{AVEC}_{niveau}",
        bind="query-params",
        max_selections=MAXIMUM,
        placeholder=f"Sans choix, les {D_OFFICE} plus semblables",
    )
    autres = [par_nom[nom] for nom in choisis if nom in par_nom][:MAXIMUM]
    if not autres:
        autres = list(par_nom.values())[:D_OFFICE]
    rapportee = st.toggle("Rapporter les totaux à la population", key=HABITANTS, bind="query-params")
    filtres.dire_vue(vue, pub.lire(lecture.est_ponderee))
    cartes = tuple(c for c in pub.lire(lecture.indicateurs) if libelles[c.theme] == theme_)
    return Comparaison((lieu, *autres), annee, cartes, theme_, vue, rapportee, profils)


def mesures(c: Comparaison, pub: Publication) -> dict[str, Lue]:
    """View and figures of each indicator, in the order of the territories: one view for all of them."""
    fiches = [pub.lire(lecture.fiche, c.annee, t.niveau, t.code, textes.TOUS) for t in c.lieux]
    avec_registre = pub.lire(lecture.est_ponderee)
    lues = {}
    for carte in c.cartes:
        vue, _ = vues.pour_indicateur(carte, c.vue, c.niveau, avec_registre=avec_registre)
        brutes = [fiche.get(carte.indicateur, {}).get(vue) for fiche in fiches]
        if any(m is not None for m in brutes):
            lues[carte.indicateur] = (vue, brutes)
    return lues


def _demande(c: Comparaison, lues: Mapping[str, Lue]) -> lecture_derivees.Demande:
    """What is asked of `lecture_derivees`: each indicator with its view, divided by the inhabitants or not."""
    voulues = tuple(
        (x.indicateur, lues[x.indicateur][0], base(x) if c.rapportee and x.additif else 0)
        for x in c.cartes
        if x.indicateur in lues
    )
    codes = tuple(t.code for t in c.lieux)
    return lecture_derivees.Demande(voulues, c.annee, c.niveau, textes.TOUS, comparaison.BASE_MINIMALE, codes)


def montrees(c: Comparaison, lues: Mapping[str, Lue], pub: Publication) -> dict[str, list[Mesure | None]]:
    """The figures as they are shown: divided by the inhabitants when that is asked for and means something."""
    if not c.rapportee:
        return {nom: brutes for nom, (_, brutes) in lues.items()}
    rapportees = pub.lire(lecture_derivees.rapportees, _demande(c, lues))
    par_lieu = {(m.indicateur, m.code): m for m in rapportees}
    return {nom: [par_lieu.get((nom, t.code)) for t in c.lieux] for nom in lues}


def ecarts(c: Comparaison, lues: Mapping[str, Lue], pub: Publication) -> dict[tuple[str, str], Ecart]:
    """What separates each territory from the first one, by indicator and code."""
    lus = pub.lire(lecture_derivees.ecarts, _demande(c, lues))
    return {(e.indicateur, e.code): e for e in lus}


def requetes(
    c: Comparaison, lues: Mapping[str, Lue], pub: Publication, *, avec_ecarts: bool = False
) -> tuple[str, ...]:
    """Queries of these figures, of the same divided by the inhabitants, and of their differences."""
    demande = _demande(c, lues)
    autres = pub.requetes(lecture_derivees.rapportees, demande) if c.rapportee else ()
    if avec_ecarts:
        autres += pub.requetes(lecture_derivees.ecarts, demande)
    return requete.des((m for _, ms in lues.values() for m in ms), *autres)
