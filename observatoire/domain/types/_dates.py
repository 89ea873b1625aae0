"""Dates as people type them, always day before month; shared by the dates, the years and the numbers."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from observatoire.domain.types._nettoyage import LONGUEUR_UTILE, plier, reparer_mojibake

ANNEE_MIN, ANNEE_MAX = 1600, 2100
SERIE_MIN, SERIE_MAX = 20_000, 60_000
_ORIGINE = dt.date(1899, 12, 30)
# Excel believes in 29 February 1900: before March 1900 its numbers are one day late.
_ORIGINE_1900, _FIN_1900 = dt.date(1899, 12, 31), dt.date(1900, 3, 1)

_MOIS = {
    1: "janvier janv jan", 2: "fevrier fevr fev", 3: "mars mar", 4: "avril avr", 5: "mai", 6: "juin",
    7: "juillet juil", 8: "aout", 9: "septembre sept sep", 10: "octobre oct", 11: "novembre nov",
    12: "decembre dec",
}  # fmt: skip
_NUMERO_DU_MOIS = {nom: numero for numero, noms in _MOIS.items() for nom in noms.split()}
_M = f"({'|'.join(sorted(_NUMERO_DU_MOIS, key=len, reverse=True))})\\.?"
_JOUR = r"(?:(?:lun|mer|jeu|ven|same?|diman|mardi|mar(?=\.?,? \d\d?\D))[a-z]*\.?,? )?"
_AVANT = re.compile(rf"(?:le )?{_JOUR}(?:le |en |depuis )?")
_DU = re.compile(r"^(?:du|entre le)\s+", re.IGNORECASE)
_HEURE = re.compile(r"(?:t| a | )\d{1,2}[:h]\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?$")
_S = r" ?[-/. ] ?"
_ISO = re.compile(rf"(\d{{4}}){_S}(\d{{1,2}}){_S}(\d{{1,2}})|((?:19|20)\d\d)(\d\d)(\d\d)")
_JMA = re.compile(rf"(\d{{1,2}}){_S}(\d{{1,2}}){_S}(\d{{4}}|\d\d)")
_EN_LETTRES = re.compile(rf"(\d{{1,2}})(?:er)?[-/. ]*{_M}[-/. ]*(\d{{4}}|\d\d)")
_MOIS_ANNEE = re.compile(
    rf"{_M}[-/. ]*(\d{{4}}|\d\d)|(\d{{1,2}}){_S}(\d{{4}})|((?:1[6-9]|2[01])\d\d){_S}(\d{{1,2}})"
)
_ANNEE = re.compile(r"(?:l'?annee |annee )?(\d{4})")
_JOUR_MOIS = re.compile(rf"(\d{{1,2}})[- ]{_M}|{_M}[- ](\d{{1,2}})")
_PERIODE = re.compile(r"\s*[\n;_&]\s*|\s+(?:au|et|-)\s+|(?<=\d{4}-\d\d-\d\d)/|(?<=\d/\d\d/\d{4})-(?=\d)")


@dataclass(frozen=True, slots=True)
class DateLue:
    """A date and what is known of it: `precision` is `jour`, `mois`, `annee` or `periode` (first day kept).

    `jour` is None when the date does not exist (31/02/2025).
    """

    jour: dt.date | None
    precision: str = "jour"


def ecrire_date(jour: dt.date) -> str:
    """`12/03/2025`, whatever the year."""
    return f"{jour.day:02d}/{jour.month:02d}/{jour.year:04d}"


def serie_en_date(numero: float) -> dt.date:
    """Date of a spreadsheet number between SERIE_MIN and SERIE_MAX; the time of day is dropped."""
    return _ORIGINE + dt.timedelta(days=int(numero))


def date_en_serie(jour: dt.date) -> int:
    """Spreadsheet number of a date, as typed before the cell was shown as a date."""
    return (jour - (_ORIGINE_1900 if jour < _FIN_1900 else _ORIGINE)).days


def saisie_probable(jour: dt.date) -> str:
    """What was typed in a column of numbers that became this date: `10-12`, or `19` in 1900–1905."""
    jour = jour.date() if isinstance(jour, dt.datetime) else jour
    if jour.year < 1906:
        return str(max(date_en_serie(jour), 0))
    return f"{jour.day}-{jour.month}"


@lru_cache(maxsize=4096)
def jour_mois(texte: str) -> str | None:
    """`10-déc` → `10-12`: how a French spreadsheet shows the date it made of a text such as `10-12`."""
    m = _JOUR_MOIS.fullmatch(plier(texte))
    if m is None:
        return None
    if m.group(1):
        return f"{int(m.group(1))}-{_NUMERO_DU_MOIS[m.group(2)]}"
    return f"{_NUMERO_DU_MOIS[m.group(3)]}-{int(m.group(4))}"


@lru_cache(maxsize=16384)
def lire_date(texte: str) -> DateLue | None:
    """Read a text as a date, a month, a year or a period; None when it is none of them."""
    if len(texte) > LONGUEUR_UTILE:
        return None
    texte = reparer_mojibake(texte).strip()
    morceaux = [m for m in _PERIODE.split(texte) if m.strip()]
    if len(morceaux) > 1:
        lues = [_une_date(plier(_DU.sub("", m))) for m in morceaux]
        if all(lue and lue.jour for lue in lues):
            return DateLue(min(lue.jour for lue in lues if lue and lue.jour), "periode")
    return _une_date(plier(texte))


def _une_date(plat: str) -> DateLue | None:
    avant = _AVANT.match(plat)
    plat = plat[avant.end() :] if avant else plat
    if m := _ANNEE.fullmatch(plat):
        return _composer(int(m.group(1)), 1, 1, "annee")
    sans_heure = _HEURE.sub("", plat)
    if m := _ISO.fullmatch(sans_heure):
        a, mo, j = (int(g) for g in m.groups() if g)
        return _composer(a, mo, j)
    if m := _JMA.fullmatch(sans_heure):
        return _composer(_siecle(m.group(3)), int(m.group(2)), int(m.group(1)))
    if m := _EN_LETTRES.fullmatch(sans_heure):
        return _composer(_siecle(m.group(3)), _NUMERO_DU_MOIS[m.group(2)], int(m.group(1)))
    if m := _MOIS_ANNEE.fullmatch(plat):
        if m.group(1):
            return _composer(_siecle(m.group(2)), _NUMERO_DU_MOIS[m.group(1)], 1, "mois")
        annee, mois = (m.group(4), m.group(3)) if m.group(3) else (m.group(5), m.group(6))
        return _composer(int(annee), int(mois), 1, "mois")
    return None


def _siecle(annee: str) -> int:
    """Two digits as spreadsheets read them: 00–29 is 20xx, 30–99 is 19xx."""
    if len(annee) == 4:
        return int(annee)
    return int(annee) + (2000 if int(annee) < 30 else 1900)


def _composer(annee: int, mois: int, jour: int, precision: str = "jour") -> DateLue:
    try:
        return DateLue(dt.date(annee, mois, jour), precision)
    except ValueError:
        return DateLue(None, precision)
