"""Figures of the detection of personal columns on the labelled corpus: `python -m tests.mesure_personnel`.

The corpora (tests/cases/colonnes_personnelles*.csv) hold invented values only. `reglage` is the half the lexicon was
tuned on, `epreuve` the half kept for the measure; the split was written before any tuning. `aveugle` was
written without reading the lexicon or the other corpora, `aveugle2` after it, in other fields, before being measured.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from observatoire.domain.types.base import Valeur
from pipelines.ingestion.grille import Colonne, Feuille, Table
from pipelines.ingestion.personnel import colonnes_personnelles

CAS = Path(__file__).with_name("cases")
CORPUS = tuple(CAS / f"colonnes_personnelles{suite}.csv" for suite in ("", "_aveugle", "_aveugle2"))
JEUX = ("reglage", "epreuve", "final", "aveugle", "aveugle2", "ensemble")


@dataclass(frozen=True, slots=True)
class Cas:
    """One labelled column and what was found in it."""

    titre: str
    personnelle: bool
    genre: str
    jeu: str
    trouvee: str | None


@dataclass(frozen=True, slots=True)
class Mesure:
    """Recall on the personal columns, share of false alarms on the innocent ones, and the cases missed."""

    personnelles: int
    innocentes: int
    manquees: tuple[Cas, ...]
    alarmes: tuple[Cas, ...]

    @property
    def rappel(self) -> float:
        return 1 - len(self.manquees) / self.personnelles

    @property
    def fausses_alarmes(self) -> float:
        return len(self.alarmes) / self.innocentes


def juger() -> list[Cas]:
    """Every column of the corpora, read alone as a table of one column."""
    return [_juger(ligne) for chemin in CORPUS for ligne in _lignes(chemin)]


def _lignes(chemin: Path) -> list[dict[str, str]]:
    with chemin.open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


def _juger(ligne: dict[str, str]) -> Cas:
    valeurs: list[list[Valeur]] = [[v] for v in ligne["valeurs"].split("|")]
    feuille = Feuille("F", [[ligne["titre"]], *valeurs])
    table = Table(feuille, 0, [Colonne(0, ligne["titre"])], list(range(1, len(valeurs) + 1)))
    trouvee = colonnes_personnelles(table).get(0)
    return Cas(ligne["titre"], ligne["personnelle"] == "oui", ligne["genre"], ligne["jeu"], trouvee)


def mesurer(cas: Iterable[Cas]) -> Mesure:
    """The figures of some columns."""
    tous = list(cas)
    oui = [c for c in tous if c.personnelle]
    non = [c for c in tous if not c.personnelle]
    manquees = tuple(c for c in oui if c.trouvee is None)
    return Mesure(len(oui), len(non), manquees, tuple(c for c in non if c.trouvee is not None))


def main() -> None:
    """Print the figures of each half and of both, then the cases missed."""
    cas = juger()
    for jeu in JEUX:
        m = mesurer(c for c in cas if jeu in (c.jeu, "ensemble"))
        sys.stdout.write(
            f"{jeu:9} {m.personnelles} personnelles, rappel {m.rappel:.1%} ; "
            f"{m.innocentes} innocentes, fausses alarmes {m.fausses_alarmes:.1%}\n"
        )
        if jeu in sys.argv[1:]:
            for c in (*m.manquees, *m.alarmes):
                sys.stdout.write(
                    f"   {'oui' if c.personnelle else 'non'} {c.titre} [{c.genre}] {c.trouvee}\n"
                )


if __name__ == "__main__":
    main()
