"""A batch: the typed rows of a deposit, each with the cell it comes from, and all that is said about them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.enquete import Enquete
from observatoire.domain.types.base import Valeur
from pipelines.ingestion.grille import Feuille, position


def affiche(valeur: Valeur) -> str:
    """A cell as a French spreadsheet shows it: `12,5`, `04/05/1998`, `VRAI`."""
    if isinstance(valeur, bool):
        return "VRAI" if valeur else "FAUX"
    if isinstance(valeur, float):
        return (
            repr(int(valeur))
            if valeur.is_integer() and abs(valeur) < 1e15
            else repr(valeur).replace(".", ",")
        )
    if isinstance(valeur, dt.datetime):
        return (
            valeur.strftime("%d/%m/%Y")
            if valeur.time() == dt.time()
            else valeur.strftime("%d/%m/%Y %H:%M:%S")
        )
    if isinstance(valeur, dt.date):
        return valeur.strftime("%d/%m/%Y")
    return "" if valeur is None else str(valeur)


def texte_brut(valeur: Valeur) -> str | None:
    """A cell as the raw layer keeps it: plain text without loss (ISO dates, dot decimals)."""
    if valeur is None or isinstance(valeur, str):
        return valeur
    if isinstance(valeur, bool):
        return "true" if valeur else "false"
    if isinstance(valeur, float) and valeur.is_integer() and abs(valeur) < 2**53:
        return repr(int(valeur))
    return valeur.isoformat() if isinstance(valeur, dt.datetime | dt.date | dt.time) else str(valeur)


@dataclass(frozen=True, slots=True)
class Origine:
    """Where a typed row comes from: sheet, 1-based row, and all the source rows when it sums several."""

    feuille: str
    ligne: int
    lignes_source: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Grille:
    """A sheet that was read: its cells, the 0-based rows under the header, the columns that are never kept.

    `substituts[(row, column)]` is what is kept of a hidden cell instead: its title, a number that is nobody's.
    """

    feuille: Feuille
    rangs: tuple[int, ...]
    cachees: frozenset[int] = frozenset()
    substituts: Mapping[tuple[int, int], Valeur] = field(default_factory=dict)

    def brutes(self) -> Iterator[tuple[str, int, list[str | None]]]:
        """Rows read, as the raw layer keeps them: sheet, 1-based row, text of the cells as received.

        Of a turned sheet a row is a column of the file: `Feuille.axe` and `adresse_notee` lead back to its cells.
        """
        for i in self.rangs:
            yield self.feuille.nom, i + 1, [texte_brut(v) for v in self._sans_cachees(i)]

    def archive(self) -> list[list[Valeur]]:
        """The whole sheet without the columns that are never kept."""
        lignes = [self._sans_cachees(i) for i in range(len(self.feuille.lignes))]
        return [list(colonne) for colonne in zip(*lignes, strict=True)] if self.feuille.transposee else lignes

    def _sans_cachees(self, i: int) -> list[Valeur]:
        ligne = self.feuille.lignes[i]
        if self.feuille.originaux:
            ligne = [self.feuille.originaux.get((i, j), v) for j, v in enumerate(ligne)]
        # In a CSV row of a false width, a name may stand under any title.
        if self.cachees and i in self.feuille.largeurs_fausses:
            return [None] * len(ligne)
        if not self.cachees:
            return ligne
        return [self.substituts.get((i, j)) if j in self.cachees else v for j, v in enumerate(ligne)]


@dataclass(slots=True)
class Lot:
    """The rows of one deposit, column by column.

    `colonnes[champ][i]` is the typed value of row i; `origines[i]` its place. `attente[i]` holds the codes that
    keep row i pending; `doublons` the rows set aside as identical to another. `ignorees` are the source
    rows passed over, `adresses[(feuille, champ)]` the 0-based column that feeds a field,
    `caviardees[(feuille, column)]` the masked cells of a column: 0-based row → kind of personal data;
    `feuilles` are the sheets read, by name: they give the addresses.
    """

    enquete: Enquete
    source: str
    colonnes: dict[str, list[Any]] = field(default_factory=dict)
    origines: list[Origine] = field(default_factory=list)
    qualite: dict[int, dict[str, dict[str, Any]]] = field(default_factory=dict)
    attente: dict[int, list[str]] = field(default_factory=dict)
    doublons: dict[int, int] = field(default_factory=dict)
    ignorees: list[tuple[str, int, str]] = field(default_factory=list)
    anomalies: list[Anomalie] = field(default_factory=list)
    adresses: dict[tuple[str, str], int] = field(default_factory=dict)
    entetes: dict[tuple[str, str], str] = field(default_factory=dict)
    grilles: list[Grille] = field(default_factory=list)
    millesimes: list[int | None] = field(default_factory=list)
    cles: list[str | None] = field(default_factory=list)
    caviardees: dict[tuple[str, int], dict[int, str]] = field(default_factory=dict)
    personnelles: bool = False
    feuilles: dict[str, Feuille] = field(default_factory=dict)

    def brutes(self) -> list[tuple[str, int, list[str | None]]]:
        """Raw rows of every sheet read: sheet, 1-based row, text of the cells; personal columns are empty."""
        return [ligne for grille in self.grilles for ligne in grille.brutes()]

    @property
    def chargeables(self) -> list[int]:
        """Indexes of the rows that can be loaded."""
        return [i for i in range(len(self.origines)) if i not in self.attente and i not in self.doublons]

    @property
    def lues(self) -> int:
        """Source rows under the header: loadable, pending or passed over."""
        return sum(len(o.lignes_source) for o in self.origines) + len(self.ignorees)

    def lignes_source(self, indices: list[int]) -> int:
        """Number of source rows behind these typed rows."""
        return sum(len(self.origines[i].lignes_source) for i in indices)

    def comptes(self) -> dict[str, int]:
        """Source rows by fate; AssertionError when one is lost (the invariant of every deposit)."""
        chargees = self.lignes_source(self.chargeables)
        attente = self.lignes_source([i for i in self.attente if i not in self.doublons])
        ignorees = len(self.ignorees) + self.lignes_source(list(self.doublons))
        if self.lues != chargees + attente + ignorees:
            raise AssertionError(f"ligne perdue : {self.lues} ≠ {chargees} + {attente} + {ignorees}")
        return {
            "lignes_lues": self.lues,
            "lignes_chargees": chargees,
            "lignes_en_attente": attente,
            "lignes_ignorees": ignorees,
        }

    def repere(self, i: int) -> str | None:
        """The person's own label of row i: the name of the association."""
        noms = self.colonnes.get(self.enquete.identite["nom"])
        return str(noms[i]) if noms and noms[i] is not None else None

    def anomalie(
        self, code: str, i: int, champ: str | None = None, valeur: Valeur = None, /, **details: Any
    ) -> None:
        """Say something about row i, at the cell that feeds `champ` when there is one."""
        origine = self.origines[i]
        colonne = self.adresses.get((origine.feuille, champ)) if champ else None
        ligne, cellule = self._place(origine, colonne)
        self.anomalies.append(
            Anomalie(
                code,
                feuille=origine.feuille,
                ligne=ligne,
                cellule=cellule,
                colonne=self.entetes.get((origine.feuille, champ or "")),
                valeur=None if valeur is None else affiche(valeur),
                champ=champ,
                repere=self.repere(i),
                details=details,
            )
        )

    def _place(self, origine: Origine, colonne: int | None) -> tuple[int, str | None]:
        """Row and cell, in the file received, of a row of the lot; a turned sheet always gives a cell."""
        feuille = self.feuilles.get(origine.feuille) or Feuille(origine.feuille, [])
        if colonne is None and feuille.transposee:
            colonne = self.adresses.get((origine.feuille, self.enquete.identite["nom"]), 0)
        if colonne is None:
            return origine.ligne, None
        i = origine.ligne - 1
        return feuille.ligne_dite(i, colonne), feuille.adresse(i, colonne)

    def axe(self, feuille: str, colonne: int) -> str:
        """Name of a column in the file received: its letter, its row number in a turned sheet."""
        return (self.feuilles.get(feuille) or Feuille(feuille, [])).axe(colonne)

    def ligne_de(self, anomalie: Anomalie) -> int | None:
        """`Origine.ligne` of the row that an anomaly is about: its row, its column in a turned sheet."""
        feuille = self.feuilles.get(anomalie.feuille or "")
        if feuille is None or not feuille.transposee:
            return anomalie.ligne
        place = position(anomalie.cellule) if anomalie.cellule else None
        return None if place is None else place[1] + 1

    def retenir(self, i: int, code: str) -> None:
        """Keep row i pending because of `code`."""
        self.attente.setdefault(i, []).append(code)

    def causes(self) -> Counter[str]:
        """Number of anomalies by code."""
        return Counter(a.code for a in self.anomalies)
