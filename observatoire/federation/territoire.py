"""The federation as a territory: one zone that counts everybody, and no other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from observatoire.territoire.territoire import Zone

CODE = "federation"


class Federation:
    """What the sums need of a territory (indicators.run.Lieux); its population is not known here."""

    def zones(self, niveau: str) -> Sequence[Zone]:
        """The whole, at the level that counts every association."""
        if niveau != "departement":
            return ()
        note = "avant pondération et secret"
        return (Zone(niveau, CODE, "Tous les départements du lac", None, None, 0, 0, note, CODE),)

    def rattachements(self) -> Iterable[tuple[str, str, str]]:
        """Nothing: the whole needs no place."""
        return ()

    def appartenances(self) -> Iterable[tuple[str, str, str]]:
        """Nothing: its districts are those of each département."""
        return ()
