"""The two long jobs on a deposit in progress, run by a worker: examine it, load it."""

from __future__ import annotations

import dataclasses
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import Anomalie
from observatoire.domain.loader import load_enquetes
from observatoire.storage import memoire
from observatoire.storage.chargement import DejaCharge, charger
from observatoire.storage.depots import Depot, depot_actif, depots, identifiant
from observatoire.storage.differences import differences
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from observatoire.storage.erreurs import EntrepotAbsent
from observatoire.territoire import load_territoire
from pipelines import chantier as chantiers
from pipelines.analyse import Analyse, analyser
from pipelines.annote import annoter, reference_annotee, sans_a_corriger
from pipelines.archivage import archiver_chantier
from pipelines.bilan import Bilan
from pipelines.chantier import Chantier
from pipelines.compte import dresser
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.dossier import lire_classeur
from pipelines.ingestion.epuration import detecter, ecrire_grille, epurer, epurer_lot, lire_grille
from pipelines.ingestion.grille import Classeur, FichierRefuse, Table
from pipelines.quality.controles import comparer
from pipelines.verdict import (
    Verdict,
    dresser_verdict,
    empreinte_titres,
    voir_cause,
    voir_colonne,
    voir_trouvaille,
)
from pipelines.versement import a_charger, lignes_typees, reponses_presentes

ETAPES = (
    "Lecture du fichier",
    "Reconnaissance du questionnaire",
    "Contrôle des réponses",
    "Jugement de la qualité",
    "Recherche de données personnelles",
    "Comparaison avec les dépôts précédents",
)


DIFFERENCES_MONTREES = 500


class DepotImpossible(Exception):
    """The deposit cannot be loaded as it stands; the message is French."""


@dataclasses.dataclass(slots=True)
class _Examen:
    bilan: Bilan
    analyse: Analyse | None = None
    classeur: Classeur | None = None
    trouvailles: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    reference: str | None = None


def examiner(settings: Settings, identifiant_chantier: str) -> None:
    """Examine the present revision of a deposit in progress and keep the verdict; purify or release its bytes."""
    debut = time.monotonic()
    chantier = chantiers.lire(settings, identifiant_chantier)
    suivi = _suivi(settings, chantier.id)
    examen = _examiner(settings, chantier, chantier.decisions, suivi)
    if examen.reference and chantier.corrige is None:
        chantier = _rattacher(settings, chantier, examen.reference)
        examen = _examiner(settings, chantier, chantier.decisions, suivi)
    souvenir = None
    if examen.analyse is not None and not chantier.decisions.colonnes:
        souvenir, decisions = _se_souvenir(settings, examen.analyse, chantier.decisions)
        if souvenir:
            examen = _examiner(settings, chantier, decisions, suivi)
    suivi(ETAPES[4])
    verdict = dresser_verdict(
        chantier.revision,
        examen.bilan,
        examen.analyse,
        examen.classeur,
        examen.trouvailles,
        chantier.decisions,
    )
    verdict.memoire = souvenir
    verdict.corrige = chantier.corrige
    suivi(ETAPES[5])
    _comparer_entrepot(settings, chantier, verdict, examen)
    _ranger(settings, chantier, verdict, examen)
    verdict.secondes = round(time.monotonic() - debut, 2)
    chantiers.ecrire_verdict(settings, chantier.id, verdict.to_dict())


def _suivi(settings: Settings, identifiant_chantier: str) -> Callable[[str], None]:
    def avancer(etape: str) -> None:
        rang = ETAPES.index(etape) if etape in ETAPES else len(ETAPES) - 1
        chantiers.ecrire_avancement(settings, identifiant_chantier, etape, (rang + 0.5) / len(ETAPES))

    return avancer


def _examiner(
    settings: Settings, chantier: Chantier, decisions: Decisions, suivi: Callable[[str], None]
) -> _Examen:
    """Read and judge. A file that cannot be taken gives a refusal, with its grid when it could be read."""
    chemins, grille = chantiers.sources(settings, chantier)
    try:
        suivi(ETAPES[0])
        original = (
            lire_grille(grille) if grille else lire_classeur(chemins, [f.nom for f in chantier.fichiers])
        )
    except FichierRefuse as refus:
        return _Examen(_refuser(chantier, refus))
    reference = reference_annotee(original)
    original = sans_a_corriger(original)
    try:
        analyse = analyser(
            chemins,
            load_enquetes(),
            lieux=load_territoire(settings.departement),
            decisions=decisions,
            classeur=original,
            suivi=suivi,
        )
    except FichierRefuse as refus:
        trouvailles = [] if grille else detecter(original, {}, [])
        vues = [voir_trouvaille(t) for t in trouvailles]
        return _Examen(_refuser(chantier, refus), None, epurer(original, trouvailles), vues, reference)
    bilan = dresser(Path(chantier.nom), chantier.sha256, settings, analyse)
    if grille:
        return _Examen(bilan, analyse, original, chantiers.lire_retirees(settings, chantier.id), reference)
    return _Examen(bilan, analyse, epurer_lot(original, analyse.lot), _trouver(original, analyse), reference)


def _trouver(original: Classeur, analyse: Analyse) -> list[dict[str, Any]]:
    """Personal data of a workbook, as it is shown; the columns that a source never keeps are told too."""
    utiles = {
        t.feuille.nom: [c.index for c, _, _ in a.champs.values()]
        for t, a in zip(analyse.tables, analyse.appariements, strict=True)
    }
    vues = [voir_trouvaille(t) for t in detecter(original, utiles, analyse.tables)]
    deja = {(v["feuille"], v["colonne"]) for v in vues}
    for table in analyse.tables:
        entetes = {c.index: c.entete for c in table.colonnes}
        for j, nature in analyse.personnelles.get(table.feuille.nom, {}).items():
            if (table.feuille.nom, j) not in deja and any(_pleine(table, i, j) for i in table.donnees):
                vues.append(voir_colonne(table.feuille.nom, j, entetes.get(j, ""), nature))
    return vues


def _pleine(table: Table, i: int, j: int) -> bool:
    return table.feuille.lignes[i][j] not in (None, "")


def _rattacher(settings: Settings, chantier: Chantier, reference: str) -> Chantier:
    """An annotated copy comes back: same choices as the deposit it corrects, which it replaces if it was loaded."""
    try:
        corrige = chantiers.lire(settings, reference)
    except chantiers.ChantierInconnu:
        return chantier
    decisions = dataclasses.replace(corrige.decisions, corrections=(), retirer_personnelles=False)
    with chantiers.modifier(settings, chantier.id) as edition:
        edition.changer(
            corrige=corrige.id, decisions=decisions, remplace=corrige.depot_id or corrige.remplace
        )
    return edition.chantier


def _refuser(chantier: Chantier, refus: FichierRefuse) -> Bilan:
    details = {"fichier": chantier.nom, **refus.details}
    feuille = details.get("feuille")
    anomalie = Anomalie(refus.code, feuille=None if feuille is None else str(feuille), details=details)
    return Bilan(
        chantier.nom,
        identifiant(chantier.sha256),
        chantier.sha256,
        chantier.decisions.questionnaire,
        anomalies=[anomalie],
        refus=anomalie,
    )


def _se_souvenir(settings: Settings, analyse: Analyse, decisions: Decisions) -> tuple[str | None, Decisions]:
    """The matching remembered for these titles, if any, laid under the present choices."""
    try:
        with EntrepotLecture(settings) as con:
            souvenir = memoire.retrouver(con, empreinte_titres(analyse), decisions.questionnaire)
    except EntrepotAbsent:
        return None, decisions
    if souvenir is None:
        return None, decisions
    ancien = Decisions.from_dict(json.loads(souvenir.decisions))
    return souvenir.nom, dataclasses.replace(
        decisions,
        questionnaire=decisions.questionnaire or ancien.questionnaire,
        colonnes={**ancien.colonnes, **decisions.colonnes},
        conventions={**ancien.conventions, **decisions.conventions},
    )


def _comparer_entrepot(settings: Settings, chantier: Chantier, verdict: Verdict, examen: _Examen) -> None:
    """What the warehouse already knows: same bytes, other answers of the same associations, what it may replace."""
    if examen.analyse is None:
        return
    lot = examen.analyse.lot
    try:
        with EntrepotLecture(settings) as con:
            deja = depot_actif(con, chantier.sha256)
            if deja is not None and deja.depot_id != chantier.reprise:
                verdict.deja = _decrire(deja)
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


def _differences(con: duckdb.DuckDBPyConnection, remplace: str, analyse: Analyse) -> dict[str, Any]:
    """Counts by kind, and the lines that are not identical (the first ones)."""
    lot = analyse.lot
    trouvees = differences(con, lot.enquete.name, lignes_typees(lot), remplace)
    comptes = Counter(d.genre for d in trouvees)
    autres = [dataclasses.asdict(d) for d in trouvees if d.genre != "identique"]
    return {"comptes": dict(comptes), "lignes": autres[:DIFFERENCES_MONTREES], "total": len(autres)}


def annoter_chantier(settings: Settings, identifiant_chantier: str) -> str:
    """Make the annotated copy of a deposit in progress, in the quarantine; returns its path."""
    chantier = chantiers.lire(settings, identifiant_chantier)
    examen = _examiner(settings, chantier, chantier.decisions, _suivi(settings, chantier.id))
    chemins, _ = chantiers.sources(settings, chantier)
    seul = chemins[0] if len(chemins) == 1 else None
    classeur = examen.classeur
    if classeur is None:
        raise DepotImpossible("Ce fichier n’a pas pu être lu : il ne peut pas être annoté.")
    octets = annoter(seul, classeur, examen.bilan.anomalies, chantier.id, nom=chantier.nom)
    return str(chantiers.deposer_annote(settings, chantier, octets))


def _decrire(depot: Depot) -> dict[str, Any]:
    return {
        "depot_id": depot.depot_id,
        "nom_fichier": depot.nom_fichier,
        "depose_le": depot.depose_le.isoformat(timespec="minutes"),
        "depose_par": depot.depose_par or "",
        "millesime": depot.millesime,
        "lignes_chargees": depot.lignes_chargees,
    }


def _ranger(settings: Settings, chantier: Chantier, verdict: Verdict, examen: _Examen) -> None:
    """Clean bytes go to disk; personal ones stay in memory until the depositor agrees to the purified grid."""
    if examen.classeur is None:
        return
    if not examen.trouvailles:
        chantiers.garder(settings, chantier)
    elif (
        chantier.decisions.retirer_personnelles
        and not chantiers.chemin_grille(settings, chantier.id).exists()
    ):
        chantiers.ecrire_retirees(settings, chantier.id, examen.trouvailles)
        ecrire_grille(examen.classeur, chantiers.chemin_grille(settings, chantier.id))
        chantiers.oublier_quarantaine(settings, chantier.id)


def verser(settings: Settings, identifiant_chantier: str, qui: str) -> str:
    """Load a deposit in progress in one transaction; returns its id. DepotImpossible says why not, in French."""
    chantier = chantiers.lire(settings, identifiant_chantier)
    if not chantier.ouvert:
        raise DepotImpossible("Ce dépôt a déjà été chargé ou abandonné.")
    brut = chantiers.lire_verdict(settings, chantier.id)
    souvenir: Mapping[str, Any] = brut or {}
    decisions = chantier.decisions
    suivi = _suivi(settings, chantier.id)
    examen = _examiner(settings, chantier, decisions, suivi)
    if souvenir.get("memoire") and examen.analyse is not None:
        _, decisions = _se_souvenir(settings, examen.analyse, decisions)
        examen = _examiner(settings, chantier, decisions, suivi)
    if examen.bilan.refus or examen.analyse is None:
        message = examen.bilan.refus.message if examen.bilan.refus else "Ce fichier ne peut pas être lu."
        raise DepotImpossible(message)
    if examen.trouvailles and not decisions.retirer_personnelles:
        raise DepotImpossible(
            "Ce fichier contient des données personnelles. Retirez-les à l’étape « Reconnaître » avant de le charger."
        )
    return _charger(settings, chantier, decisions, examen, qui)


def _clore_la_premiere(settings: Settings, chantier: Chantier) -> None:
    """The deposit in progress that an annotated copy corrects has no more reason to be loaded."""
    if chantier.corrige is None or not chantiers.lire(settings, chantier.corrige).ouvert:
        return
    with chantiers.modifier(settings, chantier.corrige) as edition:
        edition.changer(abandonne=True)
    chantiers.effacer(settings, chantier.corrige)


def _charger(settings: Settings, chantier: Chantier, decisions: Decisions, examen: _Examen, qui: str) -> str:
    from pipelines import qui_est_qui

    analyse = examen.analyse
    assert analyse is not None
    assert examen.classeur is not None
    lot = analyse.lot
    archive = archiver_chantier(settings, chantier, examen.classeur, personnel=bool(examen.trouvailles))
    with EntrepotEcriture(settings, octets=analyse.classeur.taille) as con:
        if lot.enquete.cle:
            comparer(lot, reponses_presentes(con, lot, sauf=chantier.remplace))
        nouveau = a_charger(
            examen.bilan,
            analyse,
            archive,
            False,
            qui,
            remplace=chantier.remplace,
            a_valider=settings.quatre_yeux,
            decisions=decisions,
        )
        resultat = charger(con, nouveau)
        if isinstance(resultat, DejaCharge):
            raise DepotImpossible(
                f"Le même fichier est déjà chargé (dépôt « {resultat.depot.depot_id} »). Rien n’a été ajouté."
            )
        # From here on the deposit stands: what follows may fail without undoing it.
        with chantiers.modifier(settings, chantier.id) as edition:
            edition.changer(depot_id=resultat.depot_id)
        _clore_la_premiere(settings, chantier)
        choisies = any(methode == "donne" for *_, methode in analyse.correspondance)
        if choisies or decisions.sans_usage:
            memoire.retenir(
                con,
                empreinte_titres(analyse),
                lot.enquete.name,
                chantier.nom,
                json.dumps(
                    dataclasses.replace(decisions, corrections=(), ecartees={}).to_dict(), ensure_ascii=False
                ),
                qui,
            )
        qui_est_qui.apres_chargement(con, settings, resultat.depot_id)
    chantiers.effacer(settings, chantier.id)
    return resultat.depot_id
