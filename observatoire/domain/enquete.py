"""A questionnaire and its fields, as frozen dataclasses. The TOML files are the only source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

IDENTITE = {"nom": "nom_association", "rna": "rna", "siret": "siret", "commune": "commune"}


@dataclass(frozen=True, slots=True)
class Champ:
    """One field of a questionnaire; the keys are those of Table Schema plus ours.

    `constraints` may hold `required` (bool), `minimum`, `maximum`, `maxLength`.
    `since` and `until` are millésimes (first and last year in which the field is asked).
    `personnel` marks a column that is refused at the door and never stored. `appariement` marks a code that
    people make themselves: it pairs two answers of one survey and year, and is stored as a meaningless number.
    `accord` marks a consent that only the row itself gives: no value for a whole file, no reminder of last year's.
    """

    name: str
    type: str
    title: str
    description: str
    example: str = ""
    unit: str = ""
    section: str = ""
    aliases: tuple[str, ...] = ()
    nomenclature: str | None = None
    constraints: Mapping[str, Any] = field(default_factory=dict)
    since: int | None = None
    until: int | None = None
    personnel: bool = False
    appariement: bool = False
    accord: bool = False

    @property
    def obligatoire(self) -> bool:
        """True when a row without a value for this field cannot be loaded."""
        return bool(self.constraints.get("required", False))


@dataclass(frozen=True, slots=True)
class Regle:
    """A rule across the columns of one row.

    `kind`: `partie` (each of `parties` ≤ `tout`), `somme` (sum of `parties` = `tout` within
    `tolerance`, a share of `tout`), `plafond` (each of `parties`, hours, divided by `tout`, persons, stays
    under the constant `heures_max_par_benevole`). `code` is a code of the anomaly catalogue.
    """

    kind: str
    code: str
    parties: tuple[str, ...]
    tout: str
    description: str
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Enquete:
    """One questionnaire: what a row is, its fields in order, its key and its rules.

    `cle` names the fields that, with the association, identify a row ("annee", "categorie"…); an empty
    key means that two rows may be alike (subsidies). `doublon_identique` says what happens to a row
    equal in every field to another one of the file: `ignorer` or `garder`. `millesime_de` are the fields that
    give the year of a row, the first one filled wins. `identite` says which field holds the association's
    `nom`, `rna`, `siret` and `commune`.
    """

    name: str
    title: str
    description: str
    grain: str
    version: str
    champs: tuple[Champ, ...]
    cle: tuple[str, ...] = ()
    regles: tuple[Regle, ...] = ()
    feuille: str = "Réponses"
    doublon_identique: str = "ignorer"
    millesime_de: tuple[str, ...] = ("annee",)
    identite: Mapping[str, str] = field(default_factory=lambda: dict(IDENTITE))

    def champ(self, name: str) -> Champ:
        """The field called `name`; KeyError names the questionnaire when there is none."""
        for champ in self.champs:
            if champ.name == name:
                return champ
        raise KeyError(f"{self.name}: pas de champ « {name} »")

    def champs_actifs(self, millesime: int | None = None) -> tuple[Champ, ...]:
        """Fields asked in `millesime` (all when None), without those refused at the door."""
        return tuple(
            c
            for c in self.champs
            if not c.personnel
            and (millesime is None or c.since is None or c.since <= millesime)
            and (millesime is None or c.until is None or millesime <= c.until)
        )
