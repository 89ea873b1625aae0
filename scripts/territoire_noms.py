"""Names for scripts/territoire.py: former names of merged communes, and names that belong elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from observatoire.territoire.noms import Annuaire

# A short form is kept, in spite of a commune of that name elsewhere, when it is that many times smaller.
FOIS_PLUS_PEUPLEE = 5


def noms_accoles(nom: str, connus: Iterable[str], absorbees: int) -> set[str]:
    """Former names that the merged name puts side by side (« Chenoise-Cucharmoy »), when it leaves no doubt.

    Either the parts are as many as the former communes, or one of two parts is a known former name.
    """
    parts = nom.split("-")
    if absorbees and len(parts) == absorbees + 1:
        return set(parts)
    return {nom.removesuffix(f"-{c}") for c in connus if absorbees == 1 and nom.endswith(f"-{c}")}


def ecarter_noms_douteux(lignes: list[dict[str, Any]], toutes: list[dict[str, Any]]) -> None:
    """Drop the inferred former names that are those of a commune elsewhere, or begin another name here."""
    france = {c["nom"] for c in toutes if c["type"] == "commune-actuelle"}
    for ligne in lignes:
        surs, sien = ligne.pop("_surs"), ligne["nom"]
        debuts = {n for n in (autre["nom"] for autre in lignes) if n != sien}
        retenus = {
            n
            for n in ligne["autres_noms"]
            if n in surs or (n not in france and not any(d.startswith((f"{n}-", f"{n} ")) for d in debuts))
        }
        ligne["autres_noms"] = "|".join(sorted(retenus))


def lire_homonymes(
    communes: list[dict[str, Any]], toutes: list[dict[str, Any]], departement: str, nom: str
) -> list[dict[str, str]]:
    """Communes elsewhere in France whose right name would be read as a commune of the département."""
    annuaire = Annuaire(
        {c["code"]: (c["nom"], *filter(None, c["autres_noms"].split("|"))) for c in communes},
        departement=departement,
        nom_departement=nom,
    )
    habitants = {c["code"]: int(c["population"]) for c in communes}
    noms = set()
    for c in toutes:
        if c["type"] != "commune-actuelle" or c.get("departement") == departement or annuaire.exact(c["nom"]):
            continue
        code, _ = annuaire.proche(c["nom"]) or ("", 0.0)
        plus_peuplee = bool(code) and habitants[code] >= FOIS_PLUS_PEUPLEE * c.get("population", 0)
        if code and not (plus_peuplee and annuaire.abreges(c["nom"])):
            noms.add(c["nom"])
    return [{"nom": n} for n in sorted(noms)]
