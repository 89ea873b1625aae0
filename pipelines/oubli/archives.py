"""The archives that hold an association, written again without its rows: the others keep their place."""

from __future__ import annotations

import hashlib
import tempfile
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.storage.archive import archiver_grille
from observatoire.storage.insertion import en_table
from pipelines.ingestion.epuration import octets_grille
from pipelines.ingestion.grille import Classeur, Feuille
from pipelines.oubli.objets import Oubli, Places
from pipelines.reconstruction import lire_archive


def recrire_archives(
    con: duckdb.DuckDBPyConnection, settings: Settings, oubli: Oubli, effaces: dict[str, int]
) -> tuple[dict[str, str | None], dict[str, Places]]:
    """Write again the archives that hold it: (deposit → new archive or none, deposit → sheet → rows emptied)."""
    motif = oubli.aiguilles.motif()
    nouvelles: dict[str, str | None] = {}
    videes: dict[str, Places] = {}
    requete = "select depot_id, sha256, archive, nom_fichier, questionnaire from depot.depots order by ordre"
    with con.cursor() as cur:
        depots = cur.execute(requete).fetchall()
    for depot_id, sha256, archive, nom, questionnaire in depots:
        places = _lignes_connues(con, depot_id, questionnaire, oubli)
        chemin = settings.donnees / (archive or "")
        if archive and chemin.is_file():
            with tempfile.TemporaryDirectory() as dossier:
                _, classeur = lire_archive(chemin, {"nom_fichier": nom}, Path(dossier))
            tournees = _tournees(con, depot_id)
            for feuille in classeur.feuilles:
                places[feuille.nom] |= _places(feuille, motif, feuille.nom in tournees)
                if not _reste(con, depot_id, questionnaire, feuille.nom, places[feuille.nom]):
                    places[feuille.nom] |= set(
                        range(1, 1 + max(len(feuille.lignes), *map(len, feuille.lignes), 0))
                    )
            if any(places.values()):
                vide = _vider(classeur, places, tournees)
                nouvelles[depot_id] = _garder(settings, sha256, vide)
                if nouvelles[depot_id] != archive:
                    oubli.archives = [*{*oubli.archives, archive}]
                    effaces["archives"] += 1
        if any(places.values()):
            videes[depot_id] = places
    return nouvelles, videes


def _tournees(con: duckdb.DuckDBPyConnection, depot_id: str) -> set[str]:
    """Sheets whose titles go down a column: a row of theirs is a column of the file."""
    requete = "select distinct feuille from depot.correspondances where depot_id = ? and colonne similar to '[0-9]+'"
    return {f for (f,) in con.execute(requete, [depot_id]).fetchall()}


def _lignes_connues(
    con: duckdb.DuckDBPyConnection, depot_id: str, questionnaire: str, oubli: Oubli
) -> defaultdict[str, set[int]]:
    """Where the warehouse knows that it answered, the rows that were summed included."""
    places: defaultdict[str, set[int]] = defaultdict(set)
    requete = f"""
        select feuille, ligne, lignes_source from {en_table("enquete", questionnaire)}
        where depot_id = ? and list_contains(?::varchar[], cle_association)"""
    for feuille, ligne, source in con.execute(requete, [depot_id, oubli.cles]).fetchall():
        places[feuille] |= {ligne, *(source or ())}
    motif = oubli.aiguilles.motif()
    requete = "select feuille, ligne, lignes_source, coalesce(repere, '') || ' ' || valeurs from depot.attente where depot_id = ?"
    for feuille, ligne, source, texte in con.execute(requete, [depot_id]).fetchall():
        if motif.search(texte):
            places[feuille] |= {ligne, *(source or ())}
    return places


def _places(feuille: Feuille, motif: Any, tournee: bool) -> set[int]:
    """1-based rows (columns of a turned sheet) that hold an identifier."""
    return {
        (j if tournee else i) + 1
        for i, ligne in enumerate(feuille.lignes)
        for j, valeur in enumerate(ligne)
        if valeur is not None and motif.search(_texte(valeur))
    }


def _texte(valeur: object) -> str:
    return str(int(valeur)) if isinstance(valeur, float) and valeur.is_integer() else str(valeur)


def _reste(
    con: duckdb.DuckDBPyConnection, depot_id: str, questionnaire: str, feuille: str, places: Collection[int]
) -> bool:
    """True when somebody else answered in that sheet, or when it was not touched."""
    if not places:
        return True
    table = en_table("enquete", questionnaire)
    requete = f"""
        select count(*) from (
            select feuille, ligne from {table} where depot_id = $d
            union all select feuille, ligne from depot.attente where depot_id = $d
        ) where feuille = $f and not list_contains($p::integer[], ligne)"""
    valeurs = {"d": depot_id, "f": feuille, "p": sorted(places)}
    autres = con.execute(requete, valeurs).fetchall()[0][0]
    lue = con.execute(
        f"select 1 from {table} where depot_id = ? and feuille = ? limit 1", [depot_id, feuille]
    ).fetchall()
    return bool(autres) or not lue


def _vider(classeur: Classeur, places: Mapping[str, Collection[int]], tournees: Collection[str]) -> Classeur:
    """The same workbook with these rows emptied: the others keep their place, and their addresses."""
    feuilles = []
    for feuille in classeur.feuilles:
        vises = places.get(feuille.nom, ())
        colonne = feuille.nom in tournees

        def visee(i: int, j: int, vises: Collection[int] = vises, colonne: bool = colonne) -> bool:
            return (j if colonne else i) + 1 in vises

        feuilles.append(
            replace(
                feuille,
                lignes=[
                    [None if visee(i, j) else v for j, v in enumerate(ligne)]
                    for i, ligne in enumerate(feuille.lignes)
                ],
                erreurs={c: v for c, v in feuille.erreurs.items() if not visee(*c)},
                non_calculees={c for c in feuille.non_calculees if not visee(*c)},
                originaux={c: v for c, v in feuille.originaux.items() if not visee(*c)},
            )
        )
    return replace(classeur, feuilles=feuilles)


def _garder(settings: Settings, sha256: str, classeur: Classeur) -> str | None:
    """Archive of the emptied workbook; None when nothing is left in it."""
    if not any(v not in (None, "") for f in classeur.feuilles for ligne in f.lignes for v in ligne):
        return None
    octets = octets_grille(classeur)
    nom = f"{sha256}-{hashlib.sha256(octets).hexdigest()[:8]}"
    garde = archiver_grille(settings, nom, [(f.nom, f.lignes) for f in classeur.feuilles], octets)
    return garde.relative_to(settings.donnees).as_posix()
