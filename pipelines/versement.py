"""What the warehouse receives of an analysed file: kept bytes or grid, typed rows, pending rows, anomalies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.storage.archive import archiver_epure, archiver_grille
from observatoire.storage.brut import empreinte_contenu
from observatoire.storage.chargement import Correspondance, DepotACharger, LigneEnAttente
from observatoire.storage.insertion import en_table
from pipelines.analyse import Analyse
from pipelines.bilan import Bilan
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.epuration import epurer_lot, octets_grille
from pipelines.ingestion.grille import Classeur, lettre
from pipelines.ingestion.lot import Lot
from pipelines.ingestion.metadonnees import sans_metadonnees
from pipelines.quality.controles import cles_chargeables


def archiver_depot(
    chemin: Path, settings: Settings, sha256: str, lot: Lot, classeur: Classeur | None = None
) -> str:
    """Keep what was received without what names persons; path under the data folder.

    The workbook itself, without its authors and comments, when its cells hold nothing personal. Otherwise, or
    when what stands beside the cells cannot be taken out, its purified grid: all the sheets of `classeur` when given.
    """
    nature = classeur.format if classeur else chemin.suffix.lower().lstrip(".")
    contenu = (
        None if lot.personnelles else sans_metadonnees(chemin, "csv" if nature in ("tsv", "txt") else nature)
    )
    if contenu is None:
        epure = epurer_lot(classeur, lot)
        feuilles = [(f.nom, f.lignes) for f in epure.feuilles]
        garde = archiver_grille(settings, sha256, feuilles, octets_grille(epure))
    else:
        garde = archiver_epure(settings, contenu, sha256, chemin.suffix)
    return garde.relative_to(settings.donnees).as_posix()


def reponses_presentes(
    con: duckdb.DuckDBPyConnection, lot: Lot, sauf: str | None = None
) -> dict[tuple[Any, ...], tuple[str, tuple[Any, ...]]]:
    """Current rows of the same associations and years, but those of the deposit `sauf`: key → (deposit, values)."""
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
    return {tuple(x[1:n]): (x[0], tuple(x[n:])) for x in lignes if x[0] != sauf and tuple(x[1:n]) in voulues}


def a_charger(
    bilan: Bilan,
    analyse: Analyse,
    archive: str,
    fictif: bool,
    qui: str,
    *,
    remplace: str | None = None,
    a_valider: bool = False,
    decisions: Decisions | None = None,
    empreinte_archive: str | None = None,
) -> DepotACharger:
    """All that the warehouse receives of an analysed file, and what its depositor decided."""
    lot = analyse.lot
    return DepotACharger(
        sha256=bilan.sha256,
        nom_fichier=bilan.fichier,
        taille=analyse.classeur.taille,
        questionnaire=lot.enquete.name,
        source=lot.source,
        lignes=lignes_typees(lot),
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
            Correspondance(f, _axe(lot, f, j), lot.entetes[f, champ], champ, "lu")
            for (f, champ), j in lot.adresses.items()
        ],
        qui=qui,
        remplace=remplace,
        a_valider=a_valider,
        decisions=json.dumps(decisions.to_dict(), ensure_ascii=False) if decisions else None,
        corrections=decisions.corrections if decisions else (),
        empreinte_contenu=empreinte_du_lot(lot),
        empreinte_archive=empreinte_archive,
    )


def empreinte_du_lot(lot: Lot) -> str | None:
    """Fingerprint of the cells read, the row of titles just above the answers included."""
    annees = {m for m in lot.millesimes if m is not None}
    avec_titres = (
        replace(g, rangs=(min(g.rangs) - 1, *g.rangs)) if min(g.rangs) else g for g in lot.grilles if g.rangs
    )
    feuilles = ((cellules for _, _, cellules in grille.brutes()) for grille in avec_titres)
    return empreinte_contenu(feuilles, lot.enquete.name, min(annees) if len(annees) == 1 else None)


def lignes_typees(lot: Lot) -> dict[str, Sequence[Any]]:
    """Rows to load by column: the fields of the questionnaire, and where each row comes from."""
    indices = lot.chargeables
    lignes: dict[str, Sequence[Any]] = {
        c.name: [lot.colonnes[c.name][i] for i in indices] for c in lot.enquete.champs_actifs()
    }
    for champ in lot.enquete.champs_actifs():
        if champ.appariement:
            lignes[champ.name] = [
                code_de_vague(code, lot.cles[i], lot.millesimes[i])
                for i, code in zip(indices, lignes[champ.name], strict=True)
            ]
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


def code_de_vague(code: str | None, cle: str | None, millesime: int | None) -> str | None:
    """What is kept of a code that a person made: enough to pair two answers of one association and year.

    The same person, elsewhere or another year, is another number. None without an association or a year.
    """
    if code is None or cle is None or millesime is None:
        return None
    propre = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.blake2b(f"{cle}|{millesime}|{propre}".encode(), digest_size=6).hexdigest()


def _en_attente(lot: Lot) -> list[LigneEnAttente]:
    brutes: Mapping[tuple[str, int], list[str | None]] = {(f, n): cellules for f, n, cellules in lot.brutes()}
    lignes = []
    for i, motifs in sorted(lot.attente.items()):
        if i in lot.doublons:
            continue
        origine = lot.origines[i]
        cellules = brutes.get((origine.feuille, origine.ligne), [])
        valeurs = {_axe(lot, origine.feuille, j): v for j, v in enumerate(cellules) if v is not None}
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


def _axe(lot: Lot, feuille: str, colonne: int) -> str:
    """Name of a column in the file received: its letter, or its row number when the sheet was turned."""
    return lot.feuilles[feuille].axe(colonne) if feuille in lot.feuilles else lettre(colonne)
