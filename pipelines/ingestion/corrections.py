"""Cells typed again by the person: laid over the grid as soon as it is read, the file's own cell kept beside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from observatoire.domain.types.base import Valeur
from pipelines.ingestion.decisions import Correction
from pipelines.ingestion.grille import Classeur, Table, position
from pipelines.ingestion.lot import Lot, affiche

_DECIMAL = re.compile(r"-?\d{1,15},\d+")
DRAPEAU = "corrige"


def copier(classeur: Classeur) -> Classeur:
    """The same workbook, free to be changed: an analysis masks cells in place."""
    feuilles = [
        replace(
            f,
            lignes=[list(x) for x in f.lignes],
            erreurs=dict(f.erreurs),
            non_calculees=set(f.non_calculees),
            originaux=dict(f.originaux),
        )
        for f in classeur.feuilles
    ]
    return replace(classeur, feuilles=feuilles)


def corriger(classeur: Classeur, corrections: Iterable[Correction]) -> list[str]:
    """Lay the corrections over the grid; returns the places that are not in the file."""
    feuilles = {f.nom: f for f in classeur.feuilles}
    perdues = []
    for correction in corrections:
        feuille, place = feuilles.get(correction.feuille), position(correction.cellule)
        if feuille is None or place is None or not _dans(place, feuille.lignes):
            perdues.append(f"{correction.feuille}, {correction.cellule}")
            continue
        i, j = place
        recu = feuille.erreurs.pop(place, None) or feuille.lignes[i][j]
        feuille.non_calculees.discard(place)
        feuille.originaux.setdefault(place, recu)
        feuille.lignes[i][j] = valeur_saisie(correction.apres)
    return perdues


def _dans(place: tuple[int, int], lignes: list[list[Valeur]]) -> bool:
    i, j = place
    return i < len(lignes) and j < len(lignes[i])


def valeur_saisie(texte: str) -> Valeur:
    """What a French spreadsheet makes of a typed text: « 12,345 » is a number, never twelve thousand."""
    texte = texte.strip()
    if _DECIMAL.fullmatch(texte):
        return float(texte.replace(",", "."))
    return texte or None


def noter(lot: Lot, table: Table, debut: int) -> None:
    """Mark the typed values that come from a corrected cell, unless there is more to say about them."""
    originaux = table.feuille.originaux
    if not originaux:
        return
    champs = {j: champ for (nom, champ), j in lot.adresses.items() if nom == table.feuille.nom}
    rangs = {source: i for i, source in enumerate(table.donnees, debut)}
    for (i, j), recu in originaux.items():
        if i in rangs and j in champs:
            note = {"drapeau": DRAPEAU, "texte": affiche(recu)}
            lot.qualite.setdefault(rangs[i], {}).setdefault(champs[j], note)
