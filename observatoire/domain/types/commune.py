"""A commune: a name or a code as typed, an INSEE code once read. The territory knows the names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from observatoire.domain.enquete import Champ
from observatoire.domain.types._nettoyage import LONGUEUR_UTILE, VIDE, absence, nettoyer, reparer_mojibake
from observatoire.domain.types.base import Contexte, Exemple, Lecture, Lieux, TypeChamp, Valeur

SCORE_LU = 90.0  # out of 100: under it, the nearest name is proposed, not taken
_CODE = re.compile(r"(?:\d{2}|2[ABab]) ?\d{3}")
_DRAPEAU = "commune_a_confirmer"
_COMMUNES_MAX = 6


def _code(brut: Valeur) -> str:
    if isinstance(brut, str):
        texte = brut.strip().removesuffix(".0")
        return texte.replace(" ", "").upper() if _CODE.fullmatch(texte) else ""
    if isinstance(brut, bool) or not isinstance(brut, int | float) or not 1000 <= brut < 100_000:
        return ""
    return f"{int(brut):05d}" if brut == int(brut) else ""


class CommuneInsee(TypeChamp):
    """INSEE code of a commune, VARCHAR."""

    nom, lisible = "commune", "une commune"
    forme = r"(?:[0-9]{2}|2[AB])[0-9]{3}"
    exemples = (
        Exemple("Meaux", "77284"),
        Exemple("MEAUX", "77284"),
        Exemple("Meaux (77)", "77284"),
        Exemple("St Germain-Laxis", "77410"),
        Exemple("Melun cedex", "77288"),
        Exemple("77284", "77284"),
        Exemple(77284.0, "77284"),
        Exemple("77700", code="CM-03"),
        Exemple("Fontainbleau", "77186", "CM-01", drapeau=_DRAPEAU),
        Exemple("Atlantide", code="CM-02"),
        Exemple("NC", motif="non_communique"),
    )

    def observer(self, colonne: Sequence[Valeur], champ: Champ) -> Mapping[str, Any]:
        """`codes`: the five-digit values, that tell together whether they are INSEE codes or postcodes."""
        return {"codes": frozenset(code for code in map(_code, colonne) if code)}

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell as a commune of the territory."""
        if brut is None:
            return VIDE
        if isinstance(brut, str) and (manque := absence(brut)):
            return manque
        lieux, code = contexte.lieux, _code(brut)
        if lieux is None:
            return Lecture(code) if code else _inconnue()
        if code:
            return _par_code(code, lieux, contexte.colonne.get("codes", frozenset()))
        if isinstance(brut, str) and len(brut) <= LONGUEUR_UTILE:
            return _par_nom(nettoyer(brut), lieux)
        return _inconnue()


def _par_code(code: str, lieux: Lieux, codes: frozenset[str]) -> Lecture:
    commune, postaux = lieux.par_code(code), lieux.par_code_postal(code)
    if commune and postaux and [c.code for c in postaux] != [commune.code]:
        insee = sum(lieux.par_code(c) is not None for c in codes)
        postal = sum(bool(lieux.par_code_postal(c)) for c in codes)
        if insee == postal:
            lectures = {"lecture1": commune.nom, "lecture2": _enumerer(postaux)}
            return Lecture(code="CM-04", drapeau="ambigu", details=lectures)
        commune = commune if insee > postal else None
    if commune:
        return Lecture(commune.code)
    if len(postaux) > 1:
        return Lecture(code="CM-03", details={"communes": _enumerer(postaux)})
    return Lecture(postaux[0].code) if postaux else _inconnue()


def _par_nom(texte: str, lieux: Lieux) -> Lecture:
    repare = reparer_mojibake(texte)
    trouvees = lieux.par_nom(repare)
    if len(trouvees) == 1:
        commune = trouvees[0]
        if repare == texte:
            return Lecture(commune.code)
        return Lecture(commune.code, "TX-01", drapeau="mojibake", details={"lu": commune.nom})
    if trouvees:
        return _inconnue(f"Plusieurs communes portent ce nom\u00a0: {_enumerer(trouvees)}.")
    proche = lieux.proche(repare)
    if proche is None:
        return _inconnue()
    commune, score = proche
    if score >= SCORE_LU:
        return Lecture(commune.code, "CM-01", drapeau=_DRAPEAU, details={"lu": commune.nom})
    return _inconnue(f"Vouliez-vous dire «\u00a0{commune.nom}\u00a0»\u202f?")


def _inconnue(proposition: str = "Aucun nom ne s’en approche assez.") -> Lecture:
    return Lecture(code="CM-02", details={"proposition": proposition})


def _enumerer(communes: Sequence[Any]) -> str:
    noms = [c.nom for c in communes]
    return ", ".join(noms[:_COMMUNES_MAX]) + ("…" if len(noms) > _COMMUNES_MAX else "")


TYPE = CommuneInsee()
