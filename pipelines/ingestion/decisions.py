"""What the depositor decided about a file: sheets, title rows, columns, answers to questions, corrected cells.

Decisions are data: kept with the deposit, they replay it. None of them changes the bytes received.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pipelines.ingestion.correspondance import Correspondance

EUROS, MILLIERS = "euros", "milliers"


@dataclass(frozen=True, slots=True)
class Correction:
    """A cell typed again: its sheet, its A1 address in the file received, the text before and after."""

    feuille: str
    cellule: str
    avant: str | None
    apres: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """Everything the person chose; an empty one leaves all to the recognition.

    `feuilles` {sheet: read or not}; `entetes` {sheet: 1-based row of the (last) titles}; `colonnes`
    {title as written: field, or None when it feeds nothing}; `constantes` {field: value of every row};
    `conventions` {field: decimal separator, « , » or « . »}; `unites` {sheet: « euros » or « milliers »};
    `ecartees` {sheet: 1-based rows left out}; `corrections` the cells typed again;
    `retirer_personnelles`: personal columns and cells were seen and are to be left out.
    """

    questionnaire: str | None = None
    millesime: int | None = None
    feuilles: Mapping[str, bool] = field(default_factory=dict)
    entetes: Mapping[str, int] = field(default_factory=dict)
    colonnes: Mapping[str, str | None] = field(default_factory=dict)
    constantes: Mapping[str, str] = field(default_factory=dict)
    conventions: Mapping[str, str] = field(default_factory=dict)
    unites: Mapping[str, str] = field(default_factory=dict)
    ecartees: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    retirer_personnelles: bool = False

    @property
    def correspondance(self) -> Correspondance:
        """The part of the choices that matches columns and fields."""
        return Correspondance(
            self.questionnaire,
            {titre: champ for titre, champ in self.colonnes.items() if champ is not None},
            dict(self.constantes),
        )

    @property
    def sans_usage(self) -> frozenset[str]:
        """Titles that the person said feed nothing."""
        return frozenset(titre for titre, champ in self.colonnes.items() if champ is None)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, brut: Mapping[str, Any]) -> Decisions:
        """The reverse of `to_dict`."""
        valeurs = dict(brut)
        valeurs["ecartees"] = {f: tuple(n) for f, n in brut.get("ecartees", {}).items()}
        valeurs["corrections"] = tuple(Correction(**c) for c in brut.get("corrections", ()))
        return cls(**valeurs)
