"""Filters kept in the address of the page: year, level, territory, sector, indicator, view of the figures.

The address carries the label of the choice with its code (« Meaux (77284) »): readable, unique, and a
value that no longer exists falls back to the default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards import lecture, textes, vues
from dashboards.components.donnees import Publication
from dashboards.modeles import Indicateur, Territoire

ANNEE, NIVEAU, TERRITOIRE = "annee", "niveau", "territoire"
DOMAINE, INDICATEUR, MAILLE, ZONE, VUE = "domaine", "indicateur", "maille", "zone", "vue"


@dataclass(frozen=True, slots=True)
class Choix:
    """What the reader selected; `domaine` is a code, or « tous »; `vue` one of `dashboards.vues`."""

    annee: int
    territoire: Territoire
    domaine: str
    domaine_libelle: str
    vue: str


def grille(nombre: int) -> Any:
    """Container of a row of filters: abreast on a wide screen, two on a phone."""
    return st.grid(nombre, min_column_width=150, gap="small", key="filtres")


def annee(pub: Publication) -> int:
    """Year of the data, the latest by default."""
    choix = pub.lire(lecture.annees)
    if not choix:
        st.info("La publication ne contient encore aucun chiffre.", icon=":material/info:")
        st.stop()
    return st.selectbox("Année", choix, key=ANNEE, bind="query-params")


def _liste(pub: Publication, niveau: str) -> list[Territoire]:
    return [t for t in pub.lire(lecture.territoires) if t.niveau == niveau]


def niveau(pub: Publication, permis: Sequence[str], cle: str = NIVEAU) -> str:
    """Level of territory, among those permitted that the publication knows."""
    connus = {t.niveau for t in pub.lire(lecture.territoires)}
    choix = [n for n in permis if n in connus]
    return st.selectbox(
        "Échelle", choix, format_func=textes.NIVEAUX.__getitem__, key=cle, bind="query-params"
    )


def territoire(pub: Publication, niveau: str, cle: str = TERRITOIRE) -> Territoire:
    """One territory of this level; type to search."""
    liste = _liste(pub, niveau)
    if niveau == "departement":
        liste.sort(key=lambda t: t.code != pub.departement)
    return st.selectbox(
        "Territoire",
        liste,
        format_func=lambda t: t.etiquette,
        key=cle,
        bind="query-params",
    )


def territoire_facultatif(pub: Publication, niveau: str, cle: str = ZONE) -> Territoire | None:
    """One territory of this level, or none."""
    return st.selectbox(
        textes.NIVEAUX[niveau],
        _liste(pub, niveau),
        index=None,
        format_func=lambda t: t.etiquette,
        key=cle,
        bind="query-params",
        placeholder="Choisir ou taper un nom",
    )


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
    code = st.selectbox(
        "Domaine", list(libelles), format_func=lambda c: libelles.get(c, c), key=DOMAINE, bind="query-params"
    )
    return code, libelles[code]


def indicateur(pub: Publication) -> Indicateur:
    """One indicator of the catalogue."""
    return st.selectbox(
        "Indicateur",
        pub.lire(lecture.indicateurs),
        format_func=lambda i: i.titre,
        key=INDICATEUR,
        bind="query-params",
    )


def vue() -> str:
    """What the figures say: each one in the view that suits it, or all of them in the same."""
    return st.selectbox(
        "Ce que disent les chiffres",
        list(vues.LIBELLES),
        format_func=lambda v: vues.LIBELLES[v].replace(fr.INSECABLE, " "),
        key=VUE,
        bind="query-params",
        help="\n\n".join(f"**{libelle}.** {vues.SENS[v]}" for v, libelle in vues.LIBELLES.items()),
    )


def dire_vue(choisie: str, avec_registre: bool) -> None:
    """The view in one sentence, under the filters."""
    phrase = vues.SENS[choisie] if avec_registre else f"{vues.SANS_REGISTRE} {vues.SENS[vues.REPONDANTES]}"
    st.html(f'<div class="ob-note ob-vue"><p><strong>{vues.LIBELLES[choisie]}.</strong> {phrase}</p></div>')


def barre(pub: Publication) -> Choix:
    """The row of filters of a page of figures, and what the chosen view means."""
    with grille(5):
        an = annee(pub)
        echelle = niveau(pub, tuple(textes.NIVEAUX))
        lieu = territoire(pub, echelle)
        code, libelle = domaine(pub, echelle)
        choisie = vue()
    dire_vue(choisie, pub.lire(lecture.est_ponderee))
    return Choix(an, lieu, code, libelle, choisie)
