"""Façade of the pipelines: verify, load, cancel, publish. The only module of `pipelines` that a dashboard imports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import Anomalie
from observatoire.domain.loader import load_enquetes
from observatoire.domain.types import type_de
from observatoire.storage.archive import archiver, archiver_grille
from observatoire.storage.chargement import Correspondance as CorrespondanceStockee
from observatoire.storage.chargement import DejaCharge, DepotACharger, LigneEnAttente, charger
from observatoire.storage.depots import Depot, depot_actif, depots, identifiant
from observatoire.storage.depots import annuler as annuler_depot
from observatoire.storage.depots import apercu_annulation as apercu
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from observatoire.storage.erreurs import DepotInconnu, EntrepotAbsent, EntrepotOccupe, ErreurEntrepot
from observatoire.storage.insertion import en_table
from observatoire.storage.publication import Publication
from observatoire.storage.publication import publier as publier_fichiers
from observatoire.territoire import load_territoire
from pipelines.analyse import Analyse, Suivi, analyser
from pipelines.bilan import Bilan
from pipelines.ingestion.entetes import Correspondance
from pipelines.ingestion.grille import FichierRefuse, lettre
from pipelines.ingestion.lot import Lot
from pipelines.quality.controles import QUANTITES, cles_chargeables, comparer

__all__ = [
    "Bilan",
    "DepotInconnu",
    "EntrepotOccupe",
    "ErreurEntrepot",
    "annuler",
    "apercu_annulation",
    "deposer",
    "lister",
    "publier",
    "verifier",
]

# Codes that refuse the whole file although its cells could be read.
REFUS_DU_FICHIER = ("EN-01", "FI-11")


def _muet(_: str) -> None: ...


def _empreinte(chemin: Path) -> str:
    try:
        with chemin.open("rb") as flux:
            return hashlib.file_digest(flux, "sha256").hexdigest()
    except OSError:
        raise FichierRefuse("FI-10") from None


def verifier(
    chemin: Path,
    settings: Settings,
    *,
    questionnaire: str | None = None,
    millesime: int | None = None,
    correspondance: Correspondance | None = None,
    suivi: Suivi = _muet,
) -> Bilan:
    """Say everything that is wrong in a file; nothing is stored. Never raises on a depositor's file."""
    bilan, _ = _analyser(chemin, settings, questionnaire, millesime, correspondance, suivi)
    return bilan


def _analyser(
    chemin: Path,
    settings: Settings,
    questionnaire: str | None,
    millesime: int | None,
    correspondance: Correspondance | None,
    suivi: Suivi,
) -> tuple[Bilan, Analyse | None]:
    sha256 = ""
    try:
        sha256 = _empreinte(chemin)
        analyse = analyser(
            chemin,
            load_enquetes(),
            lieux=load_territoire(settings.departement),
            questionnaire=questionnaire,
            millesime=millesime,
            correspondance=correspondance,
            suivi=suivi,
        )
    except FichierRefuse as refus:
        details = {"fichier": chemin.name, **refus.details}
        anomalie = Anomalie(refus.code, feuille=_texte(details.get("feuille")), details=details)
        bilan = Bilan(
            chemin.name, identifiant(sha256), sha256, questionnaire, anomalies=[anomalie], refus=anomalie
        )
        return bilan, None
    return _bilan(chemin, sha256, settings, analyse), analyse


def _texte(valeur: object) -> str | None:
    return None if valeur is None else str(valeur)


def _bilan(chemin: Path, sha256: str, settings: Settings, analyse: Analyse) -> Bilan:
    lot = analyse.lot
    comptes = lot.comptes()
    lues = comptes["lignes_lues"] - comptes["lignes_ignorees"]
    refus = next((a for a in lot.anomalies if a.code in REFUS_DU_FICHIER), None)
    return Bilan(
        fichier=chemin.name,
        depot_id=identifiant(sha256),
        sha256=sha256,
        questionnaire=lot.enquete.name,
        source=lot.source,
        raison=analyse.raison,
        millesimes=tuple(sorted({lot.millesimes[i] or 0 for i in lot.chargeables} - {0})),
        lignes_lues=comptes["lignes_lues"],
        lignes_chargees=comptes["lignes_chargees"],
        lignes_en_attente=comptes["lignes_en_attente"],
        lignes_ignorees=comptes["lignes_ignorees"],
        valeurs_ecartees=_valeurs_ecartees(lot),
        anomalies=lot.anomalies,
        refus=refus,
        a_revoir=lues > 0 and comptes["lignes_en_attente"] > settings.seuil_a_revoir * lues,
        sommes=_sommes(lot),
        regles=analyse.regles,
        correspondance=analyse.correspondance,
    )


def _valeurs_ecartees(lot: Lot) -> int:
    """Refused cells in rows that load all the same."""
    retenues = {(lot.origines[i].feuille, n) for i in lot.attente for n in lot.origines[i].lignes_source}
    return sum(
        a.niveau.refuse
        and a.champ is not None
        and a.ligne is not None
        and (a.feuille, a.ligne) not in retenues
        for a in lot.anomalies
        if a.code not in REFUS_DU_FICHIER
    )


def _sommes(lot: Lot) -> dict[str, tuple[float, float, float]]:
    """For each quantity: sum read, loaded, pending (rows set aside as identical are in none of them)."""
    sommes = {}
    for champ in lot.enquete.champs_actifs():
        if type_de(champ).nom not in QUANTITES:
            continue
        valeurs = lot.colonnes[champ.name]
        chargee = sum(valeurs[i] for i in lot.chargeables if valeurs[i] is not None)
        attente = sum(valeurs[i] for i in lot.attente if i not in lot.doublons and valeurs[i] is not None)
        if chargee or attente:
            sommes[champ.name] = (float(chargee + attente), float(chargee), float(attente))
    return sommes


def deposer(
    chemin: Path,
    settings: Settings,
    *,
    questionnaire: str | None = None,
    millesime: int | None = None,
    correspondance: Correspondance | None = None,
    fictif: bool = False,
    qui: str = "",
    suivi: Suivi = _muet,
) -> Bilan:
    """Verify a file, then load its good rows in one transaction; pending rows are kept with their reasons.

    A file already loaded adds nothing and says when it was.
    """
    deja = _deja_charge(chemin, settings)
    if deja:
        return _bilan_deja(chemin, deja)
    bilan, analyse = _analyser(chemin, settings, questionnaire, millesime, correspondance, suivi)
    if bilan.refus or analyse is None:
        return bilan
    suivi("Chargement")
    lot = analyse.lot
    archive = _archiver(chemin, settings, bilan.sha256, lot)
    with EntrepotEcriture(settings, octets=analyse.classeur.taille) as con:
        if lot.enquete.cle:
            comparer(lot, _existants(con, lot))
        resultat = charger(con, _a_charger(bilan, analyse, archive, settings, fictif, qui))
    if isinstance(resultat, DejaCharge):
        return _bilan_deja(chemin, resultat.depot)
    bilan.depot_id, bilan.charge = resultat.depot_id, True
    return bilan


def _deja_charge(chemin: Path, settings: Settings) -> Depot | None:
    try:
        sha256 = _empreinte(chemin)
        with EntrepotLecture(settings) as con:
            return depot_actif(con, sha256)
    except (FichierRefuse, EntrepotAbsent):
        return None


def _bilan_deja(chemin: Path, deja: Depot) -> Bilan:
    details = {
        "fichier": chemin.name,
        "date": deja.depose_le.strftime("%d/%m/%Y"),
        "nb_lignes": deja.lignes_chargees,
        "depot": deja.depot_id,
    }
    return Bilan(
        chemin.name,
        deja.depot_id,
        deja.sha256,
        deja.questionnaire,
        deja.source,
        anomalies=[Anomalie("FI-03", details=details)],
        deja=True,
    )


def _archiver(chemin: Path, settings: Settings, sha256: str, lot: Lot) -> str:
    """Keep the bytes, or the grid without personal cells when there were some; path under the data folder."""
    if lot.personnelles:
        garde = archiver_grille(settings, sha256, [(g.feuille.nom, g.archive()) for g in lot.grilles])
    else:
        garde = archiver(settings, chemin, sha256, chemin.suffix.lower().lstrip("."))
    return garde.relative_to(settings.donnees).as_posix()


def _existants(
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


def _a_charger(
    bilan: Bilan, analyse: Analyse, archive: str, settings: Settings, fictif: bool, qui: str
) -> DepotACharger:
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
            CorrespondanceStockee(f, lettre(j), lot.entetes[f, champ], champ, "lu")
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


def lister(settings: Settings) -> list[dict[str, Any]]:
    """Every deposit, in loading order; empty when nothing was ever loaded."""
    try:
        with EntrepotLecture(settings) as con:
            return [{c: getattr(d, c) for c in Depot.__slots__} for d in depots(con)]
    except EntrepotAbsent:
        return []


def apercu_annulation(depot_id: str, settings: Settings) -> dict[int | None, int]:
    """Rows by year that would no longer count. DepotInconnu when there is no such deposit."""
    with EntrepotEcriture(settings) as con:
        return {x.millesime: x.lignes for x in apercu(con, depot_id)}


def annuler(depot_id: str, settings: Settings, qui: str = "") -> None:
    """Take a deposit out of the figures; nothing is erased."""
    with EntrepotEcriture(settings) as con:
        annuler_depot(con, depot_id, qui)


def publier(settings: Settings) -> Publication:
    """Compute the figures and publish a new numbered version."""
    from pipelines.publication import remplir, remplir_analyse

    return publier_fichiers(settings, remplir(settings), remplir_analyse=remplir_analyse)
