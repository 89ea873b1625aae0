"""A date: a cell of date, a text with the day first, or the number a spreadsheet shows for it."""

from __future__ import annotations

import datetime as dt
import re

from observatoire.domain.enquete import Champ
from observatoire.domain.types._dates import (
    ANNEE_MAX,
    ANNEE_MIN,
    SERIE_MAX,
    SERIE_MIN,
    DateLue,
    ecrire_date,
    lire_date,
    serie_en_date,
)
from observatoire.domain.types._nettoyage import VIDE, absence
from observatoire.domain.types.base import Contexte, Exemple, Lecture, TypeChamp, Valeur

_NUMERO = re.compile(r"[0-9]{5,8}(?:[.,]0+)?")
_PRECISION = {"mois": "le mois", "annee": "l’année"}
_INCONNUE = Lecture(code="DA-03")


class Date(TypeChamp):
    """A day, DATE. A month or a year alone is kept at its first day, and said."""

    nom, sql, table_schema, excel = "date", "DATE", "date", "dd/mm/yyyy"
    lisible = "une date"
    exemples = (
        Exemple(dt.datetime(2024, 3, 12), dt.date(2024, 3, 12)),
        Exemple("12/03/2024", dt.date(2024, 3, 12)),
        Exemple("2024-03-12", dt.date(2024, 3, 12)),
        Exemple("12.03.24", dt.date(2024, 3, 12)),
        Exemple("4 mai 1998", dt.date(1998, 5, 4)),
        Exemple("vendredi 19 janvier 1900", dt.date(1900, 1, 19)),
        Exemple("mars 2024", dt.date(2024, 3, 1), "DA-04", drapeau="precision"),
        Exemple("2024", dt.date(2024, 1, 1), "DA-04", drapeau="precision"),
        Exemple(45363, dt.date(2024, 3, 12), "DA-02", drapeau="serie"),
        Exemple("2018-01-01_2018-03-31", dt.date(2018, 1, 1), "DA-06", drapeau="periode"),
        Exemple("31/02/2025", code="DA-01"),
        Exemple("bientôt", code="DA-03"),
        Exemple("12/03/0024", code="DA-05"),
        Exemple("NC", motif="non_communique"),
    )

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell as a date."""
        if isinstance(brut, str):
            if len(brut) == 10 and brut[4] == "-":
                try:
                    return self._plausible(DateLue(dt.date.fromisoformat(brut)))
                except ValueError:
                    pass
            return absence(brut) or self._texte(brut)
        if isinstance(brut, dt.datetime):
            return self._plausible(DateLue(brut.date()))
        if isinstance(brut, dt.date):
            return self._plausible(DateLue(brut))
        if brut is None:
            return VIDE
        return self._numero(brut) if type(brut) in (int, float) else _INCONNUE  # type: ignore[arg-type]

    def _texte(self, texte: str) -> Lecture:
        lue = lire_date(texte)
        if lue is None:
            numero = texte.strip()
            return self._numero(float(numero.replace(",", "."))) if _NUMERO.fullmatch(numero) else _INCONNUE
        return self._plausible(lue)

    def _numero(self, numero: float) -> Lecture:
        """Number of a spreadsheet date, year alone, or AAAAMMJJ."""
        if SERIE_MIN <= numero <= SERIE_MAX:
            jour = serie_en_date(numero)
            return Lecture(jour, "DA-02", drapeau="serie", details={"lu": ecrire_date(jour)})
        if 1000 <= numero < 10**8 and numero == int(numero):
            lue = lire_date(str(int(numero)))
            return self._plausible(lue) if lue and lue.jour else _INCONNUE
        return _INCONNUE

    def _plausible(self, lue: DateLue) -> Lecture:
        jour = lue.jour
        if jour is None:
            return Lecture(code="DA-01")
        if not ANNEE_MIN <= jour.year <= ANNEE_MAX:
            return Lecture(code="DA-05", details={"bornes": f"de {ANNEE_MIN} à {ANNEE_MAX}"})
        if lue.precision == "jour":
            return Lecture(jour)
        if lue.precision == "periode":
            return Lecture(jour, "DA-06", drapeau="periode")
        details = {"precision": _PRECISION[lue.precision], "lu": ecrire_date(jour)}
        return Lecture(jour, "DA-04", drapeau="precision", details=details)


TYPE = Date()
