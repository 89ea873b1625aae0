"""The quantities that the product reads of a file, cell by cell, against an independent reading of the same cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from observatoire.domain.anomalie import Anomalie, couper
from observatoire.domain.types import type_de
from pipelines.ingestion.lot import Lot, affiche
from pipelines.quality.controles import QUANTITES
from tests import independant

TOLERANCE = Decimal("0.000001")
CENTIME = Decimal("0.01")
# Codes of a whole row that leaves its cells unread; the codes of numbers, formulas and personal cells.
DE_LIGNE = ("LG-01", "LG-03", "TO-06")
DE_CELLULE = ("NB-", "FO-", "RG-02")
SANS_EFFET = frozenset({"NB-02", "NB-10"})  # said, and the value is kept as written


@dataclass(frozen=True, slots=True)
class Ecart:
    """A cell that does not count as it is written: what an independent reader sees, what was read, why."""

    cellule: str
    texte: str
    ecrit: Decimal | None
    lu: Decimal | None
    code: str | None
    pourquoi: str


@dataclass(slots=True)
class Somme:
    """A column of quantities of one sheet: what was read of it and what an independent reader adds up."""

    feuille: str
    colonne: str
    champ: str
    lue: Decimal = Decimal(0)
    chargeable: Decimal = Decimal(0)
    attente: Decimal = Decimal(0)
    independante: Decimal = Decimal(0)
    cellules: int = 0
    ecarts: list[Ecart] = field(default_factory=list)

    @property
    def inexpliques(self) -> list[Ecart]:
        """The differences that nothing said to the depositor explains."""
        return [e for e in self.ecarts if e.code is None]


def lignes_perdues(lot: Lot, feuilles: Mapping[str, independant.Grille]) -> Iterator[str]:
    """Rows of a sheet read, under its titles, that hold something and are in no count."""
    for lue in lot.grilles:
        if lue.feuille.transposee or not lue.rangs:
            continue
        pleines = {
            i
            for i, ligne in enumerate(feuilles.get(lue.feuille.nom, []))
            if any(str(v).strip() for v in ligne if v is not None)
        }
        perdues = sorted(i + 1 for i in pleines - set(lue.rangs) if i > lue.rangs[0])
        if perdues:
            yield f"lignes de «\u00a0{lue.feuille.nom}\u00a0» comptées nulle part\u00a0: {perdues[:20]}"


def comparer(
    lot: Lot, feuilles: Mapping[str, independant.Grille], conventions: Mapping[str, str]
) -> list[Somme]:
    """Every recognised column of quantities, cell by cell."""
    quantites = {c.name for c in lot.enquete.champs_actifs() if type_de(c).nom in QUANTITES}
    dites = _anomalies(lot)
    return [
        _Colonne(lot, feuille, champ, feuilles.get(feuille), conventions.get(champ), dites).comparer()
        for feuille, champ in sorted(lot.adresses, key=lambda a: (a[0], lot.adresses[a]))
        if champ in quantites
    ]


def _anomalies(lot: Lot) -> dict[tuple[str | None, int | None, str | None], list[Anomalie]]:
    dites = defaultdict(list)
    for anomalie in lot.anomalies:
        dites[anomalie.feuille, lot.ligne_de(anomalie), anomalie.champ].append(anomalie)
    return dites


class _Colonne:
    """The comparison of one column: the product's rows by their source rows, the file's cells by theirs."""

    def __init__(
        self,
        lot: Lot,
        feuille: str,
        champ: str,
        grille: independant.Grille | None,
        decimale: str | None,
        dites: Mapping[tuple[str | None, int | None, str | None], list[Anomalie]],
    ) -> None:
        self._lot, self._champ, self._dites = lot, champ, dites
        self._feuille = next(g.feuille for g in lot.grilles if g.feuille.nom == feuille)
        self._j = lot.adresses[feuille, champ]
        self._rangs = next(g.rangs for g in lot.grilles if g.feuille.nom == feuille)
        self._somme = Somme(feuille, lot.entetes[feuille, champ], champ)
        self._textes = self._colonne(grille or [])
        self._nombres = {
            i: n for i, v in self._textes.items() if (n := independant.nombre(v, decimale)) is not None
        }
        self._somme.independante = sum(self._nombres.values(), Decimal(0))
        self._somme.cellules = len(self._nombres)

    def _colonne(self, grille: independant.Grille) -> dict[int, Any]:
        """Cells of the column as the independent reader has them, by 0-based row of the (turned) sheet."""
        if self._feuille.transposee:
            ligne = grille[self._j] if self._j < len(grille) else []
            return dict(enumerate(ligne))
        return {i: x[self._j] for i, x in enumerate(grille) if self._j < len(x)}

    def comparer(self) -> Somme:
        """Sums, and the differences in the order of the file."""
        lot, somme = self._lot, self._somme
        vues: set[int] = set()
        ecarts: dict[int, Ecart] = {}
        for i, origine in enumerate(lot.origines):
            if origine.feuille != somme.feuille:
                continue
            sources = [n - 1 for n in origine.lignes_source]
            vues.update(sources)
            valeur = lot.colonnes[self._champ][i]
            lu = None if valeur is None else Decimal(str(valeur))
            if i in lot.doublons:
                ecarts.update(self._ecartees(sources, "DO-03"))
                continue
            self._ajouter(i, lu)
            ecrits = [self._nombres[n] for n in sources if n in self._nombres]
            if (lu is None) != (not ecrits) or abs(sum(ecrits, Decimal(0)) - (lu or 0)) > TOLERANCE:
                ecarts[sources[0]] = self._ecart(i, sources[0], lu)
        ignorees = {n - 1: code for f, n, code in lot.ignorees if f == somme.feuille}
        for i in sorted(set(self._nombres) - vues):
            code = ignorees.get(i)
            if code is None and i < min(self._rangs, default=0):
                ecarts[i] = self._dire(i, None, "titre", "au-dessus du tableau")
            else:
                ecarts.update(self._ecartees([i], code))
        somme.ecarts = [ecarts[i] for i in sorted(ecarts)]
        return somme

    def _ajouter(self, i: int, lu: Decimal | None) -> None:
        somme = self._somme
        somme.lue += lu or 0
        if i in self._lot.attente:
            somme.attente += lu or 0
        else:
            somme.chargeable += lu or 0

    def _ecartees(self, sources: list[int], code: str | None) -> dict[int, Ecart]:
        cause = Anomalie(code).modele.cause if code else "non expliqué"
        return {i: self._dire(i, None, code, cause) for i in sources if i in self._nombres}

    def _ecart(self, rang: int, i: int, lu: Decimal | None) -> Ecart:
        """A cell of a row that was read: explained by what was said of the cell, else of its row."""
        nom = self._somme.feuille
        dites = [
            a.code
            for a in self._dites.get((nom, i + 1, self._champ), [])
            if a.code.startswith(DE_CELLULE) and a.code not in SANS_EFFET
        ]
        dites += [c for c in self._lot.attente.get(rang, ()) if c in DE_LIGNE]
        code = dites[0] if dites else self._de_colonne()
        return self._dire(i, lu, code, Anomalie(code).modele.cause if code else "non expliqué")

    def _de_colonne(self) -> str | None:
        """A repair of the whole column, said once (amounts in thousands of euros)."""
        return next(
            (a.code for a in self._lot.anomalies if a.code == "NB-15" and a.champ == self._champ), None
        )

    def _dire(self, i: int, lu: Decimal | None, code: str | None, pourquoi: str) -> Ecart:
        texte = self._textes.get(i)
        ecrit = couper(affiche(texte)) if texte is not None else ""
        return Ecart(self._feuille.adresse(i, self._j), ecrit, self._nombres.get(i), lu, code, pourquoi)
