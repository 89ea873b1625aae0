"""Anomalies: what the depositor is told, cell by cell. The catalogue is `anomalies.toml`, nothing else.

A message keeps one order: where, what is written, why, what to do (see docs/messages.md, generated).
"""

from __future__ import annotations

import enum
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).with_name("anomalies.toml")
LONGUEUR_MAX = 60


class Niveau(enum.StrEnum):
    """How much an anomaly holds back, from the whole file to nothing.

    `bloquant` and `a_corriger` refuse the value (and the row, when the field is required);
    `a_confirmer` holds the row until somebody decides; the others let the row pass.
    """

    BLOQUANT = "bloquant"
    A_CORRIGER = "a_corriger"
    A_CONFIRMER = "a_confirmer"
    A_VERIFIER = "a_verifier"
    REPARE = "repare"
    INFO = "info"

    @property
    def libelle(self) -> str:
        """The level as a French screen names it."""
        return _LIBELLES[self]

    @property
    def refuse(self) -> bool:
        """True when the value is not taken as it stands."""
        return self in (Niveau.BLOQUANT, Niveau.A_CORRIGER)

    @property
    def rang(self) -> int:
        """Order of severity, 0 the worst."""
        return list(Niveau).index(self)


_LIBELLES = {
    Niveau.BLOQUANT: "bloquant",
    Niveau.A_CORRIGER: "à corriger",
    Niveau.A_CONFIRMER: "à confirmer",
    Niveau.A_VERIFIER: "à vérifier",
    Niveau.REPARE: "réparé",
    Niveau.INFO: "information",
}


@dataclass(frozen=True, slots=True)
class Modele:
    """One entry of the catalogue: level, cause in a few words, message template, help.

    `commande` is what the command line adds: the option that answers.
    """

    code: str
    niveau: Niveau
    cause: str
    message: str
    aide: str = ""
    commande: str = ""


@cache
def catalogue() -> Mapping[str, Modele]:
    """All message models by code. ValueError lists every faulty entry at once."""
    brut = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    fautes = [
        f"{code}: clé « {cle} » manquante"
        for code, entree in brut.items()
        for cle in ("niveau", "cause", "message")
        if cle not in entree
    ]
    fautes += [
        f"{code}: niveau « {e['niveau']} » inconnu"
        for code, e in brut.items()
        if e.get("niveau") not in {n.value for n in Niveau}
    ]
    if fautes:
        raise ValueError(f"{CATALOGUE.name} : " + " ; ".join(fautes))
    return {
        code: Modele(
            code, Niveau(e["niveau"]), e["cause"], e["message"], e.get("aide", ""), e.get("commande", "")
        )
        for code, e in brut.items()
    }


class _Trous(dict[str, Any]):
    def __missing__(self, cle: str) -> str:
        return "…"


def couper(valeur: object) -> str:
    """The value as displayed, on one line, cut at 60 characters."""
    texte = " ".join(str(valeur).split())
    return texte if len(texte) <= LONGUEUR_MAX else texte[: LONGUEUR_MAX - 1] + "…"


def enumerer(morceaux: Iterable[object]) -> str:
    """« 2 », « 2 et 4 », « 2, 4 et 7 »."""
    *debut, fin = map(str, morceaux)
    return f"{', '.join(debut)} et {fin}" if debut else fin


@dataclass(frozen=True, slots=True)
class Anomalie:
    """One problem: its code, its place in the file the person sent, the value as written.

    `ligne` is 1-based as in a spreadsheet; `cellule` an A1 address; `colonne` the header as written;
    `champ` the field name; `repere` the person's own label of the row (name of the association).
    """

    code: str
    feuille: str | None = None
    ligne: int | None = None
    cellule: str | None = None
    colonne: str | None = None
    valeur: str | None = None
    champ: str | None = None
    repere: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def modele(self) -> Modele:
        """The catalogue entry of this code."""
        return catalogue()[self.code]

    @property
    def niveau(self) -> Niveau:
        """Level of this code in the catalogue."""
        return self.modele.niveau

    @property
    def phrase(self) -> str:
        """What is written, why and what to do, without the place."""
        return self.modele.message.format_map(self._valeurs())

    @property
    def commande(self) -> str:
        """The option of the command line that answers; empty for most."""
        return self.modele.commande.format_map(self._valeurs())

    def _valeurs(self) -> Mapping[str, Any]:
        valeurs = _Trous(self.details)
        for cle in ("feuille", "ligne", "cellule", "colonne", "repere"):
            valeurs.setdefault(cle, getattr(self, cle) or "…")
        valeurs.setdefault("valeur", couper(self.valeur) if self.valeur is not None else "…")
        return valeurs

    @property
    def lieu(self) -> str:
        """Where: sheet, cell or row, column and label of the row; empty for a whole-file anomaly."""
        morceaux = []
        if self.feuille:
            morceaux.append(f"feuille «\u00a0{self.feuille}\u00a0»")
        if self.cellule:
            morceaux.append(f"cellule {self.cellule}")
        elif self.ligne:
            morceaux.append(f"ligne {self.ligne}")
        precisions = []
        if self.colonne:
            precisions.append(f"colonne «\u00a0{couper(self.colonne)}\u00a0»")
        if self.repere:
            precisions.append(couper(self.repere))
        lieu = ", ".join(morceaux)
        return f"{lieu} ({', '.join(precisions)})" if lieu and precisions else lieu

    @property
    def message(self) -> str:
        """The whole French message, place first."""
        return f"{self.lieu}\u00a0: {self.phrase}" if self.lieu else self.phrase

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of `verifier --json`."""
        return {
            "code": self.code,
            "niveau": self.niveau.value,
            "feuille": self.feuille,
            "cellule": self.cellule,
            "ligne": self.ligne,
            "colonne": self.colonne,
            "champ": self.champ,
            "valeur": None if self.valeur is None else couper(self.valeur),
            "message": self.message,
        }
