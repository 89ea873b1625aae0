"""The audit of a publication: what a reader of the public file can work out of the cells it masks.

For each table, with its published cells only: the smallest and largest value of each masked cell by linear
programming (attaque.py, HiGHS), and each difference between two figures that a filter of the pages shows (a zone
minus the zones inside it, all sectors minus the sectors shown). What is recovered:
- `exacte`: one value only fits what is shown;
- `etroite`: the interval is narrower than the safety distance: as many units as the rule counts (associations;
  persons for totals of persons), and, for amounts, the margin on each side of its middle;
- `difference`: two shown figures leave a group smaller than the threshold;
- `vue`: masked in one view, shown in another.
A masked cell may be empty: some are, on purpose. Zero is thus the smallest value of each.

`comparer` sets two publications side by side:
- `lot`: a figure, or a total less the parts of it that moved, differs by fewer respondents than a batch: the
  difference of the two values is theirs;
- `demasquee`: a cell masked in one and shown in the other, inside a zone that did not move at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np

from observatoire.estimation.attaque import attaquer
from observatoire.estimation.complement import juger, matrice, sans_vides
from observatoire.estimation.lots import petits_restes
from observatoire.estimation.optimum import Incompatible
from observatoire.estimation.systeme import (
    COMMUNE,
    DEPARTEMENT,
    MORCEAU,
    TOUS,
    Case,
    Decoupage,
    Egalite,
    absentes,
    decouper,
    egalites,
)
from observatoire.territoire.lieux import QPV, placer

EXACTE, ETROITE, DIFFERENCE, VUE = "exacte", "etroite", "difference", "vue"
# Of two publications set side by side.
LOT, DEMASQUEE = "lot", "demasquee"
NOMBRE, VALEUR = "n_repondants", "valeur"
ADDITIFS = ("compte", "total")
PAR_HABITANT = "par_habitant"
SECRET, ND = "secret", "nd"
MONTRES = ("ok", "prudence")
# (indicateur, millesime, cell) → its true number of respondents and value
Verite = Mapping[tuple[str, int, Case], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Distances:
    """Safety distances: associations, persons, share of a value on each side."""

    associations: float
    personnes: float
    marge: float


@dataclass(frozen=True, slots=True)
class Fuite:
    """One masked figure known too well, or one small group told by a difference; `vraie` when it is given."""

    indicateur: str
    millesime: int
    vue: str
    mesure: str
    genre: str
    case: Case
    bas: float
    haut: float
    moyen: str = ""
    vraie: float | None = None


@dataclass(slots=True)
class TableAuditee:
    """The audit of one indicator and year. `non_additives`: columns whose shown cells do not add up."""

    indicateur: str
    millesime: int
    montrees: int = 0
    masquees: int = 0
    differences: int = 0
    fuites: list[Fuite] = field(default_factory=list)
    non_additives: list[str] = field(default_factory=list)
    contredites: int = 0

    def compter(self, genre: str) -> int:
        """Number of leaks of this kind."""
        return sum(f.genre == genre for f in self.fuites)


@dataclass(frozen=True, slots=True)
class _Montree:
    statut: str
    valeur: float | None
    n: int | None


_Vues = dict[str, dict[Case, _Montree]]


@dataclass(frozen=True, slots=True)
class _Fiche:
    estimateur: str
    secret: str
    decimales: int


@dataclass(frozen=True, slots=True)
class _Terrain:
    """What all tables share: the zones, and how many people live there."""

    decoupage: Decoupage
    population: Mapping[tuple[str, str], float]


def auditer(
    con: duckdb.DuckDBPyConnection, distances: Distances, verite: Verite | None = None
) -> Iterator[TableAuditee]:
    """Attack each protected table of the public file `con`, one after the other.

    `verite`, for tests: each leak says the true value, and the intervals that miss it are counted.
    """
    terrain = _lire_terrain(con)
    fiches = {
        nom: _Fiche(estimateur, secret, int(decimales))
        for nom, estimateur, secret, decimales in con.execute(
            "select indicateur, estimateur, secret, decimales from indicateurs where secret <> 'aucun'"
        ).fetchall()
    }
    tables: dict[tuple[str, int], _Vues] = {}
    for indicateur, millesime, vue, *place, statut, valeur, n in con.execute("""
        select indicateur, millesime, vue, niveau, code_territoire, domaine, financeur, statut, valeur, n_repondants
        from mesures
        order by indicateur, millesime, vue <> 'repondantes', vue, niveau, code_territoire, domaine, financeur
    """).fetchall():
        if indicateur in fiches:
            vues = tables.setdefault((indicateur, int(millesime)), {})
            vues.setdefault(vue, {})[Case(*place)] = _Montree(statut, valeur, n)
    for (indicateur, millesime), vues in tables.items():
        yield _auditer_table(indicateur, millesime, vues, fiches[indicateur], terrain, distances, verite)


def _lire_terrain(con: duckdb.DuckDBPyConnection) -> _Terrain:
    colonnes = [nom for nom, *_ in con.execute("describe communes").fetchall() if nom.startswith("code_")]
    departements = con.execute("select code from territoires where niveau = 'departement'").fetchall()
    communes: dict[str, list[tuple[str, str]]] = {}
    for commune, *codes in con.execute(f"select code, {', '.join(colonnes)} from communes").fetchall():
        communes[commune] = [(DEPARTEMENT, d) for (d,) in departements] + [(COMMUNE, commune)]
        communes[commune] += [
            (nom.removeprefix("code_"), code)
            for nom, code in zip(colonnes, codes, strict=True)
            if code is not None
        ]
    quartiers: dict[str, list[str]] = defaultdict(list)
    if con.execute("select 1 from duckdb_tables() where table_name = 'appartenances'").fetchall():
        for niveau, code, commune in con.execute(
            "select niveau, code, code_commune from appartenances order by all"
        ).fetchall():
            if niveau == QPV:
                quartiers[commune].append(code)
            else:
                communes[commune].append((niveau, code))
    population = {
        (niveau, code): float(nb or 0)
        for niveau, code, nb in con.execute("select niveau, code, population from territoires").fetchall()
    }
    return _Terrain(decouper(placer(communes, quartiers)), population)


def _auditer_table(
    indicateur: str,
    millesime: int,
    vues: _Vues,
    fiche: _Fiche,
    terrain: _Terrain,
    distances: Distances,
    verite: Verite | None,
) -> TableAuditee:
    premiere = next(iter(vues.values()))
    table = TableAuditee(
        indicateur,
        millesime,
        sum(c.statut in MONTRES for c in premiere.values()),
        sum(c.statut == SECRET for c in premiere.values()),
    )
    systeme = _Systeme(premiere, terrain.decoupage)
    seuil = distances.associations
    colonnes = [
        (
            next(iter(vues)),
            NOMBRE,
            {c: None if m.n is None else float(m.n) for c, m in premiere.items()},
            seuil,
            0.0,
        )
    ]
    if fiche.estimateur in ADDITIFS or fiche.estimateur == PAR_HABITANT:
        ecart = distances.personnes if fiche.secret == "personnes" else 0.0
        ecart = seuil if fiche.estimateur == "compte" else ecart
        marge = 0.0 if fiche.estimateur == "compte" else distances.marge
        for vue, cases in vues.items():
            valeurs = {c: _total(c, m, fiche, terrain) for c, m in cases.items()}
            colonnes.append((vue, VALEUR, valeurs, ecart, marge))
    for vue, mesure, valeurs, ecart, marge in colonnes:
        _attaquer_colonne(table, systeme, vue, mesure, valeurs, ecart, marge, fiche, verite)
    _comparer_vues(table, vues)
    _differences(table, premiere, terrain, seuil)
    return table


def _total(case: Case, montree: _Montree, fiche: _Fiche, terrain: _Terrain) -> float | None:
    """The additive amount behind a shown cell; zero where nobody answered."""
    if montree.statut == ND and not montree.n:
        return 0.0
    if montree.statut not in MONTRES or montree.valeur is None:
        return None
    if fiche.estimateur == PAR_HABITANT:
        return montree.valeur * terrain.population.get(case[:2], 0.0)
    return montree.valeur


class _Systeme:
    """The equalities that a reader can write between the cells of one table."""

    def __init__(self, cases: Mapping[Case, _Montree], decoupage: Decoupage) -> None:
        vues = {c[:2] for c in cases}
        vides = {c for c, m in cases.items() if m.statut == ND and not m.n}
        vides |= absentes(decoupage, list(cases), decoupage.zones.keys() - vues)
        self.masquees = [c for c, m in cases.items() if m.statut == SECRET]
        toutes = sans_vides(egalites(decoupage, [*cases, *(vides - cases.keys())]), vides)
        variables = sorted({*self.masquees, *(c for e in toutes for c in (e.total, *e.parts))})
        self.rang = {case: i for i, case in enumerate(variables)}
        self.variables = variables
        self.matrice = matrice(toutes, self.rang)
        self.effectifs = matrice([e for e in toutes if e.additif], self.rang)
        self.egalites: Sequence[Egalite] = toutes


def _attaquer_colonne(
    table: TableAuditee,
    systeme: _Systeme,
    vue: str,
    mesure: str,
    valeurs: Mapping[Case, float | None],
    ecart: float,
    marge: float,
    fiche: _Fiche,
    verite: Verite | None,
) -> None:
    connues = np.full(len(systeme.variables), np.nan)
    for case, rang in systeme.rang.items():
        valeur = valeurs.get(case)
        if case.niveau != MORCEAU and valeur is not None:
            connues[rang] = valeur
    sommet = float(np.nanmax(np.abs(connues))) if not np.isnan(connues).all() else 0.0
    cibles = [systeme.rang[c] for c in systeme.masquees]
    if not cibles or sommet <= 0:
        return
    a = systeme.effectifs if mesure == NOMBRE else systeme.matrice
    juge = juger(ecart, marge, sommet)
    planchers, plafonds = np.zeros(len(connues)), np.full(len(connues), 10 * sommet)
    try:
        trouves = attaquer(a, connues, planchers, cibles, juge, plafonds)
    except Incompatible:
        # Shown cells that do not add up are rounded: each is known to half a unit of its last digit.
        demi = 0.5 * 10.0 ** -(0 if mesure == NOMBRE else fiche.decimales)
        sues = ~np.isnan(connues)
        planchers[sues], plafonds[sues] = np.maximum(connues[sues] - demi, 0), connues[sues] + demi
        try:
            trouves = attaquer(a, np.full(len(connues), np.nan), planchers, cibles, juge, plafonds)
        except Incompatible:
            table.non_additives.append(f"{vue}/{mesure}")
            return
    fautes = ~juge(trouves.bas, trouves.haut, np.asarray(cibles))
    for i, case in enumerate(systeme.masquees):
        vraie = _vraie(verite, table, mesure, case)
        bas, haut = float(trouves.bas[i]), float(trouves.haut[i])
        if (
            vraie is not None
            and trouves.prouve[i]
            and not bas - 1e-6 * sommet <= vraie <= haut + 1e-6 * sommet
        ):
            table.contredites += 1
        if fautes[i]:
            genre = EXACTE if haut - bas <= 1e-6 * max(1.0, sommet) else ETROITE
            table.fuites.append(
                Fuite(table.indicateur, table.millesime, vue, mesure, genre, case, bas, haut, "", vraie)
            )


def _vraie(verite: Verite | None, table: TableAuditee, mesure: str, case: Case) -> float | None:
    connue = (verite or {}).get((table.indicateur, table.millesime, case))
    return None if connue is None else connue[0 if mesure == NOMBRE else 1]


def _comparer_vues(table: TableAuditee, vues: _Vues) -> None:
    """A cell masked in one view is masked in all."""
    premiere, *autres = vues.items()
    for nom, cases in autres:
        for case, montree in cases.items():
            ailleurs = premiere[1].get(case)
            if ailleurs is None or (montree.statut == SECRET) == (ailleurs.statut == SECRET):
                continue
            vue, vue_montree = (premiere[0], ailleurs) if montree.statut == SECRET else (nom, montree)
            if vue_montree.statut in MONTRES and vue_montree.valeur is not None:
                valeur = vue_montree.valeur
                table.fuites.append(
                    Fuite(table.indicateur, table.millesime, vue, VALEUR, VUE, case, valeur, valeur)
                )


def _differences(
    table: TableAuditee, cases: Mapping[Case, _Montree], terrain: _Terrain, seuil: float
) -> None:
    """Groups of fewer than `seuil` respondents left by a difference of shown cells."""
    n = {c: float(m.n) for c, m in cases.items() if m.n is not None and m.statut != SECRET}
    domaines = sorted({c.domaine for c in cases} - {TOUS})

    def tester(total: Case, parts: Sequence[Case], moyen: str) -> None:
        table.differences += 1
        reste = n[total] - sum(n[p] for p in parts)
        if 0 < reste < seuil:
            table.fuites.append(
                Fuite(table.indicateur, table.millesime, "", NOMBRE, DIFFERENCE, total, reste, reste, moyen)
            )

    for total in sorted(n):
        for (niveau, _), zones in terrain.decoupage.dedans.get(total[:2], {}).items():
            parts = [total._replace(niveau=dedans, code=code) for dedans, code in zones]
            parts = [p for p in parts if n.get(p)]
            for part in parts:
                tester(total, [part], f"{total.niveau} {total.code} − {part.niveau} {part.code}")
            if len(parts) > 1:
                tester(total, parts, f"{total.niveau} {total.code} − {niveau} affichés")
        if total.domaine == TOUS:
            parts = [total._replace(domaine=d) for d in domaines]
            parts = [p for p in parts if n.get(p)]
            if parts:
                tester(total, parts, "tous − domaines affichés")
            for part in parts:
                tester(total, [part], f"tous − {part.domaine}")


def comparer(
    avant: duckdb.DuckDBPyConnection, apres: duckdb.DuckDBPyConnection, lot: int
) -> Iterator[TableAuditee]:
    """What a reader of two public files works out by subtracting one from the other, table by table."""
    decoupage = _lire_terrain(apres).decoupage
    anciennes = dict(_repondantes(avant))
    for cle, nouvelles in _repondantes(apres):
        if cle in anciennes:
            yield _comparer_tables(TableAuditee(*cle), anciennes[cle], nouvelles, decoupage, lot)


_Lue = tuple[str, float | None, int | None]


def _repondantes(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[tuple[str, int], dict[Case, _Lue]]]:
    """The tables that the secret protects, in the view of the respondents: status, value, number."""
    tables: dict[tuple[str, int], dict[Case, _Lue]] = defaultdict(dict)
    for indicateur, millesime, *place, statut, valeur, n in con.execute("""
        select m.indicateur, m.millesime, m.niveau, m.code_territoire, m.domaine, m.financeur, m.statut, m.valeur,
            m.n_repondants
        from mesures as m
        inner join indicateurs as i on m.indicateur = i.indicateur and i.secret <> 'aucun'
        where m.vue = 'repondantes'
        order by all""").fetchall():
        tables[indicateur, int(millesime)][Case(*place)] = (statut, valeur, n)
    yield from tables.items()


def _comparer_tables(
    table: TableAuditee,
    anciennes: Mapping[Case, _Lue],
    nouvelles: Mapping[Case, _Lue],
    decoupage: Decoupage,
    lot: int,
) -> TableAuditee:
    montrees = {
        case: (anciennes[case][2] or 0, n or 0)
        for case, (statut, _, n) in nouvelles.items()
        if statut in MONTRES and case in anciennes and anciennes[case][0] in MONTRES
    }
    table.montrees = len(montrees)
    table.masquees = sum(SECRET in (a[0], nouvelles[c][0]) for c, a in anciennes.items() if c in nouvelles)
    bouge = {case: apres - avant for case, (avant, apres) in montrees.items() if apres != avant}
    table.differences = len(bouge)

    def noter(genre: str, case: Case, combien: float, moyen: str) -> None:
        table.fuites.append(
            Fuite(table.indicateur, table.millesime, "", NOMBRE, genre, case, combien, combien, moyen)
        )

    for case, d in bouge.items():
        if abs(d) < lot:
            noter(LOT, case, d, "une publication − l’autre")
    for total, parts in petits_restes(bouge, decoupage, lot):
        dites = f"{parts[0].niveau}, {len(parts)} cases qui ont bougé"
        noter(LOT, total, bouge[total] - sum(bouge[p] for p in parts), f"l’écart du total − {dites}")
    fixes = {
        c[:2]
        for c, (avant, apres) in montrees.items()
        if avant == apres and c.domaine == c.financeur == TOUS and anciennes[c][1] == nouvelles[c][1]
    }
    immobiles = {
        zone for total in fixes for zones in decoupage.dedans.get(total, {}).values() for zone in zones
    } | fixes
    for case, (statut, _, n) in nouvelles.items():
        autre = anciennes.get(case)
        if autre is None or case[:2] not in immobiles or (statut == SECRET) == (autre[0] == SECRET):
            continue
        montree = n if autre[0] == SECRET else autre[2]
        if montree:
            noter(DEMASQUEE, case, montree, "la zone n’a pas bougé")
    return table
