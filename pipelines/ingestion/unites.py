"""Amounts in thousands of euros: titles that say so, cells turned into euros once the person has confirmed it."""

from __future__ import annotations

import re
from decimal import Decimal

from observatoire.domain.enquete import Enquete
from observatoire.domain.types import type_de
from observatoire.domain.types._nettoyage import plier
from observatoire.domain.types.base import Valeur

_MILLIERS = re.compile(r"(?<!\w)(?:en )?(?:k ?(?:€|eur(?:os?)?\b)|milliers? d[’'e] ?euros?\b)", re.IGNORECASE)
_VIDES = re.compile(r"\(\s*\)|\[\s*\]")
_UNITE = re.compile(r"[€%]|\d ?[km]\b|\beur|\bmill|\bmds?\b")
_CHIFFRE = re.compile(r"\d")
MILLE = 1000


def en_milliers(texte: str) -> bool:
    """True for a title that says thousands of euros."""
    return _MILLIERS.search(texte) is not None


def sans_milliers(titre: str) -> str:
    """A title without the words that say thousands of euros: « Montant (en k€) » → « Montant »."""
    return " ".join(_VIDES.sub(" ", _MILLIERS.sub(" ", titre)).split())


def sans_unite(brut: Valeur) -> bool:
    """True for an amount written without its own unit: the unit of the column is then the one that counts."""
    if isinstance(brut, bool):
        return False
    if isinstance(brut, int | float):
        return True
    return isinstance(brut, str) and bool(_CHIFFRE.search(brut)) and not _UNITE.search(plier(brut))


def en_euros(brut: Valeur) -> Valeur:
    """A cell of a column in thousands, as the same amount in euros."""
    if not sans_unite(brut):
        return brut
    if isinstance(brut, int | float) and brut == brut and abs(brut) != float("inf"):
        return float(Decimal(str(brut)) * MILLE)
    return f"{brut} k€"


def montants_exiges(enquete: Enquete) -> list[str]:
    """The amounts that a questionnaire requires: where there are some, each row is a sum that somebody granted."""
    return [c.name for c in enquete.champs_actifs() if c.obligatoire and type_de(c).nom == "montant"]
