"""Personal cells of a workbook: masked in the sheets that are read before anything else sees them, said in the others.

Everything that is kept or said afterwards (raw rows, pending rows, archive, messages) comes from these masked cells.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.types.base import Valeur
from pipelines.ingestion.grille import Classeur, Colonne, Feuille, Table, adresse
from pipelines.ingestion.lot import Lot, affiche
from pipelines.ingestion.personnel import (
    cellule_personnelle,
    extrait_masque,
    masquer,
    nombre_personnel,
    titre_numerote,
)
from pipelines.ingestion.table import LIGNES_SONDEES
from pipelines.ingestion.titres_personnels import TELEPHONE, titre_personnel

# The sheets of our own template: their words are ours, their cells may still have been typed over.
FEUILLES_DU_GABARIT = ("À lire", "Listes")
COURRIEL_LE_PLUS_COURT = 6
PLUS_PETIT_NIR = 1e14
_NUMERO_NU = re.compile(r"\d{10}")
_ETIQUETTE = re.compile(r"(?P<titre>[^:]{2,60}?)[\u00a0\u202f ]*:[\u00a0\u202f ]*(?P<valeur>\S.*)", re.DOTALL)


def caviarder_table(lot: Lot, table: Table, lus: Collection[int], cachees: Collection[int]) -> None:
    """Mask the personal cells of a sheet that is read, titles and notes included.

    `lus` are the columns that feed a field: their cells are said when they are read. `cachees` are never kept.
    """
    for colonne in table.colonnes:
        if cellule_personnelle(colonne.entete):
            colonne.entete = masquer(colonne.entete)
    caviarder(lot, table.feuille, table.colonnes, lus, cachees, frozenset(table.donnees))
    donnees = frozenset([*table.donnees, table.ligne_entete])
    for i in range(len(table.feuille.lignes)):
        if i not in donnees:
            _masquer_etiquettes(lot, table.feuille, i)


def caviarder(
    lot: Lot,
    feuille: Feuille,
    colonnes: Sequence[Colonne],
    lus: Collection[int],
    cachees: Collection[int],
    donnees: Collection[int],
) -> None:
    """Mask each personal cell of `feuille` (RG-02); those of `donnees` × `lus` are left to who reads them to say."""
    entetes = {c.index: c.entete for c in colonnes}
    numerotees = {j for j, titre in entetes.items() if titre_numerote(titre)}
    for i, j, nature in cellules_personnelles(feuille, cachees):
        ligne = feuille.lignes[i]
        texte = affiche(ligne[j])
        # An old prefecture number (0772…) has the ten digits of a telephone.
        if nature == TELEPHONE and j in numerotees and _NUMERO_NU.fullmatch(texte.strip()):
            continue
        ligne[j] = extrait_masque(texte)
        lot.caviardees.setdefault((feuille.nom, j), {})[i] = nature
        lot.personnelles = True
        if i not in donnees or j not in lus:
            _dire(lot, feuille, i, j, nature, entetes.get(j) if i in donnees else None)


def cellules_personnelles(feuille: Feuille, cachees: Collection[int] = ()) -> Iterator[tuple[int, int, str]]:
    """(row, column, kind), 0-based, of the cells of a sheet that hold a personal datum."""
    for i, ligne in enumerate(feuille.lignes):
        for j, valeur in enumerate(ligne):
            if valeur.__class__ is str:
                # Inlined: millions of cells pass here, nearly all of them short.
                if len(valeur) < COURRIEL_LE_PLUS_COURT:
                    continue
            elif valeur.__class__ is not float or valeur < PLUS_PETIT_NIR:
                continue
            if j not in cachees and (nature := _nature(valeur)):
                yield i, j, nature


def _nature(valeur: Valeur) -> str | None:
    if isinstance(valeur, str):
        return cellule_personnelle(valeur)
    return nombre_personnel(valeur) if isinstance(valeur, float) else None


def _masquer_etiquettes(lot: Lot, feuille: Feuille, i: int) -> None:
    """Mask what follows a personal label outside the answers: « Rempli par : … », or the cell at its right."""
    ligne = feuille.lignes[i]
    remplies = [j for j, v in enumerate(ligne) if v not in (None, "")]
    for j in remplies:
        texte = ligne[j]
        if (
            isinstance(texte, str)
            and (m := _ETIQUETTE.fullmatch(texte))
            and (n := titre_personnel(m["titre"]))
        ):
            ligne[j] = f"{m['titre']} : ***"
            _ecarter(lot, feuille, i, j, n)
    j, *autres = remplies or [0]
    if autres == [j + 1] and isinstance(titre := ligne[j], str):
        nature = titre_personnel(titre.rstrip(" \u00a0\u202f:"))
        if nature and not titre_personnel(str(ligne[j + 1])):
            ligne[j + 1] = "***"
            _ecarter(lot, feuille, i, j + 1, nature)


def _ecarter(lot: Lot, feuille: Feuille, i: int, j: int, nature: str) -> None:
    deja = lot.caviardees.setdefault((feuille.nom, j), {})
    if i not in deja:
        _dire(lot, feuille, i, j, nature, None)
    deja[i] = nature
    lot.personnelles = True


def _dire(lot: Lot, feuille: Feuille, i: int, j: int, nature: str, entete: str | None) -> None:
    valeur, details = affiche(feuille.lignes[i][j]), {"nature": nature}
    lot.anomalies.append(
        Anomalie("RG-02", feuille.nom, i + 1, adresse(i, j), entete, valeur, details=details)
    )


def dire_non_lues(lot: Lot, classeur: Classeur, lues: Collection[str]) -> None:
    """Say each sheet left out that holds personal cells or titles (RG-03): the file is then not kept as it is."""
    for feuille in classeur.feuilles:
        if feuille.nom in lues:
            continue
        trouvees = [*_titres(feuille), *cellules_personnelles(feuille)]
        if trouvees:
            i, j, nature = trouvees[0]
            lot.personnelles = True
            lot.anomalies.append(
                Anomalie("RG-03", feuille.nom, i + 1, adresse(i, j), details={"nature": nature})
            )


def _titres(feuille: Feuille) -> Iterator[tuple[int, int, str]]:
    """Texts of the first rows that announce a personal column or label."""
    if feuille.nom in FEUILLES_DU_GABARIT:
        return
    for i, ligne in enumerate(feuille.lignes[:LIGNES_SONDEES]):
        for j, valeur in enumerate(ligne):
            if isinstance(valeur, str) and 1 < len(valeur) < 80:
                titre = m["titre"] if (m := _ETIQUETTE.fullmatch(valeur)) else valeur
                if nature := titre_personnel(titre):
                    yield i, j, nature
