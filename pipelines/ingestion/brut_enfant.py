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
from collections.abc import Callable
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


def lire(chemin: str, sortie: Any, limites: Limites) -> list[tuple[str, bool, int, int]]:
    """Write every sheet to `sortie`; returns name, visible, start and end of each."""
    import fastexcel

    try:
        classeur = fastexcel.read_excel(chemin)
        noms = classeur.sheet_names
        visibles = _visibles(chemin)
        if len(noms) > limites.feuilles:
            raise trop(len(noms), "feuilles", limites.feuilles, PARTAGER)
        feuilles, cellules = [], 0
        for rang, nom in enumerate(noms):
            rangs: dict[int, int] = {}
            # skip_rows=0 keeps the blank rows above the first cell: row i is row i+1 of the sheet. Eager, the texts are
            # copied once, from the workbook to Arrow; the sheet does not say which columns it has: the filter is told.
            lot = classeur.load_sheet(
                rang, header_row=None, skip_rows=0, dtypes="string", use_columns=_noter(rangs), eager=True
            )
            cellules += lot.num_rows * lot.num_columns
            if lot.num_rows > limites.lignes:
                raise trop(lot.num_rows, "lignes", limites.lignes)
            if cellules > limites.cellules:
                raise trop(cellules, "cellules", limites.cellules)
            debut, fin = _ecrire(lot, rangs, sortie, limites)
            feuilles.append((nom, nom in visibles, debut, fin))
        return feuilles
    except fastexcel.FastExcelError as erreur:
        raise Refus("FI-04", raison=str(erreur)[:200]) from erreur


def _visibles(chemin: str) -> set[str]:
    """Names of the sheets that are neither hidden nor very hidden."""
    import python_calamine as calamine

    metas = calamine.CalamineWorkbook.from_path(chemin).sheets_metadata
    return {m.name for m in metas if m.visible == calamine.SheetVisibleEnum.Visible}


def _noter(rangs: dict[int, int]) -> Callable[[Any], bool]:
    """A filter that takes every column and notes which one of the sheet each is."""

    def garder(colonne: Any) -> bool:
        rangs[colonne.index] = colonne.absolute_index
        return True

    return garder


def _ecrire(lot: Any, rangs: dict[int, int], sortie: Any, limites: Limites) -> tuple[int, int]:
    """Write one sheet with its first column at A; returns where it stands in the file."""
    import pyarrow as pa

    colonnes = dict(zip((rangs[j] for j in range(lot.num_columns)), lot.columns, strict=True))
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
            # The reader takes the same open file: a copy of its bytes, or two, would stand beside the sheet.
            del donnees
            with os.fdopen(int(sortie), "wb") as fichier:
                feuilles = lire(f"/dev/fd/{flux.fileno()}", fichier, limites)
        _dire({"feuilles": feuilles})
    except Refus as refus:
        _dire({"refus": refus.code, "details": refus.details})
    except MemoryError:
        details = trop_lourd(f"plus de {volume(limites.memoire)} de mémoire")
        _dire({"refus": "FI-05", "details": details})
    os._exit(0)


if __name__ == "__main__":
    main()
