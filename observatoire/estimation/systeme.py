"""The equalities that hold between the cells of one table, whatever is masked: what an attacker may write.

Geographies that cross (EPCI, cantons, arrondissements, any grouping of communes) are tied by the pieces they cut
the territory into: two communes that lie in the same zones at every level are in the same piece. A zone is the sum
of its pieces, a piece the sum of its communes and of its sectors, so that every inclusion, difference and overlap
of two zones follows. What belongs to no known commune is one more piece, in the département only. An EPCI partly
outside the département is the sum of the communes that the figures cover.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

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


@dataclass(frozen=True)
class Decoupage:
    """Zones of a territory cut into pieces.

    `zones`: (niveau, code) → its pieces. `communes`: piece → its communes, none for what lies in no commune.
    """

    zones: Mapping[tuple[str, str], tuple[str, ...]]
    communes: Mapping[str, tuple[str, ...]]
    par_commune: bool = field(default=False)


def decouper(rattachements: Iterable[tuple[str, str, str]], par_commune: bool = False) -> Decoupage:
    """Pieces of the zones of `rattachements` (commune, niveau, code); `par_commune`: one piece per commune."""
    lieux: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for commune, niveau, code in rattachements:
        if niveau == COMMUNE:
            lieux[commune].add((COMMUNE, code))
        else:
            lieux[commune].add((niveau, code))
    signatures: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for commune in sorted(lieux):
        zones = tuple(sorted(z for z in lieux[commune] if z[0] != COMMUNE))
        signatures[(commune, *zones) if par_commune else zones].append(commune)
    communes: dict[str, tuple[str, ...]] = {}
    pieces: dict[tuple[str, str], list[str]] = defaultdict(list)
    for rang, membres in enumerate(signatures.values()):
        nom = str(rang)
        communes[nom] = tuple(membres)
        for zone in {z for c in membres for z in lieux[c]}:
            pieces[zone].append(nom)
    communes[HORS] = ()
    for zone in pieces:
        if zone[0] == DEPARTEMENT:
            pieces[zone].append(HORS)
    return Decoupage({z: tuple(p) for z, p in pieces.items()}, communes, par_commune)


def egalites(decoupage: Decoupage, cases: Sequence[Case]) -> list[Egalite]:
    """Every equality between these cells of one table and the pieces that nobody shows."""
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
        if montre_communes and len(communes) == 1 and not decoupage.par_commune:
            total = Case(COMMUNE, communes[0], TOUS, financeur)
        elif montre_communes and communes and not decoupage.par_commune:
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
        if pieces and (case.niveau != COMMUNE or decoupage.par_commune):
            sorties.append(Egalite(case, tuple(seuls[p] for p in pieces)))
        parts = tuple(case._replace(domaine=d) for d in domaines)
        parts = tuple(p for p in parts if p in ici)
        if parts:
            sorties.append(Egalite(case, parts))
    return sorties


def absentes(decoupage: Decoupage, cases: Sequence[Case]) -> set[Case]:
    """Cells that tables of these levels, sectors and funders would have and do not: nobody answered there."""
    presentes = set(cases)
    niveaux: dict[tuple[str, bool, str], set[str]] = defaultdict(set)
    for case in cases:
        niveaux[case.niveau, case.domaine == TOUS, case.financeur].add(case.domaine)
    domaines = {c.domaine for c in cases}
    return {
        Case(niveau, code, domaine, financeur)
        for (niveau, est_tous, financeur) in niveaux
        for (autre, code) in decoupage.zones
        if autre == niveau
        for domaine in ({TOUS} if est_tous else domaines - {TOUS})
    } - presentes
