"""Numbers as French people write them: the only place that knows how. Standard library only."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

FINE = "\u202f"


def ecrire_nombre(nombre: float | Decimal, decimales: int | None = None) -> str:
    """`1 234,5` with U+202F between thousands; exact and without useless zero, or rounded half up to `decimales`."""
    exact = nombre if isinstance(nombre, Decimal) else Decimal(repr(nombre))
    if decimales is not None:
        exact = exact.quantize(Decimal(1).scaleb(-decimales), rounding=ROUND_HALF_UP)
    entier, _, suite = f"{exact:,f}".partition(".")
    if decimales is None:
        suite = suite.rstrip("0")
    return entier.replace(",", FINE) + (f",{suite}" if suite else "")
