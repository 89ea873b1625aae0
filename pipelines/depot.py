"""Façade of the pipelines: verify, load, cancel, publish. The only module of `pipelines` that a dashboard imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.storage.archive import empreinte
from observatoire.storage.chargement import DejaCharge, charger
from observatoire.storage.depots import Depot, depot_actif, depots
from observatoire.storage.depots import annuler as annuler_depot
from observatoire.storage.depots import apercu_annulation as apercu
from observatoire.storage.depots import retablir as retablir_depot
from observatoire.storage.depots import valider as valider_depot
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from observatoire.storage.erreurs import DepotInconnu, EntrepotAbsent, EntrepotOccupe, ErreurEntrepot
from observatoire.storage.publication import Publication
from observatoire.storage.publication import publier as publier_fichiers
from observatoire.storage.publications import lister_publications
from observatoire.territoire import load_territoire
from pipelines.analyse import Analyse, Suivi, analyser
from pipelines.bilan import Bilan
from pipelines.compte import dresser, dresser_deja, dresser_refus
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.entetes import Correspondance
from pipelines.ingestion.grille import FichierRefuse
from pipelines.ingestion.metadonnees import nom_sans_personne
from pipelines.quality.controles import comparer
from pipelines.versement import a_charger, archiver_depot, reponses_presentes

__all__ = [
    "Bilan",
    "DepotInconnu",
    "EntrepotOccupe",
    "ErreurEntrepot",
    "annuler",
    "apercu_annulation",
    "deposer",
    "lister",
    "lister_publications",
    "publier",
    "retablir",
    "valider",
    "verifier",
]


def _muet(_: str) -> None: ...


def _empreinte(chemin: Path) -> str:
    try:
        return empreinte(chemin)
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
            lieux=load_territoire(settings.departement, settings.territoires),
            questionnaire=questionnaire,
            millesime=millesime,
            correspondance=correspondance,
            suivi=suivi,
        )
    except FichierRefuse as refus:
        return dresser_refus(nom_sans_personne(chemin.name), sha256, questionnaire, refus), None
    return dresser(chemin, sha256, settings, analyse), analyse


def deposer(
    chemin: Path,
    settings: Settings,
    *,
    questionnaire: str | None = None,
    millesime: int | None = None,
    correspondance: Correspondance | None = None,
    fictif: bool = False,
    qui: str = "",
    remplace: str | None = None,
    suivi: Suivi = _muet,
) -> Bilan:
    """Verify a file, then load its good rows in one transaction; pending rows are kept with their reasons.

    A file already loaded adds nothing and says when it was, unless it takes the place of that very deposit
    (`remplace`). With the four eyes of the settings, the deposit counts once somebody else has validated it.
    """
    deja = _deja_charge(chemin, settings)
    if deja and deja.depot_id != remplace:
        return dresser_deja(chemin, deja)
    bilan, analyse = _analyser(chemin, settings, questionnaire, millesime, correspondance, suivi)
    if bilan.refus or analyse is None:
        return bilan
    suivi("Chargement")
    lot = analyse.lot
    archive = archiver_depot(chemin, settings, bilan.sha256, lot, analyse.classeur)
    with EntrepotEcriture(settings, octets=analyse.classeur.taille) as con:
        if lot.enquete.cle:
            comparer(lot, reponses_presentes(con, lot, sauf=remplace))
        nouveau = a_charger(
            bilan,
            analyse,
            archive,
            fictif,
            qui,
            remplace=remplace,
            a_valider=settings.quatre_yeux,
            decisions=_choisi(questionnaire, millesime, correspondance),
            empreinte_archive=empreinte(settings.donnees / archive),
        )
        resultat = charger(con, nouveau)
    if isinstance(resultat, DejaCharge):
        return dresser_deja(chemin, resultat.depot)
    bilan.depot_id, bilan.charge = resultat.depot_id, True
    return bilan


def _choisi(
    questionnaire: str | None, millesime: int | None, correspondance: Correspondance | None
) -> Decisions | None:
    """What was given on the command line, kept with the deposit: it replays it. None when nothing was."""
    donnee = correspondance or Correspondance()
    choix = Decisions(
        questionnaire=questionnaire or donnee.questionnaire,
        millesime=millesime,
        colonnes=donnee.colonnes,
        constantes=donnee.constantes,
    )
    return None if choix == Decisions() else choix


def _deja_charge(chemin: Path, settings: Settings) -> Depot | None:
    try:
        sha256 = _empreinte(chemin)
        with EntrepotLecture(settings) as con:
            return depot_actif(con, sha256)
    except (FichierRefuse, EntrepotAbsent):
        return None


def lister(settings: Settings) -> list[dict[str, Any]]:
    """Every deposit, in loading order; empty when nothing was ever loaded."""
    try:
        with EntrepotLecture(settings) as con:
            champs = [c for c in Depot.__slots__ if c != "decisions"]
            return [{c: getattr(d, c) for c in champs} for d in depots(con)]
    except EntrepotAbsent:
        return []


def apercu_annulation(depot_id: str, settings: Settings) -> dict[int | None, int]:
    """Rows by year that would no longer count. DepotInconnu when there is no such deposit."""
    with EntrepotEcriture(settings) as con:
        return {x.millesime: x.lignes for x in apercu(con, depot_id)}


def annuler(depot_id: str, settings: Settings, qui: str = "") -> None:
    """Take a deposit out of the figures; nothing is erased, and the deposit it replaced counts again."""
    with EntrepotEcriture(settings) as con:
        annuler_depot(con, depot_id, qui)


def retablir(depot_id: str, settings: Settings, qui: str = "") -> None:
    """Put a cancelled deposit back into the figures; the one it replaces goes out again."""
    with EntrepotEcriture(settings) as con:
        retablir_depot(con, depot_id, qui)


def valider(depot_id: str, settings: Settings, qui: str) -> None:
    """Let a deposit count, once somebody else than its depositor has read it again."""
    with EntrepotEcriture(settings) as con:
        valider_depot(con, depot_id, qui)


def publier(
    settings: Settings, qui: str = "", *, suivi: Callable[[str, float], None] = lambda etape, part: None
) -> Publication:
    """Compute the figures and publish a new numbered version; its `en_attente` deposits are not counted.

    `suivi` is told each step of the computation and the share of it that is done (0–1).
    """
    from pipelines.notices_publiees import notices
    from pipelines.publication import remplir, remplir_analyse

    return publier_fichiers(
        settings,
        remplir(settings, suivi),
        remplir_analyse=remplir_analyse(settings),
        notices=notices(settings),
        qui=qui,
    )
