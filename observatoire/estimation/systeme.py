"""The equalities that hold between the cells of one table, whatever is masked: what an attacker may write.

Geographies that cross (EPCI, cantons, arrondissements, any grouping of communes) are tied by the pieces they cut
the territory into: two places that lie in the same zones at every level are in the same piece. A place is a commune,
or what lies in one of its priority districts (QPV), or the rest of it. A zone is the sum of its pieces, a piece the
sum of its communes and of its sectors, a commune that holds a district the sum of its own pieces, so that every
inclusion, difference and overlap of two zones follows. What belongs to no known commune is one more piece, in the
département only. An EPCI partly outside the département is the sum of the communes that the figures cover.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

TOUS = "tous"
COMMUNE, DEPARTEMENT = "commune", "departement"
HORS = "hors"
MORCEAU = "morceau"


class Case(NamedTuple):
    """Place of a figure in its table. `niveau` is MORCEAU for what no table shows."""

    niveau: str
    code: str
    domaine: str = TOUS
    financeur: str = TOUS


class Egalite(NamedTuple):
    """total = sum of `parts`. `additif` False: holds for amounts, not for counts of associations."""

    total: Case
    parts: tuple[Case, ...]
    additif: bool = True


# Level and code.
Zone: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Decoupage:
    """Zones of a territory cut into pieces.

    `zones`: (niveau, code) → its pieces. `communes`: piece → its whole communes, none for what lies in no commune
    or is a part of one. `partagees`: the communes cut by a district. `dedans`: zone → the zones inside it, by sets
    of zones that do not overlap (the zones of a level, those of groupings that share no commune).
    """

    zones: Mapping[Zone, tuple[str, ...]]
    communes: Mapping[str, tuple[str, ...]]
    partagees: frozenset[str] = frozenset()
    dedans: Mapping[Zone, Mapping[tuple[str, int], Sequence[Zone]]] = field(default_factory=dict)
    couches: Mapping[Zone, int] = field(default_factory=dict)
    _faites: dict[frozenset[Case], list[Egalite]] = field(default_factory=dict, repr=False, compare=False)


def decouper(rattachements: Iterable[tuple[str, str, str]]) -> Decoupage:
    """Pieces of the zones of `rattachements` (place, niveau, code)."""
    lieux: dict[str, set[Zone]] = defaultdict(set)
    for lieu, niveau, code in rattachements:
        lieux[lieu].add((niveau, code))
    communes_de = {lieu: {c for n, c in zones if n == COMMUNE} for lieu, zones in lieux.items()}
    nombres = Counter(c for codes in communes_de.values() for c in codes)
    partagees = frozenset(c for c, nombre in nombres.items() if nombre > 1)
    signatures: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for lieu in sorted(lieux):
        zones = tuple(sorted(z for z in lieux[lieu] if z[0] != COMMUNE or z[1] in partagees))
        signatures[zones].append(lieu)
    communes: dict[str, tuple[str, ...]] = {}
    pieces: dict[Zone, list[str]] = defaultdict(list)
    for rang, membres in enumerate(signatures.values()):
        nom = str(rang)
        communes[nom] = tuple(c for lieu in membres for c in sorted(communes_de[lieu] - partagees))
        for zone in {z for lieu in membres for z in lieux[lieu]}:
            pieces[zone].append(nom)
    communes[HORS] = ()
    for zone in pieces:
        if zone[0] == DEPARTEMENT:
            pieces[zone].append(HORS)
    finies = {z: tuple(p) for z, p in pieces.items()}
    etages = couches((lieu, *zone) for lieu in sorted(lieux) for zone in lieux[lieu])
    return Decoupage(finies, communes, partagees, _inclusions(finies, communes, partagees, etages), etages)


def couches(rattachements: Iterable[tuple[str, str, str]]) -> dict[Zone, int]:
    """Rank of each zone among the sets of its level whose zones share no place, 0 for levels without overlap."""
    membres: dict[Zone, set[str]] = defaultdict(set)
    for lieu, niveau, code in rattachements:
        membres[niveau, code].add(lieu)
    occupes: dict[str, list[set[str]]] = defaultdict(list)
    rangs: dict[Zone, int] = {}
    for zone in sorted(membres):
        etages = occupes[zone[0]]
        rang = next((i for i, pris in enumerate(etages) if pris.isdisjoint(membres[zone])), len(etages))
        if rang == len(etages):
            etages.append(set())
        etages[rang] |= membres[zone]
        rangs[zone] = rang
    return rangs


def _inclusions(
    zones: Mapping[Zone, tuple[str, ...]],
    communes: Mapping[str, tuple[str, ...]],
    partagees: frozenset[str],
    etages: Mapping[Zone, int],
) -> dict[Zone, dict[tuple[str, int], list[Zone]]]:
    """Zone → zones inside it. A whole commune holds another zone when its piece is its own."""

    def est_entiere(zone: Zone) -> bool:
        return zone[0] != COMMUNE or zone[1] in partagees or communes[zones[zone][0]] == (zone[1],)

    par_piece: dict[str, set[Zone]] = defaultdict(set)
    for zone, pieces in zones.items():
        if est_entiere(zone):
            for piece in pieces:
                par_piece[piece].add(zone)
    dedans: dict[Zone, dict[tuple[str, int], list[Zone]]] = defaultdict(lambda: defaultdict(list))
    for zone in sorted(zones):
        for autre in set.intersection(*(par_piece[p] for p in zones[zone])) - {zone}:
            dedans[autre][zone[0], etages[zone]].append(zone)
    return {zone: dict(contenu) for zone, contenu in dedans.items()}


def egalites(decoupage: Decoupage, cases: Sequence[Case]) -> list[Egalite]:
    """Every equality between these cells of one table and the pieces that nobody shows.

    Most tables have the same cells: they are written once for all. The list is not to be changed.
    """
    cle = frozenset(cases)
    if cle not in decoupage._faites:
        decoupage._faites[cle] = _egalites(decoupage, cases)
    return decoupage._faites[cle]


def _egalites(decoupage: Decoupage, cases: Sequence[Case]) -> list[Egalite]:
    presentes = set(cases)
    domaines = sorted({c.domaine for c in cases} - {TOUS})
    financeurs = sorted({c.financeur for c in cases} - {TOUS})
    sorties: list[Egalite] = []
    for financeur in (TOUS, *financeurs):
        sorties += _par_financeur(decoupage, presentes, domaines, financeur)
    if financeurs:
        for case in sorted(c for c in presentes if c.financeur == TOUS):
            parts = [case._replace(financeur=f) for f in financeurs]
            reste = Case(MORCEAU, f"{HORS}/{case.niveau}/{case.code}", case.domaine)
            sorties.append(Egalite(case, (*(p for p in parts if p in presentes), reste), False))
    return sorties


def _par_financeur(
    decoupage: Decoupage, presentes: set[Case], domaines: Sequence[str], financeur: str
) -> list[Egalite]:
    sorties: list[Egalite] = []
    ici = {c for c in presentes if c.financeur == financeur}
    montre_communes = any(c.niveau == COMMUNE for c in ici)
    seuls: dict[str, Case] = {}
    for piece, communes in decoupage.communes.items():
        total = Case(MORCEAU, piece, TOUS, financeur)
        if montre_communes and len(communes) == 1:
            total = Case(COMMUNE, communes[0], TOUS, financeur)
        elif montre_communes and communes:
            parts = tuple(Case(COMMUNE, c, TOUS, financeur) for c in communes)
            sorties.append(Egalite(total, tuple(p for p in parts if p in ici)))
        seuls[piece] = total
        if domaines and any(c.domaine != TOUS for c in ici):
            morceaux = tuple(Case(MORCEAU, piece, d, financeur) for d in domaines)
            sorties.append(Egalite(total, morceaux))
    for case in sorted(ici):
        pieces = decoupage.zones.get((case.niveau, case.code), ())
        if case.domaine != TOUS:
            if pieces:
                sorties.append(
                    Egalite(case, tuple(Case(MORCEAU, p, case.domaine, financeur) for p in pieces))
                )
            continue
        if pieces and (case.niveau != COMMUNE or case.code in decoupage.partagees):
            sorties.append(Egalite(case, tuple(seuls[p] for p in pieces)))
        parts = tuple(case._replace(domaine=d) for d in domaines)
        parts = tuple(p for p in parts if p in ici)
        if parts:
            sorties.append(Egalite(case, parts))
    return sorties


def absentes(decoupage: Decoupage, cases: Sequence[Case], tues: Collection[Zone] = ()) -> set[Case]:
    """Cells that tables of these levels, sectors and funders would have and do not: nobody answered there.

    `tues`: zones that the table never shows, about which a missing cell says nothing.
    """
    presentes = set(cases)
    niveaux: dict[tuple[str, bool, str], set[str]] = defaultdict(set)
    for case in cases:
        niveaux[case.niveau, case.domaine == TOUS, case.financeur].add(case.domaine)
    domaines = {c.domaine for c in cases}
    return {
        Case(niveau, code, domaine, financeur)
        for (niveau, est_tous, financeur) in niveaux
        for (autre, code) in decoupage.zones
        if autre == niveau and (autre, code) not in tues
        for domaine in ({TOUS} if est_tous else domaines - {TOUS})
    } - presentes
