"""Which association a row speaks of: one key, the same in every questionnaire."""

from __future__ import annotations

import re
from functools import lru_cache

from observatoire.domain.types._nettoyage import plier

_MOTS_VIDES = re.compile(r"\b(association|asso|assoc|club|les|la|le|l|de|des|du|d)\b")
_PONCTUATION = re.compile(r"[^0-9a-z]+")


@lru_cache(maxsize=65536)
def cle_nom(nom: str) -> str:
    """Name reduced to what two spellings share: `Asso Sport 77 ` and `Association SPORT 77` → `sport 77`.

    Only a candidate for a duplicate: two associations may share it.
    """
    mots = _PONCTUATION.sub(" ", plier(nom))
    reduit = " ".join(_MOTS_VIDES.sub(" ", mots).split())
    return reduit or " ".join(mots.split())


def cle_association(nom: str | None, rna: str | None, siret: str | None, commune: str | None) -> str | None:
    """Key of the association: its RNA, else its SIREN, else its folded name and commune; None without any."""
    if rna:
        return f"RNA:{rna}"
    if siret:
        return f"SIREN:{siret[:9]}"
    if nom:
        return f"NOM:{' '.join(_PONCTUATION.sub(' ', plier(nom)).split())}|{commune or ''}"
    return None
