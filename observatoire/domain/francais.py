"""Numbers, dates and spaces as French people write them: the only place that knows how. Standard library only."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

FINE = "\u202f"
INSECABLE = "\u00a0"
MOINS = "\u2212"
PARIS = ZoneInfo("Europe/Paris")
_MILLIERS = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)")
MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def ecrire_nombre(nombre: float | Decimal, decimales: int | None = None) -> str:
    """`1 234,5` with U+202F between thousands; exact and without useless zero, or rounded half up to `decimales`."""
    exact = nombre if isinstance(nombre, Decimal) else Decimal(repr(nombre))
    if decimales is not None:
        exact = exact.quantize(Decimal(1).scaleb(-decimales), rounding=ROUND_HALF_UP)
    entier, _, suite = f"{exact:,f}".partition(".")
    if decimales is None:
        suite = suite.rstrip("0")
    return entier.replace(",", FINE) + (f",{suite}" if suite else "")


def ecrire_part(part: float, decimales: int = 1) -> str:
    """A share between 0 and 1 → « 12,3 % », without useless zero."""
    exact = (Decimal(repr(part)) * 100).quantize(Decimal(1).scaleb(-decimales), rounding=ROUND_HALF_UP)
    return f"{MOINS if exact < 0 else ''}{ecrire_nombre(abs(exact))}{INSECABLE}%"


def jour(instant: date | datetime) -> date:
    """Day in France of an instant; publications keep universal time without saying so."""
    if not isinstance(instant, datetime):
        return instant
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(PARIS).date()


def date_longue(instant: date | datetime) -> str:
    """« 1er mars 2025 »."""
    quand = jour(instant)
    quantieme = "1er" if quand.day == 1 else str(quand.day)
    return f"{quantieme}{INSECABLE}{MOIS[quand.month - 1]}{INSECABLE}{quand.year}"


def date_courte(instant: date | datetime) -> str:
    """« 12/03/2025 »."""
    return f"{jour(instant):%d/%m/%Y}"


def accord(nb: int, singulier: str, pluriel: str | None = None) -> str:
    """« 1 réponse », « 2 réponses », « 0 réponse »: French plural starts at two."""
    mot = singulier if abs(nb) < 2 else (pluriel or f"{singulier}s")
    return f"{ecrire_nombre(nb)}{INSECABLE}{mot}"


def typographie(texte: str) -> str:
    """French spaces that do not break: fine before « ; ! ? » and in numbers, whole before « : », inside « » and after n°."""
    texte = _MILLIERS.sub(lambda m: m[0].replace(" ", FINE), texte)
    texte = re.sub(r"(?<=\S) (?=[;!?])", FINE, texte)
    return re.sub(r"(?<=«) |(?<=n°) | (?=[:»])", INSECABLE, texte)
