"""What depositors decided about a layout of columns, found again when a file bears the same titles."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb

from observatoire.storage.connexion import transaction
from observatoire.storage.journal import journaliser, maintenant


@dataclass(frozen=True, slots=True)
class Memoire:
    """Choices kept for the fingerprint of some titles and a questionnaire. `decisions` is JSON."""

    empreinte: str
    questionnaire: str
    nom: str
    decisions: str
    qui: str
    quand: dt.datetime


def retenir(
    con: duckdb.DuckDBPyConnection,
    empreinte: str,
    questionnaire: str,
    nom: str,
    decisions: str,
    qui: str = "",
) -> None:
    """Keep the choices; those of the same titles and questionnaire are replaced."""
    avant = retrouver(con, empreinte, questionnaire)
    quand = maintenant()
    with transaction(con) as cur:
        cur.execute(
            "insert or replace into depot.memoire (empreinte, questionnaire, nom, decisions, qui, quand) "
            "values (?, ?, ?, ?, ?, ?)",
            [empreinte, questionnaire, nom, decisions, qui, quand],
        )
        objet = f"{questionnaire} {empreinte}"
        detail = {"nom": nom, "quand": quand.isoformat()}
        ancien = avant.decisions if avant else None
        journaliser(cur, "retenir", objet, qui=qui, avant=ancien, apres=decisions, detail=detail)


def retrouver(
    con: duckdb.DuckDBPyConnection, empreinte: str, questionnaire: str | None = None
) -> Memoire | None:
    """The choices kept for these titles; the latest ones of any questionnaire when it is None."""
    requete = """
        select empreinte, questionnaire, nom, decisions, qui, quand from depot.memoire
        where empreinte = $empreinte and ($questionnaire is null or questionnaire = $questionnaire)
        order by quand desc, questionnaire limit 1"""
    with con.cursor() as cur:
        valeurs = {"empreinte": empreinte, "questionnaire": questionnaire}
        lignes = cur.execute(requete, valeurs).fetchall()
    return Memoire(*lignes[0]) if lignes else None
