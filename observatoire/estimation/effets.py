"""What a survey of people before and after an activity may say: change, interval, attrition, and the right verbs.

Paired change: mean difference ± t × s / √n over the people who answered twice (Student, n − 1 degrees of freedom);
with a comparison group, the difference of the two mean changes, with Welch's interval. Shares of people who rose,
stayed or fell by the smallest change that matters are hidden under a minimum number of people. People who did not
come back are counted. The wording follows the design: only a comparison group allows to speak of a cause.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

NIVEAU = 0.95
MIN_PARTS = 30  # secret_min_bien_etre: the callers that have the dated constant pass it


@dataclass(frozen=True, slots=True)
class Dispositif:
    """What a design allows: a verb, an adverb of time, whether it may tell a cause, and what must be written by it."""

    code: str
    verbe: str
    cause: bool
    mention: str


DISPOSITIFS = {
    "avant_apres_comparaison": Dispositif(
        "avant_apres_comparaison",
        "a progressé plus que dans le groupe de comparaison",
        True,
        "Mêmes personnes avant et après, comparées à un groupe semblable qui n’a pas suivi l’action.",
    ),
    "avant_apres": Dispositif(
        "avant_apres",
        "est plus haut après l’action qu’avant",
        False,
        "Mêmes personnes avant et après, sans groupe de comparaison\u00a0: la cause du changement n’est pas connue.",
    ),
    "retrospectif": Dispositif(
        "retrospectif",
        "déclarent, en se souvenant d’avant,",
        False,
        "Déclaratif rétrospectif\u00a0: une seule enquête, où la personne se souvient d’avant\u202f; le souvenir embellit.",
    ),
    "satisfaction": Dispositif(
        "satisfaction",
        "déclarent",
        False,
        "Ressenti d’un moment\u00a0: aucun changement n’est mesuré.",
    ),
}
_CAUSALES = re.compile(
    r"gr[âa]ce\s+[àa]|a\s+permis|ont\s+permis|permet(?:tent)?\s+d|\beffets?\s+d(?:e|u|es)\b|\bimpact|"
    r"\bcausé|\bprovoqu|\bdû\s+à|\bdue?s?\s+à|en\s+raison\s+de|\bfait\s+(?:progresser|baisser|gagner|reculer)|"
    r"\baméliore(?:nt)?\b|\bréduit\b|\bréduisent\b",
    re.IGNORECASE,
)
_CHANGEMENTS = re.compile(
    r"progress|hausse|baisse|plus (?:haut|élevé)|moins (?:haut|élevé)|depuis|a changé|évolu", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Changement:
    """Paired change. `bas`, `haut`: 95 % interval of the mean, None for one person. Shares are None when hidden.

    `n_avant`: people asked before, `n`: those who answered twice, `perdus`: share of `n_avant` not found again.
    """

    n_avant: int
    n: int
    perdus: float
    moyenne: float
    ecart_type: float | None
    bas: float | None
    haut: float | None
    part_hausse: float | None
    part_stable: float | None
    part_baisse: float | None


@dataclass(frozen=True, slots=True)
class Comparaison:
    """Change of those who took part less change of the comparison group, with its 95 % interval."""

    action: Changement
    temoin: Changement
    ecart: float
    bas: float
    haut: float

    @property
    def significatif(self) -> bool:
        """True when the interval of the difference leaves out 0."""
        return not self.bas <= 0 <= self.haut


def changement(
    paires: Sequence[tuple[float, float]], n_avant: int, seuil: float, min_parts: int = MIN_PARTS
) -> Changement:
    """Change over pairs (before, after). `seuil`: smallest change that matters, in the unit of the score.

    ValueError without a pair, or with fewer people before than pairs.
    """
    if not paires or n_avant < len(paires):
        raise ValueError("aucune paire, ou plus de paires que de personnes interrogées avant")
    ecarts = [apres - avant for avant, apres in paires]
    n, moyenne = len(ecarts), statistics.fmean(ecarts)
    ecart_type = statistics.stdev(ecarts) if n > 1 else None
    marge = _student(n - 1) * ecart_type / math.sqrt(n) if ecart_type is not None else None
    hausse = sum(e >= seuil for e in ecarts) / n
    baisse = sum(e <= -seuil for e in ecarts) / n
    montrees = n >= min_parts
    return Changement(
        n_avant,
        n,
        1 - n / n_avant,
        moyenne,
        ecart_type,
        None if marge is None else moyenne - marge,
        None if marge is None else moyenne + marge,
        hausse if montrees else None,
        1 - hausse - baisse if montrees else None,
        baisse if montrees else None,
    )


def comparer(action: Changement, temoin: Changement) -> Comparaison:
    """Difference of two mean changes, Welch's interval. ValueError with fewer than two people in a group."""
    if action.ecart_type is None or temoin.ecart_type is None:
        raise ValueError("il faut au moins deux personnes dans chaque groupe")
    variances = [c.ecart_type**2 / c.n for c in (action, temoin) if c.ecart_type is not None]
    somme = sum(variances)
    ecart = action.moyenne - temoin.moyenne
    if somme == 0:
        return Comparaison(action, temoin, ecart, ecart, ecart)
    degres = somme**2 / sum(v**2 / (c.n - 1) for v, c in zip(variances, (action, temoin), strict=True))
    marge = _student(degres) * math.sqrt(somme)
    return Comparaison(action, temoin, ecart, ecart - marge, ecart + marge)


def mots_interdits(texte: str, dispositif: str) -> list[str]:
    """Words of a sentence that its design does not allow, in their order; empty when all may be written.

    A cause needs a comparison group; a change needs the same people before and after (or their recollection, told
    as such). KeyError for an unknown design.
    """
    regle = DISPOSITIFS[dispositif]
    trouves = [] if regle.cause else [m[0] for m in _CAUSALES.finditer(texte)]
    if dispositif == "satisfaction":
        trouves += [m[0] for m in _CHANGEMENTS.finditer(texte)]
    return trouves


def phrase(dispositif: str, sujet: str, resultat: str = "") -> str:
    """« <sujet> <allowed verb> <resultat>. <mention>. » ValueError when `sujet` or `resultat` says too much."""
    regle = DISPOSITIFS[dispositif]
    if interdits := mots_interdits(f"{sujet} {resultat}", dispositif):
        raise ValueError(
            f"le dispositif «\u00a0{dispositif}\u00a0» ne permet pas d’écrire\u00a0: {', '.join(interdits)}"
        )
    corps = " ".join(m for m in (sujet, regle.verbe, resultat) if m)
    return f"{corps}. {regle.mention}"


def _student(degres: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degres, (1 + NIVEAU) / 2))
