"""A number of people or things: whole, zero or more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from observatoire.domain.enquete import Champ
from observatoire.domain.types._dates import saisie_probable, serie_en_date
from observatoire.domain.types._nombres import Nombre, TypeNombre, date_refusee, nombres_clairs
from observatoire.domain.types.base import Contexte, Exemple, Lecture, Valeur

BRUIT = 1e-6  # arithmetic noise of a spreadsheet
# Numbers of the dates 01/01/2000 to 31/12/2039: what a spreadsheet makes of « 10-12 » typed in those years.
SERIE_DEBUT, SERIE_FIN = 36_526, 51_135
ECART_SERIE = 20  # such a number is that many times above all the others
EFFECTIF_MIN = 3  # with fewer others, the column tells nothing


class Effectif(TypeNombre):
    """Whole number ≥ 0."""

    nom, sql, table_schema, excel = "effectif", "BIGINT", "integer", "0"
    lisible, exemple = "un nombre entier", "12"
    unites = frozenset({"", "nom"})
    exemples = (
        Exemple(12, 12),
        Exemple("1 234", 1234),
        Exemple("néant", 0),
        Exemple("NC", motif="non_communique"),
        Exemple("10 à 20", 15, "NB-04", drapeau="intervalle"),
        Exemple("plus de 100", code="NB-05", drapeau="borne"),
        Exemple("une trentaine", 30, "NB-04", drapeau="approx"),
        Exemple("12 bénévoles", 12, "NB-08", drapeau="unite_inferee"),
        Exemple("1.234", code="NB-03", drapeau="ambigu"),
        Exemple(3.5, code="NB-12"),
        Exemple(-1, code="NB-06"),
        Exemple("quelques-uns", code="NB-05", drapeau="borne"),
        Exemple("voir annexe", code="NB-01"),
        Exemple(dt.date(2024, 12, 10), code="NB-07", drapeau="date_dans_colonne_numerique"),
        Exemple("vendredi 19 janvier 1900", code="NB-07", drapeau="date_dans_colonne_numerique"),
        Exemple("10-déc", code="NB-07", drapeau="date_dans_colonne_numerique"),
        Exemple(True, code="NB-01"),
    )

    def observer(self, colonne: Sequence[Valeur], champ: Champ) -> Mapping[str, Any]:
        """Separator, and `series`: the numbers that are dates in disguise, far above all the others.

        A round number (multiple of 100) is never suspected: large counts are estimated, dates are not round.
        """
        faits: dict[str, Any] = dict(super().observer(colonne, champ))
        nombres = nombres_clairs(colonne, faits["decimale"])
        series = {n for n in nombres if SERIE_DEBUT <= n <= SERIE_FIN and n % 100 and n == int(n)}
        if series:
            autres = [n for n in nombres if n not in series]
            if len(autres) >= EFFECTIF_MIN and max(autres) * ECART_SERIE <= min(series):
                faits["series"] = frozenset(series)
        return faits

    def convertir(self, nombre: Nombre, champ: Champ, contexte: Contexte) -> Lecture:
        """A whole number, or NB-12; NB-07 when the column says it is a date."""
        entier = round(nombre)
        if entier != nombre and abs(float(nombre) - entier) >= BRUIT:
            return Lecture(code="NB-12", details={"exemple": champ.example or self.exemple})
        if contexte.colonne and entier in contexte.colonne.get("series", ()):
            return date_refusee(saisie_probable(serie_en_date(entier)))
        return Lecture(entier)

    def milieu(self, valeur: Decimal) -> Decimal:
        """Whole middle of an interval, the even one of two."""
        return valeur.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)


TYPE = Effectif()
