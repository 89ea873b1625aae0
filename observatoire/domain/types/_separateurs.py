"""The digits of a number: spaces, points and commas, and what a column says of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

LONGUEUR_MAX = 60
NOMBRE = r"\d[\d .,']*\d|\d|[.,]\d+"
_ESPACES = re.compile(r"(\d{1,3}(?:[ ']\d{3})+)(?:[.,](\d+))?")
_UN_SEPARATEUR = re.compile(r"(\d*)([.,])(\d+)")
_GROUPES = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+")
_EUROPEEN = re.compile(r"(\d{1,3}(?:\.\d{3})+),(\d+)")
_AMERICAIN = re.compile(r"(\d{1,3}(?:,\d{3})+)\.(\d+)")
_INDICE = re.compile(rf"[^\d]{{0,12}}?({NOMBRE})[^\d]{{0,12}}")
_SIGNES = str.maketrans(dict.fromkeys("’‘ʼ", "'") | dict.fromkeys("‐‑‒–—−－", "-") | {"≃": "≈", "∼": "~"})


@dataclass(frozen=True, slots=True)
class Ecrit:
    """A number as written. `autre` is the second reading of an ambiguous one.

    `nature`: empty, `format_us`, `approx`, `intervalle`, `borne`, `frequence`; `unite`: empty, `€`, `%`, `h`,
    `etp`, `nom` (a noun such as « bénévoles ») or `/n` (out of n); `facteur` is 1000 for k€.
    """

    valeur: Decimal | None = None
    autre: Decimal | None = None
    bas: Decimal | None = None
    haut: Decimal | None = None
    nature: str = ""
    unite: str = ""
    facteur: Decimal = Decimal(1)


@lru_cache(maxsize=65536)
def simplifier(texte: str) -> str:
    """Lower case, no accent, every space plain, one minus sign. Superscripts and fractions stay."""
    plat = texte.translate(_SIGNES)
    if not plat.isascii():
        plat = "".join(
            " " if c.isspace() else c
            for c in unicodedata.normalize("NFD", plat)
            if c.isspace() or unicodedata.category(c) not in ("Mn", "Cf", "Cc", "Cs")
        )
    plat = " ".join(plat.lower().split())
    if plat.startswith('="') and plat.endswith('"'):
        plat = plat[2:-1].strip()
    return plat.strip("' ")


def convention(colonne: Sequence[object]) -> str | None:
    """Decimal separator, `,` or `.`, that the clear texts of a column agree on, or None."""
    indices = {indice for v in colonne if isinstance(v, str) and (indice := _indice(v))}
    return indices.pop() if len(indices) == 1 else None


def _indice(texte: str) -> str | None:
    if "," not in texte and "." not in texte:
        return None
    trouve = _INDICE.fullmatch(simplifier(texte)) if len(texte) <= LONGUEUR_MAX else None
    if trouve is None:
        return None
    nombre = trouve.group(1)
    if _EUROPEEN.fullmatch(nombre):
        return ","
    if _AMERICAIN.fullmatch(nombre):
        return "."
    if groupes := _GROUPES.fullmatch(nombre):
        return "." if groupes.group(1) == "," else ","
    lu = lire_nombre(nombre, None)
    if lu is None or lu.autre is not None:
        return None
    return next((separateur for separateur in ",." if separateur in nombre), None)


@lru_cache(maxsize=65536)
def lire_nombre(nombre: str, decimale: str | None) -> Ecrit | None:
    """One number without unit; `decimale` is the separator of the column when it is known."""
    if nombre.isdigit():
        return Ecrit(Decimal(nombre))
    if m := _ESPACES.fullmatch(nombre):
        entier = m.group(1).replace(" ", "").replace("'", "")
        return Ecrit(Decimal(f"{entier}.{m.group(2) or 0}"))
    if m := _EUROPEEN.fullmatch(nombre):
        return Ecrit(Decimal(f"{m.group(1).replace('.', '')}.{m.group(2)}"))
    if m := _AMERICAIN.fullmatch(nombre):
        return Ecrit(Decimal(f"{m.group(1).replace(',', '')}.{m.group(2)}"), nature="format_us")
    if m := _GROUPES.fullmatch(nombre):
        nature = "format_us" if m.group(1) == "," else ""
        return Ecrit(Decimal(nombre.replace(m.group(1), "")), nature=nature)
    if m := _UN_SEPARATEUR.fullmatch(nombre):
        entier, separateur, suite = m.groups()
        valeur = Decimal(f"{entier or 0}.{suite}")
        if len(suite) != 3 or not 1 <= len(entier) <= 3 or entier.startswith("0") or decimale == separateur:
            return Ecrit(valeur)
        milliers = Decimal(entier + suite)
        if decimale is None:
            return Ecrit(milliers, autre=valeur)
        return Ecrit(milliers, nature="format_us" if separateur == "," else "")
    return None
