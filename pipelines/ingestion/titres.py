"""Comparison forms of a column title, from the closest to what is written to the barest."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from observatoire.domain.types._nettoyage import plier, reparer_mojibake

# Look-alikes met in titles that mix scripts (a Cyrillic « о » in « Nоm »).
_SOSIES = str.maketrans(
    "АВЕКМНОРСТУХаеорсухіјѕԁΑΒΕΖΗΙΚΜΝΟΡΤΥΧαοντυρχ",
    "ABEKMHOPCTYXaeopcyxijsdABEZHIKMNOPTYXaovtupx",
)
_BOSSE = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zà-ÿ])")
# Inclusive writing, after folding: « adherent.e.s », « salarie·e·s », « president(e) », « directeur/trice ».
_FEMININ = r"(?:e|ne|le|te|se|ve|ere|euse|rice|trice|fe)"
_INCLUSIF = re.compile(rf"(?<=[a-z]{{3}})[·•⋅.(/\-]{_FEMININ}(?:[·•⋅.)/\-]{{1,2}}(s?)|(s?)\)?)(?![a-z])")
_NUMERO = re.compile(r"\bn ?[°º]")
_QUESTION = re.compile(r"^(?:question |q)?\d{1,3} ?[.):\-]\s*(?=\D)")
_CROCHETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_MILLIERS = re.compile(r"\b(?:k ?€|k ?euros?|m ?€|milliers?|millions?|keur)")
_PONCTUATION = re.compile(r"[^\w<>€%]+|_+")
_FLECHE = re.compile(r"[<>](?!\s*\d)|(?<=\d)[<>]")
_ANNEE = re.compile(r"\b(?:19|20)\d\d\b")
_SYNONYMES = {
    **dict.fromkeys(("nbre", "nbr", "nombre", "nombres"), "nb"),
    **dict.fromkeys(("mel", "mail", "email"), "courriel"),
    "adr": "adresse",
    "asso": "association",
    "num": "numero",
    "tel": "telephone",
}
_VIDES = {
    *("a", "au", "aux", "d", "de", "des", "du", "en", "l", "la", "le", "les", "un", "une"),
    *(
        "combien",
        "est",
        "et",
        "notre",
        "nos",
        "ou",
        "par",
        "quel",
        "quelle",
        "sa",
        "ses",
        "son",
        "votre",
        "vos",
    ),
    *("euro", "euros", "€"),
}
SCORES = (100.0, 98.0, 95.0, 92.0)


def _mots(texte: str) -> str:
    return " ".join(_PONCTUATION.sub(" ", _FLECHE.sub(" ", texte)).split())


def _lettres_latines(texte: str) -> str:
    if all(c < "\u0250" or c > "\u1fff" for c in texte):
        return texte
    ecritures = {unicodedata.name(c, "").split(" ")[0] for c in texte if c.isalpha()}
    melange = "LATIN" in ecritures and ecritures & {"CYRILLIC", "GREEK"}
    return texte.translate(_SOSIES) if melange else texte


def _singulier(mot: str) -> str:
    return mot[:-1] if len(mot) > 3 and mot[-1] in "sx" else mot


def _plat(titre: str) -> str:
    titre = reparer_mojibake(_lettres_latines(titre))
    if " " not in titre.strip():
        titre = _BOSSE.sub(" ", titre)
    plat = _INCLUSIF.sub(lambda m: m[1] or m[2] or "", plier(titre))
    return _NUMERO.sub("numero ", plat)


def _nu(plat: str) -> str:
    """Words without brackets nor question number."""
    milliers = " k€" if _MILLIERS.search(plat) else ""
    nu = _CROCHETS.sub(" ", _QUESTION.sub("", plat)) if _mots(_CROCHETS.sub(" ", plat)) else plat
    return _mots(nu) + (milliers if milliers.strip() not in nu else "")


@lru_cache(maxsize=16384)
def formes(titre: str) -> tuple[str, ...]:
    """Four forms of a title, each barer than the one before; empty ones are left out of a comparison.

    0 folded words; 1 without brackets nor question number, glued together; 2 synonyms, no small words,
    singular; 3 the same without a year. Thousands (« k€ ») stay: they change the meaning of the figures.
    """
    plat = _plat(titre)
    nu = _nu(plat)
    return _mots(plat), nu.replace(" ", ""), "".join(_utiles(nu)), "".join(_utiles(_ANNEE.sub(" ", nu)))


@lru_cache(maxsize=16384)
def mots_utiles(titre: str) -> tuple[str, ...]:
    """Words of the third form: synonyms unified, small words dropped, singular."""
    return tuple(_utiles(_nu(_plat(titre))))


def _utiles(nu: str) -> list[str]:
    mots = [_SYNONYMES.get(m, m) for m in nu.split()]
    gardes = [_singulier(m) for m in mots if m not in _VIDES]
    return gardes or mots
