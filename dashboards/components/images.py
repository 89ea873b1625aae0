"""Downloads of a figure card or of a chart as an image, PNG or SVG; drawn when somebody clicks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import streamlit as st

from dashboards.chiffre import Chiffre
from dashboards.components import cadre, export
from dashboards.components.donnees import Publication

if TYPE_CHECKING:
    from dashboards.fiches.image import Image

PNG, SVG = "Image (PNG)", "Image vectorielle (SVG)"


def boutons(nom: str, png: Callable[[], bytes], svg: Callable[[], bytes]) -> None:
    """The two buttons. `nom`: the file, without its ending."""
    with st.container(horizontal=True, key=f"images-{nom}"):
        for titre, suffixe, genre, octets in (
            (PNG, "png", "image/png", png),
            (SVG, "svg", "image/svg+xml", svg),
        ):
            st.download_button(
                titre,
                data=octets,
                file_name=f"{nom}.{suffixe}",
                mime=genre,
                on_click="ignore",
                key=f"{nom}-{suffixe}",
                type="tertiary",
                icon=":material/image:",
            )


def de_chiffre(c: Chiffre, pub: Publication) -> None:
    """Images of a figure card."""
    cadrage = c.cadrage
    nom = export.nom_fichier(
        c.carte.indicateur, cadrage.lieu.niveau, cadrage.lieu.code, cadrage.annee, cadrage.domaine, c.retenue.vue,
        f"publication-{pub.edition.version}",
    )  # fmt: skip
    departement = cadre.nom_departement(pub)

    def image() -> Image:
        # Typst and its fonts, only for who downloads.
        from dashboards.fiches import image as images

        return images.de_chiffre(c, departement)

    boutons(nom, lambda: image().png(), lambda: image().svg())


def de_graphique(
    figure: go.Figure, titre: str, phrase: str, pub: Publication, identifiants: Sequence[str] = ()
) -> None:
    """Images of a chart. `identifiants`: the figures that it divides or sets side by side, to be quoted."""
    departement = cadre.nom_departement(pub)

    def image() -> Image:
        from dashboards.fiches import image as images

        return images.de_graphique(figure, titre, phrase, pub.edition, departement, identifiants)

    nom = export.nom_fichier("graphique", titre, f"publication-{pub.edition.version}")
    boutons(nom, lambda: image().png(), lambda: image().svg())
