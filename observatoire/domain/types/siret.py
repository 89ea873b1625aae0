"""SIRET: fourteen digits of an establishment, with two keys and the exception of La Poste (python-stdnum)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from stdnum.fr import siret

from observatoire.domain.enquete import Champ
from observatoire.domain.types import siren as type_siren
from observatoire.domain.types._identifiants import TypeSirene
from observatoire.domain.types.base import Contexte, Exemple, Lecture, Valeur

ZEROS_PERDUS = 3  # leading zeros a spreadsheet may have eaten, put back when both keys are then right
# The number was rounded by a spreadsheet: establishment 00000 does not exist, 1000, 2000… are nobody's here.
FIN_EFFACEE = "0000"
# When so many of the numbers of a column are rounded, one that ends by 00 has a right key by chance.
PART_ARRONDIE, FIN_SUSPECTE, EFFECTIF_MIN = 0.5, "00", 3


@lru_cache(maxsize=65536)
def _juger(chiffres: str) -> Lecture:
    if not chiffres.strip("0"):
        return TYPE.mal_forme()
    if len(chiffres) == 9:
        lu = type_siren.TYPE.juger(chiffres)
        return lu if lu.code else Lecture(chiffres, "ID-06", drapeau="siren")
    if not 14 - ZEROS_PERDUS <= len(chiffres) <= 14:
        return TYPE.mal_forme()
    entier = chiffres.zfill(14)
    if entier.endswith(FIN_EFFACEE):
        return TYPE.abime()
    if siret.is_valid(entier):
        return Lecture(entier) if entier == chiffres else TYPE.completer(entier)
    return TYPE.cle_fausse() if len(chiffres) == 14 else TYPE.mal_forme()


class Siret(TypeSirene):
    """SIRET, VARCHAR; a SIREN in its place is kept as nine digits, and said."""

    nom, lisible = "siret", "un numéro SIRET"
    longueur, nature = 14, "numéro SIRET"
    forme = r"[0-9]{14}|[0-9]{9}"
    exemples = (
        Exemple("73282932000074", "73282932000074"),
        Exemple("732 829 320 00074", "73282932000074"),
        Exemple("N° 732.829.320.00074'", "73282932000074"),
        Exemple("73282932000074.0", "73282932000074"),
        Exemple(73282932000074.0, "73282932000074"),
        Exemple("35600000049837", "35600000049837"),
        Exemple("732829320", "732829320", "ID-06", drapeau="siren"),
        Exemple("558004800014", "00558004800014", "ID-02", drapeau="zero_retabli"),
        Exemple("73282932000079", code="ID-03"),
        Exemple("7,32829E+13", code="ID-01"),
        Exemple("45032466000000.0", code="ID-01"),
        Exemple(45032466000000.0, code="ID-01"),
        Exemple("00000000000000", code="ID-04"),
        Exemple("en cours", code="ID-04"),
    )

    def observer(self, colonne: Sequence[Valeur], champ: Champ) -> Mapping[str, Any]:
        """`arrondie` when a spreadsheet rounded most of the numbers of the column."""
        lues = [self._lire(v) for v in set(colonne) if v not in (None, "")]
        abimees = sum(lu.code == "ID-01" for lu in lues)
        return {"arrondie": len(lues) >= EFFECTIF_MIN and abimees >= PART_ARRONDIE * len(lues)}

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell; in a rounded column, no number that ends by 00 is believed."""
        lu = self._lire(brut)
        if contexte.colonne and contexte.colonne.get("arrondie") and lu.code != "ID-01":
            ecrit = lu.valeur if lu.valeur else str(brut).partition(".")[0]
            if len(ecrit) == self.longueur and ecrit.endswith(FIN_SUSPECTE):
                return self.abime()
        return lu

    def juger(self, chiffres: str) -> Lecture:
        """A SIRET whose keys are right, the SIREN written in its place, or the anomaly."""
        return _juger(chiffres)


TYPE = Siret()
