"""Builders shared by the tests: valid rows of any questionnaire, workbooks of any shape."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de

COMMUNES = ["Melun", "Meaux", "Chelles", "Provins", "Fontainebleau", "Nemours", "Torcy", "Coulommiers"]


def luhn(base: str) -> str:
    """`base` followed by its Luhn check digit."""
    for cle in "0123456789":
        chiffres = [int(c) for c in base + cle]
        doubles = [c if i % 2 == 0 else sum(divmod(2 * c, 10)) for i, c in enumerate(reversed(chiffres))]
        if sum(doubles) % 10 == 0:
            return base + cle
    raise AssertionError(base)


def siret_valide(rng: random.Random) -> str:
    siren = luhn("9" + "".join(rng.choices("0123456789", k=7)))
    return luhn(siren + "0001")


def valeur_valide(champ: Champ, i: int, rng: random.Random) -> Any:
    """A cell that loads without any anomaly."""
    minimum = champ.constraints.get("minimum", 0)
    maximum = champ.constraints.get("maximum")
    match type_de(champ).nom:
        case "texte" | "texte_long":
            texte = f"Les Amis du Ru {i}"
            return texte if len(texte) <= champ.constraints.get("maxLength", 250) else f"RU{i}"
        case "rna":
            return f"W77{i:07d}"
        case "siret":
            return siret_valide(rng)
        case "commune":
            return rng.choice(COMMUNES)
        case "code_postal":
            return "77000"
        case "qpv":
            return "hors QPV"
        case "siren":
            return siret_valide(rng)[:9]
        case "annee":
            return (
                2025
                if champ.name.startswith(("annee_exercice", "annee")) and "creation" not in champ.name
                else 1998
            )
        case "date":
            return dt.date(2025, 3, 1 + i % 28)
        case "effectif":
            return rng.randint(max(minimum, 20), min(maximum or 60, 60))
        case "montant":
            return round(rng.uniform(1000, 4000), 2)
        case "heures" | "etp":
            return float(rng.randint(20, 60))
        case "part":
            return round(rng.uniform(0.1, 0.9), 2)
        case "note":
            return rng.randint(int(minimum), int(maximum if maximum is not None else 10))
        case "booleen":
            return rng.choice(["oui", "non"])
        case "nomenclature" | "nomenclature_multiple":
            choix = [c for c in charger_nomenclature(champ.nomenclature or "").lignes if c.code != "nsp"]
            return rng.choice(choix).libelle
        case autre:
            raise AssertionError(f"pas de valeur valide pour le type {autre}")


def lignes_valides(enquete: Enquete, nombre: int, graine: int = 0) -> list[dict[str, Any]]:
    """`nombre` rows (field → cell), coherent with the rules of the questionnaire, without duplicate."""
    rng = random.Random(graine)
    lignes = []
    for i in range(nombre):
        ligne = {c.name: valeur_valide(c, i, rng) for c in enquete.champs_actifs()}
        for regle in enquete.regles:
            if regle.kind == "partie":
                ligne[regle.tout] = max(200, sum(int(ligne[p] or 0) for p in regle.parties))
        for regle in enquete.regles:
            if regle.kind == "somme":
                ligne[regle.tout] = round(sum(float(ligne[p] or 0) for p in regle.parties), 2)
        if "categorie" in ligne:
            ligne["categorie"] = None
        lignes.append(ligne)
    return lignes


def ecrire_xlsx(chemin: Path, lignes: list[list[Any]], feuille: str = "Feuil1") -> Path:
    """A plain workbook of these rows."""
    classeur = Workbook()
    page = classeur.active
    page.title = feuille
    for ligne in lignes:
        page.append(ligne)
    classeur.save(chemin)
    return chemin
