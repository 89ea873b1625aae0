"""Two figures side by side: what their difference allows to say. Pure functions.

The interval of a difference of two independent figures comes from their own intervals (Zou and Donner, 2008): it
keeps the asymmetry of a share near 0 or 1, and is the usual one when both are symmetrical. Two territories that
share communes are not independent: only intervals wholly apart tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboards import format_fr as fr
from dashboards.lecture_derivees import Ecart
from dashboards.modeles import Indicateur
from dashboards.vue_carte import PAR_HABITANTS, libelle_base

# Fewest inhabitants a count may be divided by: the base of the rate itself.
BASE_MINIMALE = PAR_HABITANTS
NON_TESTEE, MASQUEE, PAREILLES, CERTAINE = "non_testee", "masquee", "pareilles", "certaine"


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference and its interval; `etat` says what may be said of it."""

    etat: str
    ecart: float | None = None
    bas: float | None = None
    haut: float | None = None


def juger(carte: Indicateur, lu: Ecart | None, *, independants: bool) -> Difference:
    """What a difference allows to say; None when one of the two figures is not shown."""
    if lu is None:
        return Difference(MASQUEE)
    if carte.est_convention or lu.bas is None or lu.haut is None:
        return Difference(NON_TESTEE, lu.ecart)
    certaine = (lu.bas > 0 or lu.haut < 0) if independants else lu.separees
    return Difference(CERTAINE if certaine else PAREILLES, lu.ecart, lu.bas, lu.haut)


def dire(
    carte: Indicateur, difference: Difference, nom: str, *, independants: bool, rapportee: bool = False
) -> str:
    """The difference in words: higher or lower only when it is sure."""
    if difference.etat == MASQUEE:
        return "pas de comparaison\u00a0: un chiffre manque"
    if difference.etat == NON_TESTEE:
        return "non testée\u00a0: chiffres sans intervalle"
    ecrire = _ecriture(carte, difference, rapportee)
    entre = f"écart entre {ecrire(difference.bas)} et {ecrire(difference.haut)}{_unite(carte, rapportee)}"
    if difference.etat == PAREILLES:
        debut = "pas de différence assurée" if independants else "les intervalles se recouvrent"
        return f"{debut} ({entre})" if independants else debut
    sens = "plus élevé que" if (difference.ecart or 0) > 0 else "plus bas que"
    return f"{sens} {nom} ({entre})" if independants else f"{sens} {nom}\u00a0: intervalles séparés"


def _ecriture(carte: Indicateur, difference: Difference, rapportee: bool) -> Callable[[float | None], str]:
    """How the bounds are written: the same decimals for both, in points for a share."""
    facteur = 100.0 if fr.est_part(carte.unite) else 1.0
    plus_grande = max(abs((x or 0.0) * facteur) for x in (difference.bas, difference.haut))
    decimales = 0 if plus_grande >= 100 else 1 if plus_grande >= 1 else 2
    if not rapportee and carte.decimales == 0 and facteur == 1.0:
        decimales = 0
    return lambda valeur: fr.signe((valeur or 0.0) * facteur, decimales)


def _unite(carte: Indicateur, rapportee: bool) -> str:
    if fr.est_part(carte.unite):
        return f"{fr.INSECABLE}points"
    if fr.est_montant(carte.unite) or rapportee:
        return f"{fr.INSECABLE}{libelle_base(carte) if rapportee else carte.unite}"
    return ""
