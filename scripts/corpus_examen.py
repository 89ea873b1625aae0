"""One file of the corpus: what `verifier` says of it, and its quantities against an independent reading.

Every quantity read by the product is compared, cell by cell, with the number that `tests.independant` sees in the
same column of the file. A cell that is not counted as written must have been said to the depositor: its anomaly is
the explanation. A difference that nothing said explains is a bug.
"""

from __future__ import annotations

import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from corpus_sommes import CENTIME, Somme, comparer, lignes_perdues

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import Anomalie
from observatoire.domain.loader import load_enquetes
from observatoire.territoire import load_territoire
from pipelines.analyse import analyser, lire_classeur
from pipelines.bilan import Bilan
from pipelines.compte import dresser
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.grille import FichierRefuse
from pipelines.ingestion.origines import INCONNU, Provenance, provenance
from tests import independant


@dataclass(slots=True)
class Examen:
    """A row of the table.

    `panne` says how the run ended when it gave nothing; `memoire` is the peak of the run and that of its reading
    process, in kilobytes, added up.
    """

    fichier: str
    choix: str = ""
    outil: str = ""
    questionnaire: str = ""
    refus: str = ""
    phrase: str = ""
    comptes: tuple[int, int, int, int] = (0, 0, 0, 0)
    causes: list[tuple[str, int]] = field(default_factory=list)
    sommes: list[Somme] = field(default_factory=list)
    incoherences: list[str] = field(default_factory=list)
    panne: str = ""
    secondes: float = 0.0
    memoire: int = 0

    @property
    def reconnu(self) -> bool:
        """True when a questionnaire was found, even if the file is then refused."""
        return bool(self.questionnaire)


def examiner(chemin: Path, relatif: str, settings: Settings, decisions: Decisions, choix: str) -> Examen:
    """Run what `verifier` runs on one file, then add up its columns independently."""
    examen = Examen(relatif, choix)
    debut = time.perf_counter()
    analyse = bilan = None
    try:
        classeur = lire_classeur(chemin)
        examen.outil = _libelle(provenance(classeur))
        analyse = analyser(
            chemin,
            load_enquetes(),
            lieux=load_territoire(settings.departement),
            decisions=decisions,
            classeur=classeur,
        )
        examen.outil = _libelle(analyse.origine)
        bilan = dresser(chemin, classeur.sha256, settings, analyse)
    except FichierRefuse as refus:
        _refuser(examen, Anomalie(refus.code, details={"fichier": chemin.name, **refus.details}))
    examen.secondes = time.perf_counter() - debut
    mesures = (resource.getrusage(qui).ru_maxrss for qui in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    examen.memoire = sum(mesures)
    if analyse is not None and bilan is not None:
        _remplir(examen, bilan)
        feuilles = independant.feuilles(chemin)
        examen.sommes = comparer(analyse.lot, feuilles, decisions.conventions)
        examen.incoherences = [
            *_incoherences(bilan, examen.sommes, decisions),
            *lignes_perdues(analyse.lot, feuilles),
        ]
    return examen


def _libelle(origine: Provenance) -> str:
    return "" if origine == INCONNU else origine.libelle


def _refuser(examen: Examen, refus: Anomalie) -> None:
    nom = refus.details.get("fichier")
    examen.refus = refus.code
    examen.phrase = refus.phrase.replace(f"«\u00a0{nom}\u00a0»", "«\u00a0…\u00a0»")


def _remplir(examen: Examen, bilan: Bilan) -> None:
    examen.questionnaire = bilan.questionnaire or ""
    if bilan.source == "benevalibre":
        examen.outil = "Bénévalibre"
    if bilan.refus:
        _refuser(examen, bilan.refus)
    examen.comptes = (
        bilan.lignes_lues,
        bilan.lignes_chargees,
        bilan.lignes_en_attente,
        bilan.lignes_ignorees,
    )
    rangs = {a.code: a.niveau.rang for a in bilan.anomalies}
    examen.causes = sorted(bilan.causes().items(), key=lambda c: (rangs[c[0]], -c[1], c[0]))


def _incoherences(bilan: Bilan, sommes: list[Somme], decisions: Decisions) -> Iterator[str]:
    """The total of the report against the total of its columns, the counts against the invariant."""
    if bilan.lignes_lues != bilan.lignes_chargees + bilan.lignes_en_attente + bilan.lignes_ignorees:
        yield "le compte des lignes est faux"
    par_champ: dict[str, Decimal] = defaultdict(Decimal)
    for somme in sommes:
        par_champ[somme.champ] += somme.lue
    for champ, total in par_champ.items():
        lue = Decimal(str(bilan.sommes.get(champ, (0.0,))[0]))
        if champ not in decisions.constantes and abs(lue - total) >= CENTIME:
            yield f"somme annoncée de {champ}\u00a0: {lue}, somme de ses cellules\u00a0: {total}"
