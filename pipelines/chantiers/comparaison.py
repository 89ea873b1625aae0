"""A deposit in progress beside what the warehouse holds: already there, replaceable, what would change."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.storage.depots import Depot, depot_actif, depot_de_meme_contenu, depots
from observatoire.storage.differences import differences
from observatoire.storage.entrepot import EntrepotLecture
from observatoire.storage.erreurs import EntrepotAbsent
from pipelines.analyse import Analyse
from pipelines.chantiers.chantier import Chantier
from pipelines.chantiers.constat import voir_cause
from pipelines.chantiers.examen import Examen
from pipelines.chantiers.verdict import Verdict
from pipelines.quality.controles import comparer
from pipelines.versement import empreinte_du_lot, lignes_typees, reponses_presentes

DIFFERENCES_MONTREES = 500


def comparer_entrepot(settings: Settings, chantier: Chantier, verdict: Verdict, examen: Examen) -> None:
    """Add to the verdict what the warehouse knows: same bytes or cells, other answers of the same associations."""
    if examen.analyse is None:
        return
    lot = examen.analyse.lot
    try:
        with EntrepotLecture(settings) as con:
            verdict.deja = _deja(con, chantier, examen.analyse)
            verdict.remplacables = [
                _decrire(d)
                for d in depots(con)
                if d.actif
                and d.questionnaire == lot.enquete.name
                and d.source == lot.source
                and (d.millesime in examen.bilan.millesimes or d.depot_id == chantier.remplace)
            ]
            if chantier.remplace:
                verdict.differences = _differences(con, chantier.remplace, examen.analyse)
            if lot.enquete.cle:
                comparer(lot, reponses_presentes(con, lot, sauf=chantier.remplace))
                verdict.causes = [voir_cause(g) for g in examen.bilan.groupes()]
    except EntrepotAbsent:
        return


def _deja(con: duckdb.DuckDBPyConnection, chantier: Chantier, analyse: Analyse) -> dict[str, Any] | None:
    """The deposit that holds the same bytes, or the same cells in a workbook saved again; never the one replaced."""
    deja, meme_contenu = depot_actif(con, chantier.sha256), False
    if deja is None and chantier.remplace is None:
        empreinte = empreinte_du_lot(analyse.lot)
        deja, meme_contenu = (depot_de_meme_contenu(con, empreinte) if empreinte else None), True
    if deja is None or deja.depot_id in (chantier.reprise, chantier.remplace):
        return None
    return {**_decrire(deja), "meme_contenu": meme_contenu}


def _differences(con: duckdb.DuckDBPyConnection, remplace: str, analyse: Analyse) -> dict[str, Any]:
    """Counts by kind, and the lines that are not identical (the first ones)."""
    lot = analyse.lot
    trouvees = differences(con, lot.enquete.name, lignes_typees(lot), remplace)
    comptes = Counter(d.genre for d in trouvees)
    autres = [dataclasses.asdict(d) for d in trouvees if d.genre != "identique"]
    return {"comptes": dict(comptes), "lignes": autres[:DIFFERENCES_MONTREES], "total": len(autres)}


def _decrire(depot: Depot) -> dict[str, Any]:
    return {
        "depot_id": depot.depot_id,
        "nom_fichier": depot.nom_fichier,
        "depose_le": depot.depose_le.isoformat(timespec="minutes"),
        "depose_par": depot.depose_par or "",
        "millesime": depot.millesime,
        "lignes_chargees": depot.lignes_chargees,
    }
