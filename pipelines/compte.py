"""The outcome of a file, drawn from its analysis or from the deposit that already holds it."""

from __future__ import annotations

from pathlib import Path

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import Anomalie
from observatoire.domain.types import type_de
from observatoire.storage.depots import Depot, identifiant
from pipelines.analyse import Analyse
from pipelines.bilan import Bilan
from pipelines.ingestion.grille import FichierRefuse
from pipelines.ingestion.lot import Lot
from pipelines.ingestion.metadonnees import nom_sans_personne
from pipelines.quality.controles import QUANTITES

# Codes that refuse the whole file although its cells could be read.
REFUS_DU_FICHIER = ("EN-01", "FI-11")


def dresser(chemin: Path, sha256: str, settings: Settings, analyse: Analyse) -> Bilan:
    """The outcome of an analysed file: counts, sums, refusal."""
    lot = analyse.lot
    comptes = lot.comptes()
    lues = comptes["lignes_lues"] - comptes["lignes_ignorees"]
    refus = next((a for a in lot.anomalies if a.code in REFUS_DU_FICHIER), None)
    return Bilan(
        fichier=nom_sans_personne(chemin.name),
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
        and (a.feuille, lot.ligne_de(a)) not in retenues
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


def dresser_refus(nom: str, sha256: str, questionnaire: str | None, refus: FichierRefuse) -> Bilan:
    """The outcome of a file that cannot be taken at all."""
    details = {"fichier": nom, **refus.details}
    feuille = details.get("feuille")
    anomalie = Anomalie(refus.code, feuille=None if feuille is None else str(feuille), details=details)
    return Bilan(nom, identifiant(sha256), sha256, questionnaire, anomalies=[anomalie], refus=anomalie)


def dresser_deja(chemin: Path, deja: Depot) -> Bilan:
    """The outcome of a file already loaded: when it was, and nothing added."""
    details = {
        "fichier": nom_sans_personne(chemin.name),
        "date": deja.depose_le.strftime("%d/%m/%Y"),
        "nb_lignes": deja.lignes_chargees,
        "depot": deja.depot_id,
    }
    return Bilan(
        nom_sans_personne(chemin.name),
        deja.depot_id,
        deja.sha256,
        deja.questionnaire,
        deja.source,
        anomalies=[Anomalie("FI-03", details=details)],
        deja=True,
    )
