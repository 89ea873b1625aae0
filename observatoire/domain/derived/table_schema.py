"""Questionnaire → Table Schema (frictionless) of the exported rows. Pure text."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de
from observatoire.domain.types.base import Contexte

PROFIL = "https://specs.frictionlessdata.io/schemas/table-schema.json"


def table_schema(enquete: Enquete) -> str:
    """The JSON text, fields in the order of the questionnaire, without those refused at the door."""
    schema = {
        "$schema": PROFIL,
        "name": enquete.name,
        "title": enquete.title,
        "description": f"{enquete.description} {enquete.grain}",
        "version": enquete.version,
        "countryCode": "FR",
        "fields": [_champ(c) for c in enquete.champs_actifs()],
        "missingValues": [""],
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _champ(champ: Champ) -> dict[str, Any]:
    type_ = type_de(champ)
    champ_schema: dict[str, Any] = {
        "name": champ.name,
        "title": champ.title,
        "description": champ.description,
        "type": type_.table_schema,
    }
    exemple = type_.lire(champ.example, champ, Contexte()).valeur
    if exemple is not None:
        champ_schema["example"] = exemple.isoformat() if isinstance(exemple, dt.date) else str(exemple)
    if champ.unit:
        champ_schema["unit"] = champ.unit
    contraintes: dict[str, Any] = {"required": champ.obligatoire}
    contraintes |= {cle: v for cle, v in champ.constraints.items() if cle != "required"}
    if champ.nomenclature and type_.nom == "nomenclature":
        contraintes["enum"] = list(charger_nomenclature(champ.nomenclature).codes)
    champ_schema["constraints"] = contraintes
    return champ_schema
