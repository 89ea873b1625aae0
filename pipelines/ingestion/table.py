"""Find the table in a sheet: the header row (titles above, empty column A, two levels) and the rows below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from observatoire.domain.types._nettoyage import plier
from observatoire.domain.types.base import Valeur
from pipelines.ingestion.cellules import en_texte, est_annee, est_texte, vide
from pipelines.ingestion.grille import Colonne, Feuille, Table, lettre
from pipelines.ingestion.lignes import classer

LIGNES_SONDEES = 30
LIGNES_DESSOUS = 15
NIVEAUX_MAX = 3
SEUIL = 40.0
JOINTURE = " › "

Connu = Callable[[str], bool]


def reperer_table(feuille: Feuille, est_entete: Connu, ligne_entete: int | None = None) -> Table | None:
    """The table of a sheet, None when no row looks enough like column titles.

    `est_entete` says whether a text is a known title; `ligne_entete` is the 0-based row of the (last) titles
    when the person showed it: only merged group titles are then added, from above. Every row below the titles is either in `donnees` or
    named in `ignorees`; only the blank rows at the very end are not counted.
    """
    niveaux = _montres(feuille, ligne_entete, est_entete) if ligne_entete is not None else None
    if ligne_entete is None:
        note, rang = ligne_probable(feuille, est_entete)
        niveaux = _niveaux(feuille, rang, est_entete) if note >= SEUIL else None
    if niveaux is None:
        return None
    donnees_de = range(niveaux[-1] + 1, len(feuille.lignes))
    colonnes = _colonnes(feuille, niveaux, donnees_de)
    donnees, ignorees = classer(feuille, colonnes, niveaux)
    return Table(feuille, niveaux[-1], colonnes, donnees, ignorees)


def ligne_probable(feuille: Feuille, est_entete: Connu) -> tuple[float, int]:
    """Note and 0-based number of the row that looks most like column titles."""
    notes = [(_noter(feuille, i, est_entete), -i) for i in range(min(LIGNES_SONDEES, len(feuille.lignes)))]
    note, rang = max(notes, default=(0.0, 0))
    return note, -rang


def _montres(feuille: Feuille, i: int, est_entete: Connu) -> list[int] | None:
    """The header rows when the last one was shown by the person; None when it holds nothing."""
    if not 0 <= i < len(feuille.lignes) or not _remplies(feuille.lignes[i]):
        return None
    niveaux = [i]
    while (
        len(niveaux) < NIVEAUX_MAX
        and _fusions_larges(feuille, niveaux[0] - 1)
        and _titres_de_groupe(feuille, niveaux, est_entete)
    ):
        niveaux.insert(0, niveaux[0] - 1)
    return niveaux


def sans_titre(index: int) -> str:
    """Header of a column that holds data under no title."""
    return f"(colonne {lettre(index)} sans titre)"


def _remplies(ligne: Sequence[Valeur]) -> list[int]:
    return [j for j, v in enumerate(ligne) if not vide(v)]


def _noter(feuille: Feuille, i: int, est_entete: Connu) -> float:
    """0–120: how much row `i` looks like column titles."""
    ligne = feuille.lignes[i]
    remplies = _remplies(ligne)
    dessous = feuille.lignes[i + 1 : i + 1 + LIGNES_DESSOUS]
    occupees = {j for x in dessous for j in _remplies(x)} | set(remplies)
    textes = [j for j in remplies if est_texte(ligne[j])]
    if not textes or (
        len(remplies) == 1 and (len(occupees) > 1 or not est_entete(en_texte(ligne[textes[0]])))
    ):
        return 0.0
    textes += [j for j in remplies if est_annee(ligne[j])]
    connus = sum(est_entete(en_texte(ligne[j])) for j in textes)
    distincts = len({plier(en_texte(ligne[j])) for j in remplies}) / len(remplies)
    ruptures = sum(_rupture([x[j] for x in dessous if not vide(x[j])]) for j in textes)
    return (
        25 * len(textes) / len(occupees)
        + 15 * distincts
        + 40 * connus / len(remplies)
        + 20 * ruptures / len(remplies)
        + 3 * min(connus, 6)
        - 40 * (1 - len(textes) / len(remplies))
    )


def _rupture(dessous: Sequence[Valeur]) -> bool:
    """True when the cells under a title are mostly not texts."""
    return bool(dessous) and 2 * sum(est_texte(v) for v in dessous) < len(dessous)


def _niveaux(feuille: Feuille, i: int, est_entete: Connu) -> list[int]:
    """The header rows, top to bottom: a second level below the best row, else group titles above it."""
    dedouble = i + 1 < len(feuille.lignes) and _second_niveau(feuille, i, est_entete)
    niveaux = [i, i + 1] if dedouble else [i]
    while len(niveaux) < NIVEAUX_MAX and _titres_de_groupe(feuille, niveaux, est_entete):
        niveaux.insert(0, niveaux[0] - 1)
    return niveaux


def _fusions_larges(feuille: Feuille, i: int) -> list[tuple[int, int, int]]:
    """(first column, last column, last row) of the merged ranges of several columns that start on row `i`."""
    return [(c1, c2, r2) for r1, c1, r2, c2 in feuille.fusions if r1 == i and c2 > c1]


def _second_niveau(feuille: Feuille, i: int, est_entete: Connu) -> bool:
    """True when row `i + 1` splits titles of row `i`, and is no answer.

    Its texts stand under groups (merged or followed by empty cells), nothing under the other titles; and
    either those are merged over both rows, or the joined titles are known, or figures follow below.
    """
    haut, bas = feuille.lignes[i], feuille.lignes[i + 1]
    remplies = _remplies(bas)
    if not remplies or not all(est_texte(bas[j]) for j in remplies):
        return False
    larges = [range(c1, c2 + 1) for c1, c2, r2 in _fusions_larges(feuille, i) if r2 == i]
    groupes = larges or _groupes_sans_fusion(haut)
    coiffees = {j for groupe in groupes if len(set(groupe) & set(remplies)) > 1 for j in groupe}
    seuls = [j for j in _remplies(haut) if j not in coiffees]
    if not coiffees or any(not vide(bas[j]) for j in seuls):
        return False
    if any(r1 == i and r2 > i and c1 == c2 for r1, c1, r2, c2 in feuille.fusions):
        return True
    joints = _joindre(feuille, [i, i + 1])
    if sum(map(est_entete, joints.values())) > sum(est_entete(en_texte(v)) for v in haut):
        return True
    dessous = feuille.lignes[i + 2 : i + 2 + LIGNES_DESSOUS]
    return any(_rupture([x[j] for x in dessous if not vide(x[j])]) for j in remplies)


def _groupes_sans_fusion(haut: Sequence[Valeur]) -> list[range]:
    """Each title with the empty cells at its right."""
    departs = [*_remplies(haut), len(haut)]
    return [range(debut, fin) for debut, fin in pairwise(departs)]


def _titres_de_groupe(feuille: Feuille, niveaux: Sequence[int], est_entete: Connu) -> bool:
    """True when the row above holds the titles of groups of columns, not the title of the sheet."""
    i = niveaux[0] - 1
    if i < 0:
        return False
    haut, entete = feuille.lignes[i], _remplies(feuille.lignes[niveaux[0]])
    remplies = _remplies(haut)
    if not remplies or not entete or not all(est_texte(haut[j]) for j in remplies):
        return False
    fusions = _fusions_larges(feuille, i)
    if fusions:
        tout = any(c1 <= entete[0] and c2 >= entete[-1] for c1, c2, _ in fusions)
        return not tout and (len(remplies) >= 2 or fusions[0][0] > entete[0])
    if len(remplies) < 2 or len(remplies) >= len(entete):
        return False
    bas = [plier(en_texte(feuille.lignes[niveaux[0]][j])) for j in entete]
    if len(set(bas)) < len(bas):
        return True
    simples = sum(map(est_entete, _joindre(feuille, niveaux).values()))
    return sum(map(est_entete, _joindre(feuille, [i, *niveaux]).values())) > simples


def _joindre(feuille: Feuille, niveaux: Sequence[int]) -> dict[int, str]:
    """Title of each column, its levels joined; a group title is spread over its merged range.

    Without any merged range on its row (CSV, ODS, « centre across »), a group title goes on over the empty
    cells at its right, as long as it is itself above a lower title.
    """
    titres: dict[int, list[str]] = {}
    bas = feuille.lignes[niveaux[-1]]
    for i in niveaux:
        fusions = _fusions_larges(feuille, i) if i != niveaux[-1] else []
        etendus = {j: c1 for c1, c2, _ in fusions for j in range(c1, min(c2, len(bas) - 1) + 1)}
        gauche: int | None = None
        for j, valeur in enumerate(feuille.lignes[i]):
            source = j
            if not vide(valeur):
                gauche = j
            elif j in etendus:
                source = etendus[j]
            elif i != niveaux[-1] and not fusions and gauche is not None and not vide(bas[j]):
                source = gauche if not vide(bas[gauche]) else j
            texte = en_texte(feuille.lignes[i][source])
            if texte and (not titres.get(j) or titres[j][-1] != texte):
                titres.setdefault(j, []).append(texte)
    return {j: JOINTURE.join(morceaux) for j, morceaux in titres.items()}


def _colonnes(feuille: Feuille, niveaux: Sequence[int], dessous: range) -> list[Colonne]:
    """Columns with a title or with data; borders alone make no column, nor do the rows of a false width."""
    titres = _joindre(feuille, niveaux)
    largeur = len(feuille.lignes[niveaux[-1]])
    inconnues = set(range(largeur)) - set(titres)
    occupees: set[int] = set()
    for i in dessous:
        if not inconnues:
            break
        if i not in feuille.largeurs_fausses:
            trouvees = {j for j in inconnues if not vide(feuille.lignes[i][j])}
            occupees |= trouvees
            inconnues -= trouvees
    return [Colonne(j, titres.get(j) or sans_titre(j)) for j in sorted({*titres, *occupees})]
