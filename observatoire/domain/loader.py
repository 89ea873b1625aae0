"""TOML → `Enquete`. A faulty questionnaire never loads: all its problems are told at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from observatoire.domain.controles import (
    OPTIONS,
    TEXTES,
    exemples_refuses,
    fautes_champs,
    fautes_enquete,
    fautes_references,
)
from observatoire.domain.enquete import Champ, Enquete, Regle

DOSSIER = Path(__file__).with_name("enquetes")
COMMUNS = "communs.toml"


class SpecError(ValueError):
    """One or several questionnaires are wrong. `problemes` are « file › field: what »."""

    def __init__(self, problemes: Iterable[str]) -> None:
        self.problemes = tuple(dict.fromkeys(problemes))
        super().__init__("\n".join(self.problemes))


def load_enquete(path: Path) -> Enquete:
    """One questionnaire; the `communs.toml` of the same folder gives its shared and its refused columns."""
    fautes: list[str] = []
    spec, communs = _lire(path, fautes), _lire(path.with_name(COMMUNS), fautes)
    if fautes:
        raise SpecError(fautes)
    partages = [(COMMUNS, table) for table in communs.get("champ", [])]
    tables = [t for t in partages if spec.get("communs", False) and not t[1].get("personnel", False)]
    tables += [(path.name, table) for table in spec.get("champ", [])]
    noms = {table.get("name") for _, table in tables}
    tables += [t for t in partages if t[1].get("personnel", False)]
    fautes = fautes_enquete(path.name, spec) + fautes_champs(tables)
    fautes += fautes_references(path.name, spec, noms)
    if fautes:
        raise SpecError(fautes)
    enquete = _construire(spec, [table for _, table in tables])
    if fautes := exemples_refuses(enquete):
        raise SpecError(f"{path.name} › {faute}" for faute in fautes)
    return enquete


@cache
def load_enquetes() -> dict[str, Enquete]:
    """Every questionnaire by name, in alphabetical order; one SpecError for the faults of all of them."""
    enquetes: dict[str, Enquete] = {}
    fautes: list[str] = []
    for path in sorted(DOSSIER.glob("*.toml")):
        if path.name == COMMUNS:
            continue
        try:
            enquetes[path.stem] = load_enquete(path)
        except SpecError as erreur:
            fautes += erreur.problemes
    if fautes:
        raise SpecError(fautes)
    return enquetes


def _lire(path: Path, fautes: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as erreur:
        fautes.append(f"{path.name}: illisible ({erreur})")
        return {}


def _construire(spec: Mapping[str, Any], tables: Iterable[Mapping[str, Any]]) -> Enquete:
    champs = tuple(Champ(**{**table, "aliases": tuple(table.get("aliases", ()))}) for table in tables)
    regles = tuple(Regle(**{**table, "parties": tuple(table["parties"])}) for table in spec.get("regle", []))
    options: dict[str, Any] = {
        cle: tuple(spec[cle]) if isinstance(spec[cle], list) else spec[cle] for cle in OPTIONS if cle in spec
    }
    return Enquete(**{cle: spec[cle] for cle in TEXTES}, champs=champs, regles=regles, **options)
