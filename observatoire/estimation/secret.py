"""Statistical disclosure control of the cells of a publication: which ones are masked.

Primary rules, on counts of respondents and never on weights: too few associations, a total that one or two
associations nearly make alone, too few persons behind data about persons, a sensitive share of 0 or 100 %.

Complementary masks, for each table (one family of indicators, one year; see complement.py): first those of
τ-Argus, then what linked tables still ask for, until the attack of attaque.py recovers nothing. A ratio is
protected like its two terms, a cell is masked in every indicator of its family and in every view.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np

from observatoire.estimation.complement import Mesure, Resolues, Restes, Table, argus, completer, preparer
from observatoire.estimation.memoire import Masques, Memoire
from observatoire.estimation.systeme import DEPARTEMENT, TOUS, Case, Decoupage, Zone, decouper

SQL = Path(__file__).with_name("sql")
# Columns that a caller may leave out, with what they are then worth.
_OPTIONS_CELLULES = {"part_deux": "0.0", "vue": "'repondantes'"}
_OPTIONS_REGLES = {
    "estimateur": "'total'",
    "sensible": "false",
    "plafond": "1.0",
    "min_personnes": "cast(null as double)",
}
# Estimators whose published value, or a known multiple of it, adds up.
ADDITIFS = ("compte", "total", "par_habitant")
# One empty cell out of so many is masked among its masked neighbours: « masked » never means « not empty ».
LEURRES = 8
# Family and year: what names a table.
Cle = tuple[str, int]
LOT_LU = 10_000


@dataclass(frozen=True, slots=True)
class Seuils:
    """Thresholds: distinct associations (all data; data about persons), persons, shares of a total.

    `dominance` and `dominance_deux`: largest share of the first contributor, of the first two. `marge`: a
    masked value must stay unknown by at least this share of it, above and below.
    """

    min_associations: int
    dominance: float
    min_personnes: int
    min_associations_personnes: int
    dominance_deux: float = 1.0
    marge: float = 0.15


@dataclass(slots=True)
class Bilan:
    """What a publication masks: cells below a rule, cells masked with them, empty ones masked among them.

    `argus`: of the second, those that τ-Argus chose; `argus_abandons`: tables it gave up on. `entieres`: tables
    masked whole because nothing less was enough.
    """

    primaires: int = 0
    complementaires: int = 0
    argus: int = 0
    argus_abandons: int = 0
    leurres: int = 0
    tours: int = 0
    entieres: list[tuple[str, int]] = field(default_factory=list)


def proteger(
    con: duckdb.DuckDBPyConnection,
    seuils: Seuils,
    *,
    deja: Collection[tuple[str, int, Case]] = (),
    complementaire: bool = True,
    tues: Mapping[str, Collection[Zone]] = MappingProxyType({}),
    memoire: Path | None = None,
    sel: bytes = b"",
    suivi: Callable[[float], None] = lambda part: None,
) -> Bilan:
    """Give each row of `cellules` its `statut` (ok, secret, nd).

    Reads the temporary tables `cellules` (indicateur, millesime, niveau, code, domaine, financeur, n,
    nb_personnes, part_max, valeur, taille…; part_deux and vue when there are), `regles`
    (indicateur, secret, dominance, famille; estimateur, sensible, plafond, min_personnes) and `rattachements` (code_commune, niveau,
    code). Replaces `cellules` by itself plus `statut`. `deja`: (famille, millesime, cell) that an earlier
    publication masked and that stay so. `complementaire` False masks what the primary rules say, and no more.
    `tues`: famille → zones that its tables never show; elsewhere a cell that is missing is empty.
    `memoire`: private folder of the masks already worked out (memoire.py). `sel`: what readers do not know of the
    choice of the empty cells that are masked. `suivi` is told the share of the tables that is done.
    """
    for nom, options in (("cellules", _OPTIONS_CELLULES), ("regles", _OPTIONS_REGLES)):
        _completer_colonnes(con, nom, options)
    con.execute(
        _requete("primaire"),
        {
            "min_associations": seuils.min_associations,
            "min_associations_personnes": seuils.min_associations_personnes,
            "min_personnes": seuils.min_personnes,
            "dominance": seuils.dominance,
            "dominance_deux": seuils.dominance_deux,
        },
    )
    con.execute("drop table cellules_completes")
    bilan = Bilan()
    masques: list[tuple[Any, ...]] = []
    anciennes: defaultdict[Cle, set[Case]] = defaultdict(set)
    for famille, millesime, case in deja:
        anciennes[famille, millesime].add(case)
    tables = _lire_tables(con, anciennes)
    rattachements = con.execute("select code_commune, niveau, code from rattachements").fetchall()
    decoupage = decouper(rattachements)
    for (famille, _), table in tables.items():
        table.tues = tues.get(famille, ())
        bilan.primaires += sum(table.masquees.values())
    if complementaire:
        travail = _Travail(decoupage, seuils, Memoire(memoire, decoupage, (seuils, sel)), sel, bilan)
        travail.completer(tables, suivi)
        travail.maintenir(tables, anciennes)
        bilan.complementaires = sum(sum(t.masquees.values()) for t in tables.values()) - bilan.primaires
    for cle, table in tables.items():
        masques += [(*cle, *case) for case, masque in table.masquees.items() if masque]
        masques += [(*cle, *case) for case in table.leurres]
    _poser_masques(con, masques)
    con.execute(_requete("appliquer"))
    return bilan


@dataclass(slots=True)
class _Travail:
    """The complementary masks of the tables of one publication."""

    decoupage: Decoupage
    seuils: Seuils
    memoire: Memoire
    sel: bytes
    bilan: Bilan
    noms: dict[Cle, str] = field(default_factory=dict)
    resolues: Resolues = field(default_factory=dict)

    def completer(self, tables: Mapping[Cle, Table], suivi: Callable[[float], None]) -> None:
        """What each table needs, alone; of those that are not remembered, τ-Argus reads all in one go."""
        restes: dict[Cle, Restes] = {}
        for cle, table in tables.items():
            self.noms[cle] = self.memoire.cle(table, cle)
            if (travail := self.memoire.retrouver(self.noms[cle], table)) is not None:
                self._compter(cle, table, travail)
            else:
                restes[cle] = preparer(table, self.decoupage, self.seuils.dominance)
        masques = argus([tables[cle] for cle in restes], self.decoupage, self.seuils.marge)
        for rang, (cle, ajoutees) in enumerate(zip(restes, masques, strict=True)):
            suivi(rang / len(restes))
            table = tables[cle]
            _poser_leurres(table, self.sel + repr(cle).encode())
            tours, est_entiere = self._completer(table, restes[cle])
            travail = Masques(tours, ajoutees, est_entiere)
            self.memoire.retenir(self.noms[cle], table, travail)
            self._compter(cle, table, travail)
        self.memoire.souvenirs.oublier()

    def maintenir(self, tables: Mapping[Cle, Table], anciennes: Mapping[Cle, set[Case]]) -> None:
        """Mask too what an earlier publication masked, and what that asks for.

        Masking more never tells more: the cells that were safe stay so, only the new ones are looked at.
        """
        for cle, table in tables.items():
            montrees = {case for case, masque in table.masquees.items() if not masque}
            ajouts = anciennes.get(cle, set()) & (montrees | table.vides)
            if not ajouts:
                continue
            nom = self.memoire.suite(self.noms[cle], ajouts)
            if (travail := self.memoire.retrouver(nom, table)) is None:
                sures = {case for case, masque in table.masquees.items() if masque} | table.leurres
                table.masquees.update(dict.fromkeys(ajouts & montrees, True))
                # What was masked while empty stays so: shown now, it would tell what it hid then.
                table.leurres |= ajouts & table.vides
                table.vides -= table.leurres
                restes = preparer(table, self.decoupage, self.seuils.dominance)
                tours, est_entiere = self._completer(table, restes, sures)
                travail = Masques(tours, 0, est_entiere)
                self.memoire.retenir(nom, table, travail)
            self.bilan.tours = max(self.bilan.tours, travail.tours)
            if travail.est_entiere and cle not in self.bilan.entieres:
                self.bilan.entieres.append(cle)
        self.bilan.leurres = sum(len(table.leurres) for table in tables.values())

    def _completer(self, table: Table, restes: Restes, sures: Collection[Case] = ()) -> tuple[int, bool]:
        marge, dominance = self.seuils.marge, self.seuils.dominance
        return completer(table, self.decoupage, restes, marge, dominance, self.resolues, sures)

    def _compter(self, cle: Cle, table: Table, travail: Masques) -> None:
        self.bilan.argus += travail.argus or 0
        self.bilan.argus_abandons += travail.argus is None
        self.bilan.tours = max(self.bilan.tours, travail.tours)
        if travail.est_entiere:
            self.bilan.entieres.append(cle)


def _completer_colonnes(con: duckdb.DuckDBPyConnection, table: str, options: Mapping[str, str]) -> None:
    presentes = {nom for (nom, *_) in con.execute(f"describe {table}").fetchall()}
    ajouts = "".join(f", {valeur} as {nom}" for nom, valeur in options.items() if nom not in presentes)
    con.execute(f"create or replace temp table {table}_completes as select *{ajouts} from {table}")


def _lire_tables(con: duckdb.DuckDBPyConnection, suivies: Collection[Cle]) -> dict[Cle, Table]:
    """The protected tables, one per family and year: those that somebody answered, and `suivies`."""
    tables: dict[Cle, Table] = {}
    colonnes: dict[tuple[str, int], dict[tuple[str, str, str], dict[Case, float]]] = defaultdict(dict)
    cles = {"familles": [f for f, _ in suivies], "annees": [a for _, a in suivies]}
    for ligne in _par_lots(con.execute(_requete("tables"), cles)):
        famille, millesime, indicateur, vue, estimateur, secret, dominance, n_min, p_min, statut, *reste = (
            ligne
        )
        case = Case(*reste[:4])
        n, personnes, part_max, taille = reste[4:]
        table = tables.setdefault(
            (famille, millesime), Table(int(n_min), float(p_min), secret == "personnes", bool(dominance))
        )
        if n == 0:
            if case not in table.masquees:
                table.vides.add(case)
            continue
        table.vides.discard(case)
        table.masquees[case] = table.masquees.get(case, False) or statut == "secret"
        if case not in table.n or n < table.n[case]:
            table.n[case], table.personnes[case] = int(n), float(personnes)
        if indicateur == famille or case not in table.tailles:
            table.tailles[case], table.parts_max[case] = float(taille or 0), float(part_max or 0)
        serie = colonnes[famille, millesime]
        serie.setdefault((indicateur, "", "n"), {})[case] = float(n)
        # The two terms of a ratio are not published: what keeps n unknown keeps them unknown too.
        if estimateur in ADDITIFS:
            serie.setdefault((indicateur, vue, "taille"), {})[case] = float(taille or 0)
    for cle, table in tables.items():
        table.mesures = list(_distinctes(colonnes[cle], table))
    return tables


def _par_lots(lues: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """Rows of a query, a few at a time: all of them as Python objects would take more than the tables."""
    while lot := lues.fetchmany(LOT_LU):
        yield from lot


def _distinctes(colonnes: Mapping[tuple[str, str, str], dict[Case, float]], table: Table) -> Iterable[Mesure]:
    """The additive columns of a table, but those proportional to one already kept."""
    vues: set[bytes] = set()
    for (_, _, genre), valeurs in colonnes.items():
        ordre = np.array([valeurs.get(case, 0.0) for case in table.masquees])
        sommet = ordre.max(initial=0.0)
        empreinte = np.round(ordre / sommet, 9).tobytes() if sommet > 0 else b""
        if empreinte in vues or not sommet:
            continue
        vues.add(empreinte)
        ecart = float(table.n_min if genre == "n" else table.p_min if table.est_personnes else 0)
        yield Mesure(valeurs, genre == "n", ecart)


def _poser_leurres(table: Table, sel: bytes) -> None:
    """Mask some empty cells of a table that has masked ones; which ones, only who knows `sel` can tell.

    They are the same at each publication: chosen anew each time, all of them would be masked in the end.
    """
    if not any(table.masquees.values()):
        return
    for case in sorted(table.vides):
        if case.niveau == DEPARTEMENT or case.financeur != TOUS:
            continue
        if hashlib.sha256(sel + repr(tuple(case)).encode()).digest()[0] % LEURRES == 0:
            table.leurres.add(case)
    table.vides -= table.leurres


def _poser_masques(con: duckdb.DuckDBPyConnection, masques: list[tuple[Any, ...]]) -> None:
    noms = {
        "famille": "varchar", "millesime": "integer", "niveau": "varchar", "code": "varchar",
        "domaine": "varchar", "financeur": "varchar",
    }  # fmt: skip
    colonnes = ", ".join(f"unnest(cast(${nom} as {genre}[])) as {nom}" for nom, genre in noms.items())
    valeurs = {nom: [ligne[rang] for ligne in masques] for rang, nom in enumerate(noms)}
    con.execute(f"create or replace temp table masques as select {colonnes}", valeurs)


def _requete(nom: str) -> str:
    return (SQL / f"{nom}.sql").read_text(encoding="utf-8")
