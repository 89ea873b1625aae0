"""What the staff pages show of an examined deposit, as plain data: sheets, columns, problems, questions, counts.

Written by the worker that examined the files, read by the pages. No cell is shown here that holds personal data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class FeuilleVue:
    """A sheet: is it read, where its titles are, and its first rows as text (row `premiere` first, 1-based)."""

    nom: str
    lignes: int
    colonnes: int
    visible: bool
    lue: bool
    transposee: bool
    ligne_entete: int | None
    premiere: int
    apercu: list[list[str]]
    lettres: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ColonneAttendue:
    """A field of the questionnaire and what feeds it: `etat` trouve, propose, choisi, constante, absent."""

    champ: str
    titre: str
    description: str
    obligatoire: bool
    etat: str
    entete: str | None = None
    lettre: str | None = None
    feuille: str | None = None
    score: float | None = None
    valeur: str | None = None
    exemples: list[str] = field(default_factory=list)
    propositions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ColonneInconnue:
    """A column of the file that feeds nothing; it stays in the archive."""

    feuille: str
    lettre: str
    entete: str
    exemples: list[str]


@dataclass(slots=True)
class Cause:
    """Problems of one cause in one column: how many (`nb`), the first of its `nb_phrases` sentences, with their cells."""

    code: str
    niveau: str
    cause: str
    colonne: str | None
    nb: int
    phrases: list[tuple[str, list[str], int]]
    nb_phrases: int = 0


@dataclass(slots=True)
class CelluleFausse:
    """A cell that was refused: it can be typed again in place."""

    feuille: str
    cellule: str
    ligne: int
    repere: str
    colonne: str
    champ: str
    valeur: str
    probleme: str
    code: str


@dataclass(slots=True)
class LigneRetenue:
    """A row that waits: it can be left out, or corrected."""

    feuille: str
    ligne: int
    repere: str
    motifs: list[str]
    problemes: list[str]


@dataclass(slots=True)
class Reparation:
    """A cell that was understood otherwise than written: before and after."""

    code: str
    cause: str
    feuille: str
    cellule: str
    repere: str
    colonne: str
    avant: str
    apres: str


@dataclass(slots=True)
class Verdict:
    """Everything about one revision of a deposit in progress.

    `reparations`, `cellules` and `retenues` are the first ones; `totaux` says how many there are of each.
    """

    revision: int
    fichier: str
    secondes: float = 0.0
    questionnaire: str | None = None
    titre: str = ""
    origine: str = ""
    raison: str = ""
    source: str | None = None
    millesimes: list[int] = field(default_factory=list)
    candidats: list[tuple[str, float, str]] = field(default_factory=list)
    refus: dict[str, str] | None = None
    panne: str | None = None
    deja: dict[str, Any] | None = None
    memoire: str | None = None
    empreinte: str | None = None
    lignes_lues: int = 0
    lignes_chargees: int = 0
    lignes_en_attente: int = 0
    lignes_ignorees: int = 0
    valeurs_ecartees: int = 0
    a_revoir: bool = False
    sommes: list[tuple[str, str, float, float, float]] = field(default_factory=list)
    feuilles: list[FeuilleVue] = field(default_factory=list)
    colonnes: list[ColonneAttendue] = field(default_factory=list)
    inconnues: list[ColonneInconnue] = field(default_factory=list)
    personnelles: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    reparations: list[Reparation] = field(default_factory=list)
    cellules: list[CelluleFausse] = field(default_factory=list)
    retenues: list[LigneRetenue] = field(default_factory=list)
    totaux: dict[str, int] = field(default_factory=dict)
    corrections_perdues: list[str] = field(default_factory=list)
    remplacables: list[dict[str, Any]] = field(default_factory=list)
    differences: dict[str, Any] | None = None
    corrige: str | None = None

    @property
    def chargeable(self) -> bool:
        """True when something can be loaded as it stands."""
        return not (self.refus or self.panne or self.deja) and self.lignes_chargees > 0

    @property
    def bloque_par_personnel(self) -> bool:
        """True while personal data was found and nobody agreed to leave it out."""
        return any(not p["retiree"] for p in self.personnelles)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, brut: Mapping[str, Any]) -> Verdict:
        """The reverse of `to_dict`."""
        valeurs = dict(brut)
        for nom, classe in _CLASSES.items():
            valeurs[nom] = [classe(**x) for x in brut.get(nom, ())]
        return cls(**valeurs)


_CLASSES: dict[str, Any] = {
    "feuilles": FeuilleVue,
    "colonnes": ColonneAttendue,
    "inconnues": ColonneInconnue,
    "causes": Cause,
    "reparations": Reparation,
    "cellules": CelluleFausse,
    "retenues": LigneRetenue,
}


def avec_apercus(verdict: Verdict, apercus: Iterable[Mapping[str, Any]]) -> Verdict:
    """The verdict with these previews instead of the empty ones."""
    vues = {a["nom"]: FeuilleVue(**a) for a in apercus}
    verdict.feuilles = [vues.get(f.nom, f) for f in verdict.feuilles]
    return verdict
