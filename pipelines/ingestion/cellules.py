"""What one cell looks like, before any field type: empty, a number, a text."""

from __future__ import annotations

import re

from observatoire.domain.types.base import Valeur

_CHIFFRES = re.compile(
    r"[-+(]?[\d\s\u00a0\u202f.,'’]*\d[\s\u00a0\u202f]*(?:€|%|euros?|k€)?\)?", re.IGNORECASE
)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?")
_IDENTIFIANT = re.compile(r"[Ww]?\d{9,14}")


def vide(valeur: Valeur) -> bool:
    """True for an empty cell, or one that holds spaces only."""
    return valeur is None or (isinstance(valeur, str) and not valeur.strip())


def nombre(valeur: Valeur) -> float | None:
    """The cell as a number to add up, None when it is not one (a date, an identifier, a text)."""
    if isinstance(valeur, bool):
        return None
    if isinstance(valeur, (int, float)):
        return float(valeur)
    if not isinstance(valeur, str) or not _CHIFFRES.fullmatch(valeur.strip()) or est_identifiant(valeur):
        return None
    chiffres = re.sub(r"[^\d,.\-]", "", valeur)
    if "," in chiffres:
        chiffres = chiffres.replace(".", "").replace(",", ".")
    try:
        return float(chiffres)
    except ValueError:
        return None


def est_identifiant(valeur: Valeur) -> bool:
    """True for a run of nine to fourteen digits (SIREN, SIRET; 13 or 14 as a number), or an RNA number."""
    if isinstance(valeur, (int, float)) and not isinstance(valeur, bool):
        return 1e12 < valeur < 1e14 and valeur == int(valeur)
    return (
        isinstance(valeur, str)
        and _IDENTIFIANT.fullmatch(re.sub(r"[\s\u00a0\u202f]", "", valeur)) is not None
    )


def est_annee(valeur: Valeur) -> bool:
    """True for a year, a number or digits: it may be the title of a column among others."""
    return en_texte(valeur).isdecimal() and 1990 <= int(en_texte(valeur)) <= 2100


def est_texte(valeur: Valeur) -> bool:
    """True for words: neither a number nor a date written as text."""
    if not isinstance(valeur, str):
        return False
    texte = valeur.strip()
    return bool(texte) and not (
        _CHIFFRES.fullmatch(texte) or _DATE.fullmatch(texte) or est_identifiant(texte)
    )


def en_texte(valeur: Valeur) -> str:
    """The cell on one line, a whole number without its decimal part."""
    if isinstance(valeur, float) and valeur.is_integer():
        valeur = int(valeur)
    return "" if valeur is None else " ".join(str(valeur).split())
