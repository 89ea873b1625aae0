"""A share, stored between 0 and 1; the column tells whether it is written out of 100."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from observatoire.domain.enquete import Champ
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.types._nombres import Nombre, TypeNombre, nombres_clairs
from observatoire.domain.types._separateurs import Ecrit
from observatoire.domain.types.base import Contexte, Exemple, Lecture, Valeur


class Part(TypeNombre):
    """Share 0–1, DOUBLE. Texts with `%` say their scale; bare numbers follow their column."""

    nom, sql, table_schema, excel = "part", "DOUBLE", "number", "0.0%"
    lisible, exemple = "un pourcentage", "20\u00a0%"
    unites = frozenset({"", "%"})
    maximum = 100
    exemples = (
        Exemple(0.2, 0.2),
        Exemple("0,2", 0.2),
        Exemple("20%", 0.2),
        Exemple("20\u00a0%", 0.2),
        Exemple(20, 0.2, "PC-02", drapeau="echelle_pct"),
        Exemple("20 à 30 %", 0.25, "NB-04", drapeau="intervalle"),
        Exemple(150, code="PC-01"),
        Exemple("-5 %", code="PC-01"),
        Exemple("un tiers", code="NB-01"),
    )

    def bornes(self, champ: Champ) -> tuple[float, float]:
        """A share is stored from 0 to 1, whatever way it was written."""
        return 0, 1

    def observer(self, colonne: Sequence[Valeur], champ: Champ) -> Mapping[str, Any]:
        """`echelle` of the bare numbers: 1, 100, or `melange` with `petits_sur_100` when most are above 1."""
        nus = [v for v in colonne if not (isinstance(v, str) and "%" in v)]
        nombres = [n for n in nombres_clairs(nus, None) if n > 0]
        grands = sum(n > 1 for n in nombres)
        faits = dict(super().observer(colonne, champ))
        if grands:
            faits["echelle"] = 100 if grands == len(nombres) else "melange"
            faits["petits_ambigus"] = 2 * grands > len(nombres)
        return faits

    def interpreter(self, ecrit: Ecrit, champ: Champ, contexte: Contexte) -> Lecture:
        """A text with `%` is out of 100 whatever the column; the bounds of an interval follow its value."""
        if ecrit.unite == "%":
            contexte = Contexte(contexte.lieux, contexte.millesime, {"echelle": 100})
        lecture = super().interpreter(ecrit, champ, contexte)
        bornes = [b for b in (lecture.bas, lecture.haut) if b is not None]
        if not bornes or (ecrit.unite != "%" and max(bornes) <= 1):
            return lecture
        bas, haut = (None if b is None else b / 100 for b in (lecture.bas, lecture.haut))
        return replace(lecture, bas=bas, haut=haut)

    def convertir(self, nombre: Nombre, champ: Champ, contexte: Contexte) -> Lecture:
        """Bring a number between 0 and 100 to a share, or ask when the column leaves two readings."""
        echelle = contexte.colonne.get("echelle")
        if echelle == 100:
            return Lecture(float(Decimal(str(nombre)) / 100))
        if nombre > 1:
            part = float(Decimal(str(nombre)) / 100)
            return Lecture(part, "PC-02", drapeau="echelle_pct", details={"lu": self.afficher(part)})
        if nombre > 0 and contexte.colonne.get("petits_ambigus"):
            lectures = {
                "lecture1": self.afficher(nombre),
                "lecture2": self.afficher(Decimal(str(nombre)) / 100),
            }
            return Lecture(code="PC-03", drapeau="ambigu", details=lectures)
        return Lecture(float(nombre))

    def hors_bornes(self, nombre: Nombre, champ: Champ) -> Lecture | None:
        """PC-01 outside 0–100, whatever the scale."""
        return None if 0 <= nombre <= 100 else Lecture(code="PC-01")

    def afficher(self, valeur: Nombre) -> str:
        """`20 %`."""
        return f"{ecrire_nombre(Decimal(str(valeur)) * 100)}\u00a0%"


TYPE = Part()
