"""A chart and, one tab away, the same data as a table; both say what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboards.chiffre import Chiffre
from dashboards.components import images, mention, requete, tableau
from dashboards.components.donnees import Publication
from dashboards.components.tableau import Colonne
from dashboards.figures import theme

# Width of the text written inside a chart, in characters: readable on a phone.
LARGEUR_LEGENDE = 52


def figure(faire: Callable[[], go.Figure], pub: Publication, *cle: Hashable) -> go.Figure:
    """The chart of this publication that `cle` names, made once for everybody; nobody may change it."""
    dessin: go.Figure = _figure(pub.identite, cle, faire)
    return dessin


@st.cache_resource(max_entries=500, show_spinner=False)
def _figure(identite: str, cle: tuple[Hashable, ...], _faire: Callable[[], go.Figure]) -> go.Figure:
    return _faire()


def afficher(
    dessin: go.Figure,
    legende: str,
    nom: str,
    table: tuple[Sequence[Colonne], Sequence[Any]],
    dites: mention.Paires,
    requetes: Sequence[str],
    pub: Publication,
    phrase: str = "",
    chiffres: Sequence[Chiffre] = (),
) -> None:
    """The switch between the chart and its table. `legende` names both; `phrase` is what the chart says.

    `requetes` give the figures of both back; `chiffres`: those that it draws or divides.
    """
    graphique, tables = st.tabs(["Graphique", "Tableau"], key=f"onglets-{nom}")
    with graphique:
        dessiner(dessin, nom, f"{legende}. {phrase}".strip(), requetes)
        images.de_graphique(dessin, legende, phrase, pub, [str(c.identifiant) for c in chiffres])
    with tables:
        tableau.afficher(*table, legende, provenance=dites, requetes=requetes)


def dessiner(dessin: go.Figure, nom: str, alt: str, requetes: Sequence[str]) -> None:
    """A chart and, folded under it, the queries that give its figures back. `nom` is that of its file and its key."""
    cle = f"graphique-{nom}"
    st.plotly_chart(dessin, theme=None, config=theme.config(nom), alt=alt, key=cle)
    st.html(requete.volet(requetes, cle))
