"""From a table of cells to typed rows. Every problem is found in one pass and said at its cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.identite import cle_association
from observatoire.domain.types import type_de
from observatoire.domain.types.base import Contexte, Lecture, Lieux, Valeur
from pipelines.ingestion.cellules import vide
from pipelines.ingestion.grille import Appariement, Feuille, FichierRefuse, Table
from pipelines.ingestion.lot import Grille, Lot, Origine, affiche
from pipelines.ingestion.unites import en_euros, sans_unite

MOTIF_VIDE = "vide"
TOUTES_DECALEES = "LG-03"
TOUTES_MINIMUM = 2


@dataclass(frozen=True, slots=True)
class Cadre:
    """What is known beside the cells of a table.

    Territory, year, decimal separator given for a field, 0-based columns of amounts in thousands of euros.
    """

    lieux: Lieux | None = None
    millesime: int | None = None
    conventions: Mapping[str, str] = field(default_factory=dict)
    milliers: frozenset[int] = frozenset()


def convertir(
    lot: Lot,
    table: Table,
    appariement: Appariement,
    cadre: Cadre,
    personnelles: frozenset[int] = frozenset(),
) -> None:
    """Add the rows of `table` to `lot`: typed values, anomalies, pending rows, raw rows.

    `personnelles` are the 0-based columns refused at the door: they are neither read nor kept.
    """
    feuille = table.feuille
    lot.feuilles[feuille.nom] = feuille
    _dire_ignorees(lot, table)
    premiere = len(lot.origines)
    lot.origines += [Origine(feuille.nom, i + 1, (i + 1,)) for i in table.donnees]
    for champ in lot.enquete.champs_actifs():
        lot.colonnes.setdefault(champ.name, []).extend([None] * len(table.donnees))
    for nom, (colonne, _, _) in appariement.champs.items():
        lot.adresses[feuille.nom, nom] = colonne.index
        lot.entetes[feuille.nom, nom] = colonne.entete
    decalees = _lignes_decalees(lot, table, premiere)
    # The name first: it labels the anomalies of the other cells of its row.
    ordre = sorted(lot.enquete.champs_actifs(), key=lambda c: c.name != lot.enquete.identite["nom"])
    for champ in ordre:
        if champ.name in appariement.champs:
            _lire_colonne(lot, table, champ, premiere, decalees, cadre)
        elif champ.name in appariement.constantes:
            _lire_constante(lot, champ, appariement.constantes[champ.name], premiere, cadre)
        elif champ.obligatoire:
            for i in range(premiere, len(lot.origines)):
                lot.retenir(i, "EN-01")
    rangs = tuple(sorted([*table.donnees, *table.ignorees]))
    lot.grilles.append(Grille(feuille, rangs, personnelles))
    _verifier_totaux(lot, table, appariement, premiere, cadre)
    _identifier(lot, premiere, cadre.millesime)


def _dire_ignorees(lot: Lot, table: Table) -> None:
    for i, code in sorted(table.ignorees.items()):
        feuille = table.feuille
        cellules = [(j, v) for j, v in enumerate(feuille.lignes[i]) if not vide(v)]
        premiere = cellules[0][0] if cellules else table.colonnes[0].index
        lot.ignorees.append((feuille.nom, i + 1, code))
        lot.anomalies.append(
            Anomalie(
                code,
                feuille=feuille.nom,
                ligne=feuille.ligne_dite(i, premiere),
                cellule=feuille.adresse(i, premiere) if cellules or feuille.transposee else None,
                valeur=affiche(cellules[0][1]) if cellules else None,
            )
        )


def _lignes_decalees(lot: Lot, table: Table, premiere: int) -> set[int]:
    """Rows of a CSV whose width differs from the header's: pending, and never read across."""
    largeurs = table.feuille.largeurs_fausses
    if len(table.donnees) >= TOUTES_MINIMUM and all(i in largeurs for i in table.donnees):
        _dire_toutes_decalees(lot, table, premiere)
        return set(range(premiere, premiere + len(table.donnees)))
    decalees = set()
    for i, source in enumerate(table.donnees, premiere):
        if source in largeurs:
            lot.retenir(i, "LG-01")
            lot.anomalie("LG-01", i, largeur=largeurs[source], attendue=len(table.colonnes))
            decalees.add(i)
    return decalees


def _dire_toutes_decalees(lot: Lot, table: Table, premiere: int) -> None:
    """Every row is of a false width (LG-03): the fault is the export's, said once."""
    attendue, nb = len(table.colonnes), len(table.donnees)
    ecarts = {table.feuille.largeurs_fausses[i] - attendue for i in table.donnees}
    for i in range(premiere, premiere + nb):
        lot.retenir(i, TOUTES_DECALEES)
    ligne = table.feuille.ligne_dite(table.ligne_entete)
    details = {"nb": ecrire_nombre(nb), "ecart": _ecart_dit(ecarts)}
    lot.anomalies.append(Anomalie(TOUTES_DECALEES, table.feuille.nom, ligne, details=details))


def _ecart_dit(ecarts: Collection[int]) -> str:
    """« une colonne de trop », « 2 colonnes en moins », « trop de colonnes », or that the widths are false."""
    if min(ecarts) <= 0 <= max(ecarts):
        return "un nombre de colonnes qui n’est pas celui des titres"
    sens = "de trop" if min(ecarts) > 0 else "en moins"
    if len(ecarts) > 1:
        return "trop de colonnes" if min(ecarts) > 0 else "trop peu de colonnes"
    nombre = abs(next(iter(ecarts)))
    return f"une colonne {sens}" if nombre == 1 else f"{ecrire_nombre(nombre)}\u00a0colonnes {sens}"


def _lire_colonne(
    lot: Lot,
    table: Table,
    champ: Champ,
    premiere: int,
    decalees: set[int],
    cadre: Cadre,
) -> None:
    feuille, j = table.feuille, lot.adresses[table.feuille.nom, champ.name]
    lignes = feuille.lignes
    colonne = [lignes[i][j] for i in table.donnees]
    en_milliers = j in cadre.milliers
    if en_milliers:
        _dire_milliers(lot, table, champ, colonne, premiere)
    type_champ = type_de(champ)
    faits = type_champ.observer([en_euros(v) for v in colonne] if en_milliers else colonne, champ)
    if champ.name in cadre.conventions:
        faits = {**faits, "decimale": cadre.conventions[champ.name]}
    contexte = Contexte(cadre.lieux, cadre.millesime, faits)
    cible = lot.colonnes[champ.name]
    abimees = {i for i, k in [*feuille.erreurs, *feuille.non_calculees] if k == j}
    caviardees = lot.caviardees.get((feuille.nom, j), {})
    memoire: dict[tuple[type, Valeur], Lecture] = {}
    obligatoire = champ.obligatoire
    for i, brut in enumerate(colonne, premiere):
        if decalees and i in decalees:
            continue
        source = table.donnees[i - premiere]
        if abimees and source in abimees and _formule(lot, champ, feuille, source, j, i):
            continue
        if caviardees and source in caviardees:
            _ecarter_personnelle(lot, champ, i, brut, caviardees[source])
            continue
        cle = (type(brut), brut)
        lecture = memoire.get(cle)
        if lecture is None:
            lue = en_euros(brut) if en_milliers else brut
            lecture = memoire[cle] = type_champ.lire(lue, champ, contexte)
        cible[i] = lecture.valeur
        if lecture.code or lecture.motif or lecture.drapeau or (obligatoire and lecture.valeur is None):
            _suite(lot, champ, i, brut, lecture)


def _dire_milliers(lot: Lot, table: Table, champ: Champ, colonne: Sequence[Valeur], premiere: int) -> None:
    """Say once that a column was multiplied by 1 000 (NB-15), and keep what each cell had."""
    feuille, j = table.feuille, lot.adresses[table.feuille.nom, champ.name]
    touchees = [i for i, brut in enumerate(colonne, premiere) if sans_unite(brut)]
    for i in touchees:
        note = {"drapeau": "unite_inferee", "texte": affiche(colonne[i - premiere])}
        lot.qualite.setdefault(i, {})[champ.name] = note
    if touchees:
        place = table.ligne_entete, j
        details = {"nb": ecrire_nombre(len(touchees))}
        lot.anomalies.append(
            Anomalie(
                "NB-15",
                feuille.nom,
                feuille.ligne_dite(*place),
                feuille.adresse(*place),
                lot.entetes[feuille.nom, champ.name],
                champ=champ.name,
                details=details,
            )
        )


def _formule(lot: Lot, champ: Champ, feuille: Feuille, source: int, j: int, i: int) -> bool:
    """Say an error cell or a formula never calculated; True when the cell cannot be read."""
    if (source, j) in feuille.erreurs:
        code, valeur = "FO-01", feuille.erreurs[source, j]
    elif (source, j) in feuille.non_calculees:
        code, valeur = "FO-02", ""
    else:
        return False
    lot.anomalie(code, i, champ.name, valeur)
    lot.qualite.setdefault(i, {})[champ.name] = {"texte": valeur}
    if champ.obligatoire:
        lot.retenir(i, code)
    return True


def _ecarter_personnelle(lot: Lot, champ: Champ, i: int, masque: Valeur, nature: str) -> None:
    lot.anomalie("RG-02", i, champ.name, masque, nature=nature)
    if champ.obligatoire:
        lot.retenir(i, "RG-02")


def _suite(lot: Lot, champ: Champ, i: int, brut: Valeur, lecture: Lecture) -> None:
    """What follows from a reading that is not clean: anomaly, quality note, pending row."""
    manque = lecture.valeur is None
    if lecture.code:
        details = {"titre": champ.title, "exemple": champ.example, "champ": champ.name, **lecture.details}
        lot.anomalie(lecture.code, i, champ.name, brut, **details)
    elif manque and champ.obligatoire:
        lot.anomalie("VA-01", i, champ.name, brut, titre=champ.title, exemple=champ.example)
    note = _note(brut, lecture)
    if note:
        lot.qualite.setdefault(i, {})[champ.name] = note
    if manque and champ.obligatoire:
        lot.retenir(i, lecture.code or "VA-01")


def _note(brut: Valeur, lecture: Lecture) -> dict[str, Any]:
    """What the warehouse keeps beside a value that is not clean: reason, flag, text, bounds."""
    if lecture.motif == MOTIF_VIDE:
        return {}
    note: dict[str, Any] = {
        cle: valeur
        for cle in ("motif", "drapeau", "bas", "haut")
        if (valeur := getattr(lecture, cle)) is not None
    }
    if note or lecture.code:
        note["texte"] = affiche(brut)
    return note


def valeur_constante(champ: Champ, valeur: str, lieux: Lieux | None, millesime: int | None = None) -> Any:
    """Typed value that the person gave for every row; FichierRefuse when it does not suit the field."""
    lue = type_de(champ).lire(valeur, champ, Contexte(lieux, millesime)).valeur
    if lue is None:
        raise FichierRefuse("EN-07", titre=champ.title, donnee=valeur, exemple=champ.example)
    return lue


def _lire_constante(lot: Lot, champ: Champ, valeur: str, premiere: int, cadre: Cadre) -> None:
    fin = len(lot.origines)
    lue = valeur_constante(champ, valeur, cadre.lieux, cadre.millesime)
    lot.colonnes[champ.name][premiere:fin] = [lue] * (fin - premiere)


def _verifier_totaux(
    lot: Lot,
    table: Table,
    appariement: Appariement,
    premiere: int,
    cadre: Cadre,
) -> None:
    """Compare a single TOTAL row with the sum of the rows above it (TO-05)."""
    totaux = [i for i, code in table.ignorees.items() if code == "TO-01" and _est_total(table, i)]
    if len(totaux) != 1:
        return
    for nom, (colonne, _, _) in appariement.champs.items():
        champ = lot.enquete.champ(nom)
        if champ.personnel or type_de(champ).nom not in ("effectif", "montant", "heures", "etp"):
            continue
        brut = table.feuille.lignes[totaux[0]][colonne.index]
        lu = en_euros(brut) if colonne.index in cadre.milliers else brut
        ecrit = type_de(champ).lire(lu, champ, Contexte(cadre.lieux, cadre.millesime)).valeur
        valeurs = [v for v in lot.colonnes[nom][premiere:] if v is not None]
        if ecrit is None or not valeurs or abs(float(ecrit) - float(sum(valeurs))) <= 0.005:
            continue
        lot.anomalies.append(
            Anomalie(
                "TO-05",
                feuille=table.feuille.nom,
                ligne=table.feuille.ligne_dite(totaux[0], colonne.index),
                cellule=table.feuille.adresse(totaux[0], colonne.index),
                colonne=colonne.entete,
                champ=nom,
                valeur=affiche(brut),
                details={"ecrit": affiche(brut), "somme": affiche(float(sum(valeurs)))},
            )
        )


def _est_total(table: Table, ligne: int) -> bool:
    textes = [str(v).strip().lower() for v in table.feuille.lignes[ligne] if isinstance(v, str) and v.strip()]
    return bool(textes) and textes[0].startswith("total")


def _identifier(lot: Lot, premiere: int, millesime: int | None) -> None:
    """Give each row its year and the key of its association."""
    champs = lot.enquete.identite
    vides: Sequence[Any] = [None] * len(lot.origines)
    nom, rna, siret, commune = (
        lot.colonnes.get(champs[c], vides) for c in ("nom", "rna", "siret", "commune")
    )
    for i in range(premiere, len(lot.origines)):
        lot.cles.append(cle_association(nom[i], rna[i], siret[i], commune[i]))
        lot.millesimes.append(_annee(lot.enquete, lot.colonnes, i) or millesime)


def _annee(enquete: Enquete, colonnes: dict[str, list[Any]], i: int) -> int | None:
    for nom in enquete.millesime_de:
        valeur = colonnes[nom][i] if nom in colonnes else None
        if valeur is not None:
            return int(valeur.year) if hasattr(valeur, "year") else int(valeur)
    return None
