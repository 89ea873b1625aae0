"""Groups of the weighting: which cells of the frame are put together when too few associations answered.

Order of the splits: size class (who employs, how many), sector, EPCI. A group needs a minimum of answers;
one that has fewer joins its nearest:
- a size class joins the next class, among employers only. Employing is never given up: it makes most of
  the money and of the jobs;
- the small sectors of a class make one « others »; when that is still too small, the smallest sector of
  the class joins it;
- the same for EPCI within a class and sector, with a higher minimum: below, the EPCI is a margin only.
Each of these is one `Operation`. None tells a count: the log is public.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from observatoire.estimation.cadre import CLASSES, INCONNUE, SANS

AUTRES = "autres"
EMPLOYEUSES = tuple(c for c in CLASSES if c != SANS)
Case = tuple[str, str, str]  # classe, secteur, EPCI


class MargeVide(ValueError):
    """A part of the frame that nobody answered for: no weight can speak for it."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the log: at this step, `groupe` joined `vers` because of `raison`."""

    etape: str
    groupe: str
    vers: str
    raison: str


@dataclass(frozen=True, slots=True)
class Compte:
    """Associations of the frame, and those that answered."""

    cadre: int
    repondantes: int

    def __add__(self, autre: Compte) -> Compte:
        return Compte(self.cadre + autre.cadre, self.repondantes + autre.repondantes)


NUL = Compte(0, 0)


def grouper(
    comptes: Mapping[Case, Compte], minimum: int, minimum_epci: int
) -> tuple[dict[Case, str], list[Operation]]:
    """Group of each cell of the frame, and the log of what was put together.

    MargeVide when employers, or associations without employees, are in the frame and none answered.
    """
    journal: list[Operation] = []
    classes = _classes(comptes, minimum, journal)
    groupes: dict[Case, str] = {}
    par_classe: dict[str, dict[Case, Compte]] = defaultdict(dict)
    for case, compte in comptes.items():
        par_classe[classes[case[0]]][case] = compte
    for classe, cases in sorted(par_classe.items()):
        secteurs = reunir(_sommes(cases, 1), minimum, f"secteur, {classe}", journal)
        par_secteur: dict[str, dict[Case, Compte]] = defaultdict(dict)
        for case, compte in cases.items():
            par_secteur[secteurs[case[1]]][case] = compte
        for secteur, du_secteur in sorted(par_secteur.items()):
            # An EPCI that does not make a group is not a loss to log: it stays a margin of the raking.
            epci = reunir(_sommes(du_secteur, 2), minimum_epci, "", [])
            for case in du_secteur:
                groupes[case] = "|".join((classe, secteur, epci[case[2]]))
    return groupes, journal


def reunir(
    comptes: Mapping[str, Compte], minimum: int, etape: str, journal: list[Operation]
) -> dict[str, str]:
    """Level → level kept, the small ones under `AUTRES`; one level alone stays whatever its size."""
    petits = {nom for nom, c in comptes.items() if c.repondantes < minimum}
    grands = sorted(comptes.keys() - petits, key=lambda nom: (comptes[nom].repondantes, nom))
    raisons = {
        nom: "aucune répondante" if comptes[nom].repondantes == 0 else "trop peu de répondantes"
        for nom in petits
    }
    while petits and grands and _total(comptes, petits).repondantes < minimum:
        plus_petit = grands.pop(0)
        petits.add(plus_petit)
        raisons[plus_petit] = "le plus petit voisin des groupes trop petits"
    if len(comptes) > 1:
        journal += [Operation(etape, nom, AUTRES, raisons[nom]) for nom in sorted(petits)]
    return {nom: AUTRES if nom in petits else nom for nom in comptes}


def _classes(comptes: Mapping[Case, Compte], minimum: int, journal: list[Operation]) -> dict[str, str]:
    """Size class → size class kept."""
    sommes = _sommes(comptes, 0)
    employeuses = [c for c in EMPLOYEUSES if c in sommes]
    for nom, classes in (("sans salarié", [SANS]), ("employeuses", employeuses), ("toutes", [INCONNUE])):
        somme = _total(sommes, [c for c in classes if c in sommes])
        if somme.cadre and not somme.repondantes:
            raise MargeVide(
                f"Aucune association du groupe «\u00a0{nom}\u00a0» n’a répondu alors que le cadre en compte "
                f"{somme.cadre}\u00a0: aucun poids ne peut parler pour elles."
            )
    blocs = [[c] for c in employeuses]
    while len(blocs) > 1:
        rang = min(range(len(blocs)), key=lambda i: _total(sommes, blocs[i]).repondantes)
        if _total(sommes, blocs[rang]).repondantes >= minimum:
            break
        voisins = [i for i in (rang - 1, rang + 1) if 0 <= i < len(blocs)]
        vers = min(voisins, key=lambda i: _total(sommes, blocs[i]).repondantes)
        vide = _total(sommes, blocs[rang]).repondantes == 0
        raison = "aucune répondante" if vide else "trop peu de répondantes"
        journal.append(Operation("taille", "+".join(blocs[rang]), "+".join(blocs[vers]), raison))
        a, b = sorted((rang, vers))
        blocs[a : b + 1] = [blocs[a] + blocs[b]]
    gardees = {c: "+".join(bloc) for bloc in blocs for c in bloc}
    return {c: gardees.get(c, c) for c in sommes}


def _sommes(comptes: Mapping[Case, Compte], rang: int) -> dict[str, Compte]:
    sommes: dict[str, Compte] = defaultdict(lambda: NUL)
    for case, compte in comptes.items():
        sommes[case[rang]] += compte
    return dict(sommes)


def _total(comptes: Mapping[str, Compte], noms: Iterable[str] | Sequence[str]) -> Compte:
    return sum((comptes[nom] for nom in noms), NUL)
