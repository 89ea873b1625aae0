"""From the bytes of a file to a judged batch: read, recognise, match, convert, judge, check."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from observatoire.domain.anomalie import Niveau
from observatoire.domain.enquete import Enquete
from observatoire.domain.types.base import Lieux
from observatoire.territoire import Territoire
from pipelines.ingestion import annonces, caviardage, conversion, corrections, origines, questions, statuts
from pipelines.ingestion.conversion import Cadre
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.dossier import lire_classeur
from pipelines.ingestion.ecartees import ecarter
from pipelines.ingestion.entetes import Correspondance, Devinette, deviner, tables_pour
from pipelines.ingestion.grille import Appariement, Classeur, Feuille, FichierRefuse, Table
from pipelines.ingestion.lot import Lot
from pipelines.ingestion.mentions import (
    colonnes_en_milliers,
    mention_milliers,
    retenir_desordre,
    retenir_milliers,
)
from pipelines.ingestion.metadonnees import masquer_noms
from pipelines.ingestion.millesime import deduire, exiger
from pipelines.ingestion.origines import Provenance
from pipelines.ingestion.personnel import colonnes_personnelles
from pipelines.ingestion.questions import Question
from pipelines.ingestion.refus_aide import aider
from pipelines.quality.controles import controler
from pipelines.quality.quartiers import signaler_ailleurs
from pipelines.sources import benevalibre

__all__ = ["Analyse", "Question", "Suivi", "analyser", "lire_classeur"]

Suivi = Callable[[str], None]


def _muet(_: str) -> None: ...


@contextlib.contextmanager
def _sans_ramassage() -> Iterator[None]:
    """Pause the garbage collector: with Great Expectations loaded, each pass scans a million objects for nothing."""
    actif = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if actif:
            gc.enable()


@dataclass(slots=True)
class Analyse:
    """A judged batch and how the file was understood.

    `candidats` are the questionnaires that it may answer, best first (name, score, why); `origine` the tool that
    made it; `personnelles` the personal columns of each sheet, 0-based; `questions` what only the person can
    settle; `corrections_perdues` the corrected cells that are not in the file.
    """

    classeur: Classeur
    lot: Lot
    raison: str
    regles: Mapping[str, int] = field(default_factory=dict)
    correspondance: list[tuple[str, str, float, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    appariements: list[Appariement] = field(default_factory=list)
    candidats: list[tuple[str, float, str]] = field(default_factory=list)
    origine: Provenance = origines.INCONNU
    personnelles: dict[str, dict[int, str]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    corrections_perdues: list[str] = field(default_factory=list)


@_sans_ramassage()
def analyser(
    chemin: Path | Sequence[Path],
    enquetes: Mapping[str, Enquete],
    *,
    lieux: Lieux | None = None,
    decisions: Decisions | None = None,
    questionnaire: str | None = None,
    millesime: int | None = None,
    correspondance: Correspondance | None = None,
    noms: Sequence[str] | None = None,
    classeur: Classeur | None = None,
    suivi: Suivi = _muet,
) -> Analyse:
    """Read a file, or several as one deposit, and judge the rows. FichierRefuse when nothing can be taken.

    `decisions` is what the person chose; the other options say the same things one by one and win over it.
    `noms` are the names that she gave to the files. No file is opened when `classeur` is already read.
    """
    suivi("Lecture du fichier")
    classeur = corrections.copier(classeur) if classeur is not None else lire_classeur(chemin, noms)
    masquer_noms(classeur)
    if not any(v not in (None, "") for f in classeur.feuilles for ligne in f.lignes for v in ligne):
        raise FichierRefuse("FI-07")
    choix = _rassembler(decisions or Decisions(), correspondance, questionnaire, millesime)
    perdues = corrections.corriger(classeur, choix.corrections)
    suivi("Reconnaissance du questionnaire")
    export = benevalibre.reconnaitre(classeur)
    if export is not None and choix.questionnaire in (None, benevalibre.QUESTIONNAIRE):
        analyse = _benevalibre(classeur, export, enquetes, choix, lieux)
    else:
        analyse = _tableur(classeur, enquetes, choix, correspondance, lieux)
    analyse.corrections_perdues = perdues
    if not analyse.lot.lues and not any(a.niveau is Niveau.BLOQUANT for a in analyse.lot.anomalies):
        raise FichierRefuse("FI-07")
    analyse.questions = questions.poser(analyse.lot, analyse.tables, analyse.appariements)
    suivi("Contrôle des réponses")
    controler(analyse.lot)
    suivi("Jugement de la qualité")
    # Great Expectations takes seconds to import: only here, and never for an empty batch.
    from pipelines.quality import porte

    analyse.regles = porte.juger(analyse.lot)
    analyse.lot.anomalies.sort(key=lambda a: (a.feuille or "", a.ligne or 0, a.cellule or "", a.code))
    return analyse


def _rassembler(
    choix: Decisions, donnee: Correspondance | None, questionnaire: str | None, millesime: int | None
) -> Decisions:
    """The decisions, with what was given one by one laid over them."""
    donnee = donnee or Correspondance()
    return replace(
        choix,
        questionnaire=questionnaire or donnee.questionnaire or choix.questionnaire,
        millesime=millesime or choix.millesime,
        colonnes={**choix.colonnes, **donnee.colonnes},
        constantes={**choix.constantes, **donnee.constantes},
    )


def _benevalibre(
    classeur: Classeur,
    export: Feuille,
    enquetes: Mapping[str, Enquete],
    choix: Decisions,
    lieux: Lieux | None,
) -> Analyse:
    lot = Lot(enquetes[benevalibre.QUESTIONNAIRE], benevalibre.NOM)
    annonces.dire_fichiers(lot, classeur)
    natures = benevalibre.convertir(
        lot, export, dict(choix.constantes), lieux=lieux, ecartees=choix.ecartees.get(export.nom, ())
    )
    caviardage.dire_non_lues(lot, classeur, {export.nom})
    table, appariement = benevalibre.comme_table(lot, export)
    annonces.dire_feuilles(lot, classeur, [table], choix)
    return Analyse(
        classeur,
        lot,
        benevalibre.RAISON,
        tables=[table],
        appariements=[appariement],
        candidats=[(benevalibre.QUESTIONNAIRE, float(len(benevalibre.SIGNATURE)), benevalibre.RAISON)],
        origine=Provenance(benevalibre.NOM, benevalibre.LIBELLE, benevalibre.RAISON),
        personnelles={export.nom: natures},
    )


def _tableur(
    classeur: Classeur,
    enquetes: Mapping[str, Enquete],
    choix: Decisions,
    donnee: Correspondance | None,
    lieux: Lieux | None,
) -> Analyse:
    if choix.questionnaire is None and not choix.colonnes:
        origines.refuser_registre(classeur)
        origines.refuser_formulaire(classeur)
    trouve = _trouver(classeur, enquetes, choix, donnee)
    radical = Path(classeur.nom_fichier).stem
    annees = deduire(trouve.tables, classeur, radical, choix.millesime)
    tournees = {t.feuille.nom: t.feuille for t in trouve.tables}
    classeur.feuilles[:] = [tournees.get(f.nom, f) for f in classeur.feuilles]
    analyse = Analyse(
        classeur,
        Lot(trouve.enquete, "tableur"),
        trouve.raison,
        tables=trouve.tables,
        appariements=trouve.appariements,
        candidats=trouve.candidats,
        origine=origines.provenance(classeur, (c for a in trouve.appariements for c in a.champs)),
    )
    annonces.dire_fichiers(analyse.lot, classeur)
    annonces.dire_feuilles(analyse.lot, classeur, trouve.tables, choix)
    annonces.dire_fiches(analyse.lot, trouve.tables)
    caviardage.dire_non_lues(analyse.lot, classeur, set(tournees))
    for table, appariement in zip(trouve.tables, trouve.appariements, strict=True):
        ecarter(table, trouve.enquete, appariement, choix)
        _convertir(analyse, table, appariement, annees[table.feuille.nom], choix, lieux)
    return analyse


def _trouver(
    classeur: Classeur, enquetes: Mapping[str, Enquete], choix: Decisions, donnee: Correspondance | None
) -> Devinette:
    """The tables to read. Titles given on a command line must all be in the file; those of a screen were seen in it."""
    correspondance = replace(choix.correspondance, sans_usage=choix.sans_usage)
    exigees = donnee.colonnes if donnee else {}
    if choix.questionnaire is not None:
        trouve = tables_pour(classeur, enquetes[choix.questionnaire], correspondance, choix, exigees)
        if trouve is None:
            raise FichierRefuse("EN-05")
        autres = deviner(classeur, enquetes, correspondance, choix, ()) if len(enquetes) > 1 else None
        return replace(trouve, candidats=autres.candidats) if autres else trouve
    devine = deviner(classeur, enquetes, correspondance, choix, exigees)
    if devine is None:
        aide = aider(classeur, enquetes, correspondance, choix)
        raise FichierRefuse("FI-08", connus=", ".join(enquetes), aide=aide)
    return devine


def _convertir(
    analyse: Analyse,
    table: Table,
    appariement: Appariement,
    annee_lue: tuple[int | None, str],
    choix: Decisions,
    lieux: Lieux | None,
) -> None:
    lot, feuille = analyse.lot, table.feuille
    annee, origine = annee_lue
    titres = [(c.index, c.entete) for c in table.colonnes]
    # A column that feeds a declared field is never personal by its content alone.
    utiles = {c.index for c, _, _ in appariement.champs.values()}
    personnelles = {**colonnes_personnelles(table), **origines.personnes(titres)}
    personnelles = {j: n for j, n in personnelles.items() if j not in utiles}
    analyse.personnelles[feuille.nom] = personnelles
    mention = mention_milliers(table)
    caviardage.caviarder_table(lot, table, utiles, personnelles)
    annonces.exiger(lot, appariement, table, personnelles)
    annonces.dire_entetes(lot, table, appariement, personnelles, choix.sans_usage)
    annonces.dire_masquees(lot, table, appariement)
    debut = len(lot.origines)
    unite = choix.unites.get(feuille.nom)
    milliers = colonnes_en_milliers(lot, table, appariement, mention, unite)
    cadre = Cadre(lieux, annee, choix.conventions, milliers)
    conversion.convertir(lot, table, appariement, cadre, frozenset(personnelles))
    if isinstance(lieux, Territoire):
        signaler_ailleurs(lot, lieux, debut)
    corrections.noter(lot, table, debut)
    retenir_desordre(lot, table, debut)
    exiger(lot, debut, annee, origine, table, analyse.classeur.nom_fichier, personnelles)
    statuts.retenir_non_accordees(lot, table, appariement, debut, personnelles, choix.sans_usage)
    if unite is None:
        retenir_milliers(lot, table, appariement, debut, mention)
    lot.personnelles |= bool(personnelles)
    analyse.correspondance += [
        (colonne.entete, nom, score, methode) for nom, (colonne, score, methode) in appariement.champs.items()
    ]
