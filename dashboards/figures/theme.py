"""Colours, French locale and base layout shared by the figures. No Streamlit."""

from __future__ import annotations

from html import escape
from typing import Any

import plotly.graph_objects as go

from dashboards.format_fr import FINE, MOIS

ENCRE = "#1f2a33"
GRIS = "#5b6770"
PAPIER = "#ffffff"
PETROLE = "#0e5a63"
OCRE = "#b8651b"
PRUNE = "#7b3f61"
SABLE = "#e9c893"
SERIES = (PETROLE, OCRE, PRUNE, "#6f9aa0")
MOTIFS = ("", "/", ".", "x")
# Light to dark, readable in grey and by colour-blind readers: the order is carried by lightness alone.
CLASSES = ("#d9ece4", "#a6d0c4", "#68aca7", "#2f7f86", "#0c4a55")
ZERO = "#fbf9f4"
POLICE = '"Atkinson Hyperlegible Next", system-ui, sans-serif'


CONFIG: dict[str, Any] = {
    "locale": "fr",
    "locales": {
        "fr": {
            "dictionary": {
                "Autoscale": "Échelle automatique",
                "Download plot as a PNG": "Télécharger l’image (PNG)",
                "Download plot": "Télécharger l’image",
                "Reset axes": "Rétablir les axes",
                "Zoom": "Zoomer",
                "Zoom in": "Agrandir",
                "Zoom out": "Réduire",
                "Pan": "Déplacer",
                "Double-click to zoom back out": "Double-cliquez pour revenir à la vue entière",
            },
            "format": {
                "decimal": ",",
                "thousands": FINE,
                "months": list(MOIS),
                "shortMonths": [mois if len(mois) < 5 else f"{mois[:4]}." for mois in MOIS],
                "date": "%d/%m/%Y",
            },
        }
    },
    "displaylogo": False,
    "scrollZoom": False,
    "displayModeBar": "hover",
    "modeBarButtonsToRemove": [
        "zoom2d",
        "pan2d",
        "select2d",
        "lasso2d",
        "zoomIn2d",
        "zoomOut2d",
        "autoScale2d",
    ],
    "toImageButtonOptions": {"format": "svg"},
}


def config(nom_image: str) -> dict[str, Any]:
    """Configuration of one chart: French, no zoom trap on a phone, image named after the figure."""
    return {**CONFIG, "toImageButtonOptions": {"format": "svg", "filename": nom_image}}


def couper(texte: str, largeur: int = 26) -> str:
    """Break a long label in lines of at most `largeur` characters where words allow it; markup is escaped."""
    lignes: list[str] = []
    for mot in texte.split(" "):
        if lignes and len(lignes[-1]) + 1 + len(mot) <= largeur:
            lignes[-1] += f" {mot}"
        else:
            lignes.append(mot)
    return "<br>".join(escape(ligne, quote=False) for ligne in lignes)


def mettre_en_page(figure: go.Figure, hauteur: int, *, legende: bool) -> go.Figure:
    """Give a figure the common look: bare axes, labels in reading order, legend above."""
    figure.update_layout(
        template="none",
        height=hauteur,
        margin={"l": 8, "r": 12, "t": 44 if legende else 8, "b": 8, "pad": 6},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": POLICE, "size": 14, "color": ENCRE},
        separators=f",{FINE}",
        bargap=0.28,
        bargroupgap=0.08,
        dragmode=False,
        showlegend=legende,
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "traceorder": "normal"},
        hoverlabel={"bgcolor": PAPIER, "font": {"family": POLICE, "size": 14, "color": ENCRE}},
    )
    figure.update_xaxes(visible=False, fixedrange=True, rangemode="tozero", automargin=True)
    figure.update_yaxes(
        fixedrange=True, automargin=True, showgrid=False, zeroline=False, ticks="", autorange="reversed"
    )
    return figure


def legender(figure: go.Figure, legende: str) -> go.Figure:
    """Write under a figure what it rests on: the image that somebody downloads carries it too."""
    lignes = legende.count("<br>") + 1
    place = 24 + 16 * lignes
    figure.update_layout(
        height=figure.layout.height + place, margin={**figure.layout.margin.to_plotly_json(), "b": 8 + place}
    )
    figure.update_layout(
        title={
            "text": legende,
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": (place - 8) / figure.layout.height,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 8},
            "font": {"family": POLICE, "size": 12, "color": GRIS, "weight": 400},
        }
    )
    return figure
