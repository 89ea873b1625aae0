"""One transaction erases an association from the warehouse: rows, counts, archives, texts that quote it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.storage import paroles
from observatoire.storage.archive import empreinte
from observatoire.storage.connexion import transaction
from observatoire.storage.copie_journal import CHARGER
from observatoire.storage.insertion import en_table
from observatoire.storage.journal import EFFACE, OUBLIER, journaliser
from pipelines.oubli.objets import Oubli, Places
from pipelines.oubli.preuve import marque_de

# Texts of the warehouse that may quote a cell, beside the rows of the deposits.
_QUOTES = ("depot.anomalies", "depot.attente", "depot.corrections", "depot.rapprochements")


def effacer(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    oubli: Oubli,
    nouvelles: Mapping[str, str | None],
    videes: Mapping[str, Places],
    effaces: dict[str, int],
    qui: str,
) -> None:
    """One transaction: rows, counts, archives, texts that quote it, and the line that says so."""
    motif = oubli.aiguilles.motif()
    marque = marque_de(settings, oubli.cle)
    with transaction(con) as cur:
        effaces["paroles"] += paroles.oublier(cur, oubli.cles)
        for depot_id, places in videes.items():
            _effacer_lignes(cur, depot_id, places, effaces)
        for depot_id, archive in nouvelles.items():
            somme = empreinte(settings.donnees / archive) if archive else None
            cur.execute(
                "update depot.depots set archive = ?, empreinte_archive = ?, empreinte_contenu = null where depot_id = ?",
                [archive, somme, depot_id],
            )
        for table in _QUOTES:
            effaces[table.partition(".")[2]] += _oter_citations(cur, table, motif)
        _oter_decisions(cur, videes, motif)
        _oter_du_journal(cur, oubli, motif, nouvelles)
        journaliser(cur, OUBLIER, marque, qui=qui)


def _effacer_lignes(
    cur: duckdb.DuckDBPyConnection, depot_id: str, places: Places, effaces: dict[str, int]
) -> None:
    (questionnaire,) = cur.execute(
        "select questionnaire from depot.depots where depot_id = ?", [depot_id]
    ).fetchall()[0]
    typees = en_table("enquete", questionnaire)
    retires = {}
    for nom, table in (("réponses", typees), ("attente", "depot.attente")):
        total = 0
        for feuille, lignes in places.items():
            ou = "depot_id = ? and feuille = ? and list_contains(?::integer[], ligne)"
            valeurs = [depot_id, feuille, sorted(lignes)]
            requete = (
                f"select count(*), coalesce(sum(coalesce(len(lignes_source), 1)), 0) from {table} where {ou}"
            )
            nombre, sources = cur.execute(requete, valeurs).fetchall()[0]
            cur.execute(f"delete from {table} where {ou}", valeurs)
            effaces[nom] += nombre
            total += int(sources)
        retires[nom] = total
    cur.execute(
        # An emptied row is one that is passed over, as it is when the archive is read again.
        "update depot.depots set lignes_ignorees = lignes_ignorees + $c + $a, lignes_chargees = lignes_chargees - $c, "
        "lignes_en_attente = lignes_en_attente - $a where depot_id = $d",
        {"c": retires["réponses"], "a": retires["attente"], "d": depot_id},
    )
    for table in ("depot.lignes_brutes", "depot.anomalies"):
        for feuille, lignes in places.items():
            ou = "depot_id = ? and feuille = ? and list_contains(?::integer[], ligne)"
            valeurs = [depot_id, feuille, sorted(lignes)]
            nombre = cur.execute(f"delete from {table} where {ou}", valeurs).fetchall()[0][0]
            effaces[table.partition(".")[2]] += nombre


def _oter_citations(cur: duckdb.DuckDBPyConnection, table: str, motif: Any) -> int:
    """Rows of a table whose text quotes it, wherever they are."""
    lignes = cur.execute(f"select rowid, * from {table}").fetchall()
    vises = [x[0] for x in lignes if any(motif.search(str(v)) for v in x[1:] if v is not None)]
    if vises and table == "depot.attente":
        raise AssertionError("une ligne en attente cite encore l’association")
    cur.execute(f"delete from {table} where list_contains(?::bigint[], rowid)", [vises])
    return len(vises)


def _oter_decisions(cur: duckdb.DuckDBPyConnection, videes: Mapping[str, Places], motif: Any) -> None:
    """The choices of the depositors, without the cells typed again in its rows."""
    for depot_id, texte in cur.execute(
        "select depot_id, decisions from depot.depots where decisions is not null"
    ).fetchall():
        choix = json.loads(texte)
        gardees = [
            c
            for c in choix.get("corrections", ())
            if int("".join(filter(str.isdigit, c["cellule"])) or 0)
            not in videes.get(depot_id, {}).get(c["feuille"], ())
            and not motif.search(json.dumps(c, ensure_ascii=False))
        ]
        if len(gardees) != len(choix.get("corrections", ())):
            choix["corrections"] = gardees
            texte_propre = json.dumps(choix, ensure_ascii=False)
            cur.execute("update depot.depots set decisions = ? where depot_id = ?", [texte_propre, depot_id])
            cellules = [(c["feuille"], c["cellule"]) for c in gardees]
            for feuille, cellule in cur.execute(
                "select feuille, cellule from depot.corrections where depot_id = ?", [depot_id]
            ).fetchall():
                if (feuille, cellule) not in cellules:
                    cur.execute(
                        "delete from depot.corrections where depot_id = ? and feuille = ? and cellule = ?",
                        [depot_id, feuille, cellule],
                    )


def _oter_du_journal(
    cur: duckdb.DuckDBPyConnection, oubli: Oubli, motif: Any, nouvelles: Collection[str]
) -> None:
    """Its lines stay, without what names it; what a gesture needs for the others stays too."""
    champs = ("objet", "avant", "apres", "detail")
    for ordre, quoi, *valeurs in cur.execute(
        f"select ordre, quoi, {', '.join(champs)} from depot.journal"
    ).fetchall():
        ligne = dict(zip(champs, valeurs, strict=True))
        if ligne["detail"]:
            detail = json.loads(ligne["detail"])
            if quoi == CHARGER and ("dites" in detail or ligne["objet"] in nouvelles):
                requete = (
                    "select * exclude (depot_id) from depot.anomalies where depot_id = ? order by numero"
                )
                dites = cur.execute(requete, [ligne["objet"]])
                noms = [d[0] for d in dites.description or ()]
                colonnes = list(zip(*dites.fetchall(), strict=True)) or [()] * len(noms)
                detail["dites"] = dict(zip(noms, colonnes, strict=True))
                detail["anomalies"] = Counter(detail["dites"]["code"])
            for nom in ("cles", "lignes"):
                if nom in detail:
                    detail[nom] = [
                        x for x in detail[nom] if not motif.search(json.dumps(x, ensure_ascii=False))
                    ]
            ligne["detail"] = json.dumps(detail, ensure_ascii=False, sort_keys=True)
        if any(motif.search(v) for v in ligne.values() if v) or ligne["objet"] in oubli.cles:
            quoi, ligne = OUBLIER, {"objet": EFFACE, "avant": None, "apres": None, "detail": None}
        cur.execute(
            "update depot.journal set quoi = ?, objet = ?, avant = ?, apres = ?, detail = ? where ordre = ?",
            [quoi, *(ligne[c] for c in champs), ordre],
        )
