"""What a field type is: one small file, its own valid and invalid examples, one `lire` method.

Every module of this package (but this one) exposes `TYPE`, an instance of `TypeChamp`. The registry in
`__init__` finds them; the tests run their examples.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from observatoire.domain.enquete import Champ

# A cell as the reader gives it. None is an empty cell.
Valeur = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None


@dataclass(frozen=True, slots=True)
class Lecture:
    """What a type makes of one cell.

    `valeur` is the typed value (None when missing or refused). `motif` says why it is missing:
    `vide`, `non_communique`, `nsp`, `sans_objet`. `code` is the anomaly, if any; its level in the catalogue
    decides what follows (a refused value has `valeur` None). `drapeau` marks a value that was read with an
    interpretation (`approx`, `intervalle`, `borne`, `format_us`, `unite_inferee`…); `bas` and `haut` keep
    the bounds of an interval. `details` feeds the French message (`lu`, `exemple`, `proposition`…).
    """

    valeur: Any = None
    code: str | None = None
    motif: str | None = None
    drapeau: str | None = None
    bas: float | None = None
    haut: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class Lieux(Protocol):
    """What the types of places need of the territory (observatoire.territoire implements it)."""

    def par_code(self, code: str) -> Any | None:
        """The commune of this INSEE code."""

    def par_nom(self, texte: str) -> Sequence[Any]:
        """Communes of this name once normalised."""

    def par_code_postal(self, code_postal: str) -> Sequence[Any]:
        """Communes of this postcode."""

    def proche(self, texte: str) -> tuple[Any, float] | None:
        """The only commune whose name is near, with a score from 0 to 100."""

    def quartiers(self, texte: str) -> Sequence[Any]:
        """Priority districts of this code, else of this name; none without a list."""


@dataclass(slots=True)
class Contexte:
    """What is known beside the cell: territory, year of the data, facts about the whole column."""

    lieux: Lieux | None = None
    millesime: int | None = None
    colonne: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exemple:
    """One documented example: a raw cell and what must come out of it."""

    brut: Valeur
    valeur: Any = None
    code: str | None = None
    motif: str | None = None
    drapeau: str | None = None


class TypeChamp:
    """Base of the field types.

    `sql` is the DuckDB column type, `table_schema` the Table Schema type, `excel` the number format of the
    template ('@' is text), `forme` the pattern that a whole typed text matches, `lisible` how a French sentence names the type ("un nombre entier").
    """

    nom: str = ""
    sql: str = "VARCHAR"
    table_schema: str = "string"
    excel: str = "@"
    lisible: str = ""
    forme: str = ""
    exemples: tuple[Exemple, ...] = ()

    def bornes(self, champ: Champ) -> tuple[Any, Any]:
        """Smallest and largest typed value of a field; None where there is no bound."""
        return champ.constraints.get("minimum"), champ.constraints.get("maximum")

    def observer(self, colonne: Sequence[Valeur], champ: Champ) -> Mapping[str, Any]:
        """Facts about the whole column that `lire` needs (scale of shares, ambiguous separators…)."""
        return {}

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read one cell; never raises on a depositor's value."""
        raise NotImplementedError
