"""A hard case for disclosure control: 25 EPCI that cross arrondissements and cantons, districts inside communes,
groupings that overlap, 8 sectors, 3 years."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb

from observatoire.estimation.secret import Bilan, Seuils, proteger
from observatoire.estimation.systeme import Case
from observatoire.territoire.lieux import QPV, REGROUPEMENT, placer

SEUILS = Seuils(5, 0.85, 11, 3, dominance_deux=0.90, marge=0.15)
SECTEURS = tuple(f"s{i}" for i in range(8))
MILLESIMES = (2023, 2024, 2025)
SANS_DOMAINES = ("commune", QPV)
# Two communes of an arrondissement make most EPCI, and cantons are drawn apart: nothing is nested.
COMMUNES = {f"c{i:02}": (f"A{i // 15}", f"E{(i + 2) // 3 % 25:02}", f"K{(i * 7) % 12:02}") for i in range(75)}
NIVEAUX = ("arrondissement", "epci", "canton")
# Two districts in one commune out of five, and some that lie in two communes.
QUARTIERS = {
    **{f"Q{i:02}a": (f"c{i:02}",) for i in range(0, 75, 5)},
    **{f"Q{i:02}b": (f"c{i:02}", f"c{i + 1:02}") if i % 2 else (f"c{i:02}",) for i in range(0, 75, 5)},
}
# Groupings: two that overlap, one inside another, one that holds an EPCI whole, one that is nearly one.
GROUPES = {
    "R1": [f"c{i:02}" for i in range(0, 20)], "R2": [f"c{i:02}" for i in range(15, 40)],
    "R3": [f"c{i:02}" for i in range(5, 12)], "R4": [c for c, z in COMMUNES.items() if z[1] in ("E03", "E04")],
    "R5": [*[c for c, z in COMMUNES.items() if z[1] == "E10"][:2], "c60"], "R6": ["c70", "c71"],
}  # fmt: skip


class Unite(NamedTuple):
    """One association in one year; no commune: it counts in the département only (or its EPCI lies outside).

    `quartier`: the district of its commune where it acts, if any.
    """

    millesime: int
    cle: int
    commune: str | None
    domaine: str
    montant: float
    personnes: int
    quartier: str | None = None


def unites(graine: int = 1, nombre: int = 420) -> list[Unite]:
    """Skewed amounts, few associations in most cells."""
    rng = random.Random(graine)
    attraits = [rng.choice((1, 1, 2, 4, 12)) for _ in COMMUNES]
    liste = []
    for millesime in MILLESIMES:
        for cle in range(nombre):
            commune = None if rng.random() < 0.02 else rng.choices(list(COMMUNES), attraits)[0]
            domaine = rng.choices(SECTEURS, (30, 20, 14, 10, 8, 6, 3, 1))[0]
            montant = round(rng.lognormvariate(9, 1.8), 2)
            liste.append(Unite(millesime, cle, commune, domaine, montant, int(rng.paretovariate(1.2))))
    # Drawn after all the rest, so that the same seed keeps the same associations.
    return [u._replace(quartier=_tirer(rng, u.commune)) for u in liste]


def _tirer(rng: random.Random, commune: str | None) -> str | None:
    possibles = [q for q, communes in QUARTIERS.items() if commune in communes]
    return rng.choice([*possibles, None]) if possibles else None


def places(u: Unite) -> list[tuple[str, str]]:
    """Zones in which an association counts."""
    if u.commune is None:
        return [("departement", "D")]
    zones = [("departement", "D"), *zip(NIVEAUX, COMMUNES[u.commune], strict=True), ("commune", u.commune)]
    zones += [(REGROUPEMENT, code) for code, communes in GROUPES.items() if u.commune in communes]
    return [*zones, (QPV, u.quartier)] if u.quartier else zones


def proteger_monde(
    liste: Iterable[Unite],
    *,
    complementaire: bool = True,
    seuils: Seuils = SEUILS,
    memoire: Path | None = None,
    deja: Collection[tuple[str, int, Case]] = (),
    sel: bytes = b"",
) -> tuple[duckdb.DuckDBPyConnection, Bilan]:
    """The tables of a public file on these associations: an amount, a number of persons, a count, a share."""
    con = duckdb.connect()
    contenus: dict[tuple[str, int, str, str, str], list[tuple[float, float]]] = defaultdict(list)
    for u in liste:
        mesures = {
            "montant": (u.montant, 0.0), "personnes": (float(u.personnes), float(u.personnes)),
            "associations": (1.0, 0.0), "part": (float(u.personnes > 2), 0.0),
        }  # fmt: skip
        for nom, paire in mesures.items():
            for niveau, code in places(u):
                for domaine in ("tous",) if niveau in SANS_DOMAINES else ("tous", u.domaine):
                    contenus[nom, u.millesime, niveau, code, domaine].append(paire)
    _poser_regles(con)
    _poser_cellules(con, contenus)
    bilan = proteger(con, seuils, complementaire=complementaire, memoire=memoire, deja=deja, sel=sel)
    con.execute("""
        create table mesures as
        select indicateur, millesime, niveau, code as code_territoire, domaine, financeur, 'repondantes' as vue,
            case when statut = 'ok' then valeur end as valeur, case when statut <> 'secret' then n end as n_repondants,
            statut
        from cellules""")
    return con, bilan


def _poser_regles(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        create temp table regles as
        from (values ('montant', 'total', 'associations', true, 'montant'),
            ('personnes', 'total', 'personnes', true, 'personnes'),
            ('associations', 'compte', 'associations', false, 'associations'),
            ('part', 'proportion', 'associations', false, 'part'))
            as r(indicateur, estimateur, secret, dominance, famille)""")
    con.execute("create table indicateurs as select *, 2 as decimales from regles")
    con.execute(
        "create table communes (code varchar, code_arrondissement varchar, code_epci varchar, code_canton varchar)"
    )
    con.execute("create table territoires (niveau varchar, code varchar, population bigint)")
    con.execute("create table appartenances (niveau varchar, code varchar, code_commune varchar)")
    con.execute("create temp table rattachements (code_commune varchar, niveau varchar, code varchar)")
    zones = {}
    for commune, codes in COMMUNES.items():
        con.execute("insert into communes values (?, ?, ?, ?)", [commune, *codes])
        sans_quartier = Unite(0, 0, commune, "", 0.0, 0)
        zones[commune] = places(sans_quartier)
    for niveau, listes in ((QPV, QUARTIERS), (REGROUPEMENT, GROUPES)):
        lignes = [(niveau, code, commune) for code, communes in listes.items() for commune in communes]
        con.executemany("insert into appartenances values (?, ?, ?)", lignes)
    quartiers = {c: [q for q, communes in QUARTIERS.items() if c in communes] for c in COMMUNES}
    con.executemany("insert into rattachements values (?, ?, ?)", list(placer(zones, quartiers)))
    con.execute("insert into territoires select distinct niveau, code, 1000 from rattachements")


def _poser_cellules(
    con: duckdb.DuckDBPyConnection,
    contenus: dict[tuple[str, int, str, str, str], list[tuple[float, float]]],
) -> None:
    codes = {
        "departement": ["D"],
        "commune": list(COMMUNES),
        QPV: list(QUARTIERS),
        REGROUPEMENT: list(GROUPES),
    }
    for i, niveau in enumerate(NIVEAUX):
        codes[niveau] = sorted({zones[i] for zones in COMMUNES.values()})
    lignes = []
    for nom in ("montant", "personnes", "associations", "part"):
        for millesime in MILLESIMES:
            for niveau, liste in codes.items():
                for code in liste:
                    for domaine in ("tous",) if niveau in SANS_DOMAINES else ("tous", *SECTEURS):
                        apports = contenus.get((nom, millesime, niveau, code, domaine), [])
                        lignes.append((nom, millesime, niveau, code, domaine, "tous", *_case(nom, apports)))
    con.execute(
        "create temp table cellules (indicateur varchar, millesime integer, niveau varchar, code varchar, "
        "domaine varchar, financeur varchar, n bigint, nb_personnes double, part_max double, part_deux double, "
        "valeur double, taille double)"
    )
    con.execute(
        "insert into cellules select " + ", ".join(f"unnest(${i + 1})" for i in range(12)),
        [list(colonne) for colonne in zip(*lignes, strict=True)],
    )


def _case(
    nom: str, apports: list[tuple[float, float]]
) -> tuple[int, float, float, float, float | None, float]:
    n, personnes = len(apports), sum(p for _, p in apports)
    valeurs = sorted((v for v, _ in apports), reverse=True)
    total = sum(valeurs)
    part_max, part_deux = (valeurs[0] / total, sum(valeurs[:2]) / total) if total else (0.0, 0.0)
    if not n:
        return 0, 0.0, 0.0, 0.0, None, 0.0
    if nom == "part":
        return n, personnes, part_max, part_deux, total / n, float(n)
    return n, personnes, part_max, part_deux, total, total
