"""What the warehouse receives of an analysed file: kept bytes or grid, typed rows, pending rows, anomalies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.storage.archive import archiver, archiver_grille
from observatoire.storage.chargement import Correspondance, DepotACharger, LigneEnAttente
from observatoire.storage.insertion import en_table
from pipelines.analyse import Analyse
from pipelines.bilan import Bilan
from pipelines.ingestion.grille import lettre
from pipelines.ingestion.lot import Lot
from pipelines.quality.controles import cles_chargeables


def archiver_depot(chemin: Path, settings: Settings, sha256: str, lot: Lot) -> str:
    """Keep the bytes, or the grid without personal cells when there were some; path under the data folder."""
    if lot.personnelles:
        garde = archiver_grille(settings, sha256, [(g.feuille.nom, g.archive()) for g in lot.grilles])
    else:
        garde = archiver(settings, chemin, sha256, chemin.suffix.lower().lstrip("."))
    return garde.relative_to(settings.donnees).as_posix()


def reponses_presentes(
    con: duckdb.DuckDBPyConnection, lot: Lot
) -> dict[tuple[Any, ...], tuple[str, tuple[Any, ...]]]:
    """Current rows of the same associations and years: key → (deposit, values)."""
    autres = [c for c in lot.enquete.cle if c not in lot.enquete.millesime_de]
    cles = ["cle_association", "millesime", *autres]
    noms = [c.name for c in lot.enquete.champs_actifs()]
    colonnes = ", ".join(f'"{c}"' for c in ["depot_id", *cles, *noms])
    voulues = set(cles_chargeables(lot))
    requete = f"select {colonnes} from {en_table('courant', lot.enquete.name)} where millesime in ({{}})"
    annees = sorted({m for m in lot.millesimes if m is not None})
    if not annees:
        return {}
    with con.cursor() as cur:
        lignes = cur.execute(requete.format(", ".join("?" * len(annees))), annees).fetchall()
    n = 1 + len(cles)
    return {tuple(x[1:n]): (x[0], tuple(x[n:])) for x in lignes if tuple(x[1:n]) in voulues}


def a_charger(bilan: Bilan, analyse: Analyse, archive: str, fictif: bool, qui: str) -> DepotACharger:
    """All that the warehouse receives of an analysed file."""
    lot = analyse.lot
    return DepotACharger(
        sha256=bilan.sha256,
        nom_fichier=bilan.fichier,
        taille=analyse.classeur.taille,
        questionnaire=lot.enquete.name,
        source=lot.source,
        lignes=_lignes_typees(lot),
        lignes_lues=bilan.lignes_lues,
        lignes_chargees=bilan.lignes_chargees,
        lignes_en_attente=bilan.lignes_en_attente,
        lignes_ignorees=bilan.lignes_ignorees,
        millesime=bilan.millesimes[0] if len(bilan.millesimes) == 1 else None,
        statut="a_revoir" if bilan.a_revoir else "charge",
        fictif=fictif,
        archive=archive,
        brutes=lot.brutes(),
        attente=_en_attente(lot),
        anomalies=lot.anomalies,
        correspondances=[
            Correspondance(f, lettre(j), lot.entetes[f, champ], champ, "lu")
            for (f, champ), j in lot.adresses.items()
        ],
        qui=qui,
    )


def _lignes_typees(lot: Lot) -> dict[str, Sequence[Any]]:
    indices = lot.chargeables
    lignes: dict[str, Sequence[Any]] = {
        c.name: [lot.colonnes[c.name][i] for i in indices] for c in lot.enquete.champs_actifs()
    }
    lignes["millesime"] = [lot.millesimes[i] for i in indices]
    lignes["cle_association"] = [lot.cles[i] for i in indices]
    lignes["qualite"] = [
        json.dumps(lot.qualite[i], ensure_ascii=False, default=str) if lot.qualite.get(i) else None
        for i in indices
    ]
    lignes["feuille"] = [lot.origines[i].feuille for i in indices]
    lignes["ligne"] = [lot.origines[i].ligne for i in indices]
    lignes["lignes_source"] = [list(lot.origines[i].lignes_source) for i in indices]
    return lignes


def _en_attente(lot: Lot) -> list[LigneEnAttente]:
    brutes: Mapping[tuple[str, int], list[str | None]] = {(f, n): cellules for f, n, cellules in lot.brutes()}
    lignes = []
    for i, motifs in sorted(lot.attente.items()):
        if i in lot.doublons:
            continue
        origine = lot.origines[i]
        cellules = brutes.get((origine.feuille, origine.ligne), [])
        valeurs = {lettre(j): v for j, v in enumerate(cellules) if v is not None}
        lignes.append(
            LigneEnAttente(
                origine.feuille,
                origine.ligne,
                sorted(set(motifs)),
                valeurs,
                lot.repere(i),
                origine.lignes_source,
            )
        )
    return lignes
