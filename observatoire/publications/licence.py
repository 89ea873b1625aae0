"""Under which licence the published figures are given: that of the network, which may choose another."""

from __future__ import annotations

import os

LICENCE = "Licence Ouverte 2.0 (Etalab)"
ADRESSE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"


def licence() -> dict[str, str]:
    """Name and address; `OBSERVATOIRE_LICENCE` gives another name, its address in it when it has one."""
    choisie = os.environ.get("OBSERVATOIRE_LICENCE", "").strip()
    return {"nom": choisie} if choisie else {"nom": LICENCE, "adresse": ADRESSE}
