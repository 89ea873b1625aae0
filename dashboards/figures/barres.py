"""Horizontal bars with their value written at the end: by funder and year, by sector, by questionnaire."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from dashboards import format_fr as fr
from dashboards.figures.theme import (
    CLASSES,
    ENCRE,
    MOTIFS,
    OCRE,
    PETROLE,
    SABLE,
    SERIES,
    couper,
    mettre_en_page,
)
from dashboards.modeles import Depot, Mesure
from dashboards.textes import QUESTIONNAIRES

MAX_CATEGORIES = 8
MAX_SERIES = 3


def motif(forme: str) -> dict[str, str | float]:
    """White pattern laid over the colour of the bar, so that no series is told by colour alone."""
    return {"shape": forme, "fillmode": "overlay", "fgcolor": "#ffffff", "size": 7, "solidity": 0.18}


def _place_du_texte(figure: go.Figure, maximum: float) -> go.Figure:
    """Leave room for the value written after the longest bar, on a phone too."""
    return figure.update_xaxes(range=[0, 1.4 * maximum or 1])


def financeurs_principaux(mesures: Sequence[Mesure], maximum: int = MAX_CATEGORIES) -> list[str]:
    """Funders by decreasing sum over the years shown; those without any published amount are left out."""
    sommes: dict[str, float] = defaultdict(float)
    for mesure in mesures:
        if mesure.valeur is not None:
            sommes[mesure.financeur] += mesure.valeur
    return sorted(sommes, key=lambda f: (-sommes[f], f))[:maximum]


def annees_montrees(mesures: Sequence[Mesure]) -> list[int]:
    """The last years that fit in a readable chart, oldest first."""
    return sorted({m.millesime for m in mesures})[-MAX_SERIES:]


def par_financeur(mesures: Sequence[Mesure], unite: str) -> go.Figure:
    """Grouped bars: one group a funder, one bar a year, told apart by colour, pattern and legend."""
    annees = annees_montrees(mesures)
    noms = financeurs_principaux([m for m in mesures if m.millesime in annees])
    valeurs = {(m.financeur, m.millesime): m for m in mesures}
    figure = go.Figure()
    for rang, annee in enumerate(annees):
        serie = [valeurs.get((nom, annee)) for nom in noms]
        recul = len(annees) - 1 - rang  # the latest year is always the plain, darkest bar
        figure.add_trace(
            go.Bar(
                orientation="h",
                name=str(annee),
                y=[couper(nom) for nom in noms],
                x=[m.valeur if m else None for m in serie],
                text=[
                    fr.valeur_abregee(m.valeur, unite) if m and m.valeur is not None else "" for m in serie
                ],
                textposition="outside",
                cliponaxis=False,
                marker={
                    "color": SERIES[recul],
                    "pattern": motif(MOTIFS[recul]),
                },
                hovertemplate="%{y}<br>" + str(annee) + "\u00a0: %{text}<extra></extra>",
            )
        )
    hauteur = 60 + max(1, len(noms)) * (24 + 26 * max(1, len(annees)))
    maximum = max((m.valeur or 0 for m in valeurs.values()), default=0)
    return _place_du_texte(mettre_en_page(figure, hauteur, legende=len(annees) > 1), maximum)


def par_domaine(mesures: Sequence[Mesure], libelles: Mapping[str, str], unite: str) -> go.Figure:
    """One bar a sector, the largest first, with its interval when it has one; masked sectors are not drawn (the
    table names them)."""
    publiees = sorted((m for m in mesures if m.valeur is not None), key=lambda m: -(m.valeur or 0))
    noms = [couper(libelles.get(m.domaine, m.domaine)) for m in publiees]
    textes = [fr.valeur_abregee(m.valeur, unite) for m in publiees]
    bouts = [max(m.valeur or 0, (m.borne_haute or 0) if m.cv is not None else 0) for m in publiees]
    estimees = any(m.cv is not None and m.borne_haute is not None for m in publiees)
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=noms,
            x=[m.valeur for m in publiees],
            text=textes,
            textposition="none" if estimees else "outside",
            cliponaxis=False,
            # Lighter under an interval, whose line must be seen on the bar.
            marker={"color": CLASSES[3] if estimees else PETROLE},
            hovertemplate="%{y}\u00a0: %{text}<extra></extra>",
        )
    )
    if estimees:
        _intervalles(figure, publiees, noms, textes, bouts)
    hauteur = 30 + 40 * max(1, len(publiees))
    return _place_du_texte(mettre_en_page(figure, hauteur, legende=False), max(bouts, default=0))


def _intervalles(
    figure: go.Figure,
    mesures: Sequence[Mesure],
    noms: Sequence[str],
    textes: Sequence[str],
    bouts: Sequence[float],
) -> None:
    """Whiskers on the bars, the values written after them."""
    figure.update_traces(
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [_ecart(m.valeur, m.borne_haute, m) for m in mesures],
            "arrayminus": [-_ecart(m.valeur, m.borne_basse, m) for m in mesures],
            "color": ENCRE,
            "thickness": 1.5,
            "width": 5,
        }
    )
    figure.add_trace(
        go.Scatter(
            x=bouts,
            y=noms,
            mode="text",
            text=[f"\u00a0{texte}" for texte in textes],
            textposition="middle right",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )


def _ecart(valeur: float | None, borne: float | None, mesure: Mesure) -> float:
    """From the value to a bound; none when the figure has no sampling interval."""
    return 0.0 if mesure.cv is None or valeur is None or borne is None else borne - valeur


def questionnaires(depots: Sequence[Depot]) -> list[str]:
    """Questionnaires of these deposits, in the order of the forms, the others after."""
    noms = [n for n in QUESTIONNAIRES if any(d.questionnaire == n for d in depots)]
    return noms + sorted({d.questionnaire for d in depots} - set(noms))


def lignes_par_questionnaire(depots: Sequence[Depot]) -> go.Figure:
    """Stacked bars of the lines loaded, pending and ignored, by questionnaire."""
    noms = questionnaires(depots)
    etats = (
        ("chargées", "chargees", PETROLE, "", "#ffffff"),
        ("en attente", "en_attente", OCRE, "/", "#ffffff"),
        ("ignorées", "ignorees", SABLE, ".", ENCRE),
    )
    figure = go.Figure()
    for libelle, attribut, couleur, trame, texte in etats:
        totaux = [sum(getattr(d, attribut) for d in depots if d.questionnaire == n) for n in noms]
        figure.add_trace(
            go.Bar(
                orientation="h",
                name=f"Lignes {libelle}",
                y=[couper(QUESTIONNAIRES.get(n, n)) for n in noms],
                x=totaux,
                text=[fr.nombre(t) if t else "" for t in totaux],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                textfont={"color": texte},
                marker={"color": couleur, "pattern": motif(trame)},
                hovertemplate="%{y}<br>" + f"{libelle}\u00a0: " + "%{text}<extra></extra>",
            )
        )
    figure.update_layout(barmode="stack", uniformtext={"minsize": 12, "mode": "hide"})
    return mettre_en_page(figure, 70 + 48 * max(1, len(noms)), legende=True)
