"""A point and its interval by territory, in the order the reader chose: never a ranking. No Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboards.figures.theme import ENCRE, GRIS, PETROLE, couper, mettre_en_page
from dashboards.modeles import Mesure


def points(noms: Sequence[str], mesures: Sequence[Mesure | None], textes: Sequence[str]) -> go.Figure:
    """One line a territory: the value with its interval, or the sign of its state in its place."""
    lignes = [couper(nom) for nom in noms]
    figure = go.Figure()
    montres = [
        (n, m, t) for n, m, t in zip(lignes, mesures, textes, strict=True) if m and m.valeur is not None
    ]
    figure.add_trace(
        go.Scatter(
            x=[m.valeur for _, m, _ in montres],
            y=[n for n, _, _ in montres],
            mode="markers+text",
            text=[t for _, _, t in montres],
            textposition="top center",
            cliponaxis=False,
            marker={"color": PETROLE, "size": 11},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [_ecart(m, m.borne_haute) for _, m, _ in montres],
                "arrayminus": [-_ecart(m, m.borne_basse) for _, m, _ in montres],
                "color": ENCRE,
                "thickness": 2,
                "width": 7,
            },
            hovertemplate="%{y}\u00a0: %{text}<extra></extra>",
        )
    )
    absents = [
        (n, t) for n, m, t in zip(lignes, mesures, textes, strict=True) if m is None or m.valeur is None
    ]
    if absents:
        figure.add_trace(
            go.Scatter(
                x=[0.0] * len(absents),
                y=[n for n, _ in absents],
                mode="text",
                text=[t for _, t in absents],
                textposition="middle right",
                textfont={"color": GRIS},
                hoverinfo="skip",
                cliponaxis=False,
            )
        )
    bouts = [max(m.valeur or 0.0, m.borne_haute or 0.0) for _, m, _ in montres]
    mettre_en_page(figure, 40 + 64 * max(1, len(lignes)), legende=False)
    # A category axis leaves half a line above the first: room for its label.
    figure.update_yaxes(categoryorder="array", categoryarray=lignes, range=[len(lignes) - 0.4, -0.8])
    return figure.update_xaxes(range=[0, 1.15 * max(bouts, default=0) or 1])


def _ecart(mesure: Mesure, borne: float | None) -> float:
    """From the value to a bound; none when the figure has no sampling interval."""
    return 0.0 if mesure.cv is None or borne is None or mesure.valeur is None else borne - mesure.valeur
