"""Names of communes as people write them: one comparison form, an exact index, the nearest name.

A name is never guessed: two names as near give no answer, and neither does a name that is the one of
another French commune (`homonymes`, written by `scripts/territoire.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from observatoire.domain.types._nettoyage import plier

SEUIL = 80.0  # share of the letters left alone by typing errors; below, another place (docs/territoire.md)
MARGE = 5.0  # the second nearest commune must be that far behind
SCORE_ABREGE = 90.0  # « Lagny » for Lagny-sur-Marne: the first words of one single name
LONGUEUR_MIN = 5  # shorter texts are too near of too many names

_ARTICLES = frozenset({"le", "la", "les", "l"})
_ABREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "lez": "les"}
_AVANT = frozenset({"ville", "commune", "mairie"})
_LIENS = frozenset({"de", "d", "du", "des"})
_SOUS = re.compile(r"\bs\s*/\s*s\b|\bss\b", re.IGNORECASE)
_SUR = re.compile(r"\bs\s*/\s*(?=\w)", re.IGNORECASE)
_MOTS = re.compile(r"[a-z0-9]+")


class Annuaire:
    """Index of the names of communes by code. `noms` gives for each code the official name first."""

    def __init__(
        self,
        noms: Mapping[str, tuple[str, ...]],
        *,
        departement: str,
        nom_departement: str,
        codes_postaux: frozenset[str] = frozenset(),
        homonymes: frozenset[str] = frozenset(),
    ) -> None:
        self._departement = departement.casefold()
        self._codes_postaux = codes_postaux
        self._fin = _mots(nom_departement)
        # In order of trust: official names, then former ones; each with, then without its article.
        self._index: tuple[dict[str, list[str]], ...] = ({}, {}, {}, {})
        for code, (officiel, *anciens) in noms.items():
            for rang, liste in ((0, [officiel]), (2, anciens)):
                for mots in map(_mots, liste):
                    self._noter(rang, " ".join(mots), code)
                    self._noter(rang + 1, " ".join(_sans_article(mots)), code)
        self._cles = sorted({(cle, code) for index in self._index for cle in index for code in index[cle]})
        self._colles = [cle.replace(" ", "") for cle, _ in self._cles]
        self._homonymes = frozenset(" ".join(_sans_article(_mots(nom))) for nom in homonymes)

    def _noter(self, rang: int, cle: str, code: str) -> None:
        codes = self._index[rang].setdefault(cle, [])
        if code not in codes:
            codes.append(code)

    def exact(self, texte: str) -> tuple[str, ...]:
        """Codes of the communes that bear this name; several when it does not tell them apart."""
        mots = self.cle(texte)
        if not mots:
            return ()
        entier, nu = " ".join(mots), " ".join(_sans_article(mots))
        for index, cle in zip(self._index, (entier, nu, entier, nu), strict=True):
            if cle in index:
                return tuple(sorted(index[cle]))
        return ()

    def proche(self, texte: str) -> tuple[str, float] | None:
        """Code and score (0–100) of the one commune whose name is near; None when there is none or two."""
        exacts = self.exact(texte)
        if exacts:
            return (exacts[0], 100.0) if len(exacts) == 1 else None
        mots = _sans_article(self.cle(texte) or ())
        cle = " ".join(mots)
        if len(cle) < LONGUEUR_MIN or cle in self._homonymes:
            return None
        scores = self._ressemblances(cle)
        abreges = self.abreges(cle)
        if abreges:
            # « Trocy » may be Torcy mistyped; « Lagny » is not Dagny: the first letter is seldom wrong.
            meme_initiale = {code for nom, code in self._cles if nom[0] == cle[0]}.difference(abreges)
            ambigu = len(abreges) > 1 or any(scores.get(code, 0.0) >= SEUIL for code in meme_initiale)
            return None if ambigu else (abreges[0], SCORE_ABREGE)
        (meilleur, score), *suite = sorted(scores.items(), key=lambda p: -p[1]) or [("", 0.0)]
        if score < SEUIL or (suite and score - suite[0][1] < MARGE):
            return None
        return meilleur, score

    def _ressemblances(self, cle: str) -> dict[str, float]:
        """Best score by code, for those that may count."""
        proches = process.extract(
            cle.replace(" ", ""),
            self._colles,
            scorer=OSA.normalized_similarity,
            limit=None,
            score_cutoff=(SEUIL - MARGE) / 100,
        )
        scores: dict[str, float] = {}
        for _, part, rang in proches:
            code = self._cles[rang][1]
            scores[code] = max(round(100 * part, 1), scores.get(code, 0.0))
        return scores

    def abreges(self, texte: str) -> tuple[str, ...]:
        """Codes of the communes whose name goes on after this text: « Lagny » for Lagny-sur-Marne."""
        debut = " ".join(_sans_article(self.cle(texte) or ())) + " "
        return tuple(sorted({code for nom, code in self._cles if nom.startswith(debut)}))

    def cle(self, texte: str) -> tuple[str, ...] | None:
        """Words that name the place, without postcode, « Cedex », département or « Ville de ».

        None when a number (postcode, département) says that the place is elsewhere.
        """
        mots = list(_mots(texte))
        if "cedex" in mots:
            apres = mots[mots.index("cedex") + 1 :]
            mots = mots[: mots.index("cedex")] + (apres[1:] if apres[:1] and apres[0].isdigit() else apres)
        nombres = [mot for mot in mots if mot[0].isdigit()]
        if not all(map(self._est_d_ici, nombres)) and not self._est_d_ici("".join(nombres)):  # « 77 100 »
            return None
        mots = [mot for mot in mots if mot not in nombres]
        if len(mots) > len(self._fin) and tuple(mots[-len(self._fin) :]) == self._fin:
            mots = mots[: -len(self._fin)]
        if len(mots) > 2 and mots[0] in _AVANT and mots[1] in _LIENS:
            mots = mots[2:]
        if len(mots) > 1 and mots[-1] in _ARTICLES:
            mots = [mots[-1], *mots[:-1]]
        return tuple(mots)

    def _est_d_ici(self, nombre: str) -> bool:
        if nombre == self._departement or nombre in self._codes_postaux:
            return True
        return len(nombre) == 5 and nombre.startswith(self._departement)


def _mots(texte: str) -> tuple[str, ...]:
    texte = _SUR.sub(" sur ", _SOUS.sub(" sous ", str(texte))).replace("&", " et ")
    return tuple(_ABREVIATIONS.get(mot, mot) for mot in _MOTS.findall(plier(texte)))


def _sans_article(mots: tuple[str, ...]) -> tuple[str, ...]:
    return mots[1:] if len(mots) > 1 and mots[0] in _ARTICLES else mots
