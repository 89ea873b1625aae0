"""The « À corriger » sheet as it comes back: its name, its mark, the deposit it speaks of."""

from __future__ import annotations

import dataclasses
import re

from pipelines.ingestion.gabarit import AUTEUR
from pipelines.ingestion.grille import Classeur, Feuille

FEUILLE_A_CORRIGER = "À corriger"
TITRE = f"À corriger \u2014 copie relue par l’{AUTEUR}"
# 0-based row; the reference is in column B, beside its label.
RANG_REFERENCE = 1
PROPRIETE = "observatoire:depot"
_REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")


def est_a_corriger(feuille: Feuille) -> bool:
    """True for the sheet that we added, whatever its name; a person's own « À corriger » is not it."""
    return bool(feuille.lignes and feuille.lignes[0] and feuille.lignes[0][0] == TITRE)


def sans_a_corriger(classeur: Classeur) -> Classeur:
    """The same workbook without the sheets that we added: what the engine has to read."""
    gardees = [f for f in classeur.feuilles if not est_a_corriger(f)]
    return dataclasses.replace(classeur, feuilles=gardees)


def reference_annotee(classeur: Classeur) -> str | None:
    """The deposit that an annotated copy was made from; None for any other file.

    The cell may have been typed over: whoever uses it checks that this deposit exists and is the person's.
    """
    for feuille in classeur.feuilles:
        if est_a_corriger(feuille) and len(feuille.lignes) > RANG_REFERENCE:
            ligne = feuille.lignes[RANG_REFERENCE]
            texte = str(ligne[1]).strip() if len(ligne) > 1 and ligne[1] is not None else ""
            if _REFERENCE.fullmatch(texte):
                return texte
    return None
