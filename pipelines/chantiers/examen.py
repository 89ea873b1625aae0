"""Read and judge the files of a deposit in progress with its choices, and find what they hold of personal data."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import Anomalie
from observatoire.domain.loader import load_enquetes
from observatoire.storage.depots import identifiant
from observatoire.territoire import load_territoire
from pipelines.analyse import Analyse, analyser
from pipelines.bilan import Bilan
from pipelines.chantiers import chantier as chantiers
from pipelines.chantiers.chantier import Chantier
from pipelines.chantiers.constat import voir_colonne, voir_trouvaille
from pipelines.compte import dresser
from pipelines.ingestion.dossier import lire_classeur
from pipelines.ingestion.epuration import Trouvaille, detecter, epurer, epurer_lot, lire_grille
from pipelines.ingestion.grille import Classeur, FichierRefuse, Table
from pipelines.sorties.annote import reference_annotee, sans_a_corriger

ETAPES = (
    "Lecture du fichier",
    "Reconnaissance du questionnaire",
    "Contrôle des réponses",
    "Jugement de la qualité",
    "Recherche de données personnelles",
    "Comparaison avec les dépôts précédents",
)


@dataclasses.dataclass(slots=True)
class Examen:
    """A judged deposit. `classeur` is the purified workbook, None when nothing could be read.

    `masque` is the whole workbook as it may be shown, never written: sheets that are not read are emptied in
    `classeur`. `reference` is the deposit in progress that an annotated copy says it corrects.
    """

    bilan: Bilan
    analyse: Analyse | None = None
    classeur: Classeur | None = None
    trouvailles: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    reference: str | None = None
    lu: Classeur | None = None
    masque: Classeur | None = None


class Suivi:
    """Says on disk where the work is; a second reading never goes back."""

    def __init__(self, settings: Settings, identifiant_chantier: str) -> None:
        self._settings = settings
        self._chantier = identifiant_chantier
        self._part = 0.0

    def __call__(self, etape: str) -> None:
        """Enter a step."""
        part = (ETAPES.index(etape) + 0.5) / len(ETAPES) if etape in ETAPES else 1.0
        if part > self._part:
            self._part = part
            chantiers.ecrire_avancement(self._settings, self._chantier, etape, part)


def juger(settings: Settings, chantier: Chantier, suivi: Suivi) -> Examen:
    """Read and judge. A file that cannot be taken gives a refusal, with its grid when it could be read."""
    chemins, grille = chantiers.sources(settings, chantier)
    try:
        suivi(ETAPES[0])
        recu = lire_grille(grille) if grille else lire_classeur(chemins, [f.nom for f in chantier.fichiers])
    except FichierRefuse as refus:
        return Examen(_refuser(chantier, refus))
    reference = reference_annotee(recu)
    lu = sans_a_corriger(recu)
    try:
        analyse = analyser(
            chemins,
            load_enquetes(),
            lieux=load_territoire(settings.departement, settings.territoires),
            decisions=chantier.decisions,
            classeur=lu,
            suivi=suivi,
        )
    except FichierRefuse as refus:
        trouvailles = [] if grille else detecter(lu, {}, [])
        vues = [voir_trouvaille(t) for t in trouvailles]
        return Examen(_refuser(chantier, refus), None, epurer(lu, trouvailles), vues, reference, lu)
    bilan = dresser(Path(chantier.nom), chantier.sha256, settings, analyse)
    suivi(ETAPES[4])
    if grille:
        vues = chantiers.lire_retirees(settings, chantier.id)
        return Examen(bilan, analyse, lu, vues, reference, lu)
    trouvailles, vues = _trouver(lu, analyse)
    masque = epurer(lu, [t for t in trouvailles if t.feuille not in analyse.personnelles])
    return Examen(bilan, analyse, epurer_lot(lu, analyse.lot), vues, reference, lu, masque)


def _trouver(lu: Classeur, analyse: Analyse) -> tuple[list[Trouvaille], list[dict[str, Any]]]:
    """Personal data of a workbook, and how it is shown; the columns that a source never keeps are told too."""
    utiles = {
        t.feuille.nom: [c.index for c, _, _ in a.champs.values()]
        for t, a in zip(analyse.tables, analyse.appariements, strict=True)
    }
    trouvailles = detecter(lu, utiles, analyse.tables)
    vues = [voir_trouvaille(t) for t in trouvailles]
    deja = {(v["feuille"], v["colonne"]) for v in vues}
    for table in analyse.tables:
        entetes = {c.index: c.entete for c in table.colonnes}
        for j, nature in analyse.personnelles.get(table.feuille.nom, {}).items():
            if (table.feuille.nom, j) not in deja and any(_pleine(table, i, j) for i in table.donnees):
                vues.append(voir_colonne(table.feuille.nom, j, entetes.get(j, ""), nature))
    return trouvailles, vues


def _pleine(table: Table, i: int, j: int) -> bool:
    return table.feuille.lignes[i][j] not in (None, "")


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
