"""A short text: a name, a title, a reference. What is written is kept, be it « NA » or « Vrai »."""

from __future__ import annotations

import datetime as dt
import math
import re

from observatoire.domain.enquete import Champ
from observatoire.domain.types._dates import ecrire_date
from observatoire.domain.types._nettoyage import (
    FORMULE_EN_ERREUR,
    VIDE,
    est_erreur,
    nettoyer,
    reparer_mojibake,
)
from observatoire.domain.types.base import Contexte, Exemple, Lecture, TypeChamp, Valeur

# Texts that need no repair: one line of French, no double space, none of the letters mojibake starts with.
_PROPRE = re.compile(r"[!-~éèêëàçùûüîïôöœÉÈÊÀÇÎÔŒ’«»€°–]+(?: [!-~éèêëàçùûüîïôöœÉÈÊÀÇÎÔŒ’«»€°–]+)*")


def en_texte(brut: Valeur) -> str:
    """A cell that is not a text, as a French spreadsheet shows it."""
    if isinstance(brut, bool):
        return "VRAI" if brut else "FAUX"
    if isinstance(brut, float):
        return str(int(brut)) if brut.is_integer() else str(brut).replace(".", ",")
    if isinstance(brut, dt.datetime):
        return ecrire_date(brut) + (f" {brut:%H:%M}" if brut.time() != dt.time() else "")
    return ecrire_date(brut) if isinstance(brut, dt.date) else str(brut)


class Texte(TypeChamp):
    """One line of text, VARCHAR; only an empty cell is a missing value."""

    nom = "texte"
    lisible = "un texte court"
    lignes = False
    exemples: tuple[Exemple, ...] = (
        Exemple("  Club   de judo ", "Club de judo"),
        Exemple("NA", "NA"),
        Exemple("None", "None"),
        Exemple("Null", "Null"),
        Exemple("Vrai", "Vrai"),
        Exemple("-", "-"),
        Exemple("Be\u0301ne\u0301voles", "Bénévoles"),
        Exemple("BÃ©nÃ©voles", "Bénévoles", "TX-01", drapeau="mojibake"),
        Exemple(2016.0, "2016"),
        Exemple("=2+5", "=2+5"),
        Exemple("#REF!", code="FO-01"),
        Exemple(" \u00a0", motif="vide"),
    )

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Clean a text; repair its accents when they were damaged."""
        if brut is None:
            return VIDE
        if not isinstance(brut, str):
            if isinstance(brut, float) and not math.isfinite(brut):
                return FORMULE_EN_ERREUR
            return self._mesurer(Lecture(en_texte(brut)), champ)
        if _PROPRE.fullmatch(brut) and brut[0] != "#":
            return self._mesurer(Lecture(brut), champ)
        if brut.startswith("#") and est_erreur(brut):
            return FORMULE_EN_ERREUR
        propre = nettoyer(brut, self.lignes)
        if not propre:
            return VIDE
        repare = reparer_mojibake(propre)
        if repare == propre:
            return self._mesurer(Lecture(propre), champ)
        lu = nettoyer(repare, self.lignes)
        return self._mesurer(Lecture(lu, "TX-01", drapeau="mojibake", details={"lu": lu}), champ)

    def _mesurer(self, lecture: Lecture, champ: Champ) -> Lecture:
        maximum = champ.constraints.get("maxLength") if champ.constraints else None
        if maximum is None or len(lecture.valeur) <= maximum:
            return lecture
        return Lecture(code="TX-02", details={"longueur": len(lecture.valeur), "maximum": maximum})


TYPE = Texte()
