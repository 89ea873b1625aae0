"""Extracts of « Parole du terrain » in force, and what moderators decided of each.

A decision is kept under the association, the year and the fingerprint of the text: the same answer loaded again finds
it, a changed text has none. Consent is read in the answer in force each time, never in the decision.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from observatoire.domain.paroles import couper, empreinte, en_ligne
from observatoire.storage.connexion import transaction
from observatoire.storage.erreurs import ParoleRefusee
from observatoire.storage.journal import EFFACE, OUBLIER, journaliser, maintenant

ACCEPTEE, COUPEE, REFUSEE, A_RELIRE = "acceptee", "coupee", "refusee", "a_relire"
RETENUES = (ACCEPTEE, COUPEE)
# What the journal says (`quoi`) of each decision, and of taking it back.
ACTES = {ACCEPTEE: "accepter_parole", COUPEE: "couper_parole", REFUSEE: "refuser_parole"}
REVENIR = "revenir_parole"
# What making a decision again needs, in the private detail of its line: the extract, by its short name.
EXTRAIT = "extrait"
LONGUEUR_ID = 12
RAISON_MAX = 200


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of one text: `texte` is the cut one, `raison` that of a refusal."""

    decision: str
    texte: str | None
    raison: str | None
    qui: str
    quand: dt.datetime


@dataclass(frozen=True, slots=True)
class Extrait:
    """One extract in force: who wrote it, where it was deposited and by whom, what was decided (None: nothing yet)."""

    depot_id: str
    nom_fichier: str
    depose_par: str | None
    feuille: str
    ligne: int
    cle: str
    millesime: int
    nom: str
    commune: str | None
    secteur: str | None
    texte: str
    accord: bool
    decision: Decision | None

    @property
    def identifiant(self) -> str:
        """Short name of this very text of this association and year."""
        return _nommer(self.cle, self.millesime, empreinte(self.texte))

    @property
    def lieu(self) -> str:
        """Sheet and row, as a person names them."""
        return f"{self.feuille}, ligne {self.ligne}"

    def depose_de(self, qui: str) -> bool:
        """True when `qui` deposited it."""
        return qui.strip().casefold() == (self.depose_par or "").strip().casefold()


def decisions(con: duckdb.DuckDBPyConnection, base: str = "") -> dict[tuple[str, int, str], Decision]:
    """Every decision by association, year and fingerprint; `base` is the database of the warehouse."""
    table = f"{base}.depot.paroles" if base else "depot.paroles"
    requete = (
        f"select cle_association, millesime, empreinte, decision, texte, raison, qui, quand from {table}"
    )
    with con.cursor() as cur:
        lignes = cur.execute(requete).fetchall()
    return {(cle, an, trace): Decision(*reste) for cle, an, trace, *reste in lignes}


def extraits(con: duckdb.DuckDBPyConnection) -> list[Extrait]:
    """Extracts of the deposits in force, with or without consent, in the order of the deposits.

    An association that refuses any publication consents to nothing. Empty in a warehouse that no questionnaire with extracts has reached yet.
    """
    requete = """
        select e.depot_id, d.nom_fichier, d.depose_par, e.feuille, e.ligne, e.cle_association, e.millesime,
            e.nom_association, e.commune, e.secteur, e.parole,
            coalesce(e.publier_parole, false) and e.consentement is distinct from 'non'
        from courant.associations as e
        inner join depot.depots as d on e.depot_id = d.depot_id
        where e.parole is not null and e.cle_association is not null and e.millesime is not null
        order by d.ordre, e.feuille, e.ligne"""
    colonne = """
        select 1 from duckdb_columns()
        where schema_name = 'courant' and table_name = 'associations' and column_name = 'parole'"""
    with con.cursor() as cur:
        lignes = cur.execute(requete).fetchall() if cur.execute(colonne).fetchall() else []
    prises = decisions(con)
    return [
        Extrait(d, fichier, par, f, n, cle, an, nom, lieu, secteur, en_ligne(texte), accord,
                prises.get((cle, an, empreinte(texte))))
        for d, fichier, par, f, n, cle, an, nom, lieu, secteur, texte, accord in lignes
    ]  # fmt: skip


def decider(
    con: duckdb.DuckDBPyConnection,
    identifiant: str,
    qui: str,
    *,
    coupe: str | None = None,
    refus: str | None = None,
    quand: dt.datetime | None = None,
) -> str:
    """Accept an extract, whole or cut to `coupe`, or refuse it with a reason; gives the decision.

    `quand`: when it was decided, for a decision made again (now by default).

    ParoleRefusee when it is not to be read again, when `qui` is nobody or deposited it, when `coupe` is no cut.
    """
    extrait = _trouver(con, identifiant)
    if not extrait.accord:
        raise ParoleRefusee("L’association n’a pas donné son accord pour cet extrait. Rien n’a changé.")
    if extrait.decision is not None:
        raise ParoleRefusee("Cet extrait est déjà relu. Revenez d’abord sur la décision.")
    if not qui.strip() or extrait.depose_de(qui):
        raise ParoleRefusee(
            "Cet extrait doit être relu par une autre personne que celle qui l’a déposé. Rien n’a changé."
        )
    texte, decision = None, ACCEPTEE
    if refus is not None:
        decision = REFUSEE
        if not (refus := en_ligne(refus)) or len(refus) > RAISON_MAX:
            raise ParoleRefusee(f"Dites pourquoi, en {RAISON_MAX} caractères au plus. Rien n’a changé.")
    elif coupe is not None and en_ligne(coupe) != extrait.texte:
        texte, decision = couper(extrait.texte, coupe), COUPEE
        if texte is None:
            raise ParoleRefusee(
                "On peut seulement ôter des mots ou les remplacer par « […] » : ni ajout, ni correction, ni mot déplacé. "
                "Rien n’a changé."
            )
        if texte == extrait.texte:
            texte, decision = None, ACCEPTEE
    heure = quand or maintenant()
    with transaction(con) as cur:
        cur.execute(
            "insert into depot.paroles values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                extrait.cle,
                extrait.millesime,
                empreinte(extrait.texte),
                decision,
                texte,
                refus,
                qui,
                heure,
            ],
        )
        detail = {EXTRAIT: identifiant, "coupe": texte, "refus": refus, "quand": heure.isoformat()}
        journaliser(
            cur, ACTES[decision], extrait.depot_id, qui=qui, avant=extrait.lieu, apres=decision, detail=detail
        )
    return decision


def revenir(con: duckdb.DuckDBPyConnection, identifiant: str, qui: str) -> None:
    """Take a decision back: the extract is to be read again. ParoleRefusee without a decision."""
    extrait = _trouver(con, identifiant)
    if extrait.decision is None:
        raise ParoleRefusee("Aucune décision à défaire pour cet extrait.")
    with transaction(con) as cur:
        cur.execute(
            "delete from depot.paroles where cle_association = ? and millesime = ? and empreinte = ?",
            [extrait.cle, extrait.millesime, empreinte(extrait.texte)],
        )
        detail = {EXTRAIT: identifiant}
        journaliser(
            cur, REVENIR, extrait.depot_id, qui=qui, avant=extrait.lieu, apres=A_RELIRE, detail=detail
        )


def oublier(cur: duckdb.DuckDBPyConnection, cles: Collection[str]) -> int:
    """Erase the decisions on the extracts of an association, in the journal too.

    To be called before its answers are erased. Gives the number of decisions.
    """
    requete = "select cle_association, millesime, empreinte from depot.paroles where list_contains(?::varchar[], cle_association)"
    prises = cur.execute(requete, [sorted(cles)]).fetchall()
    for place in prises:
        cur.execute(
            "update depot.journal set quoi = ?, objet = ?, avant = null, apres = null, detail = null "
            "where list_contains(?::varchar[], quoi) and (detail ->> ?) = ?",
            [OUBLIER, EFFACE, [*ACTES.values(), REVENIR], f"$.{EXTRAIT}", _nommer(*place)],
        )
    cur.execute(
        "delete from depot.paroles where list_contains(?::varchar[], cle_association)", [sorted(cles)]
    )
    return len(prises)


def _nommer(cle: str, millesime: int, trace: str) -> str:
    return hashlib.sha256("|".join((cle, str(millesime), trace)).encode()).hexdigest()[:LONGUEUR_ID]


def _trouver(con: duckdb.DuckDBPyConnection, identifiant: str) -> Extrait:
    for extrait in extraits(con):
        if extrait.identifiant == identifiant:
            return extrait
    raise ParoleRefusee(
        "Cet extrait n’est plus là\u00a0: il a été changé ou retiré, ou son dépôt a été annulé. Rechargez la page."
    )
