"""Yes or no."""

from __future__ import annotations

import re

from observatoire.domain.enquete import Champ
from observatoire.domain.types._nettoyage import LONGUEUR_UTILE, VIDE, absence, plier
from observatoire.domain.types.base import Contexte, Exemple, Lecture, TypeChamp, Valeur

_OUI = re.compile(r"oui|o|x|[✓✔☑]|1(?:[.,]0)?|vrai|v|true|yes|y")
_NON = re.compile(r"non|n|[✗✘☐]|0(?:[.,]0)?|faux|f|false|no")


class Booleen(TypeChamp):
    """Yes or no, BOOLEAN. Anything else, « en cours » too, is not guessed."""

    nom, sql, table_schema = "booleen", "BOOLEAN", "boolean"
    lisible = "oui ou non"
    exemples = (
        *(
            Exemple(brut, True)
            for brut in ("oui", "Oui", "OUI", "O", "x", "X", "✓", "1", "vrai", 1, 1.0, True)
        ),
        *(Exemple(brut, False) for brut in ("non", "N", "0", "faux", 0, False)),
        Exemple("NSP", motif="nsp"),
        Exemple("en cours", code="BO-01"),
        Exemple(2, code="BO-01"),
    )

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell as yes or no."""
        if brut is None:
            return VIDE
        if isinstance(brut, str):
            plat = plier(brut[:LONGUEUR_UTILE])
            if _OUI.fullmatch(plat):
                return Lecture(True)
            return Lecture(False) if _NON.fullmatch(plat) else absence(brut) or Lecture(code="BO-01")
        if isinstance(brut, bool | int | float) and brut in (0, 1):
            return Lecture(bool(brut))
        return Lecture(code="BO-01")


TYPE = Booleen()
