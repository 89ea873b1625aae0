"""The grid of a workbook: cells with their true addresses, whatever the format of the file."""

from __future__ import annotations

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


@dataclass(slots=True)
class Feuille:
    """One sheet. `lignes[i][j]` is the cell of row i+1 and column j+1 of the file the person sent.

    Rows are padded to the same width; empty cells are None. `fusions` are merged ranges as 0-based
    inclusive (row_min, col_min, row_max, col_max). `erreurs` are the cells that the file shows as an error
    (`#DIV/0!`), `non_calculees` the formulas that were never calculated, both 0-based (row, column), found
    by the second look on .xlsx. `largeurs_fausses` are CSV rows whose width differs from the header's,
    `masquees` the hidden rows of an .xlsx.
    """

    nom: str
    lignes: list[list[Valeur]]
    visible: bool = True
    fusions: list[tuple[int, int, int, int]] = field(default_factory=list)
    erreurs: dict[tuple[int, int], str] = field(default_factory=dict)
    non_calculees: set[tuple[int, int]] = field(default_factory=set)
    largeurs_fausses: dict[int, int] = field(default_factory=dict)
    masquees: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Classeur:
    """A file as read: its sheets in order. `format` is one of xlsx, xls, ods, csv."""

    nom_fichier: str
    format: str
    sha256: str
    taille: int
    feuilles: list[Feuille]
    encodage: str | None = None
    separateur: str | None = None


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
