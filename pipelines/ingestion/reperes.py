"""The words by which a row says that it is no answer: totals and notes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from observatoire.domain.types.base import Valeur

LONGUE = 60

_PRECISIONS = r"general|generaux|global|partiel|cumule|annuel|ttc|ht|en euros|\(?€\)?|(?:19|20)\d\d"
_TOTAL_SUR = re.compile(
    r"(?:sous|s/s)[- ]?tota(?:l|ux)\b.*"
    rf"|(?:grand )?tota(?:l|ux)(?: (?:{_PRECISIONS}))*[ :.=]*"
    r"|(?:moyenne|mediane)s?(?: (?:generale|globale|ponderee))?[ :.=]*"
    r"|tota(?:l|ux)\b[^:=]{,40}[:=][\d .,]+(?:€|euros?|h|heures?)?"
)
_TOTAL_PROBABLE = re.compile(
    r"(?:tota(?:l|ux)|moyennes?|medianes?|sommes?|cumul|ensemble|effectif total|minimum|maximum"
    r"|ecart[- ]type)\b.*"
)
_NOTE = re.compile(
    r"(?:sources?|notes?|nota(?: bene)?|n\.? ?b|remarques?|legende|lecture|champ|precisions?"
    r"|avertissement|mises? a jour|mis a jour|fait a|donnees arretees)\b"
)
_DATEE = re.compile(r"(?:fait a|mise?s? a jour|donnees arretees)\b.*\b(?:19|20)\d\d\W*")
_APPEL = re.compile(r"(?:\*|\(\d{1,2}\)|[¹²³])\s*\S")
_DEUX_POINTS = re.compile(r"n\.? ?b\.?\s*[:.\-]|.{2,24}?\s?:")
_SUSPECT = re.compile(
    r"\W*(?:sous|s/s|grand|tota|moyenne|m[eé]diane|somme|cumul|ensemble|effectif|m[ai][nx]imum|[eé]cart"
    r"|source|note|nota|n\.? ?b\b|remarque|l[eé]gende|lecture|champ|pr[eé]cision|avertissement"
    r"|mise?s? [aà] jour|fait [aà]|donn[eé]es)"
    r"|\s*(?:\*|\(\d{1,2}\)|[¹²³])",
    re.IGNORECASE,
)


def est_suspect(texte: str) -> bool:
    """Cheap first look at the first text of a row, as written: could it be a total or a note?"""
    return _SUSPECT.match(texte) is not None


def total_sur(plat: str) -> bool:
    """A total named beyond doubt (folded text): « total », « total général 2024 », « sous-total Melun »."""
    return _TOTAL_SUR.fullmatch(plat) is not None


def total_probable(plat: str) -> bool:
    """A name that starts like a total (« Total Danse », « Ensemble vocal »): the figures must prove it."""
    return _TOTAL_PROBABLE.match(plat) is not None


def debut_de_note(plat: str) -> bool:
    """A folded text whose first word is that of a note."""
    return _NOTE.match(plat) is not None


def est_note(plat: str, remplies: Sequence[Valeur]) -> bool:
    """A note stands alone on its row, with a call, a colon or a whole sentence.

    An association called « Notes en bulles » has no colon, and other cells.
    """
    if not all(isinstance(v, str) for v in remplies):
        return False
    if len(remplies) == 2:
        return debut_de_note(plat) and plat.endswith(":")
    if len(remplies) != 1:
        return False
    if _APPEL.match(plat) or _DATEE.fullmatch(plat):
        return True
    return debut_de_note(plat) and (_DEUX_POINTS.match(plat) is not None or len(plat) >= LONGUE)
