"""« Parole du terrain »: the fingerprint of an extract, and the only thing a moderator may do to its words: cut."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import cache

MARQUE = "[…]"
# Constant of the network: how many associations must speak somewhere for that place to be named.
SEUIL = "paroles_min_associations"
# A mark, a word (apostrophes and hyphens inside), or one sign.
_MORCEAUX = re.compile(r"\[…\]|\w+(?:[’'\-]\w+)*[’']?|[^\w\s]")
_POINTS = re.compile(r"[\[(]\s*(?:…|\.{3})\s*[\])]")


def en_ligne(texte: str) -> str:
    """An extract on one line, as it is moderated and published: NFC, single spaces."""
    return " ".join(unicodedata.normalize("NFC", texte).split())


def empreinte(texte: str) -> str:
    """Fingerprint of the words of an extract: a decision on it dies with them."""
    return hashlib.sha256(en_ligne(texte).encode()).hexdigest()


def couper(texte: str, propose: str) -> str | None:
    """`propose` when it only cuts `texte`, with a mark at every cut, even one that was not written.

    None when a word or a sign was added, changed or moved, or when no word is left.
    """
    texte = en_ligne(texte)
    places = [(m.group(), m.start(), m.end()) for m in _MORCEAUX.finditer(texte)]
    gardes: list[tuple[str, bool]] = []
    marque = False
    for morceau in _MORCEAUX.findall(en_ligne(_POINTS.sub(f" {MARQUE} ", propose))):
        if morceau == MARQUE:
            marque = True
        else:
            gardes.append((morceau, marque))
            marque = False
    if not any(mot[0].isalnum() for mot, _ in gardes):
        return None
    rangs = _aligner([mot for mot, _, _ in places], gardes)
    return None if rangs is None else _ecrire(texte, [(d, f) for _, d, f in places], rangs)


def _aligner(mots: Sequence[str], gardes: Sequence[tuple[str, bool]]) -> list[int] | None:
    """Rank in `mots` of each word kept, in order, with the fewest cuts that are not where a mark was written."""

    @cache
    def suite(j: int, debut: int) -> tuple[int, tuple[int, ...]] | None:
        if j == len(gardes):
            return 0, ()
        mot, marque = gardes[j]
        meilleure: tuple[int, tuple[int, ...]] | None = None
        for i in range(debut, len(mots)):
            if mots[i] == mot and (fin := suite(j + 1, i + 1)) is not None:
                cout = fin[0] + ((i > debut) != marque)
                if meilleure is None or cout < meilleure[0]:
                    meilleure = cout, (i, *fin[1])
        return meilleure

    trouvee = suite(0, 0)
    return None if trouvee is None else list(trouvee[1])


def _ecrire(texte: str, places: Sequence[tuple[int, int]], rangs: Sequence[int]) -> str:
    """The words kept with the spaces they had, and a mark wherever something went."""
    sortie, dernier = "", -1
    for rang in rangs:
        debut, fin = places[rang]
        if rang == dernier + 1:
            sortie += texte[places[dernier][1] if dernier >= 0 else 0 : debut]
        else:
            sortie += f" {MARQUE} " if sortie else f"{MARQUE} "
        sortie += texte[debut:fin]
        dernier = rang
    return sortie if dernier == len(places) - 1 else f"{sortie} {MARQUE}"
