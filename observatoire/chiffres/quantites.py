"""A value in the words of its unit: « 38,9 % », « 27,39 millions d’euros », « 554 heures ». Pure text."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

from observatoire.domain.francais import INSECABLE, MOINS, ecrire_nombre

PART, EURO, ETP, POINTS = "part", "€", "ETP", "points"
_GRANDS = ((Decimal(10) ** 9, "milliard"), (Decimal(10) ** 6, "million"))
# Units that the number alone is read in: the sentence says the rest.
_SANS_NOM = ("indice", "pour ")
_LIENS = frozenset({"par", "pour", "sur", "de"})
_INVARIABLES = frozenset({"mois", "temps", "plein"})


def quantite(valeur: float, unite: str, decimales: int, *, signe: bool = False) -> str:
    """The value with its unit in words; `signe` writes a plus before what is above zero."""
    if unite == PART:
        return f"{_nombre(100 * valeur, decimales, signe=signe)}{INSECABLE}%"
    if unite.startswith(EURO):
        return _euros(valeur, unite, decimales, signe=signe)
    nombre = _nombre(valeur, decimales, signe=signe)
    nom = nom_de_l_unite(unite, valeur, decimales)
    return f"{nombre}{INSECABLE}{nom}" if nom else nombre


def nombre(valeur: float, unite: str, decimales: int) -> str:
    """The number without its unit: « 1 234,5 »."""
    return _nombre(100 * valeur if unite == PART else valeur, decimales)


def entre(bas: float, haut: float, unite: str, decimales: int, *, signe: bool = False) -> str:
    """« entre 35,1 % et 42,7 % », « entre 11,9 et 13 millions d’euros »: the unit is said once when both share it."""
    gauche, droite = (quantite(b, unite, decimales, signe=signe) for b in (bas, haut))
    (tete, _, suite), (_, _, fin) = gauche.partition(INSECABLE), droite.partition(INSECABLE)
    if suite and au_singulier(suite) == au_singulier(fin):
        unites = max(suite, fin, key=len)
        return f"entre {tete} et {droite.removesuffix(fin)}{unites}"
    return f"entre {gauche} et {droite}"


def ecart(valeur: float, unite: str, decimales: int, *, signe: bool = False) -> str:
    """A difference: that of two shares is in points."""
    if unite == PART:
        return quantite(100 * valeur, POINTS, decimales, signe=signe)
    return quantite(valeur, unite, decimales, signe=signe)


def ecart_entre(bas: float, haut: float, unite: str, decimales: int, *, signe: bool = False) -> str:
    """The interval of a difference."""
    if unite == PART:
        return entre(100 * bas, 100 * haut, POINTS, decimales, signe=signe)
    return entre(bas, haut, unite, decimales, signe=signe)


def est_pluriel(valeur: float, decimales: int) -> bool:
    """French plural starts at two, once rounded."""
    return abs(_arrondi(valeur, decimales)) >= 2


def nom_de_l_unite(unite: str, valeur: float, decimales: int) -> str:
    """« heures », « heure » under two; « équivalents temps plein »; empty when the number is read alone."""
    if unite.startswith(_SANS_NOM):
        return ""
    nom = unite.replace(ETP, "équivalents temps plein")
    if nom.startswith(f"{POINTS} de "):
        nom = POINTS
    return nom if est_pluriel(valeur, decimales) else au_singulier(nom)


def au_singulier(nom: str) -> str:
    """« personnes accueillies » → « personne accueillie »; what follows a preposition stays."""
    mots = nom.split(" ")
    fin = next((i for i, mot in enumerate(mots) if mot in _LIENS or mot.startswith("d’")), len(mots))
    seuls = [m if m in _INVARIABLES else m.removesuffix("s") for m in mots[:fin]]
    return " ".join([*seuls, *mots[fin:]])


def _euros(valeur: float, unite: str, decimales: int, *, signe: bool) -> str:
    suite = unite.removeprefix(EURO)
    montant = Decimal(repr(float(valeur)))
    for seuil, nom in _GRANDS:
        if abs(montant) >= seuil:
            grand = float(montant / seuil)
            mot = nom if abs(_arrondi(grand, 2)) < 2 else f"{nom}s"
            return f"{_nombre(grand, 2, signe=signe)}{INSECABLE}{mot} d’euros{suite}"
    return f"{_nombre(valeur, decimales, signe=signe)}{INSECABLE}€{suite}"


def _arrondi(valeur: float, decimales: int) -> Decimal:
    if not math.isfinite(valeur):
        raise ValueError(f"{valeur} ne s’écrit pas")
    return Decimal(repr(float(valeur))).quantize(Decimal(1).scaleb(-decimales), rounding=ROUND_HALF_UP)


def _nombre(valeur: float, decimales: int, *, signe: bool = False) -> str:
    arrondi = _arrondi(valeur, decimales)
    texte = ecrire_nombre(abs(arrondi), decimales)
    if arrondi < 0:
        return f"{MOINS}{texte}"
    return f"+{texte}" if signe and arrondi > 0 else texte
