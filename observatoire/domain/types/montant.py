"""An amount in euros, to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from observatoire.domain.enquete import Champ
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.types._nombres import Nombre, TypeNombre, nombres_clairs
from observatoire.domain.types.base import Contexte, Exemple, Lecture, Valeur

CENTIME = Decimal("0.01")
BRUIT = Decimal("1e-6")
# A column in thousands of euros with a few cells in euros: most values small, the others far above.
PETIT_MAX, GRAND_MIN, ECART_KILO, PART_MIN, EFFECTIF_MIN = 2_000, 10_000, 100, 2 / 3, 3
PETIT_MIN = 50  # the smallest amount of such a column; subsidies in euros are seldom below


class Montant(TypeNombre):
    """Euros, DECIMAL(18,2); below zero only when the field says so."""

    nom, sql, table_schema, excel = "montant", "DECIMAL(18,2)", "number", "#,##0.00"
    lisible, exemple = "un montant en euros", "1250,50"
    unites = frozenset({"", "€"})
    exemples = (
        Exemple(1234.5, Decimal("1234.50")),
        Exemple("1\u202f234,50\u00a0€", Decimal("1234.50")),
        Exemple("1.234,50", Decimal("1234.50")),
        Exemple("1,234.50", Decimal("1234.50"), "NB-09", drapeau="format_us"),
        Exemple("12k€", Decimal(12000), "NB-08", drapeau="unite_inferee"),
        Exemple("1,5 M€", Decimal(1500000), "NB-08", drapeau="unite_inferee"),
        Exemple("10 000 à 20 000 €", Decimal(15000), "NB-04", drapeau="intervalle"),
        Exemple("12,345", code="NB-03", drapeau="ambigu"),
        Exemple(19875.0649, Decimal("19875.06"), "NB-13", drapeau="arrondi"),
        Exemple(0.1 + 0.2, Decimal("0.30")),
        Exemple("-500", code="NB-06"),
        Exemple("50 €/mois", code="NB-11", drapeau="frequence"),
        Exemple("12 bénévoles", code="NB-01"),
    )

    def observer(self, colonne: Sequence[Valeur], champ: Champ) -> Mapping[str, Any]:
        """Separator, and `kilo` when euros and k€ are mixed: smallest, largest small value, first far one."""
        faits = dict(super().observer(colonne, champ))
        nombres = sorted(n for n in nombres_clairs(colonne, faits["decimale"]) if n > 0)
        petits = [n for n in nombres if n <= PETIT_MAX]
        if len(petits) < EFFECTIF_MIN or len(petits) == len(nombres) or petits[0] >= PETIT_MIN:
            return faits
        premier = nombres[len(petits)]
        if premier >= max(GRAND_MIN, ECART_KILO * petits[-1]) and len(petits) >= PART_MIN * len(nombres):
            faits["kilo"] = (petits[0], petits[-1], premier)
        return faits

    def convertir(self, nombre: Nombre, champ: Champ, contexte: Contexte) -> Lecture:
        """The amount to the cent; NB-13 when digits are dropped, NB-10 when the column looks to be in k€."""
        exact = Decimal(nombre) if isinstance(nombre, int) else Decimal(str(nombre))
        valeur = exact.quantize(CENTIME, rounding=ROUND_HALF_UP)
        kilo = contexte.colonne.get("kilo") if contexte.colonne else None
        if kilo and nombre >= kilo[2]:
            details = {"minimum": ecrire_nombre(kilo[0]), "maximum": ecrire_nombre(kilo[1])}
            return Lecture(valeur, "NB-10", drapeau="melange_euros_kiloeuros", details=details)
        if valeur != exact and abs(valeur - exact) >= BRUIT:
            return Lecture(valeur, "NB-13", drapeau="arrondi", details={"lu": self.afficher(valeur)})
        return Lecture(valeur)

    def afficher(self, valeur: Decimal) -> str:
        """`1 234,5 €` with its unit."""
        return f"{ecrire_nombre(valeur)}\u00a0€"


TYPE = Montant()
