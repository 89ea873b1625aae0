"""A year, also taken from a date."""

from __future__ import annotations

import datetime as dt
import re

from observatoire.domain.enquete import Champ
from observatoire.domain.types._dates import (
    ANNEE_MAX,
    ANNEE_MIN,
    SERIE_MAX,
    SERIE_MIN,
    date_en_serie,
    ecrire_date,
    lire_date,
    serie_en_date,
)
from observatoire.domain.types._ecritures import analyser
from observatoire.domain.types._nettoyage import LONGUEUR_UTILE, VIDE, absence
from observatoire.domain.types._separateurs import simplifier
from observatoire.domain.types.base import Contexte, Exemple, Lecture, TypeChamp, Valeur

_QUATRE = re.compile(r"[0-9]{4}")
_NUMERO = re.compile(r"([0-9]{4,5})[.,]0+|([0-9]{5})")
# Dates whose spreadsheet number is a year between 1900 and 2100: the year was shown as a date.
_TRAVESTIE = (dt.date(1905, 3, 14), dt.date(1905, 9, 30))


class Annee(TypeChamp):
    """Year, INTEGER."""

    nom, sql, table_schema, excel = "annee", "INTEGER", "year", "0"
    lisible = "une année"
    exemples = (
        Exemple(2025, 2025),
        Exemple("2025", 2025),
        Exemple(2025.0, 2025),
        Exemple("12/03/1998", 1998),
        Exemple("mars 2024", 2024),
        Exemple(dt.date(2019, 9, 1), 2019),
        Exemple(45363, 2024, "DA-02", drapeau="serie"),
        Exemple("vers 1990", 1990, "NB-04", drapeau="approx"),
        Exemple("avant 1990", code="DA-05"),
        Exemple("98", code="DA-05"),
        Exemple("2023-2024", code="DA-05"),
        Exemple(dt.date(1905, 7, 7), code="DA-05"),
        Exemple("31/02/2025", code="DA-01"),
        Exemple("?", motif="non_communique"),
    )

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell as a year."""
        if type(brut) is int or type(brut) is float:
            return self._numero(brut, champ)
        if isinstance(brut, str):
            if _QUATRE.fullmatch(brut):
                return self._annee(int(brut), champ)
            return absence(brut) or self._texte(brut, champ)
        if isinstance(brut, dt.date):
            jour = brut.date() if isinstance(brut, dt.datetime) else brut
            if _TRAVESTIE[0] <= jour <= _TRAVESTIE[1]:
                bornes = f"le tableur a sans doute mis {date_en_serie(jour)} en forme de date"
                return Lecture(code="DA-05", details={"bornes": bornes})
            return self._annee(jour.year, champ)
        return VIDE if brut is None else self._hors_bornes(champ)

    def _texte(self, texte: str, champ: Champ) -> Lecture:
        if m := _NUMERO.fullmatch(texte.strip()):
            return self._numero(int(m.group(1) or m.group(2)), champ)
        lue = lire_date(texte)
        if lue and lue.precision != "periode":
            return Lecture(code="DA-01") if lue.jour is None else self._annee(lue.jour.year, champ)
        ecrit = analyser(simplifier(texte)) if len(texte) <= LONGUEUR_UTILE else None
        if ecrit and ecrit.nature == "approx" and ecrit.valeur is not None:
            lecture = self._annee(int(ecrit.valeur), champ)
            if lecture.code is None:
                return Lecture(lecture.valeur, "NB-04", drapeau="approx", details={"lu": str(lecture.valeur)})
        return self._hors_bornes(champ)

    def _numero(self, numero: float, champ: Champ) -> Lecture:
        if SERIE_MIN <= numero <= SERIE_MAX:
            jour = serie_en_date(numero)
            lecture = self._annee(jour.year, champ)
            if lecture.code is None:
                return Lecture(jour.year, "DA-02", drapeau="serie", details={"lu": ecrire_date(jour)})
            return lecture
        if ANNEE_MIN <= numero <= ANNEE_MAX and numero == int(numero):
            return self._annee(int(numero), champ)
        return self._hors_bornes(champ)

    def bornes(self, champ: Champ) -> tuple[int, int]:
        """First and last year that the field accepts."""
        return champ.constraints.get("minimum", ANNEE_MIN), champ.constraints.get("maximum", ANNEE_MAX)

    def _annee(self, annee: int, champ: Champ) -> Lecture:
        minimum, maximum = self.bornes(champ)
        return Lecture(annee) if minimum <= annee <= maximum else self._hors_bornes(champ)

    def _hors_bornes(self, champ: Champ) -> Lecture:
        minimum, maximum = self.bornes(champ)
        return Lecture(code="DA-05", details={"bornes": f"de {minimum} à {maximum}"})


TYPE = Annee()
