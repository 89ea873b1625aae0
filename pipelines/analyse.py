"""From the bytes of a file to a judged batch: read, recognise, match, convert, judge, check."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from observatoire.domain.anomalie import Anomalie, Niveau, enumerer
from observatoire.domain.enquete import Enquete
from observatoire.domain.types.base import Lieux
from pipelines.ingestion import caviardage, conversion
from pipelines.ingestion.entetes import Correspondance, Devinette, deviner, proches_de, tables_pour
from pipelines.ingestion.grille import Appariement, Classeur, FichierRefuse, Table, adresse
from pipelines.ingestion.lecteur import lire_fichier
from pipelines.ingestion.lot import Lot
from pipelines.ingestion.mentions import en_milliers, mention_milliers, retenir_desordre, retenir_milliers
from pipelines.ingestion.millesime import deduire, exiger
from pipelines.ingestion.personnel import colonnes_personnelles
from pipelines.quality.controles import controler
from pipelines.sources import benevalibre

Suivi = Callable[[str], None]
LIGNES_CITEES = 10


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
    """A judged batch and how the file was understood."""

    classeur: Classeur
    lot: Lot
    raison: str
    regles: Mapping[str, int] = field(default_factory=dict)
    correspondance: list[tuple[str, str, float, str]] = field(default_factory=list)


@_sans_ramassage()
def analyser(
    chemin: Path,
    enquetes: Mapping[str, Enquete],
    *,
    lieux: Lieux | None = None,
    questionnaire: str | None = None,
    millesime: int | None = None,
    correspondance: Correspondance | None = None,
    suivi: Suivi = _muet,
) -> Analyse:
    """Read `chemin` and judge its rows. FichierRefuse when the file as a whole cannot be taken."""
    suivi("Lecture du fichier")
    classeur = lire_fichier(chemin)
    if not any(v not in (None, "") for f in classeur.feuilles for ligne in f.lignes for v in ligne):
        raise FichierRefuse("FI-07")
    donnee = correspondance or Correspondance()
    questionnaire = questionnaire or donnee.questionnaire
    suivi("Reconnaissance du questionnaire")
    feuille = benevalibre.reconnaitre(classeur)
    if feuille is not None and questionnaire in (None, benevalibre.QUESTIONNAIRE):
        lot = Lot(enquetes[benevalibre.QUESTIONNAIRE], benevalibre.NOM)
        benevalibre.convertir(lot, feuille, dict(donnee.constantes), lieux=lieux, millesime=millesime)
        analyse = Analyse(classeur, lot, "colonnes d’un export Bénévalibre")
        caviardage.dire_non_lues(lot, classeur, {feuille.nom})
    else:
        trouve = _trouver(classeur, enquetes, questionnaire, donnee)
        annee = deduire(trouve.tables, classeur, chemin.stem, millesime)
        analyse = _convertir(classeur, trouve, annee, lieux)
    if not analyse.lot.lues and not any(a.niveau is Niveau.BLOQUANT for a in analyse.lot.anomalies):
        raise FichierRefuse("FI-07")
    suivi("Contrôle des réponses")
    controler(analyse.lot)
    suivi("Jugement de la qualité")
    # Great Expectations takes seconds to import: only here, and never for an empty batch.
    from pipelines.quality import porte

    analyse.regles = porte.juger(analyse.lot)
    analyse.lot.anomalies.sort(key=lambda a: (a.feuille or "", a.ligne or 0, a.cellule or "", a.code))
    return analyse


def _trouver(
    classeur: Classeur,
    enquetes: Mapping[str, Enquete],
    questionnaire: str | None,
    correspondance: Correspondance,
) -> Devinette:
    if questionnaire is not None:
        trouve = tables_pour(classeur, enquetes[questionnaire], correspondance)
        if trouve is None:
            raise FichierRefuse("EN-05")
        return trouve
    devine = deviner(classeur, enquetes, correspondance)
    if devine is None:
        raise FichierRefuse("FI-08", connus=", ".join(enquetes))
    return devine


def _convertir(
    classeur: Classeur, trouve: Devinette, annees: dict[str, tuple[int | None, str]], lieux: Lieux | None
) -> Analyse:
    lot = Lot(trouve.enquete, "tableur")
    analyse = Analyse(classeur, lot, trouve.raison)
    _dire_feuilles(lot, classeur, trouve)
    caviardage.dire_non_lues(lot, classeur, {t.feuille.nom for t in trouve.tables})
    for table, appariement in zip(trouve.tables, trouve.appariements, strict=True):
        annee, origine = annees[table.feuille.nom]
        personnelles = colonnes_personnelles(table)
        # A column that feeds a declared field is never personal by its content alone.
        utiles = {c.index for c, _, _ in appariement.champs.values()}
        personnelles = {j: n for j, n in personnelles.items() if j not in utiles}
        mention = mention_milliers(table)
        caviardage.caviarder_table(lot, table, utiles, personnelles)
        _exiger(lot, appariement, table)
        _dire_entetes(lot, table, appariement, personnelles)
        _dire_masquees(lot, table)
        debut = len(lot.origines)
        conversion.convertir(
            lot, table, appariement, lieux=lieux, millesime=annee, personnelles=frozenset(personnelles)
        )
        retenir_desordre(lot, table, debut)
        exiger(lot, debut, annee, origine, table, classeur.nom_fichier)
        retenir_milliers(lot, table, appariement, debut, mention)
        lot.personnelles |= bool(personnelles)
        analyse.correspondance += [
            (colonne.entete, nom, score, methode)
            for nom, (colonne, score, methode) in appariement.champs.items()
        ]
    return analyse


def _dire_feuilles(lot: Lot, classeur: Classeur, trouve: Devinette) -> None:
    retenues = {t.feuille.nom for t in trouve.tables}
    pleines = [f for f in classeur.feuilles if any(v not in (None, "") for x in f.lignes for v in x)]
    for feuille in pleines:
        if not feuille.visible and feuille.nom not in retenues and feuille.nom != "Listes":
            lot.anomalies.append(Anomalie("FE-02", feuille=feuille.nom))
    visibles = [f.nom for f in pleines if f.visible]
    autres = [n for n in visibles if n not in retenues and n != "À lire"]
    if autres:
        details = {
            "nb": len(visibles),
            "feuilles": ", ".join(f"«\u00a0{n}\u00a0»" for n in visibles),
            "retenue": ", ".join(f"«\u00a0{t.feuille.nom}\u00a0»" for t in trouve.tables),
        }
        lot.anomalies.append(Anomalie("FE-01", details=details))


def _dire_masquees(lot: Lot, table: Table) -> None:
    """Say the hidden rows that were read like the others (FE-03): the person does not see them."""
    lignes = [i + 1 for i in table.donnees if i in table.feuille.masquees]
    if lignes:
        suite = [f"{len(lignes) - LIGNES_CITEES} autres"] if len(lignes) > LIGNES_CITEES else []
        details = {"lignes": enumerer([*lignes[:LIGNES_CITEES], *suite])}
        lot.anomalies.append(Anomalie("FE-03", table.feuille.nom, lignes[0], details=details))


def _exiger(lot: Lot, appariement: Appariement, table: Table) -> None:
    """Say each required column that is nowhere (EN-01), naming the nearest ones; its rows stay pending."""
    for champ in lot.enquete.champs_actifs():
        if not champ.obligatoire or champ.name in appariement.champs or champ.name in appariement.constantes:
            continue
        proches = ", ".join(f"«\u00a0{c.entete}\u00a0»" for c in proches_de(champ, appariement.inconnues))
        details = {
            "titre": champ.title,
            "champ": champ.name,
            "proches": f" Colonnes proches\u00a0: {proches}." if proches else "",
        }
        lot.anomalies.append(
            Anomalie("EN-01", table.feuille.nom, table.ligne_entete + 1, champ=champ.name, details=details)
        )


def _dire_entetes(lot: Lot, table: Table, appariement: Appariement, personnelles: Mapping[int, str]) -> None:
    def dire(code: str, index: int, entete: str, champ: str | None = None, **details: object) -> None:
        lot.anomalies.append(
            Anomalie(
                code,
                feuille=table.feuille.nom,
                ligne=table.ligne_entete + 1,
                cellule=adresse(table.ligne_entete, index),
                colonne=entete,
                champ=champ,
                details=details,
            )
        )

    for nom, (colonne, score, methode) in appariement.champs.items():
        if methode == "proche":
            dire(
                "EN-04",
                colonne.index,
                colonne.entete,
                nom,
                titre=lot.enquete.champ(nom).title,
                score=round(score),
            )
    for nom, colonnes in appariement.collisions.items():
        noms = enumerer(
            f"«\u00a0{c.entete}\u00a0» ({adresse(table.ligne_entete, c.index)})" for c in colonnes
        )
        dire(
            "EN-02",
            colonnes[-1].index,
            colonnes[-1].entete,
            nom,
            colonnes=noms,
            titre=lot.enquete.champ(nom).title,
        )
    for colonne in appariement.inconnues:
        if colonne.index in personnelles:
            dire("RG-01", colonne.index, colonne.entete, nature=personnelles[colonne.index])
        elif en_milliers(colonne.entete):
            dire("EN-09", colonne.index, colonne.entete)
        elif colonne.entete:
            dire("EN-03", colonne.index, colonne.entete)
