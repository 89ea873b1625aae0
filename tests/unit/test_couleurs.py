"""Contrast of every pair of colours in use, in light and dark, and for readers who see colours otherwise (WCAG 2.2)."""

from __future__ import annotations

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from dashboards import textes
from dashboards.figures import theme

DASHBOARDS = Path(textes.__file__).parent
STYLE = (DASHBOARDS / "static" / "observatoire.css").read_text(encoding="utf-8")
REGLAGES = tomllib.loads((DASHBOARDS / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
CLAIR, SOMBRE = 0, 1
TEXTE, TRAIT = 4.5, 3.0
_VARIABLE = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
VARIABLES = {nom: (clair, sombre) for nom, clair, sombre in _VARIABLE.findall(STYLE)}
# Machado, Oliveira and Fernandes (2009), full strength, on linear RGB.
VISIONS = {
    "protanopie": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopie": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopie": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    "aucune couleur": ((0.2126, 0.7152, 0.0722),) * 3,
}  # fmt: skip
Rvb = tuple[float, float, float]


def lineaire(couleur: str) -> Rvb:
    composantes = [int(couleur[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, v, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in composantes)
    return r, v, b


def luminance(rvb: Rvb) -> float:
    return 0.2126 * rvb[0] + 0.7152 * rvb[1] + 0.0722 * rvb[2]


def contraste(a: str | Rvb, b: str | Rvb) -> float:
    """WCAG contrast ratio."""
    clarte = sorted(luminance(lineaire(c) if isinstance(c, str) else c) for c in (a, b))
    return (clarte[1] + 0.05) / (clarte[0] + 0.05)


def vue_par(couleur: str, vision: str) -> Rvb:
    rvb = lineaire(couleur)
    r, v, b = (
        min(1.0, max(0.0, sum(m * c for m, c in zip(ligne, rvb, strict=True)))) for ligne in VISIONS[vision]
    )
    return r, v, b


def lab(rvb: Rvb) -> Rvb:
    matrice = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    blanc = (0.9505, 1.0, 1.089)
    xyz = [
        sum(m * c for m, c in zip(ligne, rvb, strict=True)) / w
        for ligne, w in zip(matrice, blanc, strict=True)
    ]
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def ecart(a: Rvb, b: Rvb) -> float:
    """CIE 1976 distance."""
    return sum((p - q) ** 2 for p, q in zip(lab(a), lab(b), strict=True)) ** 0.5


def test_le_calcul_connait_ses_extremes() -> None:
    assert contraste("#000000", "#ffffff") == pytest.approx(21)
    assert contraste("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("mode", "nom"), [(CLAIR, "light"), (SOMBRE, "dark")])
def test_textes_et_traits_lisibles(mode: int, nom: str) -> None:
    reglages = REGLAGES[nom]
    de = {variable: paire[mode] for variable, paire in VARIABLES.items()}
    fonds = (reglages["backgroundColor"], reglages["secondaryBackgroundColor"], de["papier"], de["entete"])
    for texte in (
        reglages["textColor"],
        reglages["linkColor"],
        reglages["primaryColor"],
        reglages["grayTextColor"],
        de["encre"],
        de["gris"],
        de["petrole"],
    ):
        for fond in fonds:
            assert contraste(texte, fond) >= TEXTE, (texte, fond)
    assert contraste(de["encre-sable"], de["sable"]) >= TEXTE
    assert contraste(de["encre"], de["sable"]) >= TEXTE
    for trait in ("trait-ocre", "ocre", "prune"):
        for fond in (reglages["backgroundColor"], de["papier"]):
            assert contraste(de[trait], fond) >= TRAIT, (trait, fond)


def test_le_style_et_les_reglages_disent_les_memes_couleurs() -> None:
    for variable, reglage in {
        "encre": "textColor",
        "petrole": "primaryColor",
        "gris": "grayTextColor",
        "filet": "borderColor",
    }.items():
        assert VARIABLES[variable] == (REGLAGES["light"][reglage], REGLAGES["dark"][reglage])
    assert VARIABLES["petrole"][CLAIR] == theme.PETROLE and VARIABLES["encre"][CLAIR] == theme.ENCRE


def test_aucune_couleur_fixe_hors_du_papier_des_graphiques() -> None:
    """A colour written without its dark sister would be unreadable in one of the themes."""
    for feuille in ("observatoire.css", "guichet.css"):
        style = (DASHBOARDS / "static" / feuille).read_text(encoding="utf-8").partition("@media print")[0]
        reste = re.sub(r"light-dark\([^)]*\)", "", style)
        assert re.findall(r"#[0-9a-f]{3,6}\b", reste) == []


def test_series_lisibles_sur_le_papier() -> None:
    for couleur in theme.SERIES:
        assert contraste(couleur, theme.PAPIER) >= TRAIT, couleur
    assert len(theme.MOTIFS) >= len(theme.SERIES) and len(set(theme.MOTIFS)) == len(theme.MOTIFS)


@pytest.mark.parametrize("vision", [v for v in VISIONS if v != "aucune couleur"])
def test_series_distinctes_pour_chaque_vision(vision: str) -> None:
    for a, b in itertools.combinations(theme.SERIES, 2):
        assert ecart(vue_par(a, vision), vue_par(b, vision)) >= 12, (a, b)


@pytest.mark.parametrize("vision", VISIONS)
def test_classes_de_la_carte_en_ordre_pour_chaque_vision(vision: str) -> None:
    """From light to dark without a tie: the order is read without any hue."""
    vues = [vue_par(c, vision) for c in theme.CLASSES]
    for claire, sombre in itertools.pairwise(vues):
        assert luminance(claire) > luminance(sombre)
        assert contraste(claire, sombre) >= 1.3
