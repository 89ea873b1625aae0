"""SIREN: nine digits of a legal unit, with a Luhn key (python-stdnum)."""

from __future__ import annotations

from functools import lru_cache

from stdnum.fr import siren

from observatoire.domain.types._identifiants import TypeSirene
from observatoire.domain.types.base import Exemple, Lecture

ZEROS_PERDUS = 2  # leading zeros a spreadsheet may have eaten, put back when the key is then right


@lru_cache(maxsize=65536)
def _juger(chiffres: str) -> Lecture:
    if not chiffres.strip("0") or not 9 - ZEROS_PERDUS <= len(chiffres) <= 9:
        return TYPE.mal_forme()
    entier = chiffres.zfill(9)
    if siren.is_valid(entier):
        return Lecture(entier) if entier == chiffres else TYPE.completer(entier)
    return TYPE.cle_fausse() if len(chiffres) == 9 else TYPE.mal_forme()


class Siren(TypeSirene):
    """SIREN, VARCHAR."""

    nom, lisible = "siren", "un numéro SIREN"
    forme = r"[0-9]{9}"
    exemples = (
        Exemple("732829320", "732829320"),
        Exemple("732 829 320", "732829320"),
        Exemple(404833048, "404833048"),
        Exemple(404833048.0, "404833048"),
        Exemple("5580048", "005580048", "ID-02", drapeau="zero_retabli"),
        Exemple("404833047", code="ID-03"),
        Exemple("000000000", code="ID-04"),
        Exemple("7,32829E+08", code="ID-01"),
        Exemple("NC", motif="non_communique"),
    )

    def juger(self, chiffres: str) -> Lecture:
        """A SIREN whose key is right, or the anomaly; `000000000` has a right key and is nobody's."""
        return _juger(chiffres)


TYPE = Siren()
