"""Load one deposit: ledger, raw rows, typed rows, anomalies, pending rows and journal in one transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa

from observatoire.domain.anomalie import Anomalie
from observatoire.storage.archive import GRILLE
from observatoire.storage.brut import Brutes, ecriture_rapide, inserer_brutes, nombre_brutes
from observatoire.storage.connexion import transaction
from observatoire.storage.corrections import ACorriger, inscrire_corrections
from observatoire.storage.depots import (
    Depot,
    actif_dans,
    depot,
    identifiant,
    meme_contenu_dans,
    prendre_la_place,
)
from observatoire.storage.erreurs import ComptesFaux, DepotInchange
from observatoire.storage.insertion import Colonnes, en_table, inserer
from observatoire.storage.journal import journaliser, maintenant


@dataclass(frozen=True, slots=True)
class LigneEnAttente:
    """A row that is not loaded: where it is, why (codes), what it holds (header → text as written).

    `lignes_source` are the source rows when it sums several.
    """

    feuille: str
    ligne: int
    motifs: Sequence[str]
    valeurs: Mapping[str, str | None]
    repere: str | None = None
    lignes_source: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Correspondance:
    """Which column of the file (letter, header) fed which field, and how it was recognised."""

    feuille: str
    colonne: str
    entete: str
    champ: str
    methode: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class DepotACharger:
    """All that one deposit brings.

    `lignes` holds the typed rows by column (name → values, or an Arrow table): the fields of the
    questionnaire, `millesime`, `cle_association`, `qualite` (JSON), `feuille`, `ligne`, `lignes_source`; the
    `depot_id` column is added here. The counts are source rows: a typed row that sums several counts for
    `len(lignes_source)`. `brutes` are the raw rows, `archive` the path of the kept bytes in the data folder.

    `qui` is the depositor. `remplace` is the deposit in force whose place this one takes; with `a_valider` it
    takes it, and counts, once somebody else has validated it. `decisions` is what the depositor chose (JSON).
    `depose_le` is given when a deposit is loaded again from the journal; `empreinte_archive` is the hash of `archive`.
    """

    sha256: str
    nom_fichier: str
    taille: int
    questionnaire: str
    source: str
    lignes: Colonnes
    lignes_lues: int
    lignes_chargees: int
    lignes_en_attente: int
    lignes_ignorees: int
    millesime: int | None = None
    statut: str = "charge"
    fictif: bool = False
    archive: str | None = None
    brutes: Brutes = ()
    attente: Sequence[LigneEnAttente] = ()
    anomalies: Sequence[Anomalie] = ()
    correspondances: Sequence[Correspondance] = ()
    qui: str = ""
    remplace: str | None = None
    a_valider: bool = False
    decisions: str | None = None
    corrections: Sequence[ACorriger] = ()
    empreinte_contenu: str | None = None
    empreinte_archive: str | None = None
    depose_le: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class DejaCharge:
    """These bytes are already in the warehouse: the deposit that holds them. Nothing was added.

    `meme_contenu`: the bytes differ but the cells are the same (a workbook saved again).
    """

    depot: Depot
    meme_contenu: bool = False


def charger(con: duckdb.DuckDBPyConnection, nouveau: DepotACharger) -> Depot | DejaCharge:
    """Load `nouveau` whole or not at all.

    ComptesFaux when lines read ≠ loaded + pending + passed over, or when what was written differs.
    DepotInchange when the deposit to replace is not in force.
    """
    somme = nouveau.lignes_chargees + nouveau.lignes_en_attente + nouveau.lignes_ignorees
    if nouveau.lignes_lues != somme:
        raise ComptesFaux(f"{nouveau.nom_fichier} : {nouveau.lignes_lues} lignes lues, {somme} comptées")
    nouveau = replace(nouveau, depose_le=nouveau.depose_le or maintenant())
    with ecriture_rapide(con), transaction(con) as cur:
        deja = _deja_la(cur, nouveau)
        if deja is not None:
            return deja
        _exiger_remplacable(con, nouveau.remplace)
        depot_id = _identifiant_libre(cur, nouveau.sha256)
        _inscrire(cur, depot_id, nouveau)
        inserer_brutes(cur, depot_id, nouveau.brutes)
        inserer(cur, en_table("enquete", nouveau.questionnaire), nouveau.lignes, depot_id=depot_id)
        inserer(cur, "depot.anomalies", _anomalies(nouveau.anomalies), depot_id=depot_id)
        inserer(cur, "depot.attente", _attente(nouveau.attente), depot_id=depot_id)
        inserer(cur, "depot.correspondances", _correspondances(nouveau.correspondances), depot_id=depot_id)
        inscrire_corrections(cur, depot_id, nouveau.corrections, nouveau.qui, nouveau.depose_le)
        journaliser(
            cur,
            "charger",
            depot_id,
            qui=nouveau.qui,
            avant=nouveau.remplace,
            apres="a_valider" if nouveau.a_valider else nouveau.statut,
            detail=_detail(nouveau),
        )
        if not nouveau.a_valider:
            prendre_la_place(cur, depot_id, nouveau.qui)
        _verifier(cur, depot_id, nouveau)
    return depot(con, depot_id)


def _deja_la(cur: duckdb.DuckDBPyConnection, nouveau: DepotACharger) -> DejaCharge | None:
    """The deposit that already holds these bytes, or these cells; the one to replace does not count."""
    meme = actif_dans(cur, nouveau.sha256, (nouveau.remplace,))
    if meme is not None:
        return DejaCharge(meme)
    if nouveau.remplace is None and nouveau.empreinte_contenu is not None:
        meme = meme_contenu_dans(cur, nouveau.empreinte_contenu)
    return DejaCharge(meme, meme_contenu=True) if meme else None


def _exiger_remplacable(con: duckdb.DuckDBPyConnection, depot_id: str | None) -> None:
    """DepotInchange when `depot_id` is given and does not count."""
    if depot_id is None:
        return
    vise = depot(con, depot_id)
    if vise.annule:
        raise DepotInchange(
            f"Le dépôt « {depot_id} » est annulé ou déjà remplacé\u00a0: il ne peut plus être remplacé. "
            f"Rien n’a été chargé. Rétablissez-le d’abord, ou déposez le fichier sans rien remplacer."
        )
    if vise.a_valider:
        raise DepotInchange(
            f"Le dépôt « {depot_id} » attend d’être validé\u00a0: il ne peut pas être remplacé. "
            f"Rien n’a été chargé. Annulez-le, puis déposez de nouveau le fichier."
        )


def _identifiant_libre(cur: duckdb.DuckDBPyConnection, sha256: str) -> str:
    """First 12 digits, then -2, -3… when these bytes come back after a cancellation."""
    base = identifiant(sha256)
    requete = "select count(*) from depot.depots where substr(depot_id, 1, ?) = ?"
    rang = int(cur.execute(requete, [len(base), base]).fetchall()[0][0]) + 1
    return base if rang == 1 else f"{base}-{rang}"


def _inscrire(cur: duckdb.DuckDBPyConnection, depot_id: str, d: DepotACharger) -> None:
    ordre = cur.execute("select coalesce(max(ordre), 0) + 1 from depot.depots").fetchall()[0][0]
    valeurs = {
        "depot_id": depot_id,
        "sha256": d.sha256,
        "nom_fichier": d.nom_fichier,
        "taille": d.taille,
        "questionnaire": d.questionnaire,
        "source": d.source,
        "millesime": d.millesime,
        "statut": d.statut,
        "depose_le": d.depose_le,
        "lignes_lues": d.lignes_lues,
        "lignes_chargees": d.lignes_chargees,
        "lignes_en_attente": d.lignes_en_attente,
        "lignes_ignorees": d.lignes_ignorees,
        "fictif": d.fictif,
        "archive": d.archive,
        "ordre": ordre,
        "depose_par": d.qui,
        "remplace": d.remplace,
        "a_valider": d.a_valider,
        "decisions": d.decisions,
        "empreinte_contenu": d.empreinte_contenu,
        "empreinte_archive": d.empreinte_archive,
    }
    trous = ", ".join("?" * len(valeurs))
    cur.execute(f"insert into depot.depots ({', '.join(valeurs)}) values ({trous})", list(valeurs.values()))


def _detail(d: DepotACharger) -> dict[str, Any]:
    """What loading it again needs besides the ledger; a purified grid no longer says what was taken out of it."""
    detail: dict[str, Any] = {"statut": d.statut, "anomalies": Counter(a.code for a in d.anomalies)}
    if d.archive is not None and d.archive.endswith(GRILLE):
        detail["dites"] = {nom: list(valeurs) for nom, valeurs in _anomalies(d.anomalies).items()}
    return detail


def redire(con: duckdb.DuckDBPyConnection, depot_id: str, dites: Colonnes) -> None:
    """Put back what was said of a deposit when it was first loaded (column → values)."""
    with transaction(con) as cur:
        cur.execute("delete from depot.anomalies where depot_id = ?", [depot_id])
        inserer(cur, "depot.anomalies", dites, depot_id=depot_id)


def _anomalies(anomalies: Sequence[Anomalie]) -> dict[str, Sequence[Any]]:
    return {
        "numero": range(1, len(anomalies) + 1),
        "code": [a.code for a in anomalies],
        "niveau": [a.niveau.value for a in anomalies],
        "feuille": [a.feuille for a in anomalies],
        "ligne": [a.ligne for a in anomalies],
        "cellule": [a.cellule for a in anomalies],
        "colonne": [a.colonne for a in anomalies],
        "champ": [a.champ for a in anomalies],
        "repere": [a.repere for a in anomalies],
        "valeur": [a.valeur for a in anomalies],
        "message": [a.message for a in anomalies],
    }


def _attente(lignes: Sequence[LigneEnAttente]) -> Colonnes:
    return {
        "feuille": [x.feuille for x in lignes],
        "ligne": [x.ligne for x in lignes],
        "lignes_source": [list(x.lignes_source) or None for x in lignes],
        "repere": [x.repere for x in lignes],
        "motifs": [list(x.motifs) for x in lignes],
        "valeurs": [json.dumps(dict(x.valeurs), ensure_ascii=False) for x in lignes],
    }


def _correspondances(lignes: Sequence[Correspondance]) -> Colonnes:
    champs = ("feuille", "colonne", "entete", "champ", "methode", "score")
    return {nom: [getattr(x, nom) for x in lignes] for nom in champs}


def _verifier(cur: duckdb.DuckDBPyConnection, depot_id: str, d: DepotACharger) -> None:
    """Compare what stands in the tables with what was announced; called before the commit."""
    enquete = en_table("enquete", d.questionnaire)
    typees = d.lignes.num_rows if isinstance(d.lignes, pa.Table) else len(next(iter(d.lignes.values()), ()))
    source = "coalesce(sum(coalesce(len(lignes_source), 1)), 0)"
    attendus = {
        f"select count(*) from {enquete}": typees,
        f"select {source} from {enquete}": d.lignes_chargees,
        f"select {source} from depot.attente": d.lignes_en_attente,
        "select count(*) from depot.anomalies": len(d.anomalies),
        "select count(*) from depot.lignes_brutes": nombre_brutes(d.brutes),
    }
    for requete, attendu in attendus.items():
        ecrit = int(cur.execute(f"{requete} where depot_id = ?", [depot_id]).fetchall()[0][0])
        if ecrit != attendu:
            raise ComptesFaux(f"{d.nom_fichier} : {requete} donne {ecrit} au lieu de {attendu}")
