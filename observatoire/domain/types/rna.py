"""RNA: W, a digit, a digit or a letter, seven digits. There is no check digit."""

from __future__ import annotations

import re

from observatoire.domain.enquete import Champ
from observatoire.domain.types._identifiants import epurer
from observatoire.domain.types._nettoyage import VIDE, absence
from observatoire.domain.types.base import Contexte, Exemple, Lecture, TypeChamp, Valeur

_RNA = re.compile(r"W[0-9][0-9A-Z][0-9]{7}")
_ANCIEN = re.compile(r"[0-9]{10}")


class Rna(TypeChamp):
    """RNA number, VARCHAR; the numbers of before 2009 are said, not rejected."""

    nom, lisible = "rna", "un numéro RNA"
    forme = _RNA.pattern
    exemples = (
        Exemple("W772001234", "W772001234"),
        Exemple("w77 2001234", "W772001234"),
        Exemple("RNA : W772001234", "W772001234"),
        Exemple("W2A1000123", "W2A1000123"),
        Exemple("0772001234", code="ID-05", drapeau="ancien_numero"),
        Exemple(9711001234.0, code="ID-05", drapeau="ancien_numero"),
        Exemple("W77200123", code="ID-04"),
        Exemple("W7720012345", code="ID-04"),
        Exemple(772001234, code="ID-04"),
        Exemple("-", motif="non_communique"),
    )

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell as an RNA number."""
        if brut is None:
            return VIDE
        if isinstance(brut, str):
            if _RNA.fullmatch(brut):
                return Lecture(brut)
            if manque := absence(brut):
                return manque
            numero = epurer(brut)
        elif isinstance(brut, int | float) and not isinstance(brut, bool):
            numero = f"{brut:.0f}"
        else:
            numero = ""
        if _RNA.fullmatch(numero):
            return Lecture(numero)
        if _ANCIEN.fullmatch(numero):
            return Lecture(code="ID-05", drapeau="ancien_numero", details={"ancien": numero})
        return Lecture(code="ID-04", details={"nature": "numéro RNA", "forme": "W suivi de 9 caractères"})


TYPE = Rna()
