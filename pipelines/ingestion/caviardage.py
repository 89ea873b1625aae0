"""Personal cells of a workbook: masked in the sheets that are read before anything else sees them, said in the others.

Everything that is kept or said afterwards (raw rows, pending rows, archive, messages) comes from these masked cells.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.types.base import Valeur
from pipelines.ingestion.grille import Classeur, Colonne, Feuille, Table
from pipelines.ingestion.lot import Lot, affiche
from pipelines.ingestion.noms_personnes import annonce_un_nom
from pipelines.ingestion.personnel import (
    cellule_personnelle,
    extrait_masque,
    masquer,
    nature_masquee,
    nombre_personnel,
    numero_personnel,
    titre_numerote,
)
from pipelines.ingestion.table import LIGNES_SONDEES
from pipelines.ingestion.titres_personnels import TELEPHONE, titre_de_chose, titre_personnel

# The sheets of our own template: their words are ours, their cells may still have been typed over.
FEUILLES_DU_GABARIT = ("À lire", "Listes")
MASQUE = "***"
PLUS_COURT = 6
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
    for place, valeur in feuille.originaux.items():
        # The cell was typed again; what it said is kept beside, masked like the others.
        if place[1] not in cachees and _nature(valeur):
            feuille.originaux[place] = extrait_masque(affiche(valeur))
            lot.personnelles = True
    choses = {j for j, titre in entetes.items() if titre_de_chose(titre)}
    _deja_masquees(lot, feuille, lus, donnees)
    for i, j, nature in cellules_personnelles(feuille, cachees, choses):
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


def _deja_masquees(lot: Lot, feuille: Feuille, lus: Collection[int], donnees: Collection[int]) -> None:
    """A cell that was masked before it came here (an archive read again) is no more an answer than it was then."""
    for j, colonne in enumerate(zip_longest(*feuille.lignes)):
        if j not in lus:
            continue
        textes = {v for v in colonne if isinstance(v, str) and MASQUE in v}
        masques: dict[Valeur, str] = {v: n for v in textes if (n := nature_masquee(v))}
        places = {i: masques[v] for i, v in enumerate(colonne) if v in masques and i in donnees}
        if places:
            lot.caviardees.setdefault((feuille.nom, j), {}).update(places)


def cellules_personnelles(
    feuille: Feuille, cachees: Collection[int] = (), choses: Collection[int] = ()
) -> list[tuple[int, int, str]]:
    """(row, column, kind), 0-based, of the cells of a sheet that hold a personal datum.

    Every row is searched, each text once a column: in most columns nearly all the cells say the same things.
    `choses` are the columns of names of associations and places, which may bear the name of somebody.
    """
    trouvees = []
    for j, colonne in enumerate(zip_longest(*feuille.lignes)):
        if j in cachees:
            continue
        natures = _natures(set(colonne), j not in choses)
        if natures:
            trouvees += [(i, j, natures[v]) for i, v in enumerate(colonne) if v in natures]
    return sorted(trouvees)


def _natures(valeurs: Collection[Valeur], nomme: bool) -> dict[Valeur, str]:
    """{value: kind} of the personal ones among the distinct values of a column."""
    textes = [v for v in valeurs if isinstance(v, str) and len(v) >= PLUS_COURT]
    natures: dict[Valeur, str] = {t: n for t in textes if (n := numero_personnel(t))}
    # Most columns hold none of the words that come before a name: looked for once in the whole column.
    if textes and annonce_un_nom("\n".join(textes)):
        for texte in textes:
            if texte not in natures and (nature := cellule_personnelle(texte, nomme=nomme)):
                natures[texte] = nature
    for valeur in valeurs:
        if valeur.__class__ is float and (nature := _nature(valeur)):
            natures[valeur] = nature
    return natures


def _nature(valeur: Valeur) -> str | None:
    if isinstance(valeur, str):
        return cellule_personnelle(valeur) if len(valeur) >= PLUS_COURT else None
    return nombre_personnel(valeur) if isinstance(valeur, float) and valeur >= PLUS_PETIT_NIR else None


def _masquer_etiquettes(lot: Lot, feuille: Feuille, i: int) -> None:
    """Mask what follows a personal label outside the answers."""
    for j, masque, nature in etiquettes_personnelles(feuille.lignes[i]):
        feuille.lignes[i][j] = masque
        _ecarter(lot, feuille, i, j, nature)


def etiquettes_personnelles(ligne: Sequence[Valeur]) -> list[tuple[int, str, str]]:
    """(column, masked text, kind) of what a label announces: « Rempli par : … », or the cell at its right."""
    trouvees = []
    remplies = [j for j, v in enumerate(ligne) if v not in (None, "")]
    for j in remplies:
        texte = ligne[j]
        if (
            isinstance(texte, str)
            and (m := _ETIQUETTE.fullmatch(texte))
            and m["valeur"] != MASQUE
            and (n := titre_personnel(m["titre"]))
        ):
            trouvees.append((j, f"{m['titre']} : {MASQUE}", n))
    j, *autres = remplies or [0]
    if autres == [j + 1] and isinstance(titre := ligne[j], str) and ligne[j + 1] != MASQUE:
        nature = titre_personnel(titre.rstrip(" \u00a0\u202f:"))
        if nature and not titre_personnel(str(ligne[j + 1])):
            trouvees.append((j + 1, MASQUE, nature))
    return trouvees


def _ecarter(lot: Lot, feuille: Feuille, i: int, j: int, nature: str) -> None:
    deja = lot.caviardees.setdefault((feuille.nom, j), {})
    if i not in deja:
        _dire(lot, feuille, i, j, nature, None)
    deja[i] = nature
    lot.personnelles = True


def _dire(lot: Lot, feuille: Feuille, i: int, j: int, nature: str, entete: str | None) -> None:
    valeur, details = affiche(feuille.lignes[i][j]), {"nature": nature}
    lot.anomalies.append(
        Anomalie(
            "RG-02",
            feuille.nom,
            feuille.ligne_dite(i, j),
            feuille.adresse(i, j),
            entete,
            valeur,
            details=details,
        )
    )


def dire_non_lues(lot: Lot, classeur: Classeur, lues: Collection[str]) -> None:
    """Say each sheet left out that holds personal cells or titles (RG-03): the file is then not kept as it is."""
    for feuille in classeur.feuilles:
        if feuille.nom in lues:
            continue
        trouvees = [*titres_personnels(feuille), *cellules_personnelles(feuille)]
        if trouvees:
            i, j, nature = trouvees[0]
            lot.personnelles = True
            lot.anomalies.append(
                Anomalie(
                    "RG-03",
                    feuille.nom,
                    feuille.ligne_dite(i, j),
                    feuille.adresse(i, j),
                    details={"nature": nature},
                )
            )


def titres_personnels(feuille: Feuille) -> Iterator[tuple[int, int, str]]:
    """Texts of the first rows that announce a personal column or label."""
    if feuille.nom in FEUILLES_DU_GABARIT:
        return
    for i, ligne in enumerate(feuille.lignes[:LIGNES_SONDEES]):
        for j, valeur in enumerate(ligne):
            if isinstance(valeur, str) and 1 < len(valeur) < 80:
                titre = m["titre"] if (m := _ETIQUETTE.fullmatch(valeur)) else valeur
                if nature := titre_personnel(titre):
                    yield i, j, nature
