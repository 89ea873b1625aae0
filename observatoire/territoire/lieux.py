"""Places: where an answer counts. A commune, what lies in one of its priority districts (QPV), or the rest of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

QPV, REGROUPEMENT = "qpv", "regroupement"


def lieu(commune: str, quartier: str) -> str:
    """Name of the part of a commune that lies in a district."""
    return f"{commune}|{quartier}"


def placer(
    communes: Mapping[str, Sequence[tuple[str, str]]], quartiers: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str, str]]:
    """Rows (place, niveau, code) of these communes and of their parts.

    `communes`: code → the zones it lies in whole, itself included; `quartiers`: code → the districts it holds.
    """
    for commune, zones in communes.items():
        for niveau, code in zones:
            yield commune, niveau, code
        for quartier in quartiers.get(commune, ()):
            ici = lieu(commune, quartier)
            for niveau, code in (*zones, (QPV, quartier)):
                yield ici, niveau, code
