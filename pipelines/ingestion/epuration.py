"""A workbook without its personal data: what was found, the grid without it, and that grid on the disk.

All the sheets are kept, those that are not read included: personal columns are emptied, personal cells and labels
are masked, a sheet that bears somebody's name is called « Feuille 3 » after its place. Nothing else changes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from observatoire.domain.types.base import Valeur
from pipelines.ingestion.caviardage import (
    FEUILLES_DU_GABARIT,
    cellules_personnelles,
    etiquettes_personnelles,
    titres_personnels,
)
from pipelines.ingestion.grille import Classeur, Colonne, Feuille, Table
from pipelines.ingestion.lot import Grille, Lot, affiche
from pipelines.ingestion.metadonnees import nom_sans_personne, porte_une_personne
from pipelines.ingestion.personnel import cellule_personnelle, colonnes_personnelles, extrait_masque, masquer
from pipelines.ingestion.table import JOINTURE
from pipelines.ingestion.titres_personnels import NOM, titre_de_chose

GRILLE = "grille.json"
EXEMPLES = 3
_DATE_ZIP = (1980, 1, 1, 0, 0, 0)


@dataclasses.dataclass(frozen=True, slots=True)
class Trouvaille:
    """Personal data of one kind in a sheet: a whole column, or cells here and there (`colonne` is None).

    `places` are the 0-based cells to mask; `cellules` the first addresses and `exemples_masques` the first values
    to show. `nom_de_feuille` when the name of the sheet itself is somebody's.
    """

    feuille: str
    colonne: int | None
    entete: str | None
    nature: str
    nb: int
    exemples_masques: tuple[str, ...] = ()
    cellules: tuple[str, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    nom_de_feuille: bool = False
    ligne_entete: int = -1


def detecter(
    classeur: Classeur, utiles: Mapping[str, Collection[int]], tables: Sequence[Table]
) -> list[Trouvaille]:
    """All the personal data of a workbook. `utiles` are the columns that feed a field, by sheet: cells only."""
    lues = {t.feuille.nom: t for t in tables}
    trouvailles: list[Trouvaille] = []
    for feuille in classeur.feuilles:
        trouvailles += _nom_de_feuille(feuille)
        table = lues.get(feuille.nom)
        colonnes = _colonnes(feuille, table, utiles.get(feuille.nom, ()))
        trouvailles += colonnes
        cachees = {t.colonne for t in colonnes if t.colonne is not None}
        trouvailles += _cellules(feuille, table, cachees, {t.ligne_entete for t in colonnes})
    return trouvailles


def _nom_de_feuille(feuille: Feuille) -> list[Trouvaille]:
    if not porte_une_personne(feuille.nom):
        return []
    exemple = nom_sans_personne(feuille.nom)
    return [Trouvaille(feuille.nom, None, None, NOM, 1, (exemple,), nom_de_feuille=True)]


def _colonnes(feuille: Feuille, table: Table | None, utiles: Collection[int]) -> list[Trouvaille]:
    trouvailles: list[Trouvaille] = []
    for une in [table] if table else _tables_supposees(feuille):
        deja = {t.colonne for t in trouvailles}
        natures = colonnes_personnelles(une, [c for c in une.colonnes if c.index not in {*utiles, *deja}])
        for colonne in une.colonnes:
            if nature := natures.get(colonne.index):
                trouvailles += _colonne(une, colonne, nature)
    return trouvailles


def _tables_supposees(feuille: Feuille) -> Iterator[Table]:
    """Where a sheet that is not read may have titles: under each of its first personal titles, and row 1."""
    if feuille.nom in FEUILLES_DU_GABARIT or not feuille.lignes:
        return
    for i in dict.fromkeys([*(i for i, _, _ in titres_personnels(feuille)), 0]):
        titres = [Colonne(j, affiche(v)) for j, v in enumerate(feuille.lignes[i])]
        yield Table(feuille, i, titres, list(range(i + 1, len(feuille.lignes))))


def _colonne(table: Table, colonne: Colonne, nature: str) -> list[Trouvaille]:
    """What a personal column holds; nothing when there is a title and no answer."""
    lignes, j = table.feuille.lignes, colonne.index
    pleines = [i for i in range(table.ligne_entete + 1, len(lignes)) if lignes[i][j] not in (None, "")]
    if not pleines:
        return []
    exemples = dict.fromkeys(_exemple(lignes[i][j]) for i in pleines[:50])
    trouvaille = Trouvaille(
        feuille=table.feuille.nom,
        colonne=j,
        entete=colonne.entete,
        nature=nature,
        nb=len(pleines),
        exemples_masques=tuple(exemples)[:EXEMPLES],
        cellules=tuple(table.feuille.adresse(i, j) for i in pleines[:EXEMPLES]),
        ligne_entete=table.ligne_entete,
    )
    return [trouvaille]


def _exemple(valeur: Valeur) -> str:
    texte = affiche(valeur)
    return extrait_masque(texte) if cellule_personnelle(texte) else masquer(texte)


def _cellules(
    feuille: Feuille, table: Table | None, cachees: Collection[int], entetes: Collection[int]
) -> list[Trouvaille]:
    choses = {c.index for c in table.colonnes if titre_de_chose(c.entete)} if table else set()
    dedans = {*table.donnees, table.ligne_entete} if table else {*entetes}
    trouvees = {(i, j): n for i, j, n in cellules_personnelles(feuille, cachees, choses)}
    for i in range(len(feuille.lignes)):
        if i not in dedans:
            for j, _, nature in etiquettes_personnelles(feuille.lignes[i]):
                trouvees.setdefault((i, j), nature)
    par_nature: dict[str, list[tuple[int, int]]] = {}
    for place, nature in sorted(trouvees.items()):
        par_nature.setdefault(nature, []).append(place)
    return [_eparses(feuille, nature, places) for nature, places in par_nature.items()]


def _eparses(feuille: Feuille, nature: str, places: list[tuple[int, int]]) -> Trouvaille:
    exemples = dict.fromkeys(_exemple(feuille.lignes[i][j]) for i, j in places[:50])
    return Trouvaille(
        feuille=feuille.nom,
        colonne=None,
        entete=None,
        nature=nature,
        nb=len(places),
        exemples_masques=tuple(exemples)[:EXEMPLES],
        cellules=tuple(feuille.adresse(i, j) for i, j in places[:EXEMPLES]),
        places=tuple(places),
    )


def epurer(classeur: Classeur, trouvailles: Sequence[Trouvaille]) -> Classeur:
    """The workbook without what was found; the one given is left as it is."""
    feuilles = []
    for rang, feuille in enumerate(classeur.feuilles, 1):
        siennes = [t for t in trouvailles if t.feuille == feuille.nom]
        feuilles.append(_epurer_feuille(feuille, siennes, rang) if siennes else feuille)
    return dataclasses.replace(
        classeur, nom_fichier=nom_sans_personne(classeur.nom_fichier), feuilles=feuilles
    )


def _epurer_feuille(feuille: Feuille, trouvailles: Sequence[Trouvaille], rang: int) -> Feuille:
    lignes = [list(ligne) for ligne in feuille.lignes]
    vides = {t.colonne: _haut(feuille, t) for t in trouvailles if t.colonne is not None}
    for i, ligne in enumerate(lignes):
        # In a CSV row of a false width, a name may stand under any title.
        if vides and i in feuille.largeurs_fausses:
            lignes[i] = [None] * len(ligne)
            continue
        for j, haut in vides.items():
            if j < len(ligne) and i >= haut:
                ligne[j] = None
    for i, j in (p for t in trouvailles for p in t.places):
        if lignes[i][j] is not None:
            lignes[i][j] = _masquee(lignes[i], feuille, i, j)
    nomme = any(t.nom_de_feuille for t in trouvailles)
    originaux = {p: v for p, v in feuille.originaux.items() if p[1] not in vides and not _personnelle(v)}
    return dataclasses.replace(
        feuille, nom=f"Feuille {rang}" if nomme else feuille.nom, lignes=lignes, originaux=originaux
    )


def _haut(feuille: Feuille, trouvaille: Trouvaille) -> int:
    """First row to empty: the title goes with its column, a group title that heads others too stays."""
    haut, j, niveaux = (
        trouvaille.ligne_entete,
        trouvaille.colonne or 0,
        (trouvaille.entete or "").split(JOINTURE),
    )
    while haut > 0 and len(niveaux) > 1:
        if any(r1 <= haut - 1 <= r2 and c1 <= j <= c2 and c2 > c1 for r1, c1, r2, c2 in feuille.fusions):
            break
        suivante = feuille.lignes[haut - 1][j + 1 : j + 2]
        if affiche(feuille.lignes[haut - 1][j]) not in niveaux or suivante == [None]:
            break
        haut -= 1
        niveaux.pop(0)
    vertical = (r1 for r1, c1, r2, c2 in feuille.fusions if c1 == c2 == j and r1 < haut <= r2)
    return min([haut, *vertical])


def _personnelle(valeur: Valeur) -> bool:
    return isinstance(valeur, str) and cellule_personnelle(valeur) is not None


def _masquee(ligne: Sequence[Valeur], feuille: Feuille, i: int, j: int) -> str:
    """« Rempli par : *** » for a label; the masked data of any other cell."""
    for k, masque, _ in etiquettes_personnelles(feuille.lignes[i]):
        if k == j:
            return masque
    return extrait_masque(affiche(ligne[j]))


def epurer_lot(classeur: Classeur | None, lot: Lot) -> Classeur:
    """The purified workbook of a judged batch: the sheets read as they were masked, the others when nothing is found.

    Without `classeur`, the sheets read only.
    """
    lues = {g.feuille.nom: g for g in lot.grilles}
    if classeur is None:
        classeur = Classeur("", "", "", 0, [g.feuille for g in lot.grilles])
    feuilles = [_lue(lues[f.nom]) if f.nom in lues else f for f in classeur.feuilles]
    autres = dataclasses.replace(classeur, feuilles=[f for f in classeur.feuilles if f.nom not in lues])
    noms = [t for f in feuilles if f.nom in lues for t in _nom_de_feuille(f)]
    trouvailles = detecter(autres, {}, [])
    # Beside a telephone stands a name that no list knows: of a sheet that was not read, its place only is kept (RG-03).
    suspectes = {t.feuille for t in trouvailles if not t.nom_de_feuille}
    feuilles = [Feuille(f.nom, [], f.visible) if f.nom in suspectes else f for f in feuilles]
    sures = [t for t in trouvailles if t.nom_de_feuille]
    return epurer(dataclasses.replace(classeur, feuilles=feuilles), [*sures, *noms])


def _lue(grille: Grille) -> Feuille:
    """A sheet that was read, masked already, in the sense of the file received and without its hidden columns."""
    feuille = grille.feuille
    originaux = {p: v for p, v in feuille.originaux.items() if p[1] not in grille.cachees}
    if not feuille.transposee:
        return dataclasses.replace(feuille, lignes=grille.archive(), originaux=originaux)
    return dataclasses.replace(
        feuille,
        lignes=grille.archive(),
        originaux={(j, i): v for (i, j), v in originaux.items()},
        erreurs={(j, i): v for (i, j), v in feuille.erreurs.items()},
        non_calculees={(j, i) for i, j in feuille.non_calculees},
        fusions=[(c1, r1, c2, r2) for r1, c1, r2, c2 in feuille.fusions],
        masquees=feuille.colonnes_masquees,
        colonnes_masquees=feuille.masquees,
        transposee=False,
    )


# --- On the disk ------------------------------------------------------------------------------------------
def octets_grille(classeur: Classeur) -> bytes:
    """The workbook as JSON: numbers, dates and texts keep their type; the same workbook, the same bytes."""
    objet = {
        **{c.name: getattr(classeur, c.name) for c in dataclasses.fields(classeur) if c.name != "feuilles"},
        "feuilles": [_fiche(f) for f in classeur.feuilles],
    }
    return json.dumps(objet, ensure_ascii=False, separators=(",", ":"), default=_coder).encode("utf-8")


def _fiche(feuille: Feuille) -> dict[str, Any]:
    return {c.name: _ranger(getattr(feuille, c.name)) for c in dataclasses.fields(feuille)}


def _ranger(valeur: Any) -> Any:
    """Sets and tables in a fixed order: JSON has none of them."""
    if isinstance(valeur, set):
        return {"ensemble": sorted(valeur)}
    if isinstance(valeur, dict):
        return {"table": sorted(([c, v] for c, v in valeur.items()), key=lambda x: x[0])}
    return valeur


def _coder(valeur: object) -> dict[str, Any]:
    for cle, genre in _GENRES.items():
        if isinstance(valeur, genre):
            return {cle: valeur.isoformat()}
    if isinstance(valeur, dt.timedelta):
        return {"s": valeur.total_seconds()}
    raise TypeError(type(valeur).__name__)


_GENRES: dict[str, Any] = {
    "t": dt.datetime,
    "d": dt.date,
    "h": dt.time,
}  # a datetime is a date: it comes first


def _decoder(objet: dict[str, Any]) -> Any:
    if len(objet) != 1:
        return objet
    ((cle, valeur),) = objet.items()
    if cle in _GENRES:
        return _GENRES[cle].fromisoformat(valeur)
    if cle == "s":
        return dt.timedelta(seconds=valeur)
    if cle == "ensemble":
        return {_cle(v) for v in valeur}
    return {_cle(c): v for c, v in valeur} if cle == "table" else objet


def _cle(valeur: Any) -> Any:
    return tuple(valeur) if isinstance(valeur, list) else valeur


def ecrire_grille(classeur: Classeur, chemin: Path) -> None:
    """Write a workbook as a typed grid in a zip."""
    entree = zipfile.ZipInfo(GRILLE, _DATE_ZIP)
    entree.compress_type = zipfile.ZIP_DEFLATED
    entree.external_attr = 0o600 << 16
    with zipfile.ZipFile(chemin, "w") as z:
        z.writestr(entree, octets_grille(classeur))


def lire_grille(chemin: Path) -> Classeur:
    """Read what `ecrire_grille` or the archive of a deposit has kept: the same sheets, cell for cell."""
    with zipfile.ZipFile(chemin) as z:
        objet = json.loads(z.read(GRILLE), object_hook=_decoder)
    feuilles = []
    for fiche in objet.pop("feuilles"):
        fiche["fusions"] = [tuple(f) for f in fiche["fusions"]]
        feuilles.append(Feuille(**fiche))
    return Classeur(feuilles=feuilles, **objet)
