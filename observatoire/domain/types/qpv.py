"""A priority district (QPV): its code, or its name when the territory has the list."""

from __future__ import annotations

import re

from observatoire.domain.enquete import Champ
from observatoire.domain.types._identifiants import epurer
from observatoire.domain.types._nettoyage import LONGUEUR_UTILE, VIDE, absence, plier
from observatoire.domain.types.base import Contexte, Exemple, Lecture, TypeChamp, Valeur

# QN, département on three characters, rank, letter of the decree of 2023; QP for the districts of 2015.
_CODE = re.compile(r"QN[0-9]{2}[0-9AB][0-9]{2}[A-Z]|QP[0-9]{2}[0-9AB][0-9]{3}")
_NOUVEAU, ANNEE_NOUVEAUX = "QN", 2024
_HORS = frozenset({"non", "aucun", "aucune", "hors qpv", "hors quartier"})


class QuartierPrioritaire(TypeChamp):
    """Code of a priority district, VARCHAR."""

    nom, lisible = "qpv", "un quartier prioritaire"
    forme = _CODE.pattern
    exemples = (
        Exemple("QN07701M", "QN07701M"),
        Exemple("qn 077 01 m", "QN07701M"),
        Exemple("QPV : QP077003", "QP077003"),
        Exemple("QN07701M - Beauval", "QN07701M"),
        Exemple("QN02A01M", "QN02A01M"),
        Exemple("Beauval", "QN07701M"),
        Exemple("QN07799M", "QN07799M", "QP-01", drapeau="hors_liste"),
        Exemple("hors QPV", motif="sans_objet"),
        Exemple("Quartier du Marché", code="QP-02"),
        Exemple("QN0771", code="QP-02"),
        Exemple(77001, code="QP-02"),
        Exemple("NC", motif="non_communique"),
    )

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell as a district; a code that the list does not have is kept and said."""
        if brut is None:
            return VIDE
        if not isinstance(brut, str) or len(brut) > LONGUEUR_UTILE:
            return _refus()
        if manque := absence(brut):
            return manque
        if plier(brut) in _HORS:
            return Lecture(motif="sans_objet")
        trouve = _CODE.search(epurer(brut))
        if trouve is None:
            return _par_nom(brut, contexte)
        code = trouve[0]
        if contexte.lieux is not None and not contexte.lieux.quartiers(code):
            return Lecture(code, "QP-01", drapeau="hors_liste")
        return Lecture(code)


def _par_nom(texte: str, contexte: Contexte) -> Lecture:
    """Districts of 2015 and of 2024 often bear the same name: those of today, unless the data are older."""
    codes = [z.code for z in contexte.lieux.quartiers(texte)] if contexte.lieux else []
    if len(codes) > 1:
        est_nouveau = (contexte.millesime or ANNEE_NOUVEAUX) >= ANNEE_NOUVEAUX
        codes = [c for c in codes if c.startswith(_NOUVEAU) is est_nouveau]
    return Lecture(codes[0]) if len(codes) == 1 else _refus()


def _refus() -> Lecture:
    return Lecture(code="QP-02")


TYPE = QuartierPrioritaire()
