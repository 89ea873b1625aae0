"""A number of hours over the year, also written as a duration."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from observatoire.domain.enquete import Champ
from observatoire.domain.types._dates import date_en_serie
from observatoire.domain.types._ecritures import separer_periode
from observatoire.domain.types._nombres import TypeNombre, date_refusee
from observatoire.domain.types._separateurs import simplifier
from observatoire.domain.types.base import Contexte, Exemple, Lecture, Valeur

_HM = re.compile(r"(\d{1,6}) ?h(?:eures?)? ?(\d{1,2}) ?(?:mn|min(?:utes?)?)?")
_MINUTES = re.compile(r"()(\d{1,6}) ?(?:mn|min(?:utes?)?)")
_HORLOGE = re.compile(r"(?:(\d{1,5}) (?:days?|jours?),? )?(\d{1,6}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?")


@lru_cache(maxsize=16384)
def _duree(texte: str) -> float | None:
    """Hours of `3h30`, `45 min`, `3:30:00`, `1 day, 6:00:00`; None when the text is not a duration."""
    if m := _HM.fullmatch(texte):
        return int(m.group(1)) + int(m.group(2)) / 60 if int(m.group(2)) < 60 else None
    if m := _MINUTES.fullmatch(texte):
        return int(m.group(2)) / 60
    if m := _HORLOGE.fullmatch(texte):
        jours, heures, minutes, secondes = (int(g or 0) for g in m.groups())
        return (
            jours * 24 + heures + minutes / 60 + secondes / 3600 if minutes < 60 and secondes < 60 else None
        )
    return None


class Heures(TypeNombre):
    """Hours, DOUBLE; a rhythm such as `2h/sem` is not a total."""

    nom, sql, table_schema, excel = "heures", "DOUBLE", "number", "0.00"
    lisible, exemple = "un nombre d’heures", "120"
    unites = frozenset({"", "h"})
    exemples = (
        Exemple(120.0, 120.0),
        Exemple("3h30", 3.5),
        Exemple("3:30:00", 3.5),
        Exemple("1 day, 6:00:00", 30.0),
        Exemple(dt.timedelta(hours=30), 30.0),
        Exemple(dt.time(3, 30), 3.5),
        Exemple("1 200 h", 1200.0),
        Exemple("2h/sem", code="NB-11", drapeau="frequence"),
        Exemple("3 h par mois", code="NB-11", drapeau="frequence"),
        Exemple("10 à 20 h", 15.0, "NB-04", drapeau="intervalle"),
        Exemple(dt.timedelta(hours=-1), code="NB-06"),
        Exemple(dt.date(2024, 12, 10), code="NB-07", drapeau="date_dans_colonne_numerique"),
        Exemple("3h75", code="NB-01"),
    )

    def lire_texte(self, texte: str, champ: Champ, contexte: Contexte) -> Lecture:
        """Durations first, then numbers."""
        simple = simplifier(texte)
        duree = _duree(simple)
        if duree is not None:
            return self.verifier(duree, champ, contexte)
        periode = separer_periode(simple)
        duree = _duree(periode[0]) if periode else None
        if periode and duree is not None:
            return (
                Lecture(code="NB-11", drapeau="frequence")
                if periode[1]
                else self.verifier(duree, champ, contexte)
            )
        return super().lire_texte(texte, champ, contexte)

    def lire_autre(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Durations and times of day; a date of 1900 is a duration shown with the wrong format."""
        if isinstance(brut, dt.timedelta):
            return self.verifier(brut.total_seconds() / 3600, champ, contexte)
        if isinstance(brut, dt.time):
            return self.verifier(brut.hour + brut.minute / 60 + brut.second / 3600, champ, contexte)
        if isinstance(brut, dt.datetime) and brut.year <= 1900:
            heures = max(date_en_serie(brut.date()), 0) * 24 + brut.hour
            return date_refusee(f"{heures}:{brut.minute:02d}")
        return super().lire_autre(brut, champ, contexte)


TYPE = Heures()
