"""The long jobs on a deposit in progress, run by a worker: examine it, annotate it, load it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from typing import Any

from observatoire.config.settings import Settings
from observatoire.storage.archive import empreinte
from observatoire.storage.chargement import DejaCharge, charger
from observatoire.storage.depots import depot
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from observatoire.storage.erreurs import DepotInconnu, EntrepotAbsent
from pipelines.analyse import Analyse
from pipelines.chantiers import chantier as chantiers
from pipelines.chantiers import souvenir
from pipelines.chantiers.archivage import archiver_chantier, tel_que_recu
from pipelines.chantiers.chantier import Chantier, ChantierInconnu
from pipelines.chantiers.comparaison import comparer_entrepot
from pipelines.chantiers.constat import apercus_caches, dresser_verdict
from pipelines.chantiers.examen import ETAPES, Examen, Suivi, juger
from pipelines.ingestion.corrections import copier, corriger
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.epuration import ecrire_grille
from pipelines.ingestion.grille import Classeur
from pipelines.quality.controles import comparer
from pipelines.sorties.annote import annoter
from pipelines.versement import a_charger, reponses_presentes


class DepotImpossible(Exception):
    """The deposit cannot be loaded as it stands; the message is French."""


def examiner(settings: Settings, identifiant_chantier: str, tous: bool = False) -> None:
    """Examine the present revision of a deposit in progress and keep the verdict; purify or release its bytes.

    `tous` when the person may go on with anybody's deposit, not only with her own.
    """
    debut = time.monotonic()
    chantier = chantiers.lire(settings, identifiant_chantier)
    if not chantier.ouvert:
        return
    suivi = Suivi(settings, chantier.id)
    examen = juger(settings, chantier, suivi)
    for prolonger in (_rattacher, _se_souvenir):
        if (nouveau := prolonger(settings, chantier, examen, tous)) is not None:
            chantier = nouveau
            examen = juger(settings, chantier, suivi)
    verdict = dresser_verdict(
        chantier.revision,
        examen.bilan,
        examen.analyse,
        examen.classeur,
        examen.trouvailles,
        chantier.decisions,
    )
    verdict.memoire, verdict.corrige = chantier.memoire, chantier.corrige
    suivi(ETAPES[5])
    comparer_entrepot(settings, chantier, verdict, examen)
    epure = _a_garder(settings, chantier, examen)
    with chantiers.modifier(settings, chantier.id) as edition:
        # Dropped, loaded or changed meanwhile: this verdict is of no more use.
        if edition.chantier.ouvert and edition.chantier.revision == chantier.revision:
            _ranger(settings, chantier, examen, epure)
            if examen.masque is not None:
                chantiers.ecrire_apercus(settings, chantier, apercus_caches(verdict, examen.masque))
            verdict.secondes = round(time.monotonic() - debut, 2)
            chantiers.ecrire_verdict(settings, chantier.id, verdict.to_dict())


def _rattacher(settings: Settings, chantier: Chantier, examen: Examen, tous: bool) -> Chantier | None:
    """An annotated copy comes back: same choices as the deposit it corrects, which it replaces if it was loaded.

    Anybody may have typed over the reference: it only ever leads to a deposit that the person may go on with.
    """
    if examen.reference is None or chantier.corrige is not None:
        return None
    try:
        corrige = chantiers.lire(settings, examen.reference)
    except ChantierInconnu:
        return None
    if corrige.id == chantier.id or (corrige.qui != chantier.qui and not tous):
        return None
    decisions = dataclasses.replace(corrige.decisions, corrections=(), retirer_personnelles=False)
    vise = corrige.depot_id or corrige.remplace
    return _changer(
        settings,
        chantier,
        corrige=corrige.id,
        decisions=decisions,
        remplace=vise if vise and _en_vigueur(settings, vise) else None,
        memoire=corrige.memoire,
        sans_memoire=corrige.sans_memoire,
    )


def _en_vigueur(settings: Settings, depot_id: str) -> bool:
    try:
        with EntrepotLecture(settings) as con:
            return depot(con, depot_id).actif
    except (EntrepotAbsent, DepotInconnu):
        return False


def _se_souvenir(settings: Settings, chantier: Chantier, examen: Examen, tous: bool) -> Chantier | None:
    """Take again the matching chosen for the same titles, unless the person chose or refused one."""
    if chantier.decisions.colonnes or chantier.memoire or chantier.sans_memoire:
        return None
    trouve = souvenir.se_souvenir(settings, examen.analyse, examen.lu, chantier.decisions)
    if trouve is None:
        return None
    return _changer(settings, chantier, memoire=trouve[0], decisions=trouve[1])


def _changer(settings: Settings, chantier: Chantier, **champs: Any) -> Chantier | None:
    """The deposit in progress changed; None when somebody changed it first."""
    with chantiers.modifier(settings, chantier.id) as edition:
        if not edition.chantier.ouvert or edition.chantier.revision != chantier.revision:
            return None
        edition.changer(**champs)
    return edition.chantier


def _a_garder(settings: Settings, chantier: Chantier, examen: Examen) -> Classeur | None:
    """The purified grid to keep, as the file has it: typed cells are choices, kept apart. None when it is kept already."""
    if not (examen.trouvailles and chantier.decisions.retirer_personnelles):
        return None
    if chantiers.marque_grille(settings, chantier.id) in (_marque(chantier.decisions), chantiers.ARCHIVE):
        return None
    return tel_que_recu(examen.classeur) if examen.classeur else None


def _marque(decisions: Decisions) -> str:
    """Fingerprint of the choices that say which sheets and columns are read: what is purified depends on them."""
    choix = (
        decisions.questionnaire,
        sorted(decisions.feuilles.items()),
        sorted(decisions.entetes.items()),
        sorted(decisions.colonnes.items()),
    )
    return hashlib.sha256(json.dumps(choix).encode()).hexdigest()


def _ranger(settings: Settings, chantier: Chantier, examen: Examen, epure: Classeur | None) -> None:
    """Clean bytes go to disk. Personal ones stay in memory, their purified grid goes to disk once agreed to.

    Bytes that nothing can read are forgotten at once.
    """
    if examen.classeur is None:
        chantiers.oublier_quarantaine(settings, chantier.id)
    elif not examen.trouvailles:
        chantiers.garder(settings, chantier)
    elif epure is not None:
        ecrire_grille(epure, chantiers.chemin_grille(settings, chantier.id))
        chantiers.ecrire_retirees(settings, chantier.id, examen.trouvailles, _marque(chantier.decisions))


def annoter_chantier(settings: Settings, identifiant_chantier: str) -> str:
    """Make the annotated copy of a deposit in progress, in the quarantine; returns its path."""
    chantier = chantiers.lire(settings, identifiant_chantier)
    chemins, _ = chantiers.sources(settings, chantier)
    examen = juger(settings, chantier, Suivi(settings, chantier.id))
    if examen.classeur is None:
        raise DepotImpossible("Ce fichier n’a pas pu être lu : il ne peut pas être annoté.")
    seul = chemins[0] if len(chemins) == 1 else None
    # The grid is the file's own: the cells typed again go into the copy, so that nobody types them twice.
    retape = copier(examen.classeur)
    corriger(retape, chantier.decisions.corrections)
    octets = annoter(seul, retape, examen.bilan.anomalies, chantier.id, nom=chantier.nom)
    with chantiers.modifier(settings, chantier.id) as edition:
        if not edition.chantier.ouvert:
            raise DepotImpossible("Ce dépôt a été chargé ou abandonné : il n’y a plus rien à annoter.")
        return str(chantiers.deposer_annote(settings, chantier, octets))


def verser(settings: Settings, identifiant_chantier: str, qui: str) -> str:
    """Load a deposit in progress in one transaction; returns its id. DepotImpossible says why not, in French."""
    chantier = chantiers.lire(settings, identifiant_chantier)
    if not chantier.ouvert:
        raise DepotImpossible("Ce dépôt a déjà été chargé ou abandonné.")
    montre = chantiers.lire_verdict(settings, chantier.id)
    if montre is None or montre["revision"] != chantier.revision:
        raise DepotImpossible("Vos derniers choix n’ont pas fini d’être examinés. Relisez-les, puis chargez.")
    examen = juger(settings, chantier, Suivi(settings, chantier.id))
    if examen.bilan.refus or examen.analyse is None or examen.classeur is None:
        message = examen.bilan.refus.message if examen.bilan.refus else "Ce fichier ne peut pas être lu."
        raise DepotImpossible(message)
    if examen.trouvailles and not chantier.decisions.retirer_personnelles:
        raise DepotImpossible(
            "Ce fichier contient des données personnelles. Retirez-les à l’étape « Reconnaître » avant de le charger."
        )
    if not examen.bilan.lignes_chargees:
        raise DepotImpossible(
            "Aucune ligne ne peut être chargée telle quelle. Corrigez-en au moins une à l’étape « Vérifier »."
        )
    return _charger(settings, chantier, examen, examen.analyse, examen.classeur, qui)


def _charger(
    settings: Settings, chantier: Chantier, examen: Examen, analyse: Analyse, epure: Classeur, qui: str
) -> str:
    from pipelines import qui_est_qui

    lot = analyse.lot
    archive = archiver_chantier(settings, chantier, epure, personnel=bool(examen.trouvailles))
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
            decisions=chantier.decisions,
            empreinte_archive=empreinte(settings.donnees / archive),
        )
        resultat = charger(con, nouveau)
        if isinstance(resultat, DejaCharge):
            raise DepotImpossible(_deja_charge(resultat))
        # From here on the deposit stands: what follows may fail without undoing it.
        with chantiers.modifier(settings, chantier.id) as edition:
            edition.changer(depot_id=resultat.depot_id)
        chantiers.effacer(settings, chantier.id)
        _clore_les_premiers(settings, chantier)
        souvenir.retenir(con, analyse, chantier.decisions, chantier.nom, qui)
        qui_est_qui.apres_chargement(con, settings, resultat.depot_id)
    return resultat.depot_id


def _deja_charge(deja: DejaCharge) -> str:
    quoi = "Les mêmes réponses sont déjà chargées" if deja.meme_contenu else "Le même fichier est déjà chargé"
    return f"{quoi} (dépôt « {deja.depot.depot_id} »). Rien n’a été ajouté."


def _clore_les_premiers(settings: Settings, chantier: Chantier) -> None:
    """The deposits in progress that an annotated copy corrects, one after the other, need not be loaded any more."""
    vus = {chantier.id}
    suivant = chantier.corrige
    while suivant is not None and suivant not in vus:
        vus.add(suivant)
        try:
            with chantiers.modifier(settings, suivant) as edition:
                suivant = edition.chantier.corrige
                ouvert = edition.chantier.ouvert
                if ouvert:
                    edition.changer(abandonne=True)
        except ChantierInconnu:
            return
        if ouvert:
            chantiers.effacer(settings, edition.chantier.id)
