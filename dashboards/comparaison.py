"""Two figures side by side: what their difference allows to say. Pure functions.

The interval of a difference of two independent figures comes from their own intervals (Zou and Donner, 2008): it
keeps the asymmetry of a share near 0 or 1, and is the usual one when both are symmetrical. Two territories that
share communes are not independent: only intervals wholly apart tell them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from dashboards import affichage
from dashboards import format_fr as fr
from dashboards.modeles import Indicateur, Mesure, Territoire
from dashboards.vue_carte import PAR_HABITANTS

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


def base(carte: Indicateur) -> int:
    """Inhabitants a figure is divided by: one for euros, a thousand for counts."""
    return 1 if fr.est_montant(carte.unite) else PAR_HABITANTS


def libelle_base(carte: Indicateur) -> str:
    """« € par habitant », « heures pour 1 000 habitants »."""
    if base(carte) == 1:
        return f"{carte.unite} par habitant"
    return f"{carte.unite} pour {fr.nombre(PAR_HABITANTS)} habitants"


def rapporter(carte: Indicateur, mesure: Mesure | None, lieu: Territoire) -> Mesure | None:
    """The figure divided by the inhabitants, bounds included; None below the smallest base."""
    if mesure is None or mesure.valeur is None:
        return mesure
    if not lieu.population or lieu.population < BASE_MINIMALE:
        return None
    facteur = base(carte) / lieu.population

    def divise(valeur: float | None) -> float | None:
        return None if valeur is None else valeur * facteur

    return replace(
        mesure,
        valeur=mesure.valeur * facteur,
        borne_basse=divise(mesure.borne_basse),
        borne_haute=divise(mesure.borne_haute),
    )


def comparer(
    carte: Indicateur, ici: Mesure | None, autre: Mesure | None, *, independants: bool
) -> Difference:
    """What separates `ici` from `autre` (the reference): ici − autre."""
    if ici is None or autre is None or ici.valeur is None or autre.valeur is None:
        return Difference(MASQUEE)
    if carte.est_convention or not (affichage.est_estimee(ici) and affichage.est_estimee(autre)):
        return Difference(NON_TESTEE, ici.valeur - autre.valeur)
    (v1, b1, h1), (v2, b2, h2) = _bornee(ici), _bornee(autre)
    bas = (v1 - v2) - math.hypot(v1 - b1, h2 - v2)
    haut = (v1 - v2) + math.hypot(h1 - v1, v2 - b2)
    separees = b1 > h2 or b2 > h1
    certaine = (bas > 0 or haut < 0) if independants else separees
    return Difference(CERTAINE if certaine else PAREILLES, v1 - v2, bas, haut)


def _bornee(mesure: Mesure) -> tuple[float, float, float]:
    valeur = mesure.valeur or 0.0
    bas = valeur if mesure.borne_basse is None else mesure.borne_basse
    haut = valeur if mesure.borne_haute is None else mesure.borne_haute
    return valeur, min(bas, valeur), max(haut, valeur)


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
