"""A French postcode: five digits, kept as text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from observatoire.domain.enquete import Champ
from observatoire.domain.types._identifiants import epurer
from observatoire.domain.types._nettoyage import VIDE, absence
from observatoire.domain.types.base import Contexte, Exemple, Lecture, TypeChamp, Valeur

_CODE = re.compile(r"(?:0[1-9]|[1-8][0-9]|9[0-8])[0-9]{3}")
_SANS_ZERO = re.compile(r"[1-9][0-9]{3}")


def _chiffres(brut: Valeur) -> str:
    if isinstance(brut, str):
        return epurer(brut).removesuffix(".0").removeprefix("F")
    if isinstance(brut, bool) or not isinstance(brut, int | float) or not 0 < brut < 100_000:
        return ""
    return str(int(brut)) if brut == int(brut) else ""


class CodePostal(TypeChamp):
    """Postcode, VARCHAR; `1000` is completed only in a column that holds other postcodes."""

    nom, lisible = "code_postal", "un code postal"
    forme = _CODE.pattern
    exemples = (
        Exemple("77100", "77100"),
        Exemple("77 100", "77100"),
        Exemple(77100.0, "77100"),
        Exemple("1000", code="ID-04"),
        Exemple("00100", code="ID-04"),
        Exemple("Meaux", code="ID-04"),
    )

    def observer(self, colonne: Sequence[Valeur], champ: Champ) -> Mapping[str, Any]:
        """`completable` when the column holds at least one whole postcode."""
        return {"completable": any(_CODE.fullmatch(_chiffres(v)) for v in colonne)}

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell as a postcode."""
        if brut is None:
            return VIDE
        if isinstance(brut, str) and (manque := absence(brut)):
            return manque
        chiffres = _chiffres(brut)
        if _CODE.fullmatch(chiffres):
            return Lecture(chiffres)
        if _SANS_ZERO.fullmatch(chiffres) and contexte.colonne.get("completable"):
            return Lecture(f"0{chiffres}", "ID-02", drapeau="zero_retabli", details={"lu": f"0{chiffres}"})
        return Lecture(code="ID-04", details={"nature": "code postal", "forme": "5 chiffres"})


TYPE = CodePostal()
