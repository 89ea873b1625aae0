"""The ledger of deposits: load one in one transaction, cancel it, bring it back, list them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from observatoire.storage.connexion import transaction
from observatoire.storage.erreurs import DepotInchange, DepotInconnu, ValidationRefusee
from observatoire.storage.insertion import en_table
from observatoire.storage.journal import ANNULER, REMPLACER, derniere_sortie, journaliser
from observatoire.storage.lignee import ancetres, en_vigueur_de_la_lignee

LONGUEUR_ID = 12
ANNULE = "annule"
_COLONNES = (
    "depot_id, sha256, nom_fichier, taille, questionnaire, source, millesime, statut, depose_le, "
    "lignes_lues, lignes_chargees, lignes_en_attente, lignes_ignorees, fictif, archive, ordre, "
    "depose_par, remplace, coalesce(a_valider, false), decisions"
)


@dataclass(frozen=True, slots=True)
class Depot:
    """One row of the ledger. `statut`: charge, a_revoir (loaded, too many lines pending), annule.

    `depose_le` is in UTC, without zone. The three last counts add up to `lignes_lues`. `remplace` is the
    deposit whose place this one takes; `a_valider` stays true until somebody else has validated it,
    `decisions` is what the depositor chose (JSON).
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
    depose_par: str | None = None
    remplace: str | None = None
    a_valider: bool = False
    decisions: str | None = None

    @property
    def annule(self) -> bool:
        """True when it was cancelled or replaced."""
        return self.statut == ANNULE

    @property
    def actif(self) -> bool:
        """True when its rows count."""
        return not self.annule and not self.a_valider


@dataclass(frozen=True, slots=True)
class LignesParAnnee:
    """How many rows of a questionnaire and a year a cancellation would remove, a redo bring back."""

    questionnaire: str
    millesime: int | None
    lignes: int


def identifiant(sha256: str) -> str:
    """Identifier of the first deposit of these bytes: the first 12 hexadecimal digits."""
    return sha256[:LONGUEUR_ID]


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
    """The deposit of these bytes that was not cancelled, if any; it may still wait to be validated."""
    with con.cursor() as cur:
        return actif_dans(cur, sha256)


def actif_dans(
    cur: duckdb.DuckDBPyConnection, sha256: str, sauf: Collection[str | None] = ()
) -> Depot | None:
    """The same, as the transaction of `cur` sees it, leaving out the deposits `sauf`."""
    trouves = _lire(cur, "where sha256 = ? and statut <> ? order by ordre desc", [sha256, ANNULE])
    return next((d for d in trouves if d.depot_id not in sauf), None)


def depot_de_meme_contenu(con: duckdb.DuckDBPyConnection, empreinte: str) -> Depot | None:
    """The deposit whose cells have this fingerprint and that was not cancelled, if any."""
    with con.cursor() as cur:
        return meme_contenu_dans(cur, empreinte)


def meme_contenu_dans(cur: duckdb.DuckDBPyConnection, empreinte: str) -> Depot | None:
    """The same, as the transaction of `cur` sees it."""
    suite = "where empreinte_contenu = ? and statut <> ? order by ordre desc"
    trouves = _lire(cur, suite, [empreinte, ANNULE])
    return trouves[0] if trouves else None


def _lire(cur: duckdb.DuckDBPyConnection, suite: str, valeurs: Sequence[Any]) -> list[Depot]:
    requete = f"select {_COLONNES} from depot.depots {suite}"
    return [Depot(*ligne) for ligne in cur.execute(requete, list(valeurs)).fetchall()]


def annuler(con: duckdb.DuckDBPyConnection, depot_id: str, qui: str = "") -> Depot:
    """Take a deposit out of the `courant` views; its rows stay, and the deposit it had put out comes back.

    DepotInchange when it is already out, or when the file of the one to bring back was loaded again since.
    """
    avant = depot(con, depot_id)
    if avant.annule:
        raise DepotInchange(f"Le dépôt « {depot_id} » est déjà annulé. Rien n’a changé.")
    with transaction(con) as cur:
        _changer(cur, avant, ANNULE, ANNULER, qui)
        _rendre_la_place(cur, depot_id, qui)
    return depot(con, depot_id)


def retablir(con: duckdb.DuckDBPyConnection, depot_id: str, qui: str = "") -> Depot:
    """Give a cancelled deposit the status it had; the one it replaces goes out again.

    DepotInchange when it is not cancelled, when the same file was loaded again or another replaced it since.
    """
    avant = depot(con, depot_id)
    if not avant.annule:
        raise DepotInchange(f"Le dépôt « {depot_id} » n’est pas annulé. Rien n’a changé.")
    with transaction(con) as cur:
        _exiger_seul(cur, avant, ancetres(cur, depot_id))
        _remettre(cur, avant, qui)
        if not avant.a_valider:
            prendre_la_place(cur, depot_id, qui)
    return depot(con, depot_id)


def valider(con: duckdb.DuckDBPyConnection, depot_id: str, qui: str) -> Depot:
    """Let a deposit count, read again by somebody else than its depositor; what it replaces goes out.

    ValidationRefusee when `qui` is nobody or the depositor, or when nothing is to be validated.
    """
    avant = _exiger_a_valider(con, depot_id)
    if not qui.strip() or qui.strip().casefold() == (avant.depose_par or "").strip().casefold():
        raise ValidationRefusee(
            f"Le dépôt « {depot_id} » doit être relu par une autre personne que celle qui l’a déposé. "
            f"Rien n’a changé."
        )
    return compter(con, depot_id, qui)


def compter(con: duckdb.DuckDBPyConnection, depot_id: str, qui: str = "") -> Depot:
    """Let a deposit that waits count, whoever asks (see `valider`); what it replaces goes out."""
    avant = _exiger_a_valider(con, depot_id)
    with transaction(con) as cur:
        cur.execute("update depot.depots set a_valider = false where depot_id = ?", [depot_id])
        journaliser(cur, "valider", depot_id, qui=qui, avant="a_valider", apres=avant.statut)
        prendre_la_place(cur, depot_id, qui)
    return depot(con, depot_id)


def _exiger_a_valider(con: duckdb.DuckDBPyConnection, depot_id: str) -> Depot:
    vise = depot(con, depot_id)
    if vise.annule or not vise.a_valider:
        raise ValidationRefusee(f"Le dépôt « {depot_id} » n’est pas à valider. Rien n’a changé.")
    return vise


def prendre_la_place(cur: duckdb.DuckDBPyConnection, depot_id: str, qui: str) -> None:
    """Put out the deposit in force that `depot_id` replaces, directly or not, in the transaction of `cur`.

    DepotInchange when another one took that place already.
    """
    remplaces = ancetres(cur, depot_id)
    for autre in en_vigueur_de_la_lignee(cur, depot_id):
        if autre not in remplaces:
            raise DepotInchange(
                f"Le dépôt « {autre} » a déjà pris cette place. Annulez d’abord « {autre} », puis recommencez."
            )
        (sortant,) = _lire(cur, "where depot_id = ?", [autre])
        cur.execute("update depot.depots set statut = ? where depot_id = ?", [ANNULE, autre])
        journaliser(cur, REMPLACER, autre, qui=qui, avant=sortant.statut, apres=depot_id)


def _rendre_la_place(cur: duckdb.DuckDBPyConnection, depot_id: str, qui: str) -> None:
    """Bring back what `depot_id` had put out, unless something else put it out since."""
    for autre in ancetres(cur, depot_id):
        (sorti,) = _lire(cur, "where depot_id = ?", [autre])
        sortie = derniere_sortie(cur, autre)
        if sorti.annule and sortie and (sortie.quoi, sortie.apres) == (REMPLACER, depot_id):
            _exiger_seul(cur, sorti)
            _remettre(cur, sorti, qui)


def _exiger_seul(cur: duckdb.DuckDBPyConnection, vise: Depot, sauf: Collection[str] = ()) -> None:
    """DepotInchange when the bytes of `vise` are those of another deposit that was not cancelled."""
    autre = actif_dans(cur, vise.sha256, sauf)
    if autre is not None:
        raise DepotInchange(
            f"Le même fichier a été chargé de nouveau depuis (dépôt « {autre.depot_id} »). "
            f"Annulez d’abord celui-là, puis rétablissez « {vise.depot_id} »."
        )


def _remettre(cur: duckdb.DuckDBPyConnection, vise: Depot, qui: str) -> None:
    """Give back the status that a deposit had before it went out."""
    sortie = derniere_sortie(cur, vise.depot_id)
    _changer(cur, vise, (sortie.avant if sortie else None) or "charge", "retablir", qui)


def apercu_annulation(con: duckdb.DuckDBPyConnection, depot_id: str) -> list[LignesParAnnee]:
    """Rows that the deposit holds, by questionnaire and year: what a cancellation takes out."""
    vise = depot(con, depot_id)
    requete = f"""
        select millesime, count(*) from {en_table("enquete", vise.questionnaire)}
        where depot_id = ? group by millesime order by millesime nulls last"""
    with con.cursor() as cur:
        lignes = cur.execute(requete, [depot_id]).fetchall()
    return [LignesParAnnee(vise.questionnaire, millesime, nombre) for millesime, nombre in lignes]


def _changer(cur: duckdb.DuckDBPyConnection, avant: Depot, statut: str, quoi: str, qui: str) -> None:
    cur.execute("update depot.depots set statut = ? where depot_id = ?", [statut, avant.depot_id])
    journaliser(cur, quoi, avant.depot_id, qui=qui, avant=avant.statut, apres=statut)
