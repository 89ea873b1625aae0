"""The grid of a workbook: cells with their true addresses, whatever the format of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from observatoire.domain.types.base import Valeur


def lettre(colonne: int) -> str:
    """Letter of a 0-based column index: 0 → A, 26 → AA."""
    lettres = ""
    colonne += 1
    while colonne:
        colonne, reste = divmod(colonne - 1, 26)
        lettres = chr(65 + reste) + lettres
    return lettres


def adresse(ligne: int, colonne: int) -> str:
    """A1 address of 0-based (row, column)."""
    return f"{lettre(colonne)}{ligne + 1}"


_A1 = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")


def position(cellule: str) -> tuple[int, int] | None:
    """0-based (row, column) of an A1 address; None when it is not one."""
    trouve = _A1.fullmatch(cellule.strip())
    if trouve is None:
        return None
    colonne = 0
    for signe in trouve[1].upper():
        colonne = colonne * 26 + ord(signe) - 64
    return int(trouve[2]) - 1, colonne - 1


def adresse_notee(axe: str, rang: int) -> str:
    """A1 address of a cell kept as (`Feuille.axe`, 1-based row): « B » and 4 → B4; turned, « 4 » and 2 → B4."""
    return f"{lettre(rang - 1)}{axe}" if axe.isdigit() else f"{axe}{rang}"


@dataclass(slots=True)
class Feuille:
    """One sheet. `lignes[i][j]` is the cell of row i+1 and column j+1 of the file the person sent.

    Rows are padded to the same width; empty cells are None. `fusions` are merged ranges as 0-based
    inclusive (row_min, col_min, row_max, col_max). `erreurs` are the cells that the file shows as an error
    (`#DIV/0!`), `non_calculees` the formulas that were never calculated, both 0-based (row, column), found
    by the second look on .xlsx. `largeurs_fausses` are CSV rows whose width differs from the header's,
    `masquees` and `colonnes_masquees` the hidden rows and columns of an .xlsx. `originaux` are the cells that
    the person typed again, as the file has them. `fichier` names the file when a deposit has several.

    `transposee`: the grid was turned because its titles go down one column. Rows of `lignes` are then columns of
    the file: what is said of a cell goes through `adresse`, `ligne_dite`, `axe`
    and `rang_dit`.
    """

    nom: str
    lignes: list[list[Valeur]]
    visible: bool = True
    fusions: list[tuple[int, int, int, int]] = field(default_factory=list)
    erreurs: dict[tuple[int, int], str] = field(default_factory=dict)
    non_calculees: set[tuple[int, int]] = field(default_factory=set)
    largeurs_fausses: dict[int, int] = field(default_factory=dict)
    masquees: set[int] = field(default_factory=set)
    colonnes_masquees: set[int] = field(default_factory=set)
    originaux: dict[tuple[int, int], Valeur] = field(default_factory=dict)
    transposee: bool = False
    fichier: str | None = None

    def adresse(self, ligne: int, colonne: int) -> str:
        """A1 address, in the file received, of a cell of `lignes`."""
        return adresse(colonne, ligne) if self.transposee else adresse(ligne, colonne)

    def ligne_dite(self, ligne: int, colonne: int = 0) -> int:
        """1-based row, in the file received, of a cell of `lignes`."""
        return (colonne if self.transposee else ligne) + 1

    def axe(self, colonne: int) -> str:
        """Name of a column of `lignes` in the file received: its letter, its row number when turned."""
        return str(colonne + 1) if self.transposee else lettre(colonne)

    def rang_dit(self, ligne: int) -> str:
        """Name of a row of `lignes` in the file received: its number, its column letter when turned."""
        return lettre(ligne) if self.transposee else str(ligne + 1)


@dataclass(slots=True)
class Classeur:
    """A file as read: its sheets in order. `format` is one of xlsx, xls, ods, csv, or « dossier » for several files.

    `non_lus` are the files of a deposit that could not be read: name and sentence of the refusal.
    """

    nom_fichier: str
    format: str
    sha256: str
    taille: int
    feuilles: list[Feuille]
    encodage: str | None = None
    separateur: str | None = None
    non_lus: list[tuple[str, str]] = field(default_factory=list)


class FichierRefuse(Exception):
    """The file cannot be read at all; `code` is in the anomaly catalogue, `details` feed its message."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


@dataclass(slots=True)
class Colonne:
    """One column of a table: its 0-based index and its header (levels joined by ` › `)."""

    index: int
    entete: str


@dataclass(slots=True)
class Table:
    """A table found in a sheet. All rows are 0-based indexes into `feuille.lignes`.

    `ligne_entete` is the last header row; `donnees` the rows to load, in order; `ignorees` the rows passed over
    with the code that names why (TO-01 total, TO-02 note, TO-03 blank, TO-04 repeated header).
    """

    feuille: Feuille
    ligne_entete: int
    colonnes: list[Colonne]
    donnees: list[int]
    ignorees: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Appariement:
    """Which column feeds which field. `champs[name] = (Colonne, score 0–100, method)`.

    Methods: `titre`, `alias`, `proche` (fuzzy), `donne` (given by the user). `inconnues` are the columns
    that feed nothing; `collisions` the fields that two columns claim (name → columns).
    """

    champs: dict[str, tuple[Colonne, float, str]]
    inconnues: list[Colonne]
    collisions: dict[str, list[Colonne]] = field(default_factory=dict)
    constantes: dict[str, str] = field(default_factory=dict)
