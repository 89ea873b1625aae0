"""Grammar of the numbers that people write: `1 234,50 €`, `12 k€`, `10 à 20`, `plus de 100`, `2h/sem`.

Pure functions on text, cached. What a number means for a field (whole, euros, bounds) is said by the types.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from observatoire.domain.types._separateurs import LONGUEUR_MAX, NOMBRE, Ecrit, lire_nombre

MILLE, MILLION, MILLIARD = Decimal(1000), Decimal(10**6), Decimal(10**9)


NOMS = (
    r"(?:benevoles?|personnes?|pers|adherent(?:e?s?|\.e\.s|\(e\)s)|salarie(?:e?s?|\.e\.s|\(e\)s)|membres?|femmes?"
    r"|hommes?|jeunes?|enfants?|participant(?:e?s?|\.e\.s)|postes?|usagers?|beneficiaires?|dirigeant(?:e?s?))"
)
_UNITES: tuple[tuple[re.Pattern[str], str, Decimal], ...] = tuple(
    (re.compile(motif), unite, facteur)
    for motif, unite, facteur in (
        (r"", "", Decimal(1)),
        (r"€|eur|euros?", "€", Decimal(1)),
        (r"k ?(?:€|eur|euros?|e)?|(?:milliers?|mille)(?: d'| )?(?:euros?|€)?", "€", MILLE),
        (r"m ?(?:€|eur|euros?)|millions?(?: d'| )?(?:euros?|€)?", "€", MILLION),
        (r"mds? ?(?:€|eur|euros?)|milliards?(?: d'| )?(?:euros?|€)?", "€", MILLIARD),
        (r"%|pour ?cents?|pct", "%", Decimal(1)),
        (r"h|hrs?|heures?", "h", Decimal(1)),
        (r"etpt?|equivalents? temps plein", "etp", Decimal(1)),
        (NOMS, "nom", Decimal(1)),
    )
)
_SUR = re.compile(r"(?:/|sur) ?(\d{1,3})")

_QUANTITE = re.compile(rf"(€|eur|euros?)? ?(-?) ?({NOMBRE}) ?(.*)")
_COMPTABLE = re.compile(r"\(([^()]+)\)( ?€)?")
_ZERO = re.compile(rf"(?:aucune?|pas de|pas d')(?: ?{NOMS})?|neant|zero|nul|nulle")
_DIZAINES = {
    "demi-douzaine": 6, "huitaine": 8, "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20,
    "trentaine": 30, "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100,
    "millier": 1000,
}  # fmt: skip
_AINE = re.compile(
    rf"(?:(?:une?|la|le|\d+) )?(?:bonne |petite |grosse )?({'|'.join(_DIZAINES)})s?(?: (?:de |d')[a-z' ]+)?"
)
_SUFFIXE_AINE = re.compile(r"(\d+) ?aine(?: (?:de |d')[a-z' ]+)?")
_VAGUE = re.compile(r"(?:quelques|plusieurs|des (?:dizaine|centaine|millier)s)\b.*")
_APPROX_AVANT = re.compile(
    r"(?:env(?:iron)?\.?|~|≈|±|\+/-|a peu pres|approx(?:imativement)?\.?|autour de|pres de|presque|vers"
    r"|ca\.?) ?(?=[\du~ld])"
)
_APPROX_APRES = re.compile(r" ?\(?(?:env(?:iron)?\.?|approx(?:imativement)?\.?|a peu pres|~)\)?$")
_PLUS = re.compile(
    r"(?:(?:plus|\+) (?:de |d')|au moins |au minimum |minimum |mini? |superieur a |au[- ]dela de "
    r"|> ?|≥ ?|>= ?|\+ ?)(.+)"
)
_PLUS_APRES = re.compile(r"(.+?)(?: ?\+| (?:et|ou) plus| mini(?:mum)?| au moins)")
_MOINS = re.compile(
    r"(?:(?:moins|-) (?:de |d')|au plus |au maximum |maximum |maxi? |inferieur a |jusqu'a |< ?|≤ ?|<= ?)(.+)"
)
_MOINS_APRES = re.compile(r"(.+?)(?: (?:et|ou) moins| maxi?(?:mum)?| au plus)")
_INTERVALLE = re.compile(r"(entre |de |d')?(\d.*?) ?(?:(\bet\b)|\ba\b|\bou\b|-) ?(\d.*)")
_PERIODE = re.compile(
    r" ?(?:et )?(?:(?:/|par|a la|chaque|pour chaque) ?(semaines?|sem|mois|jours?|an|annees?|ans|trimestres?"
    r"|trim|semestres?|benevoles?|personnes?|pers|salaries?|adherents?|seances?|actions?)|/ ?(s|m|j)"
    r"|(hebdo(?:madaires?)?|mensuel(?:le)?s?|quotidien(?:ne)?s?|annuel(?:le)?s?))\.?$"
)
_PERIODES_ANNUELLES = re.compile(r"an|ans|annees?|annuel(?:le)?s?")


def _terme(texte: str, decimale: str | None) -> Ecrit | None:
    """A number with its unit, or a word such as « une trentaine »."""
    if m := _COMPTABLE.fullmatch(texte):
        texte = f"-{m.group(1)}{m.group(2) or ''}"
    if m := _QUANTITE.fullmatch(texte):
        lu = lire_nombre(m.group(3), decimale)
        unite = _unite(m.group(4).rstrip(".").strip())
        if lu and unite and not (m.group(1) and unite[0]):
            facteur = unite[1] * (-1 if m.group(2) else 1)
            return replace(
                lu,
                valeur=None if lu.valeur is None else lu.valeur * facteur,
                autre=None if lu.autre is None else lu.autre * facteur,
                unite="€" if m.group(1) else unite[0],
                facteur=unite[1],
            )
    if m := _SUFFIXE_AINE.fullmatch(texte):
        return Ecrit(Decimal(m.group(1)), nature="approx")
    if m := _AINE.fullmatch(texte):
        fois = re.match(r"\d+", texte)
        return Ecrit(Decimal(_DIZAINES[m.group(1)] * int(fois.group() if fois else 1)), nature="approx")
    return None


@lru_cache(maxsize=4096)
def _unite(texte: str) -> tuple[str, Decimal] | None:
    if m := _SUR.fullmatch(texte):
        return f"/{m.group(1)}", Decimal(1)
    return next(((u, f) for motif, u, f in _UNITES if motif.fullmatch(texte)), None)


def separer_periode(texte: str) -> tuple[str, bool] | None:
    """`2h/sem` → (`2h`, True); (`2h`, False) when the period is the year; None without a period."""
    trouve, rythme = False, False
    while m := _PERIODE.search(texte):
        trouve = True
        rythme = rythme or not _PERIODES_ANNUELLES.fullmatch(m.group(1) or m.group(2) or m.group(3))
        texte = texte[: m.start()].strip()
    return (texte, rythme) if trouve else None


@lru_cache(maxsize=65536)
def analyser(texte: str, decimale: str | None = None) -> Ecrit | None:
    """Read a simplified text as a number; None when it is not one."""
    if len(texte) > LONGUEUR_MAX:
        return None
    if _ZERO.fullmatch(texte):
        return Ecrit(Decimal(0))
    if terme := _terme(texte, decimale):
        return terme
    if periode := separer_periode(texte):
        base = analyser(periode[0], decimale)
        return replace(base, nature="frequence") if base and periode[1] else base
    if m := _APPROX_AVANT.match(texte) or _APPROX_APRES.search(texte):
        base = analyser((texte[: m.start()] + texte[m.end() :]).strip(), decimale)
        return replace(base, nature=base.nature if base.nature in _IMPRECIS else "approx") if base else None
    if _VAGUE.fullmatch(texte):
        return Ecrit(nature="borne")
    return _borne(texte, decimale) or _intervalle(texte, decimale)


_IMPRECIS = ("intervalle", "borne", "frequence")


def _borne(texte: str, decimale: str | None) -> Ecrit | None:
    for motif, basse in ((_PLUS, True), (_MOINS, False), (_PLUS_APRES, True), (_MOINS_APRES, False)):
        m = motif.fullmatch(texte)
        if m and (terme := _terme(m.group(1), decimale)):
            bas, haut = (terme.valeur, None) if basse else (Decimal(0), terme.valeur)
            return Ecrit(bas=bas, haut=haut, nature="borne", unite=terme.unite, facteur=terme.facteur)
    return None


def _intervalle(texte: str, decimale: str | None) -> Ecrit | None:
    m = _INTERVALLE.fullmatch(texte)
    if m is None or (m.group(1) == "entre ") != (m.group(3) is not None):
        return None
    haut = _terme(m.group(4), decimale)
    bas = _terme(m.group(2), decimale)
    if bas is None or haut is None or bas.autre is not None or haut.autre is not None:
        return None
    if not bas.unite and haut.unite:
        bas = replace(bas, valeur=None if bas.valeur is None else bas.valeur * haut.facteur)
    elif bas.unite != haut.unite:
        return None
    if bas.valeur is None or haut.valeur is None or bas.valeur > haut.valeur:
        return None
    milieu = (bas.valeur + haut.valeur) / 2
    return replace(haut, valeur=milieu, bas=bas.valeur, haut=haut.valeur, nature="intervalle")
