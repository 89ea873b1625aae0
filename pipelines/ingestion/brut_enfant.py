"""The child process that reads a large workbook into Arrow: bounds itself, checks, parses, writes.

Run as `python -I brut_enfant.py FD_IN FD_OUT NAME LIMITS`, never imported. The sheets go to FD_OUT as Arrow
IPC streams, one after the other; one JSON line on standard output says where each stands: `{"feuilles":
[[name, visible, start, end]…]}`, or `{"refus": …}`, or `{"panne": …}`.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pipelines.ingestion.limites import PARTAGER, Limites, Refus, format_refuse, trop, trop_lourd, volume

LIGNES_PAR_LOT = 16_384


def borner(limites: Limites) -> None:
    """Bound this very process before anything of the file is looked at."""
    for ressource, valeur in (
        (resource.RLIMIT_AS, limites.memoire),
        (resource.RLIMIT_FSIZE, limites.decompresse),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(ressource, (valeur, valeur))
    resource.setrlimit(resource.RLIMIT_CPU, (limites.cpu, limites.cpu + 2))


def lire(donnees: bytes, sortie: Any, limites: Limites) -> list[tuple[str, bool, int, int]]:
    """Write every sheet to `sortie`; returns name, visible, start and end of each."""
    import fastexcel

    try:
        classeur = fastexcel.read_excel(donnees)
        noms = classeur.sheet_names
        if len(noms) > limites.feuilles:
            raise trop(len(noms), "feuilles", limites.feuilles, PARTAGER)
        feuilles, cellules = [], 0
        for rang, nom in enumerate(noms):
            # skip_rows=0 keeps the blank rows above the first cell: row i is row i+1 of the sheet.
            feuille = classeur.load_sheet(rang, header_row=None, skip_rows=0, dtypes="string")
            cellules += feuille.total_height * feuille.width
            if feuille.total_height > limites.lignes:
                raise trop(feuille.total_height, "lignes", limites.lignes)
            if cellules > limites.cellules:
                raise trop(cellules, "cellules", limites.cellules)
            debut, fin = _ecrire(feuille, sortie, limites)
            feuilles.append((nom, feuille.visible == "visible", debut, fin))
        return feuilles
    except fastexcel.FastExcelError as erreur:
        raise Refus("FI-04", raison=str(erreur)[:200]) from erreur


def _ecrire(feuille: Any, sortie: Any, limites: Limites) -> tuple[int, int]:
    """Write one sheet with its first column at A; returns where it stands in the file."""
    import pyarrow as pa

    colonnes: dict[int, Any] = {}
    if feuille.width:
        lot = feuille.to_arrow()
        colonnes = dict(zip((c.absolute_index for c in feuille.selected_columns), lot.columns, strict=True))
    largeur = max(colonnes, default=-1) + 1
    if largeur > limites.colonnes:
        raise trop(largeur, "colonnes", limites.colonnes)
    hauteur = len(next(iter(colonnes.values()))) if colonnes else 0
    vide = pa.nulls(hauteur, pa.string())
    table = pa.Table.from_arrays(
        [colonnes.get(j, vide) for j in range(largeur)],
        schema=pa.schema([(f"c{j}", pa.string()) for j in range(largeur)]),
    )
    debut = sortie.tell()
    with pa.ipc.new_stream(sortie, table.schema) as flux:
        flux.write_table(table, max_chunksize=LIGNES_PAR_LOT)
    return debut, sortie.tell()


def _dire(message: object) -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def _panne(genre: type[BaseException], erreur: BaseException, trace: TracebackType | None) -> None:
    """Last words of an unforeseen failure (a panic of the parser above all): its kind, never a value."""
    del erreur, trace
    _dire({"panne": genre.__name__})


def main() -> None:
    """Read the open file descriptor named by the arguments and write the grids."""
    entree, sortie, nom, brut = sys.argv[1:]
    limites = Limites(**json.loads(brut))
    borner(limites)
    sys.excepthook = _panne
    try:
        from pipelines.ingestion.precontrole import format_de

        with os.fdopen(int(entree), "rb") as flux:
            donnees = flux.read(limites.taille + 1)
        if format_de(nom, donnees, limites) == "csv":
            raise format_refuse("texte\u00a0: la lecture en masse n’ouvre que les classeurs")
        with os.fdopen(int(sortie), "wb") as fichier:
            feuilles = lire(donnees, fichier, limites)
        _dire({"feuilles": feuilles})
    except Refus as refus:
        _dire({"refus": refus.code, "details": refus.details})
    except MemoryError:
        details = trop_lourd(f"plus de {volume(limites.memoire)} de mémoire")
        _dire({"refus": "FI-05", "details": details})
    os._exit(0)


if __name__ == "__main__":
    main()
