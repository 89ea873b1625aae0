"""Bars of shares: a stacked one for a whole, diverging ones for opinions. No Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboards import format_fr as fr
from dashboards.figures.barres import motif
from dashboards.figures.theme import ENCRE, OCRE, PETROLE, PRUNE, SABLE, couper, mettre_en_page

TEINTES = (
    (PETROLE, "", "#ffffff"), (OCRE, "/", "#ffffff"), (SABLE, "", ENCRE), (PRUNE, "x", "#ffffff"),
    ("#6f9aa0", ".", ENCRE), ("#d9d4c8", "\\", ENCRE),
)  # fmt: skip
# Below this width, a segment has no room for its value.
LISIBLE = 0.08
ECART = 0.08
# Room for a value written outside a bar, on a phone too.
PLACE = 0.2


@dataclass(frozen=True, slots=True)
class Avis:
    """Shares of those who agree, who do not (among those who answer), and who do not know (among all)."""

    nom: str
    accord: float
    desaccord: float
    nsp: float


def empilee(parts: Sequence[tuple[str, float]], decimales: int = 0) -> go.Figure:
    """One bar divided into its parts, told apart by colour, pattern and legend."""
    figure = go.Figure()
    for (nom, part), (couleur, trame, encre) in zip(parts, TEINTES, strict=False):
        texte = fr.pourcentage(part, decimales)
        figure.add_trace(
            go.Bar(
                orientation="h",
                name=f"{nom} ({texte})",
                y=[""],
                x=[part],
                text=[texte if part >= LISIBLE else ""],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                textfont={"color": encre},
                marker={"color": couleur, "pattern": motif(trame), "line": {"color": "#ffffff", "width": 1}},
                hovertemplate=f"{nom}\u00a0: {texte}<extra></extra>",
            )
        )
    mettre_en_page(figure, 90, legende=True)
    figure.update_layout(
        barmode="stack",
        height=110 + 24 * len(parts),
        margin={"l": 8, "r": 8, "t": 24 * len(parts) + 16, "b": 8},
        legend={"orientation": "v", "x": 0, "y": 1.05, "yanchor": "bottom", "traceorder": "normal"},
    )
    return figure.update_xaxes(range=[0, max(1.0, sum(part for _, part in parts))])


def divergentes(avis: Sequence[Avis]) -> go.Figure:
    """Disagreement to the left of zero, agreement to the right, « ne sait pas » apart: it is not in the other two."""
    noms = [couper(a.nom, 18) for a in avis]
    depart = max((a.accord for a in avis), default=0.0) + ECART
    series = (
        (
            "Pas d’accord",
            [-a.desaccord for a in avis],
            [a.desaccord for a in avis],
            0.0,
            OCRE,
            "/",
            "#ffffff",
        ),
        ("D’accord", [a.accord for a in avis], [a.accord for a in avis], 0.0, PETROLE, "", "#ffffff"),
        ("Ne sait pas (à part)", [a.nsp for a in avis], [a.nsp for a in avis], depart, SABLE, ".", ENCRE),
    )
    figure = go.Figure()
    for nom, longueurs, dites, base, couleur, trame, encre in series:
        hors = nom != "D’accord"
        figure.add_trace(
            go.Bar(
                orientation="h",
                name=nom,
                y=noms,
                x=longueurs,
                base=[base] * len(avis),
                text=[fr.pourcentage(v, 0) for v in dites],
                textposition="outside" if hors else "inside",
                insidetextanchor="middle",
                textangle=0,
                cliponaxis=False,
                textfont={"color": ENCRE if hors else encre},
                marker={"color": couleur, "pattern": motif(trame)},
                hovertemplate="%{y}<br>" + f"{nom}\u00a0: " + "%{text}<extra></extra>",
            )
        )
    mettre_en_page(figure, 84 + 46 * max(1, len(avis)), legende=True)
    figure.update_layout(barmode="overlay", margin={"t": 72})
    gauche = max((a.desaccord for a in avis), default=0.0)
    droite = depart + max((a.nsp for a in avis), default=0.0)
    return figure.update_xaxes(range=[-gauche - PLACE, droite + PLACE], zeroline=True, rangemode="normal")
