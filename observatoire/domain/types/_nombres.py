"""What the number types share: cells of any kind, bounds, imprecise values, facts about the column."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from observatoire.domain.enquete import Champ
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.types._dates import jour_mois, lire_date, saisie_probable
from observatoire.domain.types._ecritures import analyser
from observatoire.domain.types._nettoyage import LONGUEUR_UTILE, VIDE, absence
from observatoire.domain.types._separateurs import Ecrit, convention, simplifier
from observatoire.domain.types.base import Contexte, Lecture, TypeChamp, Valeur

PLAFOND = 2**53  # above, a spreadsheet has lost digits
_ENTIER = re.compile(r"-?[0-9]{1,15}")
_CODES = {"format_us": "NB-09", "approx": "NB-04", "intervalle": "NB-04"}
Nombre = int | float | Decimal


def ecrire_bornes(minimum: Nombre | None, maximum: Nombre | None) -> str:
    """Possible values in French: `de 0 à 10`, `0 ou plus`, `10 au plus`."""
    if minimum is not None and maximum is not None:
        return f"de {ecrire_nombre(minimum)} à {ecrire_nombre(maximum)}"
    if minimum is not None:
        return f"{ecrire_nombre(minimum)} ou plus"
    return f"moins de {ecrire_nombre(PLAFOND)}" if maximum is None else f"{ecrire_nombre(maximum)} au plus"


class TypeNombre(TypeChamp):
    """A number. Subclasses say the units they accept, their bounds and how the value is stored."""

    unites: frozenset[str] = frozenset({""})
    minimum: Nombre | None = 0
    maximum: Nombre | None = None
    exemple = "12"

    def bornes(self, champ: Champ) -> tuple[Nombre | None, Nombre | None]:
        """Bounds of the field, else those of the type."""
        contraintes = champ.constraints
        return contraintes.get("minimum", self.minimum), contraintes.get("maximum", self.maximum)

    def observer(self, colonne: Sequence[Valeur], champ: Champ) -> Mapping[str, Any]:
        """Decimal separator of the texts of the column."""
        return {"decimale": convention(colonne)}

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell: number, text, or a date the spreadsheet made by itself."""
        genre = type(brut)
        if genre is float or genre is int:
            return self.verifier(brut, champ, contexte)  # type: ignore[arg-type]
        if isinstance(brut, str):
            if _ENTIER.fullmatch(brut):
                return self.verifier(int(brut), champ, contexte)
            if manque := absence(brut):
                return manque
            trop_long = len(brut) > LONGUEUR_UTILE
            return self.refuser(champ) if trop_long else self.lire_texte(brut, champ, contexte)
        if brut is None:
            return VIDE
        return self.lire_autre(brut, champ, contexte)

    def lire_autre(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell that is neither a number nor a text."""
        if isinstance(brut, dt.date):
            return date_refusee(saisie_probable(brut))
        return self.refuser(champ)

    def lire_texte(self, texte: str, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a text that is not a plain whole number nor a marker of a missing value."""
        ecrit = analyser(simplifier(texte), contexte.colonne.get("decimale"))
        if ecrit is None:
            proposition = jour_mois(texte)
            lue = None if proposition else lire_date(texte)
            if lue and lue.jour and lue.precision == "jour":
                proposition = saisie_probable(lue.jour)
            return date_refusee(proposition) if proposition else self.refuser(champ)
        if ecrit.unite not in self.unites:
            return self.refuser(champ)
        return self.interpreter(ecrit, champ, contexte)

    def interpreter(self, ecrit: Ecrit, champ: Champ, contexte: Contexte) -> Lecture:
        """Turn a number as written into a reading, with what its writing calls for."""
        if ecrit.nature == "frequence":
            return Lecture(code="NB-11", drapeau="frequence", details={"lu": _lu(ecrit.valeur)})
        bas, haut = _flottant(ecrit.bas), _flottant(ecrit.haut)
        if ecrit.nature == "borne" or ecrit.valeur is None:
            return Lecture(code="NB-05", drapeau="borne", bas=bas, haut=haut)
        if ecrit.autre is not None:
            possibles = [v for v in (ecrit.valeur, ecrit.autre) if self.hors_bornes(v, champ) is None]
            if len(possibles) != 1:
                lectures = {"lecture1": _lu(ecrit.valeur), "lecture2": _lu(ecrit.autre)}
                return Lecture(code="NB-03", drapeau="ambigu", details=lectures)
            return self.verifier(possibles[0], champ, contexte)
        valeur = self.milieu(ecrit.valeur) if ecrit.nature == "intervalle" else ecrit.valeur
        lecture = self.verifier(valeur, champ, contexte)
        code, drapeau = _CODES.get(ecrit.nature), ecrit.nature
        if code is None and (ecrit.facteur != 1 or ecrit.unite == "nom"):
            code, drapeau = "NB-08", "unite_inferee"
        if code is None or lecture.valeur is None or lecture.code == "NB-10":
            return lecture
        details = {"lu": self.afficher(lecture.valeur)}
        return replace(lecture, code=code, drapeau=drapeau, bas=bas, haut=haut, details=details)

    def verifier(self, nombre: Nombre, champ: Champ, contexte: Contexte) -> Lecture:
        """Check a number against the possible values, then store it."""
        if not -PLAFOND < nombre < PLAFOND:
            if not math.isfinite(nombre):
                return self.refuser(champ)
            return Lecture(code="NB-06", details={"bornes": ecrire_bornes(None, None)})
        refus = self.hors_bornes(nombre, champ)
        return refus if refus is not None else self.convertir(nombre, champ, contexte)

    def convertir(self, nombre: Nombre, champ: Champ, contexte: Contexte) -> Lecture:
        """Store a number that is possible."""
        return Lecture(float(nombre))

    def hors_bornes(self, nombre: Nombre, champ: Champ) -> Lecture | None:
        """NB-06 when the number is not possible for this field."""
        minimum, maximum = self.bornes(champ)
        if (minimum is None or nombre >= minimum) and (maximum is None or nombre <= maximum):
            return None
        return Lecture(code="NB-06", details={"bornes": ecrire_bornes(minimum, maximum)})

    def milieu(self, valeur: Decimal) -> Decimal:
        """The middle of an interval, as this type can store it."""
        return valeur

    def afficher(self, valeur: Any) -> str:
        """The stored value as a French message shows it."""
        return ecrire_nombre(valeur)

    def refuser(self, champ: Champ) -> Lecture:
        """NB-01: the cell is not a number."""
        details = {"attendu": self.lisible, "exemple": champ.example or self.exemple}
        return Lecture(code="NB-01", details=details)


def date_refusee(proposition: str | None) -> Lecture:
    """NB-07: a date in a column of numbers; `proposition` is what was probably typed."""
    return Lecture(code="NB-07", drapeau="date_dans_colonne_numerique", details={"proposition": proposition})


def nombres_clairs(colonne: Sequence[Valeur], decimale: str | None) -> list[float]:
    """The plain numbers of a column, for facts about the whole: no approximation, no scale guessed."""
    nombres: list[float] = []
    for v in colonne:
        if type(v) is float or type(v) is int:
            if -PLAFOND < v < PLAFOND:
                nombres.append(v)
        elif isinstance(v, str) and v and len(v) <= 30 and any("0" <= c <= "9" for c in v):
            e = analyser(simplifier(v), decimale)
            if e and e.valeur is not None and e.autre is None and not e.nature and e.facteur == 1:
                nombres.append(float(e.valeur))
    return nombres


def _lu(valeur: Decimal | None) -> str:
    return "…" if valeur is None else ecrire_nombre(valeur)


def _flottant(valeur: Decimal | None) -> float | None:
    return None if valeur is None else float(valeur)
