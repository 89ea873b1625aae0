"""Complementary masks of one table: what must be hidden so that the masked cells stay unknown.

1. Remainders: what a total leaves once the shown cells inside it are taken away (zones of one level inside a
   zone, sectors of a total, associations without a commune) must pass the counts of the rule, or be empty.
2. τ-Argus (tau.py) protects each nested table of the territory, alone.
3. The attack of a reader (attaque.py) on all linked tables together. Each cell that it knows too well asks for the
   cheapest set of shown cells whose masking frees it: one linear program that moves the cell by its safety
   distance and pays for each shown cell it must move along.
The three are repeated until nothing is known too well; failing that, the whole table is masked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from observatoire.estimation.attaque import Juge, Vecteur, attaquer
from observatoire.estimation.optimum import ouvrir
from observatoire.estimation.systeme import (
    DEPARTEMENT,
    HORS,
    MORCEAU,
    TOUS,
    Case,
    Decoupage,
    Egalite,
    Zone,
    absentes,
    egalites,
)
from observatoire.estimation.tau import TOTAL, Ligne, supprimer

if TYPE_CHECKING:
    from scipy.sparse import csr_array

TOURS_MAX = 12
# A total, and disjoint cells inside it.
Restes: TypeAlias = list[tuple[Case, list[Case]]]
# Attacks already made in this publication: what they asked to mask, and the cells known too well.
Resolues: TypeAlias = dict[int, tuple[set[Case], set[int]]]
# What readers lose when a cell is masked, the least first.
PRIX = {
    "qpv": 1.0, "commune": 1.0, "regroupement": 3.0, "canton": 4.0, "epci": 5.0, "arrondissement": 7.0,
    "departement": 16.0,
}  # fmt: skip
# Levels that cut the whole territory, each place once.
PARTITIONS = ("commune", "canton", "epci", "arrondissement")
PRIX_AUTRE, RABAIS_DOMAINE = 4.0, 2.0
# Cells moved by less than this share of the largest value did not move.
IMMOBILE = 1e-7


@dataclass(frozen=True, slots=True)
class Mesure:
    """One additive column of a table. `ecart`: a masked value must stay unknown by at least this much."""

    valeurs: Mapping[Case, float]
    est_effectif: bool
    ecart: float


@dataclass(slots=True)
class Table:
    """Cells of one family of indicators in one year, and what they hold.

    `masquees`: answered cells, True once masked. `vides`: cells shown as empty; `leurres`: empty ones masked.
    `tues`: zones that the table never shows.
    """

    n_min: int
    p_min: float
    est_personnes: bool
    est_dominance: bool
    masquees: dict[Case, bool] = field(default_factory=dict)
    vides: set[Case] = field(default_factory=set)
    leurres: set[Case] = field(default_factory=set)
    n: dict[Case, int] = field(default_factory=dict)
    personnes: dict[Case, float] = field(default_factory=dict)
    tailles: dict[Case, float] = field(default_factory=dict)
    parts_max: dict[Case, float] = field(default_factory=dict)
    mesures: list[Mesure] = field(default_factory=list)
    tues: Collection[Zone] = ()


def prix(case: Case) -> float:
    """What readers lose when this cell is masked."""
    base = PRIX.get(case.niveau, PRIX_AUTRE)
    return base if case.domaine == TOUS and case.financeur == TOUS else base / RABAIS_DOMAINE


def argus(tables: Sequence[Table], decoupage: Decoupage, marge: float) -> list[int | None]:
    """Mask what τ-Argus asks for in each table zones × sectors; masks by table, None when it gave up on one."""
    demandes: list[tuple[int, list[Case], list[Ligne]]] = []
    for rang, table in enumerate(tables):
        if any(table.masquees.values()) and not all(table.masquees.values()):
            demandes += [(rang, *d) for d in _tableaux(table, decoupage, marge)]
    faits: list[int | None] = [0] * len(tables)
    for (rang, cases, _), masques in zip(demandes, supprimer([d[2] for d in demandes]), strict=True):
        if masques is None:
            faits[rang] = None
            continue
        nouvelles = [cases[i] for i in masques if i < len(cases)]
        tables[rang].masquees.update(dict.fromkeys(nouvelles, True))
        avant = faits[rang]
        faits[rang] = None if avant is None else avant + len(nouvelles)
    return faits


def _tableaux(table: Table, decoupage: Decoupage, marge: float) -> Iterator[tuple[list[Case], list[Ligne]]]:
    """Tables that τ-Argus can read: the zones of one level × sectors, all sectors together being the margin."""
    tetes = {c.domaine: c for c in table.masquees if c.niveau == DEPARTEMENT and c.financeur == TOUS}
    etages = decoupage.couches
    niveaux = {
        (c.niveau, etages.get(c[:2], 0))
        for c in table.masquees
        if c.domaine != TOUS and c.niveau != DEPARTEMENT
    }
    for etage in sorted(niveaux):
        dedans = [
            c for c in table.masquees if (c.niveau, etages.get(c[:2], 0)) == etage and c.financeur == TOUS
        ]
        cases = sorted([*dedans, *tetes.values()])
        lignes = [_ligne(table, case, marge) for case in cases]
        for domaine, tete in sorted(tetes.items()):
            reste = table.tailles[tete] - sum(table.tailles[c] for c in dedans if c.domaine == domaine)
            if reste > 1e-6 * table.tailles[tete]:
                lignes.append(Ligne(HORS, TOTAL if domaine == TOUS else domaine, reste, 1.0, True))
        if all(ligne.est_masquee for ligne in lignes) or not any(ligne.est_masquee for ligne in lignes):
            continue
        yield cases, lignes


def _ligne(table: Table, case: Case, marge: float) -> Ligne:
    taille = table.tailles[case]
    ecart = marge * taille if table.masquees[case] else 0.0
    return Ligne(
        TOTAL if case.niveau == DEPARTEMENT else f"z{case.code}",
        TOTAL if case.domaine == TOUS else case.domaine,
        taille,
        prix(case) * (1 + taille),
        table.masquees[case],
        ecart,
        ecart,
    )


def preparer(table: Table, decoupage: Decoupage, dominance: float) -> Restes:
    """The remainders of `table`, once those that are too small are hidden."""
    restes = _restes(table, decoupage)
    _masquer_restes(table, restes, dominance)
    return restes


def completer(
    table: Table,
    decoupage: Decoupage,
    restes: Restes,
    marge: float,
    dominance: float,
    resolues: Resolues,
    sures: Collection[Case] = (),
) -> tuple[int, bool]:
    """Mask what `table` still needs; returns the number of rounds, and whether all of it had to be masked.

    `sures`: masked cells known to be safe already.
    """
    _masquer_restes(table, restes, dominance)
    if not any(table.masquees.values()):
        return 0, False
    systeme = Systeme(table, decoupage, resolues, sures)
    for tour in range(1, TOURS_MAX + 1):
        nouvelles, est_sure = systeme.a_masquer(marge)
        if est_sure:
            return tour, False
        for case in nouvelles:
            table.masquees[case] = True
        _masquer_restes(table, restes, dominance)
    table.masquees.update(dict.fromkeys(table.masquees, True))
    return TOURS_MAX, True


# --- remainders -------------------------------------------------------------------------------------


def _restes(table: Table, decoupage: Decoupage) -> Restes:
    """Each total with disjoint answered cells inside it (zones of one level, or sectors), the smallest first."""
    restes: Restes = []
    for total in sorted(table.masquees):
        for zones in decoupage.dedans.get(total[:2], {}).values():
            parts = [total._replace(niveau=niveau, code=code) for niveau, code in zones]
            parts = [p for p in parts if p in table.masquees]
            if parts:
                restes.append((total, parts))
        if total.domaine == TOUS:
            parts = [c for c in _domaines(table, total) if c in table.masquees]
            if parts:
                restes.append((total, parts))
    return sorted(restes, key=lambda r: (table.n[r[0]], r[0].domaine != TOUS, r[0]))


def _domaines(table: Table, total: Case) -> list[Case]:
    return [total._replace(domaine=d) for d in sorted({c.domaine for c in table.masquees} - {TOUS})]


def _masquer_restes(table: Table, restes: Restes, dominance: float) -> None:
    """Mask the smallest shown cells until what each shown total leaves is empty or passes the counts."""
    dedans: dict[Case, list[Case]] = defaultdict(list)
    for total, parts in restes:
        dedans[total] += parts

    def rang(case: Case) -> tuple[object, ...]:
        # A zone that already hides something costs less: it gives nothing away that must be hidden in turn.
        ensemble = case._replace(domaine=TOUS)
        if case == ensemble:
            est_ouverte = any(table.masquees[p] for p in dedans[case])
        else:
            est_ouverte = table.masquees.get(ensemble, False)
        return table.tailles[case] <= 0, not est_ouverte, table.tailles[case], table.n[case], case

    change = True
    while change:
        change = False
        for total, parts in restes:
            while not table.masquees[total] and _est_fragile(table, total, parts, dominance):
                montrees = [p for p in parts if not table.masquees[p]]
                choix = min(montrees, key=rang, default=total)
                table.masquees[choix] = True
                change = True


def _est_fragile(table: Table, total: Case, parts: Sequence[Case], dominance: float) -> bool:
    montrees = [p for p in parts if not table.masquees[p]]
    n = table.n[total] - sum(table.n[p] for p in montrees)
    if n <= 0:
        return False
    personnes = table.personnes[total] - sum(table.personnes[p] for p in montrees)
    if n < table.n_min or personnes < table.p_min:
        return True
    if not table.est_dominance:
        return False
    premier = table.parts_max[total] * table.tailles[total]
    reste = table.tailles[total] - sum(table.tailles[p] for p in montrees)
    ailleurs = any(table.parts_max[p] * table.tailles[p] >= premier * (1 - 1e-9) for p in montrees)
    return not ailleurs and premier > dominance * reste * (1 + 1e-9)


# --- linked tables ----------------------------------------------------------------------------------


class Systeme:
    """The equalities of a table as matrices, and the attack on each of its columns."""

    def __init__(
        self, table: Table, decoupage: Decoupage, resolues: Resolues, sures: Collection[Case]
    ) -> None:
        self.table = table
        self.resolues = resolues
        cases = [*table.masquees, *table.leurres]
        vides = table.vides | _sans_hors(table) | absentes(decoupage, [*cases, *table.vides], table.tues)
        connues = [c for c in (*cases, *vides) if c.niveau != MORCEAU]
        self.egalites = sans_vides(egalites(decoupage, connues), vides)
        self.variables = sorted({*cases, *(c for e in self.egalites for c in (e.total, *e.parts))})
        self.rang = {case: i for i, case in enumerate(self.variables)}
        self.matrice = matrice(self.egalites, self.rang)
        self.effectifs = matrice([e for e in self.egalites if e.additif], self.rang)
        # Masking more never tells more: what is safe once stays so.
        self.sures = [{self.rang[case] for case in sures} for _ in table.mesures]

    def a_masquer(self, marge: float) -> tuple[set[Case], bool]:
        """Shown cells that the masked ones still need, and True when every column is safe as it is.

        An empty cell that its mask does not hide is shown again: it would protect nobody.
        """
        choix: set[Case] = set()
        inutiles: set[Case] = set()
        for mesure, sures in zip(self.table.mesures, self.sures, strict=True):
            nouvelles, fragiles = self._proteger(mesure, sures, marge, choix)
            choix |= nouvelles
            inutiles |= {self.variables[i] for i in fragiles} & self.table.leurres
        if inutiles:
            self.table.leurres -= inutiles
            self.table.vides |= inutiles
            for sures in self.sures:
                sures.clear()
        return choix, not choix and not inutiles

    def _proteger(
        self, mesure: Mesure, sures: set[int], marge: float, choix: set[Case]
    ) -> tuple[set[Case], set[int]]:
        table = self.table
        a = self.effectifs if mesure.est_effectif else self.matrice
        valeurs = np.full(len(self.variables), np.nan)
        vraies = np.zeros(len(self.variables))
        for case, masque in table.masquees.items():
            vraies[self.rang[case]] = mesure.valeurs.get(case, 0.0)
            if not masque and case not in choix:
                valeurs[self.rang[case]] = mesure.valeurs.get(case, 0.0)
        for case in table.vides & self.rang.keys():
            valeurs[self.rang[case]] = 0.0
        masquees = {self.rang[c] for c, m in table.masquees.items() if m or c in choix}
        masquees |= {self.rang[c] for c in table.leurres}
        cibles = sorted(masquees - sures)
        sommet = float(vraies.max(initial=0.0))
        if not cibles or sommet <= 0:
            return set(), set()
        # Indicators that rest on the same answers have columns in common.
        cle = hash(
            (
                tuple(self.variables),
                vraies.tobytes(),
                valeurs.tobytes(),
                tuple(cibles),
                mesure.ecart,
                mesure.est_effectif,
            )
        )
        if cle not in self.resolues:
            self.resolues[cle] = self._chercher(a, mesure, valeurs, vraies, cibles, marge, sommet)
        nouvelles, fragiles = self.resolues[cle]
        sures |= set(cibles) - fragiles
        return nouvelles, fragiles

    def _chercher(
        self,
        a: csr_array,
        mesure: Mesure,
        valeurs: Vecteur,
        vraies: Vecteur,
        cibles: Sequence[int],
        marge: float,
        sommet: float,
    ) -> tuple[set[Case], set[int]]:
        """Shown cells to mask for `cibles`, and which of these are known too well."""
        juge = juger(mesure.ecart, 0.0 if mesure.est_effectif else marge, sommet)
        zeros = np.zeros(len(self.variables))
        trouves = attaquer(a, valeurs, zeros, cibles, juge, np.full(len(zeros), 10 * sommet))
        fautes = ~juge(trouves.bas, trouves.haut, np.asarray(cibles))
        fragiles = [cible for cible, faute in zip(cibles, fautes, strict=True) if faute]
        leurres = {self.rang[c] for c in self.table.leurres}
        besoins = {i: distance(vraies[i], mesure, marge, sommet) for i in fragiles if i not in leurres}
        choix = self._liberer(a, valeurs, vraies, besoins, sommet) if besoins else set()
        return choix, set(fragiles)

    def _liberer(
        self, a: csr_array, valeurs: Vecteur, vraies: Vecteur, besoins: Mapping[int, float], sommet: float
    ) -> set[Case]:
        """Cheapest shown cells that must move for each cell of `besoins` to rise by its distance."""
        from scipy.sparse import csr_array, hstack

        montrees = np.flatnonzero(~np.isnan(valeurs))
        libres = np.flatnonzero(np.isnan(valeurs))
        colonnes = csr_array(hstack([a[:, libres], a[:, montrees], -a[:, montrees]]))
        second = -(a[:, montrees] @ valeurs[montrees])
        n, m = len(libres), len(montrees)
        plafonds = np.full(n + 2 * m, 10 * sommet)
        plafonds[n + m :] = valeurs[montrees]
        plafonds[n : n + m][[self.variables[j] in self.table.vides for j in montrees]] = 0.0
        couts = np.array([prix(self.variables[j]) * (1 + valeurs[j] / sommet) for j in montrees])
        objectif = np.concatenate([np.zeros(n), couts, couts])
        programme = ouvrir(colonnes, second, np.zeros(n + 2 * m), plafonds)
        place = {int(j): i for i, j in enumerate(libres)}
        choix: set[Case] = set()
        for cible, besoin in besoins.items():
            i = place[cible]
            but = objectif.copy()
            but[i] = -1e4
            programme.borner(i, 0.0, vraies[cible] + besoin)
            x = programme.minimiser(but)
            programme.borner(i, 0.0, 10 * sommet)
            for k in np.flatnonzero(x[n : n + m] + x[n + m :] > IMMOBILE * sommet):
                choix.add(self.variables[montrees[k]])
                objectif[n + k] = objectif[n + m + k] = 0.0
        return choix


def _sans_hors(table: Table) -> set[Case]:
    """Pieces without a commune that hold nobody: a reader who knows it must learn no more than one who does not."""
    sommes: dict[tuple[str, str, str], int] = defaultdict(int)
    for case, n in table.n.items():
        sommes[case.niveau, case.domaine, case.financeur] += n
    return {
        Case(MORCEAU, HORS, domaine, financeur)
        for (niveau, domaine, financeur), n in sommes.items()
        if niveau == DEPARTEMENT and any(sommes.get((autre, domaine, financeur)) == n for autre in PARTITIONS)
    }


def sans_vides(egalites: Sequence[Egalite], vides: set[Case]) -> list[Egalite]:
    """The equalities without the cells known to be empty, nor what an empty total holds."""
    nuls = set(vides)
    avant = -1
    while len(nuls) != avant:
        avant = len(nuls)
        for total, parts, _ in egalites:
            if total in nuls:
                nuls.update(parts)
            elif parts and all(p in nuls for p in parts):
                nuls.add(total)
    utiles = [(t, tuple(p for p in parts if p not in nuls), a) for t, parts, a in egalites if t not in nuls]
    return [Egalite(*e) for e in utiles if e[1]]


def matrice(egalites: Sequence[Egalite], rang: Mapping[Case, int]) -> csr_array:
    """One row per equality: -1 for its total, 1 for each part."""
    from scipy.sparse import csr_array

    lignes, colonnes, signes = [], [], []
    for i, (total, parts, _) in enumerate(egalites):
        for case, signe in ((total, -1.0), *((p, 1.0) for p in parts)):
            lignes.append(i)
            colonnes.append(rang[case])
            signes.append(signe)
    return csr_array((signes, (lignes, colonnes)), shape=(len(egalites), len(rang)))


def juger(ecart: float, marge: float, sommet: float) -> Juge:
    """Whether an interval is wide enough: `ecart` units, and `marge` of its middle on each side."""

    def juge(bas: Vecteur, haut: Vecteur, _: NDArray[np.intp]) -> NDArray[np.bool_]:
        connu = haut >= bas
        largeur = np.subtract(haut, bas, out=np.full(len(bas), -1.0), where=connu)
        milieu = np.add(haut, bas, out=np.zeros(len(bas)), where=connu)
        precision = 1e-6 * np.maximum(1.0, np.abs(milieu))
        est_large = (largeur >= ecart - precision) & (largeur >= marge * milieu - precision)
        return est_large & (largeur > 1e-6 * sommet)

    return juge


def distance(valeur: float, mesure: Mesure, marge: float, sommet: float) -> float:
    """How far a masked value must be able to rise: its share, its units, and something when it is zero."""
    relatif = 0.0 if mesure.est_effectif else valeur * 2 * marge / (1 - marge)
    return max(relatif, mesure.ecart, 1e-3 * sommet if valeur <= 0 else 0.0, 1e-5 * sommet)
