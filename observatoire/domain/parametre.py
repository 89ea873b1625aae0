"""Dated constants with unit, source and status.

The file `parametres/parametres.csv` is the only source of what is shipped. A network writes its own in
`<données>/parametres/*.csv`, same columns: on the days it covers, a value of the network takes the place of the
shipped one, with its own source; an identifier that is not shipped adds a constant (`cout_horaire_execution`…).
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

CHEMIN = Path(__file__).with_name("parametres") / "parametres.csv"
STATUTS = ("officiel", "convention", "hypothese")
_UN_JOUR = dt.timedelta(days=1)
COLONNES = ("id", "libelle", "valeur", "unite", "valable_du", "valable_au", "source", "statut", "verifie_le")


class ParametreError(ValueError):
    """The file of the constants is wrong; the message lists every fault."""


class ParametreInconnu(LookupError):
    """No value of this constant at this date; the message names both."""


@dataclass(frozen=True, slots=True)
class Parametre:
    """One value of one constant, between two days included (`valable_au` None: still valid)."""

    id: str
    libelle: str
    valeur: float
    unite: str
    valable_du: dt.date
    valable_au: dt.date | None
    source: str
    statut: str
    verifie_le: dt.date

    def couvre(self, jour: dt.date) -> bool:
        """True when the value holds on `jour`."""
        return self.valable_du <= jour and (self.valable_au is None or jour <= self.valable_au)


def load_parametres(chemin: Path = CHEMIN) -> tuple[Parametre, ...]:
    """All values in the order of the file. ParametreError lists every fault at once."""
    with chemin.open(encoding="utf-8", newline="") as flux:
        lecteur = csv.DictReader(flux)
        if tuple(lecteur.fieldnames or ()) != COLONNES:
            raise ParametreError(f"{chemin.name}: colonnes attendues {', '.join(COLONNES)}")
        lignes = list(lecteur)
    valeurs: list[Parametre] = []
    fautes: list[str] = []
    for numero, ligne in enumerate(lignes, start=2):
        try:
            valeur = _lire(ligne)
        except ValueError as faute:
            fautes.append(f"ligne {numero} ({ligne['id']}): {faute}")
            continue
        fautes += [
            f"ligne {numero} ({valeur.id}): {autre.valable_du} et {valeur.valable_du} se chevauchent"
            for autre in valeurs
            if autre.id == valeur.id and _chevauchent(autre, valeur)
        ]
        valeurs.append(valeur)
    if fautes:
        raise ParametreError(f"{chemin.name}: " + " ; ".join(fautes))
    return tuple(valeurs)


def _lire(ligne: dict[str, str]) -> Parametre:
    if ligne["statut"] not in STATUTS:
        raise ValueError(f"statut « {ligne['statut']} » inconnu")
    vides = [cle for cle in COLONNES if not ligne[cle] and cle != "valable_au"]
    if vides:
        raise ValueError(f"{', '.join(vides)} vide")
    debut = dt.date.fromisoformat(ligne["valable_du"])
    fin = dt.date.fromisoformat(ligne["valable_au"]) if ligne["valable_au"] else None
    if fin is not None and fin < debut:
        raise ValueError(f"finit le {fin}, avant de commencer le {debut}")
    return Parametre(
        id=ligne["id"],
        libelle=ligne["libelle"],
        valeur=float(ligne["valeur"]),
        unite=ligne["unite"],
        valable_du=debut,
        valable_au=fin,
        source=ligne["source"],
        statut=ligne["statut"],
        verifie_le=dt.date.fromisoformat(ligne["verifie_le"]),
    )


def _chevauchent(a: Parametre, b: Parametre) -> bool:
    return (b.valable_au is None or a.valable_du <= b.valable_au) and (
        a.valable_au is None or b.valable_du <= a.valable_au
    )


@cache
def parametres() -> tuple[Parametre, ...]:
    """Every value of every constant, read once."""
    return load_parametres()


def parametre(id: str, date: dt.date) -> Parametre:
    """The value of constant `id` on `date`; ParametreInconnu names both when there is none."""
    for valeur in parametres():
        if valeur.id == id and valeur.couvre(date):
            return valeur
    connus = {valeur.id for valeur in parametres()}
    cause = "aucune valeur à cette date" if id in connus else f"connus : {', '.join(sorted(connus))}"
    raise ParametreInconnu(f"paramètre « {id} » au {date.isoformat()} : {cause}")


def parametres_du_reseau(dossier: Path) -> tuple[Parametre, ...]:
    """The shipped values, those of the network over them, by identifier in the order of the files, then by date.

    Without the folder, the shipped ones. ParametreError lists the faults of a file, and values of two files of
    the network that hold on the same day.
    """
    propres = [v for chemin in sorted(dossier.glob("*.csv")) for v in load_parametres(chemin)]
    fautes = [
        f"{a.id} : deux valeurs du réseau pour les mêmes jours, dès le {max(a.valable_du, b.valable_du)}"
        for i, a in enumerate(propres)
        for b in propres[:i]
        if a.id == b.id and _chevauchent(a, b)
    ]
    if fautes:
        raise ParametreError(f"{dossier}: " + " ; ".join(fautes))
    gardees = [reste for livree in parametres() for reste in _hors(livree, propres)]
    rangs = {valeur.id: rang for rang, valeur in reversed([*enumerate([*parametres(), *propres])])}
    return tuple(sorted([*gardees, *propres], key=lambda v: (rangs[v.id], v.valable_du)))


def _hors(livree: Parametre, propres: Sequence[Parametre]) -> Iterator[Parametre]:
    """What is left of a shipped value on the days that no value of the network covers."""
    restes: Iterable[Parametre] = (livree,)
    for propre in propres:
        if propre.id == livree.id:
            restes = [morceau for reste in restes for morceau in _retirer(reste, propre)]
    yield from restes


def _retirer(valeur: Parametre, autre: Parametre) -> Iterator[Parametre]:
    if not _chevauchent(valeur, autre):
        yield valeur
        return
    if valeur.valable_du < autre.valable_du:
        yield replace(valeur, valable_au=autre.valable_du - _UN_JOUR)
    if autre.valable_au is not None and (valeur.valable_au is None or autre.valable_au < valeur.valable_au):
        yield replace(valeur, valable_du=autre.valable_au + _UN_JOUR)
