"""What a deposit left to be settled: the rows that are not loaded, and what was said of each cell."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True, slots=True)
class AnomalieLue:
    """An anomaly as the warehouse keeps it, in the order of the report."""

    depot_id: str
    numero: int
    code: str
    niveau: str
    feuille: str | None
    ligne: int | None
    cellule: str | None
    colonne: str | None
    champ: str | None
    repere: str | None
    valeur: str | None
    message: str


@dataclass(frozen=True, slots=True)
class EnAttente:
    """A row that is not loaded: its deposit, its place, why, what it holds, what was said of it.

    `valeurs` goes from the column to the text as written; `lignes_source` are the rows it sums, if several.
    """

    depot_id: str
    nom_fichier: str
    questionnaire: str
    feuille: str
    ligne: int
    lignes_source: tuple[int, ...]
    repere: str | None
    motifs: tuple[str, ...]
    valeurs: Mapping[str, str | None]
    messages: tuple[str, ...]


_CHAMPS = "depot_id, numero, code, niveau, feuille, ligne, cellule, colonne, champ, repere, valeur, message"


def anomalies_de(con: duckdb.DuckDBPyConnection, depot_id: str) -> list[AnomalieLue]:
    """All that was said to the depositor of one file."""
    with con.cursor() as cur:
        requete = f"select {_CHAMPS} from depot.anomalies where depot_id = ? order by numero"
        return [AnomalieLue(*ligne) for ligne in cur.execute(requete, [depot_id]).fetchall()]


def lignes_en_attente(con: duckdb.DuckDBPyConnection, depot_id: str | None = None) -> list[EnAttente]:
    """Pending rows of the deposits in force (of one of them), the latest deposit first, then by place.

    `messages` are those of the anomalies of the row that keep it pending; all of the row's when none does.
    """
    requete = """
        select a.depot_id, d.nom_fichier, d.questionnaire, a.feuille, a.ligne, a.lignes_source, a.repere,
            a.motifs, a.valeurs
        from depot.attente as a
        inner join depot.en_vigueur as d on a.depot_id = d.depot_id
        where $depot_id is null or a.depot_id = $depot_id
        order by d.ordre desc, a.feuille, a.ligne"""
    with con.cursor() as cur:
        lignes = cur.execute(requete, {"depot_id": depot_id}).fetchall()
        dites = _messages(cur, depot_id)
    return [
        EnAttente(
            d,
            nom,
            questionnaire,
            feuille,
            ligne,
            tuple(source or ()),
            repere,
            tuple(motifs),
            json.loads(valeurs),
            _retenus(dites[d, feuille, ligne], motifs),
        )
        for d, nom, questionnaire, feuille, ligne, source, repere, motifs, valeurs in lignes
    ]


def _messages(
    cur: duckdb.DuckDBPyConnection, depot_id: str | None
) -> dict[tuple[str, str, int], list[tuple[str, str]]]:
    requete = """
        with tournees as (
            select distinct depot_id, feuille from depot.correspondances where colonne similar to '[0-9]+'
        ),
        dites as (
            select n.depot_id, n.feuille, n.numero, n.code, n.message,
                -- a row of a turned sheet is a column of the file: A is 1, AA is 27
                case when t.depot_id is null then n.ligne else list_reduce(
                    list_transform(string_split(regexp_extract(n.cellule, '^[A-Z]+'), ''), lambda x: ascii(x) - 64),
                    lambda x, y: 26 * x + y
                ) end as rang
            from depot.anomalies as n
            left join tournees as t on n.depot_id = t.depot_id and n.feuille = t.feuille
            where $depot_id is null or n.depot_id = $depot_id
        )
        select n.depot_id, n.feuille, n.rang, n.code, n.message
        from dites as n
        semi join depot.attente as a on n.depot_id = a.depot_id and n.feuille = a.feuille and n.rang = a.ligne
        order by n.depot_id, n.numero"""
    dites: dict[tuple[str, str, int], list[tuple[str, str]]] = defaultdict(list)
    for depot, feuille, ligne, code, message in cur.execute(requete, {"depot_id": depot_id}).fetchall():
        dites[depot, feuille, ligne].append((code, message))
    return dites


def _retenus(dites: list[tuple[str, str]], motifs: list[str]) -> tuple[str, ...]:
    retenus = [message for code, message in dites if code in motifs]
    return tuple(dict.fromkeys(retenus or [message for _, message in dites]))
