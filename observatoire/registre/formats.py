"""Layouts of the official files: which column holds what, and what must be there to read them.

Each source says its own once, in `sources/<nom>.toml`: titles of its columns, licence, producer. Nothing but the
columns declared there is ever read of a file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from observatoire.domain.types._nettoyage import plier

DOSSIER = Path(__file__).with_name("sources")
RNA, SIRENE, SOLLICITEES = "rna", "sirene", "sollicitees"
# A year in the title of a column, whole or its two last digits.
_ANNEES = {"{aaaa}": r"((?:19|20)\d\d)", "{aa}": r"(\d\d)"}


class RegistreRefuse(ValueError):
    """A file that cannot enter the register; `str()` is the French sentence to show."""


@dataclass(frozen=True, slots=True)
class Format:
    """One layout: field → titles it may have, the first one being the official one.

    `exigees` are the fields without which nothing can be read; `signature` tells the layout from the others;
    `connues` are columns known to be there and never read; `par_annee` are the fields that have a column a year.
    A `libre` layout has no official title: a column more or less is no news. `table`: what is kept of it
    (`sources/<table>.sql`), the source itself by default.
    """

    nom: str
    genre: str
    colonnes: Mapping[str, Sequence[str]]
    exigees: Sequence[str]
    signature: str
    connues: Sequence[str] = ()
    par_annee: Sequence[str] = ()
    libre: bool = False
    table: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A public source: who makes it, under which licence, its layouts.

    `registre`: it says which associations there are. `cumul`: its files add up, where a newer one replaces elsewhere.
    `titres`: of a list that people keep (pipelines/sources/listes.py), that has no layout.
    """

    nom: str
    titre: str
    producteur: str
    licence: str
    formats: Sequence[Format]
    adresse: str | None = None
    registre: bool = False
    cumul: bool = False
    titres: Mapping[str, Sequence[str]] = field(default_factory=dict)


def _lire(chemin: Path) -> Source:
    contenu = tomllib.loads(chemin.read_text(encoding="utf-8"))
    nom = contenu["nom"]
    formats = tuple(Format(**{"genre": nom, "table": nom, **f}) for f in contenu.pop("format", []))
    return Source(formats=formats, **contenu)


SOURCES = {s.nom: s for s in map(_lire, sorted(DOSSIER.glob("*.toml")))}
GENRES = {nom: SOURCES[nom].titre for nom in (RNA, SIRENE, SOLLICITEES)}
CHAMPS = tuple(
    dict.fromkeys(c for nom in GENRES for f in SOURCES[nom].formats for c in f.colonnes if c != "nic_siege")
)


@dataclass(frozen=True, slots=True)
class Lecture:
    """A layout recognised: rank of the column of each field, titles of the fields that are not there.

    `nouvelles`: columns that the layout does not know. `annees`: year → rank of the column of each field that has one.
    """

    format: Format
    rangs: Mapping[str, int]
    absentes: Sequence[str]
    nouvelles: Sequence[str] = ()
    annees: Mapping[int, Mapping[str, int]] = field(default_factory=dict)


def reconnaitre(genre: str, entetes: Sequence[str], fichier: str) -> Lecture:
    """The layout of these titles. RegistreRefuse names every column that is missing."""
    source, plies = SOURCES[genre], [plier(e) for e in entetes]
    essais = [(_placer(f, plies), f) for f in source.formats]
    (rangs, annees), choisi = max(essais, key=lambda e: (plier(e[1].signature) in plies, len(e[0][0])))
    presents = {*rangs, *(c for champs in annees.values() for c in champs)}
    manquantes = [choisi.colonnes[c][0] for c in choisi.exigees if c not in presents]
    if len(manquantes) == len(choisi.exigees):
        raise RegistreRefuse(
            f"«\u00a0{fichier}\u00a0» n’est pas un fichier que l’observatoire sait lire sous le nom "
            f"«\u00a0{source.titre}\u00a0»\u00a0: aucune des colonnes {_citer(manquantes)} n’y figure. "
            f"Vérifiez que c’est le bon fichier, avec ses titres sur la première ligne."
        )
    if manquantes:
        une = len(manquantes) == 1
        raise RegistreRefuse(
            f"Il manque {'la colonne' if une else 'les colonnes'} {_citer(manquantes)} dans "
            f"«\u00a0{fichier}\u00a0» ({choisi.nom}). Rien n’a été changé. Reprenez le fichier tel que publié, "
            f"sans ôter ni renommer de colonne."
        )
    if choisi.libre:
        return Lecture(choisi, rangs, [], [], annees)
    absentes = [titres[0] for champ, titres in choisi.colonnes.items() if champ not in presents]
    return Lecture(choisi, rangs, absentes, _nouvelles(choisi, entetes, plies), annees)


def _placer(modele: Format, plies: Sequence[str]) -> tuple[dict[str, int], dict[int, dict[str, int]]]:
    """Rank of each field; of those that have a column a year, by year."""
    rangs: dict[str, int] = {}
    annees: dict[int, dict[str, int]] = {}
    for champ, titres in modele.colonnes.items():
        if champ in modele.par_annee:
            for rang, plie in enumerate(plies):
                annee = next((a for t in titres if (a := _annee(t, plie))), None)
                if annee is not None:
                    annees.setdefault(annee, {})[champ] = rang
            continue
        trouve = next((plies.index(t) for t in map(plier, titres) if t in plies), None)
        if trouve is not None:
            rangs[champ] = trouve
    return rangs, dict(sorted(annees.items()))


def _annee(titre: str, plie: str) -> int | None:
    """The year that a title holds where the model has {aa} or {aaaa}."""
    trouve = re.fullmatch(_motif(titre), plie)
    if trouve is None or not trouve.groups():
        return None
    annee = int(trouve[1])
    return annee if annee > 99 else 2000 + annee


def _motif(titre: str) -> str:
    marque = next((m for m in _ANNEES if m in titre), None)
    if marque is None:
        return re.escape(plier(titre))
    avant, apres = titre.split(marque)
    return re.escape(plier(avant)) + _ANNEES[marque] + re.escape(plier(apres))


def _nouvelles(modele: Format, entetes: Sequence[str], plies: Sequence[str]) -> list[str]:
    titres = (*modele.connues, *(t for noms in modele.colonnes.values() for t in noms))
    motifs = [re.compile(_motif(t)) for t in titres]
    couples = zip(entetes, plies, strict=True)
    return [e for e, plie in couples if plie and not any(m.fullmatch(plie) for m in motifs)]


def _citer(titres: Sequence[str]) -> str:
    cites = [f"«\u00a0{t}\u00a0»" for t in titres]
    return cites[0] if len(cites) == 1 else f"{', '.join(cites[:-1])} et {cites[-1]}"
