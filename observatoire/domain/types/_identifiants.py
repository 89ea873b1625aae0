"""What the numbers of the registers share: cleaning, and what spreadsheets do to long numbers."""

from __future__ import annotations

import re

from observatoire.domain.enquete import Champ
from observatoire.domain.types._nettoyage import VIDE, absence
from observatoire.domain.types._nombres import PLAFOND
from observatoire.domain.types.base import Contexte, Lecture, TypeChamp, Valeur

_SCIENTIFIQUE = re.compile(r"\d(?:[.,]\d*)?E\+?\d+", re.IGNORECASE)
_DECIMALES_NULLES = re.compile(r"(?<=\d)[.,]0{1,2}$")
_ETIQUETTE = re.compile(
    r"^(?:(?:n[°ºo]? ?|num[eé]ro ?)?(?:siret|siren|rna|waldec)|n[°º]|no(?=[\s:.\d]))[\s:.°]*", re.IGNORECASE
)
_PARASITES = re.compile(r"[\s.'’`´\-\u00ad\u200b-\u200f\u2060\ufeff]+")
_BORDS = " '’\"=\t\n\u00a0\u202f"


def epurer(texte: str) -> str:
    """An identifier in capitals without label, spaces, dots, apostrophes, nor the `="…"` of some exports."""
    return _PARASITES.sub("", _ETIQUETTE.sub("", texte.strip(_BORDS))).upper()


class TypeSirene(TypeChamp):
    """Number of the Sirene register with `longueur` digits; subclasses judge the digits."""

    longueur = 9
    nature = "numéro SIREN"

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell: never guess a digit the spreadsheet has lost."""
        return self._lire(brut)

    def _lire(self, brut: Valeur) -> Lecture:
        if brut is None:
            return VIDE
        if isinstance(brut, str):
            if len(brut) == self.longueur and brut.isascii() and brut.isdigit():
                return self.juger(brut)
            return absence(brut) or self._texte(brut)
        if isinstance(brut, bool) or not isinstance(brut, int | float):
            return self.mal_forme()
        if not 0 < brut < PLAFOND or brut != int(brut):
            return self.mal_forme()
        return self.juger(str(int(brut)))

    def _texte(self, texte: str) -> Lecture:
        compact = texte.strip(_BORDS)
        if _SCIENTIFIQUE.fullmatch(compact):
            return self.abime()
        chiffres = epurer(_DECIMALES_NULLES.sub("", compact))
        return self.juger(chiffres) if chiffres.isascii() and chiffres.isdigit() else self.mal_forme()

    def juger(self, chiffres: str) -> Lecture:
        """Reading of a string of digits."""
        raise NotImplementedError

    def completer(self, lu: str) -> Lecture:
        """ID-02: leading zeros put back."""
        return Lecture(lu, "ID-02", drapeau="zero_retabli", details={"lu": lu})

    def mal_forme(self) -> Lecture:
        """ID-04: not the form of this number."""
        return Lecture(code="ID-04", details={"nature": self.nature, "forme": f"{self.longueur} chiffres"})

    def cle_fausse(self) -> Lecture:
        """ID-03: the check digit is wrong."""
        return Lecture(code="ID-03", details={"nature": self.nature})

    def abime(self) -> Lecture:
        """ID-01: the spreadsheet erased digits."""
        return Lecture(code="ID-01", details={"longueur": self.longueur})
