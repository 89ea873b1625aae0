"""The territory of a département: communes, the zones they make up, and who belongs where.

The files of `data/<département>/` are written by `scripts/territoire.py`; nothing here is typed by hand. Those of
other départements may lie in another folder, named by `OBSERVATOIRE_GEOGRAPHIE`. The
priority districts (QPV) and the groupings of communes are lists of the network (`ajouts.py`).
Codes are text everywhere. Populations are « populations municipales » of one single source, so that the
départements, EPCI, arrondissements and cantons are exact sums of communes.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path

from observatoire.domain.types._nettoyage import plier
from observatoire.territoire.ajouts import FICHIERS, Ajout, lire_ajouts
from observatoire.territoire.lieux import QPV, REGROUPEMENT, placer
from observatoire.territoire.noms import Annuaire

DONNEES = Path(__file__).with_name("data")
DECOUPES = ("departement", "arrondissement", "epci", "canton", "commune")
NIVEAUX = (*DECOUPES, REGROUPEMENT, QPV)
_CODE_DEPARTEMENT = re.compile(r"\d{2}|2[AB]|97\d")


class DepartementAbsent(LookupError):
    """No data file for this département; the message tells how to make them."""


@dataclass(frozen=True, slots=True)
class Commune:
    """One commune of today. `anciens_codes` are the codes of the communes it absorbed, `autres_noms` their
    names. A code that does not apply (commune without EPCI, département without cantons) is empty."""

    code: str
    nom: str
    population: int
    codes_postaux: tuple[str, ...]
    code_epci: str
    code_arrondissement: str
    code_canton: str
    anciens_codes: tuple[str, ...] = ()
    autres_noms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Zone:
    """A group of communes at one level, or a district inside some of them.

    `population` is None when no source gives it. `population` and `nb_communes` count the part inside the département, the only one that the figures of
    the observatory cover; `population_ensemble` and `nb_communes_ensemble` count the whole zone (they differ
    for an EPCI that crosses the border). `note` is what a table must print beside the name, empty if nothing.
    """

    niveau: str
    code: str
    libelle: str
    population: int | None
    population_ensemble: int | None
    nb_communes: int
    nb_communes_ensemble: int
    note: str
    code_departement: str

    @property
    def partielle(self) -> bool:
        """True when communes of the zone lie outside the département."""
        return self.nb_communes < self.nb_communes_ensemble

    @property
    def libelle_complet(self) -> str:
        """The name with its note, as a title or a table prints it."""
        return f"{self.libelle} ({self.note})" if self.note else self.libelle


@dataclass(frozen=True)
class Territoire:
    """A département, its communes and zones. Implements `Lieux` of the field types."""

    code: str
    nom: str
    communes: tuple[Commune, ...]
    _zones: Mapping[tuple[str, str], Zone] = field(repr=False, compare=False)
    _annuaire: Annuaire = field(repr=False, compare=False)
    _par_code: Mapping[str, Commune] = field(repr=False, compare=False)
    _par_code_postal: Mapping[str, tuple[Commune, ...]] = field(repr=False, compare=False)
    _ajouts: Mapping[tuple[str, str], Ajout] = field(default_factory=dict, repr=False, compare=False)

    def par_code(self, code: str) -> Commune | None:
        """The commune of this INSEE code; the code of an absorbed commune gives the one of today."""
        return self._par_code.get(str(code).strip())

    def par_nom(self, texte: str) -> Sequence[Commune]:
        """Communes whose name, or name of an absorbed commune, is this text once normalised."""
        return tuple(self._par_code[code] for code in self._annuaire.exact(texte))

    def par_code_postal(self, code_postal: str) -> Sequence[Commune]:
        """Communes served by this postcode, by INSEE code."""
        return self._par_code_postal.get(str(code_postal).strip(), ())

    def proche(self, texte: str) -> tuple[Commune, float] | None:
        """The only commune whose name is near this text, with a score from 0 to 100."""
        trouve = self._annuaire.proche(texte)
        return None if trouve is None else (self._par_code[trouve[0]], trouve[1])

    def zones(self, niveau: str) -> tuple[Zone, ...]:
        """All zones of a level of `NIVEAUX`, by code."""
        _verifier(niveau)
        return tuple(zone for (n, _), zone in self._zones.items() if n == niveau)

    def zone(self, niveau: str, code: str) -> Zone:
        """One zone; KeyError names it when there is none."""
        _verifier(niveau)
        if (niveau, code) not in self._zones:
            raise KeyError(f"pas de {niveau} « {code} » dans le département {self.code}")
        return self._zones[niveau, code]

    def communes_de(self, niveau: str, code: str) -> tuple[Commune, ...]:
        """Communes of a zone, those inside the département; those that a district touches."""
        self.zone(niveau, code)
        if niveau in (QPV, REGROUPEMENT):
            return tuple(self._par_code[c] for c in self._ajouts[niveau, code].communes)
        return tuple(c for c in self.communes if self._code_zone(c, niveau) == code)

    def quartiers(self, texte: str) -> tuple[Zone, ...]:
        """Priority districts of this code, else of this name."""
        zones = self.zones(QPV)
        trouves = [z for z in zones if z.code == texte.strip().upper()]
        nom = plier(texte)
        return tuple(trouves or [z for z in zones if nom and plier(z.libelle) == nom])

    def rattachements(self) -> Iterator[tuple[str, str, str]]:
        """Rows (place, niveau, code). A place is a commune, or the part of it that lies in a district (`lieux.py`).

        A place has at most one zone per level, but for groupings, that may overlap.
        """
        groupes: dict[str, list[tuple[str, str]]] = {}
        quartiers: dict[str, list[str]] = {}
        for niveau, code, membre in self.appartenances():
            if niveau == QPV:
                quartiers.setdefault(membre, []).append(code)
            else:
                groupes.setdefault(membre, []).append((niveau, code))
        zones = {}
        for commune in self.communes:
            codes = ((niveau, self._code_zone(commune, niveau)) for niveau in DECOUPES)
            zones[commune.code] = [z for z in codes if z[1]] + groupes.get(commune.code, [])
        return placer(zones, quartiers)

    def appartenances(self) -> Iterator[tuple[str, str, str]]:
        """Rows (niveau, code, commune) of the groupings and of the communes that each district touches."""
        for (niveau, code), ajout in self._ajouts.items():
            for commune in ajout.communes:
                yield niveau, code, commune

    def _code_zone(self, commune: Commune, niveau: str) -> str:
        if niveau == "departement":
            return self.code
        return commune.code if niveau == "commune" else str(getattr(commune, f"code_{niveau}"))


def _verifier(niveau: str) -> None:
    if niveau not in NIVEAUX:
        raise ValueError(f"niveau inconnu : « {niveau} » (attendu : {', '.join(NIVEAUX)})")


def dossier(departement: str) -> Path:
    """Folder of the data files of a département; DepartementAbsent when they have not been made."""
    chemin = DONNEES / departement
    if not chemin.is_dir() and (ailleurs := os.environ.get("OBSERVATOIRE_GEOGRAPHIE")):
        chemin = Path(ailleurs) / departement
    if not _CODE_DEPARTEMENT.fullmatch(departement) or not (chemin / "communes.csv").is_file():
        raise DepartementAbsent(
            f"Pas de fichiers de territoire pour le département « {departement} ». "
            f"Fabriquez-les avec : python scripts/territoire.py {departement}"
        )
    return chemin


def load_territoire(departement: str, ajouts: Path | None = None) -> Territoire:
    """The territory of a département ('77', '2A', '974'), read once. Raises DepartementAbsent.

    `ajouts` is the folder of the lists of the network (`Settings.territoires`), read again when a list changes.
    """
    fichiers = [ajouts / nom for nom in FICHIERS.values()] if ajouts else []
    etats = tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in fichiers if f.is_file())
    return _completer(departement, ajouts, etats) if ajouts and etats else _charger(departement)


@lru_cache(maxsize=8)
def _completer(departement: str, ajouts: Path, _: tuple[tuple[str, int, int], ...]) -> Territoire:
    base = _charger(departement)
    lus = {}
    for ajout in lire_ajouts(ajouts):
        communes = tuple(c for c in ajout.communes if c in base._par_code)
        if communes:
            lus[ajout.niveau, ajout.code] = replace(ajout, communes=communes)
    zones = {cle: _zone_ajoutee(base, ajout) for cle, ajout in lus.items()}
    return replace(base, _zones={**base._zones, **zones}, _ajouts=lus)


def _zone_ajoutee(base: Territoire, ajout: Ajout) -> Zone:
    """The population of a grouping is that of its communes; that of a district is in its list, or unknown."""
    habitants = ajout.population
    if ajout.niveau == REGROUPEMENT:
        habitants = sum(c.population for c in base.communes if c.code in ajout.communes)
    nb = len(ajout.communes)
    return Zone(ajout.niveau, ajout.code, ajout.libelle, habitants, habitants, nb, nb, ajout.note, base.code)


@cache
def _charger(departement: str) -> Territoire:
    racine = dossier(departement)
    communes = tuple(_commune(ligne) for ligne in _lire(racine / "communes.csv"))
    zones = {(z.niveau, z.code): z for z in map(_zone, _lire(racine / "territoires.csv"))}
    for c in communes:
        zones["commune", c.code] = Zone(
            "commune", c.code, c.nom, c.population, c.population, 1, 1, "", departement
        )
    par_code = {ancien: c for c in communes for ancien in c.anciens_codes} | {c.code: c for c in communes}
    par_code_postal: dict[str, tuple[Commune, ...]] = {}
    for c in communes:
        for code_postal in c.codes_postaux:
            par_code_postal[code_postal] = (*par_code_postal.get(code_postal, ()), c)
    nom = zones["departement", departement].libelle
    annuaire = Annuaire(
        {c.code: (c.nom, *c.autres_noms) for c in communes},
        departement=departement,
        nom_departement=nom,
        codes_postaux=frozenset(par_code_postal),
        homonymes=frozenset(ligne["nom"] for ligne in _lire(racine / "homonymes.csv")),
    )
    return Territoire(departement, nom, communes, zones, annuaire, par_code, par_code_postal)


def _lire(chemin: Path) -> list[dict[str, str]]:
    with chemin.open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


def _commune(ligne: Mapping[str, str]) -> Commune:
    return Commune(
        code=ligne["code"],
        nom=ligne["nom"],
        population=int(ligne["population"]),
        codes_postaux=tuple(ligne["codes_postaux"].split()),
        code_epci=ligne["code_epci"],
        code_arrondissement=ligne["code_arrondissement"],
        code_canton=ligne["code_canton"],
        anciens_codes=tuple(ligne["anciens_codes"].split()),
        autres_noms=tuple(filter(None, ligne["autres_noms"].split("|"))),
    )


def _zone(ligne: Mapping[str, str]) -> Zone:
    return Zone(
        niveau=ligne["niveau"],
        code=ligne["code"],
        libelle=ligne["libelle"],
        population=int(ligne["population"]),
        population_ensemble=int(ligne["population_ensemble"]),
        nb_communes=int(ligne["nb_communes"]),
        nb_communes_ensemble=int(ligne["nb_communes_ensemble"]),
        note=ligne["note"],
        code_departement=ligne["code_departement"],
    )
