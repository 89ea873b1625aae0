"""Filters kept in the address of the page: year, level, territory, sector, indicator, view of the figures.

The address carries the label of the choice with its code (« Meaux (77284) »): readable, unique, and a
value that no longer exists falls back to the default.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboards import format_fr as fr
from dashboards import lecture, lecture_territoire, textes, vues
from dashboards.components.donnees import Publication
from dashboards.modeles import Indicateur, Territoire

ANNEE, NIVEAU, TERRITOIRE = "annee", "niveau", "territoire"
DOMAINE, INDICATEUR, MAILLE, ZONE, VUE = "domaine", "indicateur", "maille", "zone", "vue"
REFERENCE, LIEU = "reference", "lieu"


@dataclass(frozen=True, slots=True)
class Choix:
    """What the reader selected; `domaine` is a code, or « tous »; `vue` one of `dashboards.vues`.

    `reference`: the territory to read the figures beside, None for none.
    """

    annee: int
    territoire: Territoire
    domaine: str
    domaine_libelle: str
    vue: str
    reference: Territoire | None = None


@contextmanager
def partage(cle: str) -> Iterator[None]:
    """A filter made here belongs to the whole site, not to one page: the menu keeps its value.

    Streamlit keeps the bound values of the entry script when the page changes, and drops those of the page left. The
    menu empties the address: on a new page, the value is written there again.
    """
    contexte = get_script_run_ctx()
    if contexte is None:
        yield
        return
    page, vue_sur = contexte.page_script_hash, f"page_de_{cle}"
    if st.session_state.get(vue_sur) != page and cle in st.session_state and cle not in st.query_params:
        st.session_state[cle] = st.session_state[cle]
    st.session_state[vue_sur] = page
    with contexte.run_with_active_hash(contexte.pages_manager.main_script_hash):
        yield


def _choisir(libelle: str, options: Sequence[Any], cle: str, **autres: Any) -> Any:
    """A list bound to the address under `cle`, the same on every page."""
    with partage(cle):
        return st.selectbox(libelle, options, key=cle, bind="query-params", **autres)


def grille(nombre: int) -> Any:
    """Container of a row of filters: abreast on a wide screen, two on a phone."""
    return st.grid(nombre, min_column_width=150, gap="small", vertical_alignment="bottom", key="filtres")


def annee(pub: Publication) -> int:
    """Year of the data, the latest by default."""
    choix = pub.lire(lecture.annees)
    if not choix:
        st.info("La publication ne contient encore aucun chiffre.", icon=":material/info:")
        st.stop()
    return int(_choisir("Année", choix, ANNEE))


def _liste(pub: Publication, niveau: str) -> list[Territoire]:
    return [t for t in pub.lire(lecture.territoires) if t.niveau == niveau]


def niveau(pub: Publication, permis: Sequence[str], cle: str = NIVEAU) -> str:
    """Level of territory, among those permitted that the publication knows."""
    connus = {t.niveau for t in pub.lire(lecture.territoires)}
    choix = [n for n in permis if n in connus]
    return str(_choisir("Échelle", choix, cle, format_func=textes.NIVEAUX.__getitem__))


def territoire(pub: Publication, niveau: str, cle: str = TERRITOIRE) -> Territoire:
    """One territory of this level; type to search."""
    liste = _liste(pub, niveau)
    if niveau == "departement":
        liste.sort(key=lambda t: t.code != pub.departement)
    choisi: Territoire = _choisir("Territoire", liste, cle, format_func=lambda t: t.etiquette)
    return choisi


def territoire_facultatif(pub: Publication, niveau: str, cle: str = ZONE) -> Territoire | None:
    """One territory of this level, or none."""
    choisi: Territoire | None = _choisir(
        textes.NIVEAUX[niveau],
        _liste(pub, niveau),
        cle,
        index=None,
        format_func=lambda t: t.etiquette,
        placeholder="Choisir ou taper un nom",
    )
    return choisi


def chercher(pub: Publication) -> None:
    """A territory of any level by its name; the lists of level and territory take it."""
    tous = pub.lire(lecture.territoires)
    with partage(LIEU):
        st.selectbox(
            "Chercher un lieu par son nom",
            tous,
            index=None,
            format_func=lambda t: f"{t.libelle} ({textes.NIVEAUX[t.niveau].lower()})",
            key=LIEU,
            placeholder="Commune, intercommunalité, canton, quartier…",
            on_change=_prendre,
        )


def _prendre() -> None:
    lieu = st.session_state[LIEU]
    if lieu is not None:
        st.session_state[NIVEAU], st.session_state[TERRITOIRE] = lieu.niveau, lieu
        st.session_state[LIEU] = None


def domaine(pub: Publication, echelle: str) -> tuple[str, str]:
    """Sector as (code, label), all of them by default; not offered for communes, where none is published."""
    if echelle == "commune":
        st.selectbox(
            "Domaine",
            [textes.TOUS_DOMAINES],
            key="domaine_commune",
            help="Par commune, les domaines ne sont pas publiés\u00a0: trop peu d’associations.",
        )
        return textes.TOUS, textes.TOUS_DOMAINES
    libelles = {textes.TOUS: textes.TOUS_DOMAINES, **dict(pub.lire(lecture.domaines))}
    code = _choisir("Domaine", list(libelles), DOMAINE, format_func=lambda c: libelles.get(c, c))
    return code, libelles[code]


def indicateur(pub: Publication, d_office: str) -> Indicateur:
    """One indicator of the catalogue, `d_office` until another is chosen."""
    cartes = pub.lire(lecture.indicateurs)
    choisi: Indicateur = _choisir(
        "Indicateur",
        cartes,
        INDICATEUR,
        index=next((rang for rang, c in enumerate(cartes) if c.indicateur == d_office), 0),
        format_func=lambda i: i.titre,
    )
    return choisi


def vue() -> str:
    """What the figures say: each one in the view that suits it, or all of them in the same."""
    return str(
        _choisir(
            "Ce que disent les chiffres",
            list(vues.LIBELLES),
            VUE,
            format_func=lambda v: vues.LIBELLES[v].replace(fr.INSECABLE, " "),
            help="\n\n".join(f"**{libelle}.** {vues.SENS[v]}" for v, libelle in vues.LIBELLES.items()),
        )
    )


def reference(pub: Publication, lieu: Territoire) -> Territoire | None:
    """Territory to compare with, among those that hold this one; the EPCI of a commune, else the département."""
    choix = [
        t
        for t in pub.lire(lecture_territoire.englobants, lieu.niveau, lieu.code)
        if t.niveau != "departement" or t.code == pub.departement
    ]
    if not choix:
        return None
    voisin: Territoire | None = _choisir(
        "Comparer à",
        [*choix, None],
        REFERENCE,
        format_func=lambda t: "Aucun territoire" if t is None else t.etiquette,
    )
    return voisin


def dire_vue(choisie: str, avec_registre: bool) -> None:
    """The view in one sentence, under the filters."""
    phrase = vues.SENS[choisie] if avec_registre else f"{vues.SANS_REGISTRE} {vues.SENS[vues.REPONDANTES]}"
    st.html(f'<div class="ob-note ob-vue"><p><strong>{vues.LIBELLES[choisie]}.</strong> {phrase}</p></div>')


def barre(pub: Publication) -> Choix:
    """The row of filters of a page of figures: place and year in the open, the others one click away.

    What the chosen view means is said on the page when it is not the default one, or cannot be had.
    """
    ponderee = pub.lire(lecture.est_ponderee)
    with grille(4):
        an = annee(pub)
        echelle = niveau(pub, tuple(textes.NIVEAUX))
        lieu = territoire(pub, echelle)
        with st.popover("Autres réglages", icon=":material/tune:", width="stretch", key="reglages"):
            code, libelle = domaine(pub, echelle)
            choisie = vue()
            voisin = reference(pub, lieu)
            st.html(f'<div class="ob-note"><p>{vues.SENS[choisie]}</p></div>')
    if choisie != vues.AU_MIEUX or not ponderee:
        dire_vue(choisie, ponderee)
    return Choix(an, lieu, code, libelle, choisie, voisin)
