"""A Plotly figure of these pages as one SVG text: the same traces, drawn without a browser. No Streamlit.

It knows what dashboards/figures draws (horizontal bars, lines, ribbons, points, labels) and refuses anything else,
so that an image never lacks a part of its chart. Texts are escaped, never read as markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from itertools import count
from typing import Any

import plotly.graph_objects as go

from dashboards.figures.theme import ENCRE

POLICE = "Atkinson Hyperlegible Next"
LARGEUR, TAILLE, INTERLIGNE = 760.0, 15.0, 18.0
# Width of the letters, as parts of the size of the text: what a label needs, never less.
ETROITES, LARGES = "iljtfrI.,;:'’|!()[]\u00a0\u202f ", "mwMW%@—"
ETROITE, LARGE, CAPITALE, COURANTE = 0.36, 0.9, 0.68, 0.58
CARRE, ENTRE_LEGENDES = 14.0, 22.0
TIRETS = {"dot": "2 3", "dash": "7 4"}
TRAMES = {"/": "M0 8L8 0", "\\": "M0 0L8 8", "x": "M0 0L8 8M0 8L8 0"}
Point = tuple[float, float]


class DessinInconnu(ValueError):
    """A figure that holds something this module does not draw."""


def largeur(texte: str, taille: float = TAILLE) -> float:
    """About the width of a line of text, rather too much than too little."""

    def part(lettre: str) -> float:
        if lettre in ETROITES:
            return ETROITE
        if lettre in LARGES:
            return LARGE
        return CAPITALE if lettre.isupper() else COURANTE

    return taille * sum(map(part, texte))


@dataclass(frozen=True, slots=True)
class Repere:
    """Where the data of a chart falls on the drawing."""

    boite: tuple[float, float, float, float]
    bas_x: float
    haut_x: float
    bas_y: float
    haut_y: float
    rangs: Mapping[str, int]

    def x(self, valeur: float) -> float:
        """Abscissa of a value."""
        gauche, _, large, _ = self.boite
        return gauche + large * (float(valeur) - self.bas_x) / (self.haut_x - self.bas_x)

    def y(self, valeur: float | str) -> float:
        """Ordinate of a value, or of a category."""
        _, haut, _, haute = self.boite
        rang = float(self.rangs[valeur]) if isinstance(valeur, str) else float(valeur)
        return haut + haute * (self.haut_y - rang) / (self.haut_y - self.bas_y)


def svg(figure: go.Figure, titre: str = "") -> str:
    """The whole chart, its mention left out: an image writes it as text of its own."""
    brute: dict[str, Any] = figure.to_plotly_json()
    traces, mise = [dict(t) for t in brute["data"]], dict(brute["layout"])
    _exiger(traces)
    hauteur = float(mise.get("height", 300)) - _place_de_la_mention(mise)
    repere = _reperer(traces, mise, hauteur)
    numeros = count(1)
    morceaux = [*_lignes(mise, repere), *_marques(traces, mise, repere, numeros)]
    morceaux += [*_axes(mise, repere), *_legende(traces, mise, repere, numeros), *_annotations(mise, repere)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LARGEUR:g} {hauteur:g}" width="{LARGEUR:g}" '
        f'height="{hauteur:g}" font-family="{POLICE}" font-size="{TAILLE:g}" fill="{ENCRE}">'
        f"<title>{escape(titre)}</title>{''.join(morceaux)}</svg>"
    )


def _exiger(traces: Sequence[Mapping[str, Any]]) -> None:
    for trace in traces:
        genre = trace.get("type")
        if genre == "bar" and trace.get("orientation") == "h":
            continue
        if genre != "scatter" or not set(str(trace.get("mode", "")).split("+")) <= {
            "text",
            "lines",
            "markers",
        }:
            raise DessinInconnu(f"trace {genre!r}, {trace.get('mode') or trace.get('orientation')!r}")


def _place_de_la_mention(mise: Mapping[str, Any]) -> float:
    """Height that `theme.legender` gave to the mention written under the chart."""
    titre = (mise.get("title") or {}).get("text", "")
    return 24.0 + 16 * (titre.count("<br>") + 1) if titre else 0.0


def _reperer(traces: Sequence[Mapping[str, Any]], mise: Mapping[str, Any], hauteur: float) -> Repere:
    rangs = _categories(traces, mise)
    marge, axe = mise.get("margin", {}), mise.get("yaxis", {})
    noms = max((largeur(ligne) for nom in rangs for ligne in _coupe(nom)), default=0.0)
    gauche = max(float(marge.get("l", 8)), noms + 14)
    bas = float(marge.get("b", 8)) - _place_de_la_mention(mise)
    haut = float(marge.get("t", 8))
    boite = (gauche, haut, LARGEUR - gauche - float(marge.get("r", 12)), hauteur - haut - max(bas, 8))
    bas_y, haut_y = axe.get("range") or (len(rangs) - 0.5, -0.5)
    bas_x, haut_x = mise.get("xaxis", {}).get("range") or (0.0, _maximum(traces, mise))
    return Repere(boite, float(bas_x), float(haut_x), float(bas_y), float(haut_y), rangs)


def _categories(traces: Sequence[Mapping[str, Any]], mise: Mapping[str, Any]) -> dict[str, int]:
    dites = [*(mise.get("yaxis", {}).get("categoryarray") or ()), *(y for t in traces for y in t["y"])]
    return {nom: rang for rang, nom in enumerate(dict.fromkeys(y for y in dites if isinstance(y, str)))}


def _maximum(traces: Sequence[Mapping[str, Any]], mise: Mapping[str, Any]) -> float:
    sommes: dict[Any, float] = {}
    for trace in traces:
        for y, x in zip(trace["y"], trace["x"], strict=True):
            ici = float(x or 0)
            sommes[y] = (
                sommes.get(y, 0.0) + ici if mise.get("barmode") == "stack" else max(sommes.get(y, 0.0), ici)
            )
    return max(sommes.values(), default=1.0) or 1.0


def _marques(
    traces: Sequence[Mapping[str, Any]], mise: Mapping[str, Any], r: Repere, numeros: Iterator[int]
) -> Iterator[str]:
    barres = [t for t in traces if t["type"] == "bar"]
    piles: dict[Any, float] = {}
    for trace in traces:
        if trace["type"] == "bar":
            yield from _barres(trace, barres.index(trace), len(barres), mise, r, piles, numeros)
        else:
            yield from _nuage(trace, r)


def _barres(
    trace: Mapping[str, Any],
    rang: int,
    nombre: int,
    mise: Mapping[str, Any],
    r: Repere,
    piles: dict[Any, float],
    numeros: Iterator[int],
) -> Iterator[str]:
    mode = mise.get("barmode", "group")
    cases = nombre if mode == "group" else 1
    bande = abs(r.y(1) - r.y(0)) if len(r.rangs) > 1 else r.boite[3]
    case = bande * (1 - float(mise.get("bargap", 0.2))) / cases
    epaisse = case * (1 - float(mise.get("bargroupgap", 0)))
    definition, peinture = _peinture(trace, numeros)
    yield definition
    bases = trace.get("base") or [0.0] * len(trace["y"])
    textes = trace.get("text") or [""] * len(trace["y"])
    for i, (nom, longueur, base, texte) in enumerate(zip(trace["y"], trace["x"], bases, textes, strict=True)):
        if longueur is None:
            continue
        depart = piles.get(nom, 0.0) if mode == "stack" else float(base)
        piles[nom] = depart + float(longueur)
        centre = r.y(nom) + ((rang + 0.5) * case - cases * case / 2 if mode == "group" else 0.0)
        x0, x1 = sorted((r.x(depart), r.x(depart + float(longueur))))
        forme = f'x="{x0:.2f}" y="{centre - epaisse / 2:.2f}" width="{x1 - x0:.2f}" height="{epaisse:.2f}"'
        for couleur in peinture:
            yield f'<rect {forme} fill="{couleur}"/>'
        yield from _ecarts(trace, i, r.x(depart + float(longueur)), centre, r)
        yield from _texte_de_barre(trace, texte, (x0, x1), centre, negative=float(longueur) < 0)


def _peinture(trace: Mapping[str, Any], numeros: Iterator[int]) -> tuple[str, tuple[str, ...]]:
    """Definition of the pattern of a trace, and the paints to lay one over the other."""
    marque = trace.get("marker") or {}
    couleur, forme = str(marque.get("color", ENCRE)), (marque.get("pattern") or {}).get("shape") or ""
    if not forme:
        return "", (couleur,)
    nom = f"t{next(numeros)}"
    if forme == ".":
        dessin = '<circle cx="4" cy="4" r="1.5" fill="#ffffff"/>'
    elif forme in TRAMES:
        dessin = f'<path d="{TRAMES[forme]}" stroke="#ffffff" stroke-width="1.2" fill="none"/>'
    else:
        raise DessinInconnu(f"trame {forme!r}")
    definition = f'<pattern id="{nom}" width="8" height="8" patternUnits="userSpaceOnUse">{dessin}</pattern>'
    return definition, (couleur, f"url(#{nom})")


def _ecarts(trace: Mapping[str, Any], i: int, x: float, y: float, r: Repere) -> Iterator[str]:
    """The interval of one value: a line between its bounds, each with a cap."""
    erreur = trace.get("error_x") or {}
    if not erreur.get("array"):
        return
    plus, moins = float(erreur["array"][i]), float(erreur["arrayminus"][i])
    if not plus and not moins:
        return
    unite = r.x(1) - r.x(0)
    gauche, droite, cran = x - moins * unite, x + plus * unite, float(erreur.get("width", 5))
    yield (
        f'<path d="M{gauche:.2f} {y:.2f}H{droite:.2f}M{gauche:.2f} {y - cran:.2f}v{2 * cran:g}M{droite:.2f} '
        f'{y - cran:.2f}v{2 * cran:g}" stroke="{erreur.get("color", ENCRE)}" '
        f'stroke-width="{erreur.get("thickness", 1.5)}" fill="none"/>'
    )


def _texte_de_barre(
    trace: Mapping[str, Any], texte: str, bords: Point, y: float, *, negative: bool
) -> Iterator[str]:
    place = trace.get("textposition", "none")
    if not texte or place == "none":
        return
    couleur = str((trace.get("textfont") or {}).get("color") or ENCRE)
    if place == "inside":
        if largeur(texte) <= bords[1] - bords[0] + 6:
            yield _fond(trace, sum(bords) / 2, y, largeur(texte))
            yield _texte(sum(bords) / 2, y, texte, "middle", couleur)
    elif negative:
        yield _texte(bords[0] - 6, y, texte, "end", couleur)
    else:
        yield _texte(bords[1] + 6, y, texte, "start", couleur)


def _fond(trace: Mapping[str, Any], x: float, y: float, large: float) -> str:
    """The plain colour of the bar under a value written on its pattern."""
    marque = trace.get("marker") or {}
    if not (marque.get("pattern") or {}).get("shape"):
        return ""
    return (
        f'<rect x="{x - large / 2:.2f}" y="{y - INTERLIGNE / 2:.2f}" width="{large:.2f}" height="{INTERLIGNE:g}" '
        f'fill="{marque["color"]}"/>'
    )


def _nuage(trace: Mapping[str, Any], r: Repere) -> Iterator[str]:
    modes = set(str(trace["mode"]).split("+"))
    points = [
        (i, r.x(x), r.y(y))
        for i, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True))
        if x is not None and y is not None
    ]
    if "lines" in modes and points:
        trait = trace.get("line") or {}
        chemin = "M" + "L".join(f"{x:.2f} {y:.2f}" for _, x, y in points)
        if trace.get("fill") == "toself":
            yield f'<path d="{chemin}Z" fill="{ENCRE}" {_remplissage(str(trace["fillcolor"]))}/>'
        tirets = TIRETS.get(str(trait.get("dash") or ""), "")
        yield (
            f'<path d="{chemin}" fill="none" stroke="{trait.get("color", ENCRE)}" stroke-width="{trait.get("width", 2)}"'
            f"{f' stroke-dasharray={chr(34)}{tirets}{chr(34)}' if tirets else ''}/>"
        )
    marque = trace.get("marker") or {}
    textes = trace.get("text") or [""] * len(trace["y"])
    for i, x, y in points:
        yield from _ecarts(trace, i, x, y, r)
        if "markers" in modes:
            yield f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{float(marque.get("size", 8)) / 2:g}" fill="{marque.get("color", ENCRE)}"/>'
        if "text" in modes and textes[i]:
            couleur = str((trace.get("textfont") or {}).get("color") or ENCRE)
            if trace.get("textposition") == "middle right":
                yield _texte(x + 6, y, textes[i], "start", couleur)
            elif "markers" in modes or trace.get("textposition") == "top center":
                yield _texte(x, y - 18, textes[i], "middle", couleur)
            else:
                raise DessinInconnu(f"texte placé {trace.get('textposition')!r}")


def _remplissage(couleur: str) -> str:
    """« rgba(14, 90, 99, 0.16) » as attributes of SVG."""
    rouge, vert, bleu, opacite = couleur.removeprefix("rgba(").removesuffix(")").split(",")
    return f'style="fill:rgb({rouge},{vert},{bleu});fill-opacity:{opacite.strip()}"'


def _axes(mise: Mapping[str, Any], r: Repere) -> Iterator[str]:
    gauche, haut, _, haute = r.boite
    for nom in r.rangs:
        yield _texte(gauche - 8, r.y(nom), nom, "end")
    axe = mise.get("xaxis", {})
    if axe.get("visible"):
        for valeur, texte in zip(axe["tickvals"], axe["ticktext"], strict=True):
            yield _texte(r.x(valeur), haut + haute + 16, texte, "middle")
    if axe.get("zeroline"):
        yield f'<path d="M{r.x(0):.2f} {haut:g}v{haute:g}" stroke="{ENCRE}" stroke-width="1"/>'


def _lignes(mise: Mapping[str, Any], r: Repere) -> Iterator[str]:
    """Vertical strokes over the whole height: breaks and events."""
    _, haut, _, haute = r.boite
    for forme in mise.get("shapes") or ():
        if forme.get("type") != "line" or forme.get("x0") != forme.get("x1"):
            raise DessinInconnu(f"forme {forme.get('type')!r}")
        trait = forme.get("line") or {}
        tirets = TIRETS.get(str(trait.get("dash") or ""), "")
        pointille = f' stroke-dasharray="{tirets}"' if tirets else ""
        yield (
            f'<path d="M{r.x(forme["x0"]):.2f} {haut:g}v{haute:g}" stroke="{trait.get("color", ENCRE)}" '
            f'stroke-width="{trait.get("width", 1)}"{pointille}/>'
        )


def _annotations(mise: Mapping[str, Any], r: Repere) -> Iterator[str]:
    _, haut, _, _ = r.boite
    for note in mise.get("annotations") or ():
        if note.get("yref") != "paper" or note.get("showarrow"):
            raise DessinInconnu("note fléchée")
        yield _texte(r.x(note["x"]), haut - 10, note["text"], "middle", str(note["font"]["color"]))


def _legende(
    traces: Sequence[Mapping[str, Any]], mise: Mapping[str, Any], r: Repere, numeros: Iterator[int]
) -> Iterator[str]:
    """One sample a named trace, above the drawing; side by side, or one a line."""
    if not mise.get("showlegend"):
        return
    empilee = (mise.get("legend") or {}).get("orientation") == "v"
    nommees = [t for t in traces if t.get("name") and t.get("showlegend") is not False]
    x, y = 8.0, 12.0
    for trace in nommees:
        definition, peinture = _peinture(trace, numeros)
        yield definition
        for couleur in peinture:
            yield f'<rect x="{x:g}" y="{y - CARRE / 2:g}" width="{CARRE:g}" height="{CARRE:g}" fill="{couleur}"/>'
        yield _texte(x + CARRE + 7, y, trace["name"], "start")
        if empilee:
            y += 24
        else:
            x += CARRE + 7 + largeur(unescape(trace["name"])) + ENTRE_LEGENDES


def _coupe(texte: str) -> list[str]:
    """Lines of a label, which Plotly holds as HTML."""
    return [unescape(ligne) for ligne in str(texte).split("<br>")]


def _texte(x: float, y: float, texte: str, ancre: str, couleur: str = ENCRE) -> str:
    """A label centred on `y`, whatever its number of lines."""
    lignes = _coupe(texte)
    haut = y - INTERLIGNE * (len(lignes) - 1) / 2 + TAILLE * 0.34
    return "".join(
        f'<text x="{x:.2f}" y="{haut + i * INTERLIGNE:.2f}" text-anchor="{ancre}" fill="{couleur}">{escape(ligne)}</text>'
        for i, ligne in enumerate(lignes)
    )
