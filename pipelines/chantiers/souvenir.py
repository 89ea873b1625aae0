"""The matching that somebody chose for the same column titles: found again, kept for the next file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

import duckdb

from observatoire.config.settings import Settings
from observatoire.storage import memoire
from observatoire.storage.entrepot import EntrepotLecture
from observatoire.storage.erreurs import EntrepotAbsent
from pipelines.analyse import Analyse
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.grille import Classeur
from pipelines.ingestion.table import LIGNES_SONDEES
from pipelines.ingestion.titres import formes

TITRES_MIN = 2
FEUILLES_MAX = 20


def se_souvenir(
    settings: Settings, analyse: Analyse | None, lu: Classeur | None, decisions: Decisions
) -> tuple[str, Decisions] | None:
    """(name of the deposit, its matching laid under the present choices); None when these titles are new.

    A file that no questionnaire was found for is searched row by row for titles already matched.
    """
    empreintes = [empreinte_titres(analyse)] if analyse else _empreintes_possibles(lu)
    try:
        with EntrepotLecture(settings) as con:
            trouves = (memoire.retrouver(con, e, decisions.questionnaire) for e in empreintes)
            souvenir = next((s for s in trouves if s is not None), None)
    except EntrepotAbsent:
        return None
    if souvenir is None:
        return None
    ancien = Decisions.from_dict(json.loads(souvenir.decisions))
    return souvenir.nom, replace(
        decisions,
        questionnaire=decisions.questionnaire or ancien.questionnaire or souvenir.questionnaire,
        colonnes={**ancien.colonnes, **decisions.colonnes},
        conventions={**ancien.conventions, **decisions.conventions},
    )


def _empreintes_possibles(lu: Classeur | None) -> list[str]:
    """One per row that may hold the titles."""
    empreintes: dict[str, None] = {}
    for feuille in (lu.feuilles if lu else [])[:FEUILLES_MAX]:
        for ligne in feuille.lignes[:LIGNES_SONDEES]:
            titres = [v for v in ligne if isinstance(v, str) and v]
            if len(titres) >= TITRES_MIN:
                empreintes[empreinte_des(titres)] = None
    return list(empreintes)


def retenir(
    con: duckdb.DuckDBPyConnection, analyse: Analyse, decisions: Decisions, nom: str, qui: str
) -> None:
    """Keep what was chosen by hand for these titles, under the name of the file."""
    choisies = any(methode == "donne" for *_, methode in analyse.correspondance)
    if choisies or decisions.sans_usage:
        gardees = replace(decisions, corrections=(), ecartees={}, retirer_personnelles=False)
        texte = json.dumps(gardees.to_dict(), ensure_ascii=False)
        memoire.retenir(con, empreinte_titres(analyse), analyse.lot.enquete.name, nom, texte, qui)


def empreinte_titres(analyse: Analyse) -> str:
    """Fingerprint of the column titles read: the same survey of next year has the same."""
    return empreinte_des(c.entete for t in analyse.tables for c in t.colonnes)


def empreinte_des(titres: Iterable[str]) -> str:
    """The same of titles as written, in any order."""
    cles = sorted({cle for t in titres if (cle := formes(t)[3])})
    return hashlib.sha256("\n".join(cles).encode()).hexdigest()[:32]
