"""What the depositor is told of a deposit: counts, anomalies, sums, verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from observatoire.domain.anomalie import Anomalie, Niveau

# Causes that speak of the columns themselves: one group for all the columns.
CAUSES_DE_COLONNE = frozenset({"EN-03", "EN-04", "RG-01"})


@dataclass(slots=True)
class Groupe:
    """Anomalies of one cause in one column; `phrases` gathers those that say the same thing."""

    code: str
    niveau: Niveau
    cause: str
    colonne: str | None
    anomalies: list[Anomalie]

    @property
    def nb(self) -> int:
        """How many anomalies."""
        return len(self.anomalies)

    @property
    def phrases(self) -> dict[str, list[Anomalie]]:
        """Sentence → the anomalies it is true of, in the order of the file."""
        phrases: dict[str, list[Anomalie]] = {}
        for anomalie in self.anomalies:
            phrases.setdefault(anomalie.phrase, []).append(anomalie)
        return phrases


@dataclass(slots=True)
class Bilan:
    """Outcome of `verifier` or `deposer` on one file.

    `valeurs_ecartees` are the cells of optional columns that were refused in rows loaded without them.
    `refus` is the reason when the whole file is refused; `deja` the earlier deposit when nothing was added.
    `sommes[champ] = (lue, chargee, en attente)` for every quantity. `regles` are the rules of the quality
    suite with the number of broken rows.
    """

    fichier: str
    depot_id: str
    sha256: str = ""
    questionnaire: str | None = None
    source: str | None = None
    raison: str = ""
    millesimes: tuple[int, ...] = ()
    lignes_lues: int = 0
    lignes_chargees: int = 0
    lignes_en_attente: int = 0
    lignes_ignorees: int = 0
    valeurs_ecartees: int = 0
    anomalies: list[Anomalie] = field(default_factory=list)
    refus: Anomalie | None = None
    deja: bool = False
    charge: bool = False
    a_revoir: bool = False
    sommes: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    regles: Mapping[str, int] = field(default_factory=dict)
    correspondance: list[tuple[str, str, float, str]] = field(default_factory=list)

    @property
    def code_sortie(self) -> int:
        """0 all loadable, 1 some lines pending, 2 the file is refused."""
        return 2 if self.refus else 1 if self.lignes_en_attente else 0

    def groupes(self) -> list[Groupe]:
        """Anomalies by cause and column, the most severe first, then the most cells."""
        par_cause: dict[tuple[str, str | None], list[Anomalie]] = {}
        for anomalie in self.anomalies:
            colonne = None if anomalie.code in CAUSES_DE_COLONNE else anomalie.colonne
            par_cause.setdefault((anomalie.code, colonne), []).append(anomalie)
        groupes = [
            Groupe(code, m[0].niveau, m[0].modele.cause, colonne, m)
            for (code, colonne), m in par_cause.items()
        ]
        return sorted(groupes, key=lambda g: (g.niveau.rang, -g.nb, g.code))

    def causes(self) -> Counter[str]:
        """Number of anomalies by code."""
        return Counter(a.code for a in self.anomalies)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of `--json`."""
        return {
            "fichier": self.fichier,
            "depot_id": self.depot_id,
            "questionnaire": self.questionnaire,
            "source": self.source,
            "millesimes": list(self.millesimes),
            "lignes_lues": self.lignes_lues,
            "lignes_chargees": self.lignes_chargees,
            "lignes_en_attente": self.lignes_en_attente,
            "lignes_ignorees": self.lignes_ignorees,
            "valeurs_ecartees": self.valeurs_ecartees,
            "charge": self.charge,
            "deja_charge": self.deja,
            "a_revoir": self.a_revoir,
            "refus": None if self.refus is None else self.refus.message,
            "sommes": {c: list(s) for c, s in self.sommes.items()},
            "anomalies": [a.to_dict() for a in self.anomalies],
        }
