"""Rows out to a CSV or a workbook: text that a spreadsheet would run as a formula is neutralised, numbers never."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from observatoire.domain.export import neutraliser

Valeur: TypeAlias = str | int | float | bool | None
FORMATS = (".csv", ".xlsx")


class FormatInconnu(ValueError):
    """Neither .csv nor .xlsx."""


def exporter(lignes: Sequence[Mapping[str, Valeur]], chemin: Path) -> None:
    """Write rows alike to `chemin`, by its suffix. FormatInconnu before anything is written."""
    if chemin.suffix.lower() not in FORMATS:
        raise FormatInconnu(f"«\u00a0{chemin.name}\u00a0»\u00a0: donnez un nom en {' ou '.join(FORMATS)}.")
    if chemin.suffix.lower() == ".csv":
        chemin.write_bytes(en_csv(lignes))
        return
    _classeur(lignes, chemin)


def en_csv(lignes: Sequence[Mapping[str, Valeur]]) -> bytes:
    """CSV for a French spreadsheet: UTF-8 with BOM, « ; », decimal comma, CRLF."""
    sortie = io.StringIO(newline="")
    ecrivain = csv.writer(sortie, delimiter=";", lineterminator="\r\n")
    if lignes:
        ecrivain.writerow(list(lignes[0]))
    ecrivain.writerows([[_texte(v) for v in ligne.values()] for ligne in lignes])
    return sortie.getvalue().encode("utf-8-sig")


def _texte(valeur: Valeur) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, str):
        return neutraliser(valeur)
    return format(Decimal(repr(valeur)).normalize(), "f").replace(".", ",")


def _classeur(lignes: Sequence[Mapping[str, Valeur]], chemin: Path) -> None:
    from openpyxl import Workbook

    livre = Workbook(write_only=True)
    page = livre.create_sheet("Observatoire")
    if lignes:
        page.append(list(lignes[0]))
    for ligne in lignes:
        page.append([neutraliser(v) if isinstance(v, str) else v for v in ligne.values()])
    livre.save(chemin)
