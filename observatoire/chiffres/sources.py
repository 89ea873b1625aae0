"""Which questionnaires, and which of their fields, an indicator may read: told from its query and the base tables.

Base tables in long form (one row per field) are followed only along the fields that the card names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from observatoire.domain.enquete import Enquete
from observatoire.indicators.valeurs import bases, macro
from observatoire.indicators.vues import CONTEXTE

COURANT, REGISTRE = "courant.", "ref.registre"
# Where an association is placed, from all that it ever filed.
PLACE = "base_situation"
_TABLE = re.compile(r"(?<![$\w])(courant\.\w+|base_\w+|ref\.registre)")
_LITTERAL = re.compile(r"'(\w+)'")
_LIGNE_LONGUE = re.compile(r"^.*'(\w+)'.*\bfrom (\w+)$", re.MULTILINE)
_CTE = re.compile(r"(\w+) as \(\n([\s\S]*?)\n\)")


def tables_sources(sql: str, liees: Iterable[object] = ()) -> set[str]:
    """`courant.<questionnaire>` and `ref.registre` that give the query its values; `liees` are its bound values.

    The tables that only place or date an answer are left out when another gives the value.
    """
    litteraux = {str(v) for v in liees} | set(_LITTERAL.findall(sql))
    # A figure that counts who answered reads those tables only.
    return _suivre(sql, litteraux, CONTEXTE) or _suivre(sql, litteraux, {PLACE})


def questionnaires_sources(sql: str, liees: Iterable[object] = ()) -> tuple[str, ...]:
    """Questionnaires among `tables_sources`, sorted."""
    tables = tables_sources(sql, liees)
    return tuple(sorted(t.removeprefix(COURANT) for t in tables if t.startswith(COURANT)))


def bases_lues(sql: str) -> list[str]:
    """Base tables that a query needs, directly or not, in the order they are made."""
    lues, restent = set[str](), [sql]
    while restent:
        neuves = {t for t in _TABLE.findall(restent.pop()) if t in bases()} - lues
        lues |= neuves
        restent += [bases()[t] for t in neuves]
    return [nom for nom in bases() if nom in lues]


def champs_cites(sql: str, enquete: Enquete) -> list[str]:
    """Fields of a questionnaire whose name is written in the query or in a base table it needs."""
    textes = " ".join([sql, *(bases()[nom] for nom in bases_lues(sql))])
    mots = set(re.findall(r"\w+", textes))
    return [c.name for c in enquete.champs_actifs() if c.name in mots]


def champs_de_contexte(enquete: Enquete) -> list[str]:
    """Fields of a questionnaire that the base tables read to place or date an association."""
    mots = set(re.findall(r"\w+", " ".join([macro("quartiers"), *(bases()[nom] for nom in CONTEXTE)])))
    return [c.name for c in enquete.champs_actifs() if c.name in mots]


def _suivre(texte: str, litteraux: set[str], vues: set[str]) -> set[str]:
    directes, longues = set(_TABLE.findall(texte)), _LIGNE_LONGUE.findall(texte)
    if longues:
        ctes = dict(_CTE.findall(texte))
        retenues = {origine for litteral, origine in longues if litteral in litteraux}
        corps = " ".join(ctes.get(origine, origine) for origine in retenues)
        # A base table read whole by this one brings its own long lines.
        directes = set(_TABLE.findall(corps)) | {
            t for t in directes if _LIGNE_LONGUE.search(bases().get(t, ""))
        }
    trouvees: set[str] = set()
    for table in directes - vues:
        trouvees |= _suivre(bases()[table], litteraux, vues | {table}) if table in bases() else {table}
    return trouvees
