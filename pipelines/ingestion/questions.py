"""What only the person can settle, asked once for a whole column or sheet: decimal separator, unit of the amounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.types import type_de
from pipelines.ingestion.cellules import vide
from pipelines.ingestion.grille import Appariement, Table, position
from pipelines.ingestion.lot import Lot, affiche
from pipelines.ingestion.unites import en_milliers

SEPARATEUR, UNITE = "separateur", "unite"
CELLULES_CITEES = 3
_GENRES = {"NB-03": SEPARATEUR, "EN-08": UNITE, "EN-09": UNITE}


@dataclass(frozen=True, slots=True)
class Question:
    """`genre` « separateur » (answered by `Decisions.conventions[champ]`) or « unite » (`unites[feuille]`).

    `colonne` is the letter of the column in the file (its row number in a turned sheet), `titre` what is written
    there, `exemple` a cell that raises the question, `nb` how many do, `cellules` the first ones.
    """

    genre: str
    champ: str | None
    feuille: str
    colonne: str
    titre: str
    exemple: str
    nb: int
    cellules: tuple[str, ...]


def poser(lot: Lot, tables: Iterable[Table], appariements: Iterable[Appariement]) -> list[Question]:
    """One question for each field whose numbers have two readings, one for each sheet in thousands of euros."""
    groupes: dict[tuple[str, str], list[Anomalie]] = {}
    for anomalie in lot.anomalies:
        genre = _GENRES.get(anomalie.code)
        if genre and anomalie.feuille and anomalie.cellule:
            sujet = anomalie.champ if genre == SEPARATEUR else anomalie.feuille
            groupes.setdefault((genre, sujet or ""), []).append(anomalie)
    exemples = {t.feuille.nom: _montant(lot, t, a) for t, a in zip(tables, appariements, strict=True)}
    return [_question(lot, genre, groupe, exemples) for (genre, _), groupe in groupes.items()]


def _question(lot: Lot, genre: str, groupe: list[Anomalie], exemples: dict[str, str]) -> Question:
    premiere = groupe[0]
    feuille = premiere.feuille or ""
    retenues = sum("EN-08" in codes for i, codes in lot.attente.items() if lot.origines[i].feuille == feuille)
    return Question(
        genre,
        premiere.champ,
        feuille,
        _axe(lot, premiere),
        premiere.colonne or premiere.valeur or "",
        (premiere.valeur or "") if genre == SEPARATEUR else exemples.get(feuille, ""),
        len(groupe) if genre == SEPARATEUR else max(retenues, len(groupe)),
        tuple(a.cellule or "" for a in groupe[:CELLULES_CITEES]),
    )


def _axe(lot: Lot, anomalie: Anomalie) -> str:
    """Letter of the column of a cell, its row number in a turned sheet."""
    ligne, colonne = position(anomalie.cellule or "A1") or (0, 0)
    feuille = lot.feuilles.get(anomalie.feuille or "")
    return lot.axe(anomalie.feuille or "", ligne if feuille and feuille.transposee else colonne)


def _montant(lot: Lot, table: Table, appariement: Appariement) -> str:
    """First amount of a table as written, of any column that may be one."""
    montants = [
        c for nom, (c, _, _) in appariement.champs.items() if type_de(lot.enquete.champ(nom)).nom == "montant"
    ]
    # The column that raises the question first: it is left unread, or given by the person.
    colonnes = [c for c in appariement.inconnues if en_milliers(c.entete)]
    colonnes += sorted(montants, key=lambda c: not en_milliers(c.entete))
    valeurs = (table.feuille.lignes[i][c.index] for c in colonnes for i in table.donnees)
    return next((affiche(v) for v in valeurs if not vide(v)), "")
