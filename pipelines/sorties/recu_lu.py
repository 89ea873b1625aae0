"""What the warehouse knows of one deposit, for its receipt."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from observatoire.domain.anomalie import Anomalie, Niveau, catalogue
from observatoire.domain.enquete import Enquete
from observatoire.domain.types import type_de
from observatoire.domain.types.base import Contexte
from observatoire.storage.attente import AnomalieLue, anomalies_de
from observatoire.storage.connexion import nom_sql
from observatoire.storage.corrections import CorrectionFaite, corrections_de
from observatoire.storage.depots import Depot, depot
from observatoire.storage.insertion import en_table
from observatoire.storage.journal import REMPLACER, derniere_sortie
from pipelines.quality.controles import QUANTITES

LIEUX_CITES = 3
# Rows passed over are said with these codes (totals, notes, blanks, repeated titles, identical rows).
CODES_IGNORES = ("TO-", "DO-")


@dataclass(frozen=True, slots=True)
class Sommes:
    """Sum of a quantity loaded and pending; `illisibles` pending cells hold something that is no number."""

    chargee: float
    en_attente: float
    illisibles: int = 0


@dataclass(frozen=True, slots=True)
class Cas:
    """One cause: how many times, its first places, one sentence as an example."""

    cause: str
    nb: int
    lieux: str
    exemple: str


@dataclass(frozen=True, slots=True)
class LigneQuiAttend:
    """A pending row: its place, the cells in cause, the association, why."""

    feuille: str
    ligne: int
    cellules: tuple[str, ...]
    repere: str
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lu:
    """All that a receipt says. `publication` is (number, date) of the last one that counts the deposit."""

    depot: Depot
    qui: str
    millesimes: tuple[int, ...]
    sommes: Mapping[str, Sommes]
    attente: list[LigneQuiAttend]
    reparations: list[Cas]
    ignorees: list[Cas]
    corrections: list[CorrectionFaite]
    remplace: tuple[str, str, dt.datetime] | None
    remplace_par: str | None
    publication: tuple[int, dt.datetime] | None


def lire(
    con: duckdb.DuckDBPyConnection,
    depot_id: str,
    enquetes: Mapping[str, Enquete],
    sommes: Mapping[str, Sommes] | None,
) -> Lu:
    """Read everything about `depot_id`; DepotInconnu when there is no such deposit."""
    lu = depot(con, depot_id)
    enquete = enquetes[lu.questionnaire]
    dites = anomalies_de(con, depot_id)
    with con.cursor() as cur:
        table = en_table("enquete", enquete.name)
        annees = cur.execute(
            f"select distinct millesime from {table} where depot_id = ? and millesime is not null order by 1",
            [depot_id],
        ).fetchall()
        attente = cur.execute(
            "select feuille, ligne, lignes_source, repere, motifs, valeurs from depot.attente "
            "where depot_id = ? order by feuille, ligne",
            [depot_id],
        ).fetchall()
        if sommes is None:
            sommes = _sommes(cur, enquete, lu, attente)
        return Lu(
            lu,
            _auteur(cur, depot_id),
            tuple(int(a) for (a,) in annees),
            sommes,
            _qui_attendent(attente, dites),
            _cas(a for a in dites if a.niveau == Niveau.REPARE),
            _cas(a for a in dites if a.code.startswith(CODES_IGNORES) and a.niveau == Niveau.INFO),
            corrections_de(con, depot_id),
            _remplace(cur, lu),
            _remplacant(cur, lu),
            _publication(cur, lu),
        )


def _auteur(cur: duckdb.DuckDBPyConnection, depot_id: str) -> str:
    requete = "select qui from depot.journal where objet = ? and quoi = 'charger' order by ordre limit 1"
    lignes = cur.execute(requete, [depot_id]).fetchall()
    return str(lignes[0][0]) if lignes else ""


def _remplace(cur: duckdb.DuckDBPyConnection, lu: Depot) -> tuple[str, str, dt.datetime] | None:
    if lu.remplace is None:
        return None
    requete = "select depot_id, nom_fichier, depose_le from depot.depots where depot_id = ?"
    lignes = cur.execute(requete, [lu.remplace]).fetchall()
    return (lignes[0][0], lignes[0][1], lignes[0][2]) if lignes else None


def _remplacant(cur: duckdb.DuckDBPyConnection, lu: Depot) -> str | None:
    sortie = derniere_sortie(cur, lu.depot_id) if lu.annule else None
    return sortie.apres if sortie and sortie.quoi == REMPLACER else None


def _publication(cur: duckdb.DuckDBPyConnection, lu: Depot) -> tuple[int, dt.datetime] | None:
    """The last publication, when it counts the deposit."""
    requete = """
        select version, publie_le from depot.publications
        where version = (select max(version) from depot.publications) and list_contains(depots, ?)"""
    lignes = cur.execute(requete, [lu.depot_id]).fetchall()
    return (int(lignes[0][0]), lignes[0][1]) if lignes else None


def _cas(anomalies: Iterable[AnomalieLue]) -> list[Cas]:
    """Grouped by cause, the most frequent first."""
    par_code: dict[str, list[AnomalieLue]] = defaultdict(list)
    for anomalie in anomalies:
        par_code[anomalie.code].append(anomalie)
    cas = []
    for code, memes in sorted(par_code.items(), key=lambda x: (-len(x[1]), x[0])):
        lieux = [_lieu(a) for a in memes[:LIEUX_CITES]]
        suite = "…" if len(memes) > LIEUX_CITES else ""
        cause = catalogue()[code].cause if code in catalogue() else code
        cas.append(Cas(cause, len(memes), ", ".join(filter(None, lieux)) + suite, _sans_lieu(memes[0])))
    return cas


def _lieu(anomalie: AnomalieLue) -> str:
    return anomalie.cellule or (f"ligne {anomalie.ligne}" if anomalie.ligne else "")


def _qui_attendent(attente: Sequence[tuple[Any, ...]], dites: Sequence[AnomalieLue]) -> list[LigneQuiAttend]:
    par_ligne: dict[tuple[str | None, int | None], list[AnomalieLue]] = defaultdict(list)
    for anomalie in dites:
        par_ligne[anomalie.feuille, anomalie.ligne].append(anomalie)
    lignes = []
    for feuille, ligne, _, repere, motifs, _ in attente:
        siennes = par_ligne[feuille, ligne]
        causes = [a for a in siennes if a.code in motifs] or siennes
        cellules = tuple(dict.fromkeys(a.cellule for a in causes if a.cellule))
        textes = [catalogue()[m].cause for m in motifs if m in catalogue()]
        messages = tuple(dict.fromkeys(_sans_lieu(a) for a in causes)) or tuple(textes)
        lignes.append(LigneQuiAttend(feuille, ligne, cellules, repere or "", messages))
    return lignes


def _sans_lieu(a: AnomalieLue) -> str:
    """The message without its place, which the receipt gives beside."""
    lieu = Anomalie(a.code, a.feuille, a.ligne, a.cellule, a.colonne, repere=a.repere).lieu
    return a.message.removeprefix(f"{lieu}\u00a0: ")


def _sommes(
    cur: duckdb.DuckDBPyConnection, enquete: Enquete, lu: Depot, attente: Sequence[tuple[Any, ...]]
) -> dict[str, Sommes]:
    """Sums of the loaded rows, and of the pending cells that read as one number."""
    champs = [c for c in enquete.champs_actifs() if type_de(c).nom in QUANTITES]
    if not champs:
        return {}
    sommes = ", ".join(f"cast(sum({nom_sql(c.name)}) as double)" for c in champs)
    table = en_table("enquete", enquete.name)
    (chargees,) = cur.execute(f"select {sommes} from {table} where depot_id = ?", [lu.depot_id]).fetchall()
    colonnes = {
        (feuille, champ): colonne
        for feuille, champ, colonne in cur.execute(
            "select feuille, champ, colonne from depot.correspondances where depot_id = ?", [lu.depot_id]
        ).fetchall()
    }
    trouvees: dict[str, Sommes] = {}
    for champ, chargee in zip(champs, chargees, strict=True):
        total, illisibles = 0.0, 0
        for feuille, _, source, _, _, valeurs in attente:
            brut = json.loads(valeurs).get(colonnes.get((feuille, champ.name), ""))
            if brut in (None, ""):
                continue
            valeur = type_de(champ).lire(brut, champ, Contexte(millesime=lu.millesime)).valeur
            # A row that sums several keeps the text of the first one only.
            if valeur is None or len(source or ()) > 1:
                illisibles += 1
            else:
                total += float(valeur)
        if chargee or total or illisibles:
            trouvees[champ.name] = Sommes(float(chargee or 0), total, illisibles)
    return trouvees
