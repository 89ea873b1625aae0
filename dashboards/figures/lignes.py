"""A line over the years with the ribbon of its interval, cut at each break of series. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboards import format_fr as fr
from dashboards.figures.theme import ENCRE, GRIS, OCRE, PETROLE, mettre_en_page
from dashboards.trajectoire import Point

HAUTEUR = 330
RUBAN = "rgba(14, 90, 99, 0.16)"


def troncons(points: Sequence[Point], ruptures: Mapping[int, str]) -> list[list[Point]]:
    """Points that may be joined: a hidden year or a break starts a new line."""
    suites: list[list[Point]] = [[]]
    for point in points:
        if point.annee in ruptures or point.valeur is None:
            suites.append([])
        if point.valeur is not None:
            suites[-1].append(point)
    return [s for s in suites if s]


def trajectoire(
    points: Sequence[Point],
    unite: str,
    decimales: int | None,
    ruptures: Mapping[int, str],
    evenements: Mapping[int, str],
    plafond: float | None = None,
) -> go.Figure:
    """The line; a year without a value bears the sign of its state. `plafond`: top of the axis, to share it."""
    figure = go.Figure()
    for troncon in troncons(points, ruptures):
        bornes = [p for p in troncon if p.bas is not None and p.haut is not None]
        if bornes:
            annees = [p.annee for p in bornes]
            figure.add_trace(
                go.Scatter(
                    x=[*annees, *reversed(annees)],
                    y=[*(p.haut for p in bornes), *(p.bas for p in reversed(bornes))],
                    fill="toself",
                    fillcolor=RUBAN,
                    mode="lines",
                    line={"color": PETROLE, "width": 0.8, "dash": "dot"},
                    hoverinfo="skip",
                )
            )
        figure.add_trace(
            go.Scatter(
                x=[p.annee for p in troncon],
                y=[p.valeur for p in troncon],
                mode="lines+markers+text",
                text=[fr.valeur_abregee(p.valeur, unite, decimales) for p in troncon],
                textposition="top center",
                cliponaxis=False,
                line={"color": PETROLE, "width": 2.5},
                marker={"color": PETROLE, "size": 9},
                hovertemplate="%{x}\u00a0: %{text}<extra></extra>",
            )
        )
    _absences(figure, points)
    haut = plafond or sommet(points)
    _marques(figure, ruptures, evenements)
    mettre_en_page(figure, HAUTEUR, legende=False)
    annees = [p.annee for p in points]
    figure.update_xaxes(
        visible=True,
        tickmode="array",
        tickvals=annees,
        ticktext=[str(a) for a in annees],
        showgrid=False,
        zeroline=False,
        rangemode="normal",
        range=[min(annees, default=0) - 0.4, max(annees, default=1) + 0.4],
    )
    figure.update_layout(margin={"l": 16, "r": 16, "t": 40, "b": 30})
    return figure.update_yaxes(
        visible=False, autorange=False, range=[min(0.0, *(_bas(points))) * 1.2, 1.25 * haut or 1]
    )


def sommet(points: Sequence[Point]) -> float:
    """Highest value or bound of a line."""
    return max((max(p.valeur or 0.0, p.haut or 0.0) for p in points), default=0.0)


def _bas(points: Sequence[Point]) -> list[float]:
    return [0.0, *(min(p.valeur or 0.0, p.bas or 0.0) for p in points)]


def _absences(figure: go.Figure, points: Sequence[Point]) -> None:
    """The years without a value, named on the axis of zero."""
    signes = {"secret": fr.SECRET, "non_publie": fr.NON_PUBLIE}
    absents = [p for p in points if p.valeur is None]
    if absents:
        figure.add_trace(
            go.Scatter(
                x=[p.annee for p in absents],
                y=[0.0] * len(absents),
                mode="text",
                text=[signes.get(p.statut, fr.ND) for p in absents],
                textposition="top center",
                textfont={"color": GRIS},
                hoverinfo="skip",
            )
        )


def _marques(figure: go.Figure, ruptures: Mapping[int, str], evenements: Mapping[int, str]) -> None:
    """A double stroke before the year of a break, a dotted one on the year of an event; both named."""
    for annee in ruptures:
        for recul in (0.53, 0.47):
            figure.add_vline(x=annee - recul, line={"color": OCRE, "width": 2})
        _nommer(figure, annee - 0.5, "rupture de série", OCRE)
    for annee, nom in evenements.items():
        figure.add_vline(x=annee, line={"color": ENCRE, "width": 1, "dash": "dot"})
        _nommer(figure, annee, nom, ENCRE)


def _nommer(figure: go.Figure, x: float, nom: str, couleur: str) -> None:
    figure.add_annotation(
        x=x,
        y=1,
        yref="paper",
        yanchor="bottom",
        text=nom,
        showarrow=False,
        font={"color": couleur, "size": 13},
    )
