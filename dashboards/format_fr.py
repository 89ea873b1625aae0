"""French numbers, amounts, dates and ranges as text: pure functions, no locale of the machine."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from observatoire.domain import francais
from observatoire.domain.francais import (
    FINE,
    INSECABLE,
    MOINS,
    MOIS,
    PARIS,
    accord,
    ecrire_nombre,
    typographie,
)

__all__ = ["FINE", "INSECABLE", "MOINS", "MOIS", "PARIS", "accord", "typographie"]
ND = f"n.{INSECABLE}d."
SECRET = f"s.{INSECABLE}s."
NON_PUBLIE = f"n.{INSECABLE}p."

_ECHELLES = ((1_000_000_000, "Md"), (1_000_000, "M"))
_PARTS = frozenset({"part", "proportion", "taux", "%"})
_EUROS = frozenset({"€", "euro", "euros"})


def absent(valeur: float | int | None) -> bool:
    """True for what has no value: None and NaN."""
    return valeur is None or (isinstance(valeur, float) and not math.isfinite(valeur))


def nombre(valeur: float | int | None, decimales: int = 0) -> str:
    """`1234.5` → « 1 234,5 » with U+202F, rounded half up; « n. d. » without a value."""
    if valeur is None or absent(valeur):
        return ND
    arrondi = Decimal(repr(valeur)).quantize(Decimal(1).scaleb(-decimales), rounding=ROUND_HALF_UP)
    texte = ecrire_nombre(abs(arrondi), decimales)
    return f"{MOINS}{texte}" if arrondi < 0 else texte


def tel_quel(valeur: float | int | None) -> str:
    """A number with all its decimals: « 1 607 », « 12,31 »."""
    if valeur is None or absent(valeur):
        return ND
    exposant = Decimal(repr(valeur)).normalize().as_tuple().exponent
    return nombre(valeur, max(0, -int(exposant)))


def utile(valeur: float | int | None) -> str:
    """A quantity with the decimals worth reading: two under 1, one under 100, none above or when whole."""
    if valeur is None or absent(valeur):
        return ND
    if float(valeur).is_integer() or abs(valeur) >= 100:
        return nombre(valeur)
    return nombre(valeur, 1 if abs(valeur) >= 1 else 2)


def pourcentage(part: float | None, decimales: int = 1) -> str:
    """A share between 0 and 1 → « 12,3 % »."""
    if part is None or absent(part):
        return ND
    return f"{nombre(part * 100, decimales)}{INSECABLE}%"


def euros(montant: float | int | None) -> str:
    """Whole euros: « 1 234 567 € »."""
    return ND if absent(montant) else f"{nombre(montant)}{INSECABLE}€"


def _echelle(valeur: float) -> tuple[int, str]:
    """Divisor and prefix under which an amount is read at a glance."""
    return next(((d, p) for d, p in _ECHELLES if abs(valeur) >= d), (1, ""))


def euros_abreges(montant: float | int | None) -> str:
    """Amounts at a glance: « 1,24 M€ », « 48 200 € »."""
    if montant is None or absent(montant):
        return ND
    diviseur, prefixe = _echelle(montant)
    if diviseur == 1:
        return euros(montant)
    return f"{nombre(montant / diviseur, 2)}{INSECABLE}{prefixe}€"


def est_part(unite: str) -> bool:
    """True when the unit is a share, stored between 0 and 1 and read as a percentage."""
    return unite.strip().lower() in _PARTS


def est_montant(unite: str) -> bool:
    """True when the unit is the euro."""
    return unite.strip().lower() in _EUROS


def valeur(montant: float | int | None, unite: str, decimales: int | None = None) -> str:
    """A value in the manner of its unit, the unit itself left out unless it is € or %."""
    if est_part(unite):
        return pourcentage(montant, 1 if decimales is None else decimales)
    if est_montant(unite):
        return euros(montant)
    return utile(montant) if decimales is None else nombre(montant, decimales)


def valeur_abregee(montant: float | int | None, unite: str, decimales: int | None = None) -> str:
    """As `valeur`, with large amounts in millions."""
    return euros_abreges(montant) if est_montant(unite) else valeur(montant, unite, decimales)


def plage(
    bas: float | None,
    haut: float | None,
    unite: str,
    decimales: int | None = None,
    mots: tuple[str, str] = ("de", "à"),
) -> str:
    """« de 1,20 à 3,40 M€ »: the unit is written once when both bounds share it."""
    if bas is None or haut is None or absent(bas) or absent(haut):
        return ND
    gauche, droite = valeur_abregee(bas, unite, decimales), valeur_abregee(haut, unite, decimales)
    suffixe_gauche, suffixe_droit = gauche.partition(INSECABLE)[2], droite.partition(INSECABLE)[2]
    if suffixe_gauche and suffixe_gauche == suffixe_droit:
        gauche = gauche.partition(INSECABLE)[0]
    return f"{mots[0]}{INSECABLE}{gauche} {mots[1]}{INSECABLE}{droite}"


def entre(bas: float | None, haut: float | None, unite: str, decimales: int | None = None) -> str:
    """« entre 32 214 et 44 928 »: an interval, as `plage` writes its bounds."""
    return plage(bas, haut, unite, decimales, ("entre", "et"))


def signe(valeur: float, decimales: int = 0) -> str:
    """« + 12,5 », « − 3 », « 0 »: a difference with its sign."""
    texte = nombre(abs(valeur), decimales)
    if not texte.strip("0,"):
        return texte
    return f"{'+' if valeur > 0 else MOINS}{FINE}{texte}"


def date_courte(jour: date | datetime | None) -> str:
    """« 12/03/2025 »."""
    return ND if jour is None else francais.date_courte(jour)


def date_iso(jour: date | datetime) -> str:
    """« 2025-03-12 », for the files."""
    return francais.jour(jour).isoformat()


def date_heure(secondes: float) -> str:
    """Seconds since 1970 as « 12/03/2025 à 14 h 05 », Paris time."""
    instant = datetime.fromtimestamp(secondes, PARIS)
    return f"{instant:%d/%m/%Y} à {instant.hour}{INSECABLE}h{INSECABLE}{instant:%M}"


def date_longue(jour: date | datetime | None) -> str:
    """« 1er mars 2025 »."""
    return ND if jour is None else francais.date_longue(jour)


def decimal_csv(montant: float | int | None) -> str:
    """A number for a French spreadsheet: decimal comma, no thousands separator, empty when absent."""
    if montant is None or absent(montant):
        return ""
    return format(Decimal(repr(montant)).normalize(), "f").replace(".", ",")
