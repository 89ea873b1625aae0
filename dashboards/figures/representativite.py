"""Bars of those who answered beside those the register holds. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboards import format_fr as fr
from dashboards.figures.barres import motif
from dashboards.figures.theme import OCRE, PETROLE, couper, mettre_en_page
from dashboards.modeles import Presence

SERIES = (("part_cadre", "Registre", OCRE, "/"), ("part_repondantes", "Répondantes", PETROLE, ""))


def comparer(presences: Sequence[Presence], libelles: Mapping[str, str]) -> go.Figure:
    """Two bars a level, its share in the register and among the respondents."""
    noms = [couper(libelles.get(p.modalite, p.modalite)) for p in presences]
    figure = go.Figure()
    for attribut, nom, couleur, trame in SERIES:
        parts = [getattr(p, attribut) for p in presences]
        figure.add_trace(
            go.Bar(
                orientation="h",
                name=nom,
                y=noms,
                x=parts,
                text=[fr.pourcentage(part) for part in parts],
                textposition="outside",
                cliponaxis=False,
                marker={"color": couleur, "pattern": motif(trame)},
                hovertemplate="%{y}<br>" + f"{nom}\u00a0: " + "%{text}<extra></extra>",
            )
        )
    mettre_en_page(figure, 60 + 62 * max(1, len(noms)), legende=True)
    plus_grande = max((p.part_cadre for p in presences), default=0)
    plus_grande = max([plus_grande, *(p.part_repondantes for p in presences)])
    return figure.update_xaxes(range=[0, 1.3 * plus_grande or 1])
