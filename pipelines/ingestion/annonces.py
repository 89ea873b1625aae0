"""What is said of the sheets, the hidden parts and the titles of a file, before its cells are looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from observatoire.domain.anomalie import Anomalie, enumerer
from pipelines.ingestion.caviardage import FEUILLES_DU_GABARIT
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.dossier import SEPARATEUR
from pipelines.ingestion.entetes import proches_de, proposables
from pipelines.ingestion.grille import Appariement, Classeur, Table, lettre
from pipelines.ingestion.lot import Lot
from pipelines.ingestion.unites import en_milliers

CITEES = 10


def dire_fichiers(lot: Lot, classeur: Classeur) -> None:
    """Say the files of a deposit that could not be read (FI-14)."""
    for nom, raison in classeur.non_lus:
        lot.anomalies.append(Anomalie("FI-14", details={"fichier": nom, "raison": raison}))


def dire_feuilles(lot: Lot, classeur: Classeur, tables: Sequence[Table], choix: Decisions) -> None:
    """Say the sheets that were not read: hidden (FE-02), unlike the questionnaire (FE-01), or asked for in vain."""
    retenues = {t.feuille.nom for t in tables}
    pleines = [f for f in classeur.feuilles if any(v not in (None, "") for x in f.lignes for v in x)]
    aide, listes = FEUILLES_DU_GABARIT
    for feuille in pleines:
        demandee = choix.feuilles.get(feuille.nom)
        if demandee and feuille.nom not in retenues:
            lot.anomalies.append(Anomalie("EN-05", feuille=feuille.nom))
        elif (
            not feuille.visible
            and feuille.nom not in retenues
            and demandee is None
            and _propre(feuille.nom) != listes
        ):
            lot.anomalies.append(Anomalie("FE-02", feuille=feuille.nom))
    visibles = [f.nom for f in pleines if f.visible]
    autres = [
        n for n in visibles if n not in retenues and _propre(n) != aide and choix.feuilles.get(n) is None
    ]
    if autres:
        details = {
            "nb": len(visibles),
            "feuilles": ", ".join(f"«\u00a0{n}\u00a0»" for n in visibles),
            "retenue": ", ".join(f"«\u00a0{t.feuille.nom}\u00a0»" for t in tables),
        }
        lot.anomalies.append(Anomalie("FE-01", details=details))


def _propre(nom: str) -> str:
    """Name of a sheet without the file it comes from."""
    return nom.rpartition(SEPARATEUR)[2]


def dire_fiches(lot: Lot, tables: Sequence[Table]) -> None:
    """Say once that forms were read from top to bottom (FE-05)."""
    tournees = [t for t in tables if t.feuille.transposee]
    if tournees:
        colonnes = enumerer(dict.fromkeys(lettre(t.ligne_entete) for t in tournees))
        feuille = tournees[0].feuille.nom if len(tournees) == 1 else None
        lot.anomalies.append(Anomalie("FE-05", feuille=feuille, details={"lettre": colonnes}))


def dire_masquees(lot: Lot, table: Table, appariement: Appariement) -> None:
    """Say the hidden rows (FE-03) and columns (FE-04) that were read like the others: the person does not see them."""
    feuille = table.feuille
    lignes = [i for i in table.donnees if i in feuille.masquees]
    lues = sorted({c.index for c, _, _ in appariement.champs.values()} & feuille.colonnes_masquees)
    rangs, axes = [feuille.rang_dit(i) for i in lignes], [feuille.axe(j) for j in lues]
    codes = (
        (("FE-04", axes), ("FE-03", rangs)) if not feuille.transposee else (("FE-03", axes), ("FE-04", rangs))
    )
    for code, noms in codes:
        if noms:
            suite = [f"{len(noms) - CITEES} autres"] if len(noms) > CITEES else []
            cle = "lignes" if code == "FE-03" else "colonnes"
            ligne = int(noms[0]) if code == "FE-03" else None
            details = {cle: enumerer([*noms[:CITEES], *suite])}
            lot.anomalies.append(Anomalie(code, feuille.nom, ligne, details=details))


def exiger(lot: Lot, appariement: Appariement, table: Table, personnelles: Collection[int]) -> None:
    """Say each required column that is nowhere (EN-01), naming the nearest ones; its rows stay pending."""
    libres = proposables(appariement, personnelles)
    for champ in lot.enquete.champs_actifs():
        if not champ.obligatoire or champ.name in appariement.champs or champ.name in appariement.constantes:
            continue
        proches = ", ".join(f"«\u00a0{c.entete}\u00a0»" for c in proches_de(champ, libres))
        details = {
            "titre": champ.title,
            "champ": champ.name,
            "proches": f" Colonnes proches\u00a0: {proches}." if proches else "",
        }
        ligne = table.feuille.ligne_dite(table.ligne_entete)
        lot.anomalies.append(Anomalie("EN-01", table.feuille.nom, ligne, champ=champ.name, details=details))


def dire_entetes(
    lot: Lot,
    table: Table,
    appariement: Appariement,
    personnelles: Mapping[int, str],
    muettes: Collection[str] = (),
) -> None:
    """Say what each title was taken for. `muettes` are the titles that the person said feed nothing."""
    feuille, i = table.feuille, table.ligne_entete

    def dire(code: str, index: int, entete: str, champ: str | None = None, **details: object) -> None:
        lot.anomalies.append(
            Anomalie(
                code,
                feuille=feuille.nom,
                ligne=feuille.ligne_dite(i, index),
                cellule=feuille.adresse(i, index),
                colonne=entete,
                champ=champ,
                details=details,
            )
        )

    for nom, (colonne, score, methode) in appariement.champs.items():
        if methode == "proche":
            titre = lot.enquete.champ(nom).title
            dire("EN-04", colonne.index, colonne.entete, nom, titre=titre, score=round(score))
    for nom, colonnes in appariement.collisions.items():
        noms = enumerer(f"«\u00a0{c.entete}\u00a0» ({feuille.adresse(i, c.index)})" for c in colonnes)
        titre = lot.enquete.champ(nom).title
        dire("EN-02", colonnes[-1].index, colonnes[-1].entete, nom, colonnes=noms, titre=titre)
    for colonne in appariement.inconnues:
        if colonne.index in personnelles:
            dire("RG-01", colonne.index, colonne.entete, nature=personnelles[colonne.index])
        elif en_milliers(colonne.entete) and colonne.entete not in muettes:
            dire("EN-09", colonne.index, colonne.entete)
        elif colonne.entete:
            dire("EN-03", colonne.index, colonne.entete)
