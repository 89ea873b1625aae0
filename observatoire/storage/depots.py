"""The ledger of deposits: load one in one transaction, cancel it, bring it back, list them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from observatoire.storage.connexion import transaction
from observatoire.storage.erreurs import DepotInchange, DepotInconnu
from observatoire.storage.insertion import en_table

LONGUEUR_ID = 12
ANNULE = "annule"
_COLONNES = (
    "depot_id, sha256, nom_fichier, taille, questionnaire, source, millesime, statut, depose_le, "
    "lignes_lues, lignes_chargees, lignes_en_attente, lignes_ignorees, fictif, archive, ordre"
)


@dataclass(frozen=True, slots=True)
class Depot:
    """One row of the ledger. `statut`: charge, a_revoir (loaded, too many lines pending), annule.

    `depose_le` is in UTC, without zone. The three last counts add up to `lignes_lues`.
    """

    depot_id: str
    sha256: str
    nom_fichier: str
    taille: int
    questionnaire: str
    source: str
    millesime: int | None
    statut: str
    depose_le: dt.datetime
    lignes_lues: int
    lignes_chargees: int
    lignes_en_attente: int
    lignes_ignorees: int
    fictif: bool
    archive: str | None
    ordre: int

    @property
    def actif(self) -> bool:
        """True when its rows count."""
        return self.statut != ANNULE


@dataclass(frozen=True, slots=True)
class LignesParAnnee:
    """How many rows of a questionnaire and a year a cancellation would remove, a redo bring back."""

    questionnaire: str
    millesime: int | None
    lignes: int


def identifiant(sha256: str) -> str:
    """Identifier of the first deposit of these bytes: the first 12 hexadecimal digits."""
    return sha256[:LONGUEUR_ID]


def maintenant() -> dt.datetime:
    """Now, UTC, without zone, as the warehouse keeps it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def depots(con: duckdb.DuckDBPyConnection) -> list[Depot]:
    """Every deposit, in loading order."""
    with con.cursor() as cur:
        return _lire(cur, "order by ordre", [])


def depot(con: duckdb.DuckDBPyConnection, depot_id: str) -> Depot:
    """The deposit called `depot_id`; DepotInconnu when there is none."""
    with con.cursor() as cur:
        trouves = _lire(cur, "where depot_id = ?", [depot_id])
    if not trouves:
        raise DepotInconnu(
            f"Aucun dépôt ne porte l’identifiant « {depot_id} ». "
            f"Relisez-le dans le compte rendu du chargement ou sur la page « Qualité des données »."
        )
    return trouves[0]


def depot_actif(con: duckdb.DuckDBPyConnection, sha256: str) -> Depot | None:
    """The active deposit of these bytes, if any."""
    with con.cursor() as cur:
        return actif_dans(cur, sha256)


def actif_dans(cur: duckdb.DuckDBPyConnection, sha256: str) -> Depot | None:
    """The same, as the transaction of `cur` sees it."""
    trouves = _lire(cur, "where sha256 = ? and statut <> ? order by ordre desc", [sha256, ANNULE])
    return trouves[0] if trouves else None


def _lire(cur: duckdb.DuckDBPyConnection, suite: str, valeurs: Sequence[Any]) -> list[Depot]:
    requete = f"select {_COLONNES} from depot.depots {suite}"
    return [Depot(*ligne) for ligne in cur.execute(requete, list(valeurs)).fetchall()]


def annuler(con: duckdb.DuckDBPyConnection, depot_id: str, qui: str = "") -> Depot:
    """Take a deposit out of the `courant` views; its rows stay. DepotInchange when it is already out."""
    avant = depot(con, depot_id)
    if not avant.actif:
        raise DepotInchange(f"Le dépôt « {depot_id} » est déjà annulé. Rien n’a changé.")
    _changer(con, avant, ANNULE, "annuler", qui)
    return depot(con, depot_id)


def retablir(con: duckdb.DuckDBPyConnection, depot_id: str, qui: str = "") -> Depot:
    """Give a cancelled deposit the status it had. DepotInchange when the same file was loaded again since."""
    avant = depot(con, depot_id)
    if avant.actif:
        raise DepotInchange(f"Le dépôt « {depot_id} » n’est pas annulé. Rien n’a changé.")
    autre = depot_actif(con, avant.sha256)
    if autre is not None:
        raise DepotInchange(
            f"Le même fichier a été chargé de nouveau depuis (dépôt « {autre.depot_id} »). "
            f"Annulez d’abord celui-là, puis rétablissez « {depot_id} »."
        )
    requete = """
        select avant from depot.journal
        where quoi = 'annuler' and objet = ? order by ordre desc limit 1"""
    with con.cursor() as cur:
        statut = cur.execute(requete, [depot_id]).fetchall()[0][0]
    _changer(con, avant, statut, "retablir", qui)
    return depot(con, depot_id)


def apercu_annulation(con: duckdb.DuckDBPyConnection, depot_id: str) -> list[LignesParAnnee]:
    """Rows that the deposit holds, by questionnaire and year: what a cancellation takes out."""
    vise = depot(con, depot_id)
    requete = f"""
        select millesime, count(*) from {en_table("enquete", vise.questionnaire)}
        where depot_id = ? group by millesime order by millesime nulls last"""
    with con.cursor() as cur:
        lignes = cur.execute(requete, [depot_id]).fetchall()
    return [LignesParAnnee(vise.questionnaire, millesime, nombre) for millesime, nombre in lignes]


def _changer(con: duckdb.DuckDBPyConnection, avant: Depot, statut: str, quoi: str, qui: str) -> None:
    with transaction(con) as cur:
        cur.execute("update depot.depots set statut = ? where depot_id = ?", [statut, avant.depot_id])
        journaliser(cur, quoi, avant.depot_id, qui=qui, avant=avant.statut, apres=statut)


def journaliser(
    cur: duckdb.DuckDBPyConnection,
    quoi: str,
    objet: str,
    *,
    qui: str = "",
    avant: str | None = None,
    apres: str | None = None,
) -> None:
    """Add one line to the journal, in the transaction of `cur`."""
    cur.execute(
        "insert into depot.journal select coalesce(max(ordre), 0) + 1, ?, ?, ?, ?, ?, ? from depot.journal",
        [maintenant(), qui, quoi, objet, avant, apres],
    )
