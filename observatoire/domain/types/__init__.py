"""The registry of field types: one module each, found by itself. A new file brings its tests."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from observatoire.domain.enquete import Champ
from observatoire.domain.types.base import TypeChamp


def _decouvrir() -> Mapping[str, TypeChamp]:
    """Types by name. ValueError lists the modules without `TYPE` and the names taken twice."""
    types: dict[str, TypeChamp] = {}
    fautes = []
    for module in pkgutil.iter_modules(__path__):
        if module.name == "base" or module.name.startswith("_"):
            continue
        trouve = getattr(importlib.import_module(f"{__name__}.{module.name}"), "TYPE", None)
        if not isinstance(trouve, TypeChamp):
            fautes.append(f"{module.name}.py : pas de TYPE")
        elif trouve.nom in types or not trouve.nom:
            fautes.append(f"{module.name}.py : nom « {trouve.nom} » vide ou déjà pris")
        else:
            types[trouve.nom] = trouve
    if fautes:
        raise ValueError("types de champs : " + " ; ".join(fautes))
    return MappingProxyType(types)


TYPES: Mapping[str, TypeChamp] = _decouvrir()


def type_de(champ: Champ) -> TypeChamp:
    """The type of a field; KeyError names the field and the known types."""
    if champ.type not in TYPES:
        raise KeyError(f"{champ.name} : type « {champ.type} » inconnu ({', '.join(TYPES)})")
    return TYPES[champ.type]
