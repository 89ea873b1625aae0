"""Read an official CSV of any size: dialect fixed, columns by their titles, no line lost in silence."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from observatoire.registre.formats import CHAMPS, GENRES, Lecture, RegistreRefuse, reconnaitre
from observatoire.storage.connexion import litteral

SEPARATEURS = (";", ",", "\t", "|")
LIGNE_MAX = 1 << 20  # an unclosed quote would swallow the rest of the file
# What DuckDB may keep in memory while it reads; beyond, it writes in a folder that goes with the connection.
MEMOIRE = "500MB"


def ouvrir(dossier: Path) -> duckdb.DuckDBPyConnection:
    """Connection to read a file of any size: bounded memory, the rest in `dossier`."""
    return duckdb.connect(config={"memory_limit": MEMOIRE, "temp_directory": str(dossier / "debord")})


def lire_entetes(utf8: Path, nom: str) -> tuple[list[str], str]:
    """Titles of the first line, and what separates them."""
    with utf8.open(encoding="utf-8-sig", newline="") as flux:
        premiere = flux.readline(LIGNE_MAX)
    if not premiere.strip():
        raise RegistreRefuse(f"«\u00a0{nom}\u00a0» est vide.")
    separateur = max(SEPARATEURS, key=premiere.count)
    return [t.strip() for t in next(csv.reader([premiere], delimiter=separateur))], separateur


def poser_vue(con: duckdb.DuckDBPyConnection, genre: str, utf8: Path, nom: str) -> Lecture:
    """Make the view `lues` on the file: its declared columns by field, as text; nothing is read yet."""
    entetes, separateur = lire_entetes(utf8, nom)
    lecture = reconnaitre(genre, entetes, nom)
    colonnes = "{" + ", ".join(f"'c{j}': 'VARCHAR'" for j in range(len(entetes))) + "}"
    source = f"""read_csv({litteral(str(utf8))}, auto_detect=false, delim={litteral(separateur)}, quote='"', escape='"',
        header=true, columns={colonnes}, null_padding=false, ignore_errors=true, store_rejects=true,
        max_line_size={LIGNE_MAX}, strict_mode=true, encoding='utf-8')"""
    con.execute(f"create or replace temp view lues as {projeter(lecture, source)}")
    return lecture


def rejetees(con: duckdb.DuckDBPyConnection) -> int:
    """Lines that are not rows of the file, once it was read."""
    return int(con.execute("select count(distinct line) from reject_errors").fetchall()[0][0])


def lire_csv(con: duckdb.DuckDBPyConnection, genre: str, utf8: Path, nom: str) -> tuple[Lecture, int]:
    """Make table `lues` with the columns `CHAMPS`; returns the layout and the number of lines set aside."""
    lecture = poser_vue(con, genre, utf8, nom)
    con.execute("create or replace temp table toutes as from lues")
    con.execute("drop view lues")
    con.execute("alter table toutes rename to lues")
    return lecture, rejetees(con)


def lire_lignes(
    con: duckdb.DuckDBPyConnection, genre: str, lignes: Iterable[Sequence[str | None]], nom: str
) -> tuple[Lecture, int]:
    """The same from rows already read, titles first."""
    import pyarrow as pa

    toutes = [list(ligne) for ligne in lignes]
    if not toutes:
        raise RegistreRefuse(f"«\u00a0{nom}\u00a0» est vide.")
    entetes = [t or "" for t in toutes[0]]
    lecture = reconnaitre(genre, entetes, nom)
    pleines = [ligne for ligne in toutes[1:] if any(ligne)]
    table = pa.table(
        {
            f"c{j}": pa.array([x[j] if j < len(x) else None for x in pleines], pa.string())
            for j in range(len(entetes))
        }
    )
    con.register("lignes_lues", table)
    con.execute(f"create or replace temp table lues as {projeter(lecture, 'lignes_lues')}")
    con.unregister("lignes_lues")
    return lecture, 0


def projeter(lecture: Lecture, source: str) -> str:
    """SELECT of the fields of a layout; those of the register all have the same. One row a year where there are years."""
    modele = lecture.format
    champs = CHAMPS if modele.genre in GENRES else tuple(modele.colonnes)
    champs = (*champs, *(c for c in modele.colonnes if c not in champs))

    def colonnes(rangs: dict[str, int], annee: int | None) -> str:
        textes = [
            f"nullif(trim(c{rangs[c]}), '') as {c}" if c in rangs else f"cast(null as varchar) as {c}"
            for c in champs
        ]
        return ", ".join(textes if annee is None else [*textes, f"{annee} as annee"])

    if not modele.par_annee:
        return f"select {colonnes(dict(lecture.rangs), None)} from {source}"
    return " union all ".join(
        f"select {colonnes({**lecture.rangs, **rangs}, annee)} from {source}"
        for annee, rangs in lecture.annees.items()
    )
