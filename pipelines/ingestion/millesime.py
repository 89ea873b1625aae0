"""The year the answers are about: given, written in the file, or asked. Never chosen among several."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from observatoire.domain.anomalie import Anomalie, couper
from observatoire.domain.types import type_de
from observatoire.domain.types.base import Valeur
from pipelines.ingestion.cellules import en_texte, est_annee, vide
from pipelines.ingestion.dossier import SEPARATEUR
from pipelines.ingestion.grille import Classeur, Colonne, Table
from pipelines.ingestion.lot import Lot
from pipelines.ingestion.titres import formes

MARQUE = "observatoire:millesime"  # written by the template, in its hidden sheet
CITEES = 5
DECALEES = frozenset(("LG-01", "LG-03"))
CELLULES_REGARDEES = 50
_DATE = re.compile(r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)|(?:19|20)\d\d-\d\d-\d\d)(?:[ T].*)?")
_ANNEE_DITE = re.compile(r"\b(?:annee|exercice|millesime|year|date|campagne|saison|session|periode)s?\b")
_DATE_D_AUTRE_CHOSE = re.compile(r"\b(?:creation|naissance|fondation)\b")
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


def exiger(
    lot: Lot,
    debut: int,
    annee: int | None,
    origine: str,
    table: Table,
    fichier: str,
    personnelles: Collection[int] = (),
) -> None:
    """Ask for a year that is nowhere, or miss in some rows; say a year that was deduced and used."""
    sans = [i for i in range(debut, len(lot.origines)) if not _annee_propre(lot, i)]
    if sans and annee is None and all(m is None for m in lot.millesimes[debut:]):
        nom, proches = table.feuille.fichier or fichier, _proches(lot, table, personnelles)
        lot.anomalies.append(Anomalie("FI-11", details={"fichier": nom, "proches": proches}))
        for i in sans:
            lot.retenir(i, "FI-11")
    elif annee is None:
        _dire_manquantes(lot, sans)
    elif sans and origine:
        details = {"annee": annee, "origine": origine}
        lot.anomalies.append(Anomalie("FI-12", feuille=table.feuille.nom, details=details))


def _proches(lot: Lot, table: Table, personnelles: Collection[int]) -> str:
    """The columns of the file that hold years or dates, those that say a year first; empty when none does."""
    nom = table.feuille.nom
    champs = {colonne: lot.enquete.champ(champ) for (f, champ), colonne in lot.adresses.items() if f == nom}
    prises = {j for j, c in champs.items() if c.name in lot.enquete.millesime_de or type_de(c).nom == "annee"}
    titres = [
        c.entete
        for c in table.colonnes
        if c.index not in prises
        and c.index not in personnelles
        and not _DATE_D_AUTRE_CHOSE.search(formes(c.entete)[0])
        and _date(table, c)
    ]
    titres.sort(key=lambda t: _ANNEE_DITE.search(formes(t)[0]) is None)
    if not titres:
        return ""
    cites = ", ".join(f"«\u00a0{couper(t)}\u00a0»" for t in titres[:CITEES])
    suite = "…" if len(titres) > CITEES else "."
    if len(titres) == 1:
        return f" La colonne {cites} porte des années ou des dates\u00a0: si c’est la bonne, choisissez-la."
    return f" Colonnes qui portent des années ou des dates\u00a0: {cites}{suite} Indiquez laquelle compte."


def _date(table: Table, colonne: Colonne) -> bool:
    """True when most cells of a column are dates, or years under a title that says so: 2000 may be a sum."""
    lignes = table.feuille.lignes
    cellules = [v for i in table.donnees if not vide(v := lignes[i][colonne.index])][:CELLULES_REGARDEES]
    annees = _ANNEE_DITE.search(formes(colonne.entete)[0]) is not None
    return 2 * sum(_est_date(v) or (annees and est_annee(v)) for v in cellules) > len(cellules)


def _est_date(valeur: Valeur) -> bool:
    return isinstance(valeur, dt.date) or _DATE.fullmatch(en_texte(valeur)) is not None


def _dire_manquantes(lot: Lot, sans: Iterable[int]) -> None:
    """VA-01 at each missing year, unless the cell is filled and already said wrong."""
    champ = lot.enquete.champ(lot.enquete.millesime_de[0])
    dites = {(a.feuille, lot.ligne_de(a)) for a in lot.anomalies if a.champ == champ.name}
    for i in sans:
        origine = lot.origines[i]
        if lot.millesimes[i] is not None or DECALEES.intersection(lot.attente.get(i, ())):
            continue
        if (origine.feuille, origine.ligne) not in dites:
            lot.anomalie("VA-01", i, champ.name, titre=champ.title, exemple=champ.example)
        lot.retenir(i, "VA-01")


def _annee_propre(lot: Lot, i: int) -> bool:
    return any(lot.colonnes[n][i] is not None for n in lot.enquete.millesime_de if n in lot.colonnes)
