"""A number of full-time equivalents, also described in words."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from observatoire.domain.enquete import Champ
from observatoire.domain.types._nombres import TypeNombre
from observatoire.domain.types._separateurs import simplifier
from observatoire.domain.types.base import Contexte, Exemple, Lecture

_TERME = re.compile(
    r"(?:(\d+(?:[.,]\d+)?|une?|deux|trois|quatre|cinq)(?: ?x ?| |(?=[a-z])))?"
    r"(?:postes? )?(?:a |en )?"
    r"(etp|equivalents? temps plein|temps pleins?|temps complets?|pleins? temps|1/2 temps|(?:de)?mi[- ]?temps"
    r"|(?:[123]/4|[12]/3|[1234]/5|(?:trois[- ]quart|quart|tier)s?)(?: de)? temps"
    r"|(\d{1,3})(?:,0+)? ?%(?: d'un etp)?)"
)
_QUOTITES = (("mi", "0.5"), ("demi", "0.5"), ("trois", "0.75"), ("quart", "0.25"))
_NOMBRES = {"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5}
_ET = re.compile(r" ?(?:\+|&|\bet\b|;) ?")
_FRACTIONS = {"½": "0.5", "1/2": "0.5", "¼": "0.25", "1/4": "0.25", "¾": "0.75", "3/4": "0.75", "4/5": "0.8"}


def _terme(texte: str) -> Decimal | None:
    m = _TERME.fullmatch(texte)
    if m is None:
        return None
    nombre, quotite, pourcent = m.groups()
    fois = Decimal(_NOMBRES.get(nombre) or nombre.replace(",", ".")) if nombre else Decimal(1)
    if pourcent:
        return fois * Decimal(pourcent) / 100 if int(pourcent) <= 100 else None
    if "/" in quotite:
        return fois * Decimal(quotite[0]) / Decimal(quotite[2])
    if quotite.startswith("tiers"):
        return fois / 3
    return fois * Decimal(next((part for debut, part in _QUOTITES if quotite.startswith(debut)), "1"))


@lru_cache(maxsize=4096)
def _en_lettres(texte: str) -> Decimal | None:
    """`1 etp + 1 mi-temps` → 1.5; None when a part of the text is not understood."""
    if texte in _FRACTIONS:
        return Decimal(_FRACTIONS[texte])
    termes = [_terme(morceau) for morceau in _ET.split(texte)] if len(texte) <= 120 else [None]
    return None if None in termes else sum((t for t in termes if t is not None), Decimal(0))


class Etp(TypeNombre):
    """Full-time equivalents, DOUBLE."""

    nom, sql, table_schema, excel = "etp", "DOUBLE", "number", "0.00"
    lisible, exemple = "un nombre d’équivalents temps plein", "1,5"
    unites = frozenset({"", "nom"})
    exemples = (
        Exemple(1.5, 1.5),
        Exemple("0,8", 0.8),
        Exemple("0,8 ETP", 0.8, "NB-14", drapeau="texte_etp"),
        Exemple("1 ETP + 1 mi-temps", 1.5, "NB-14", drapeau="texte_etp"),
        Exemple("mi-temps", 0.5, "NB-14", drapeau="texte_etp"),
        Exemple("1 temps plein et 2 mi-temps", 2.0, "NB-14", drapeau="texte_etp"),
        Exemple("80 %", 0.8, "NB-14", drapeau="texte_etp"),
        Exemple("aucun salarié", 0.0),
        Exemple("un temps partiel", code="NB-01"),
        Exemple(-0.5, code="NB-06"),
    )

    def lire_texte(self, texte: str, champ: Champ, contexte: Contexte) -> Lecture:
        """Words first, then numbers."""
        valeur = _en_lettres(simplifier(texte))
        if valeur is None:
            return super().lire_texte(texte, champ, contexte)
        lecture = self.verifier(float(valeur), champ, contexte)
        if lecture.valeur is None:
            return lecture
        return Lecture(lecture.valeur, "NB-14", drapeau="texte_etp", details={"lu": self.afficher(valeur)})

    def afficher(self, valeur: float | Decimal) -> str:
        """Two decimals are enough to read."""
        return super().afficher(round(valeur, 2))


TYPE = Etp()
