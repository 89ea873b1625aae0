"""The year the answers are about: given, written in the file, or asked. Never chosen among several."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from observatoire.domain.anomalie import Anomalie
from pipelines.ingestion.dossier import SEPARATEUR
from pipelines.ingestion.grille import Classeur, Table
from pipelines.ingestion.lot import Lot

MARQUE = "observatoire:millesime"  # written by the template, in its hidden sheet
_ANNEE = re.compile(r"(?<!\d)(20[0-4]\d|19[89]\d)(?!\d)")


def deduire(
    tables: Iterable[Table], classeur: Classeur, radical: str, donne: int | None
) -> dict[str, tuple[int | None, str]]:
    """Year of each sheet and where it was read; (None, "") when no place says one year and one only."""
    return {t.feuille.nom: (donne, "") if donne else _de(t, classeur, radical) for t in tables}


def _de(table: Table, classeur: Classeur, radical: str) -> tuple[int | None, str]:
    nom = table.feuille.nom
    if table.feuille.fichier:
        nom, radical = nom.rpartition(SEPARATEUR)[2], Path(table.feuille.fichier).stem
    dessus = table.feuille.lignes[: table.ligne_entete]
    if table.feuille.transposee:  # the titles of a form and of its sections stand among the questions
        lues = {c.index for c in table.colonnes}
        entete = table.feuille.lignes[table.ligne_entete]
        dessus = [*dessus, [v for j, v in enumerate(entete) if j not in lues]]
    sources = (
        ("" if nom == radical else nom, "le nom de la feuille"),
        (_marque(classeur), "le gabarit"),
        (radical, "le nom du fichier"),
        (
            " ".join(v for ligne in dessus for v in ligne if isinstance(v, str)),
            "le titre au-dessus du tableau",
        ),
    )
    for texte, origine in sources:
        annees = set(_ANNEE.findall(texte))
        if len(annees) == 1:
            return int(annees.pop()), origine
    return None, ""


def _marque(classeur: Classeur) -> str:
    lignes = (x for f in classeur.feuilles if not f.visible for x in f.lignes if len(x) > 1)
    return next((str(x[1]) for x in lignes if x[0] == MARQUE), "")


def exiger(lot: Lot, debut: int, annee: int | None, origine: str, table: Table, fichier: str) -> None:
    """Ask for a year that is nowhere, or miss in some rows; say a year that was deduced and used."""
    sans = [i for i in range(debut, len(lot.origines)) if not _annee_propre(lot, i)]
    if sans and annee is None and all(m is None for m in lot.millesimes[debut:]):
        lot.anomalies.append(Anomalie("FI-11", details={"fichier": table.feuille.fichier or fichier}))
        for i in sans:
            lot.retenir(i, "FI-11")
    elif annee is None:
        _dire_manquantes(lot, sans)
    elif sans and origine:
        details = {"annee": annee, "origine": origine}
        lot.anomalies.append(Anomalie("FI-12", feuille=table.feuille.nom, details=details))


def _dire_manquantes(lot: Lot, sans: Iterable[int]) -> None:
    """VA-01 at each missing year, unless the cell is filled and already said wrong."""
    champ = lot.enquete.champ(lot.enquete.millesime_de[0])
    dites = {(a.feuille, lot.ligne_de(a)) for a in lot.anomalies if a.champ == champ.name}
    for i in sans:
        origine = lot.origines[i]
        if lot.millesimes[i] is not None or "LG-01" in lot.attente.get(i, ()):
            continue
        if (origine.feuille, origine.ligne) not in dites:
            lot.anomalie("VA-01", i, champ.name, titre=champ.title, exemple=champ.example)
        lot.retenir(i, "VA-01")


def _annee_propre(lot: Lot, i: int) -> bool:
    return any(lot.colonnes[n][i] is not None for n in lot.enquete.millesime_de if n in lot.colonnes)
