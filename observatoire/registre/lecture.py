"""Read an official CSV of any size: encoding decided, dialect fixed, no line lost in silence."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from observatoire.registre.formats import CHAMPS, Lecture, RegistreRefuse, reconnaitre

TAILLE_BLOC = 1 << 20
SEPARATEURS = (";", ",", "\t", "|")
LIGNE_MAX = 1 << 20  # an unclosed quote would swallow the rest of the file


def transcoder(fichier: Path, vers: Path) -> str:
    """Copy `fichier` as UTF-8 without byte order mark; returns the encoding it had.

    The byte order mark decides, then UTF-8, then Windows-1252 (its five holes read as Latin-1).
    """
    with fichier.open("rb") as flux:
        debut = flux.read(4)
    if debut.startswith((b"\xff\xfe", b"\xfe\xff")):
        essais: tuple[str, ...] = ("utf-16",)
    else:
        essais = ("utf-8-sig", "cp1252", "latin-1")
    for encodage in essais:
        if _copier(fichier, vers, encodage):
            return encodage.removesuffix("-sig")
    raise RegistreRefuse(
        f"«\u00a0{fichier.name}\u00a0» n’est pas un fichier de texte. Déposez le CSV publié, décompressé."
    )


def _copier(fichier: Path, vers: Path, encodage: str) -> bool:
    decodeur = codecs.getincrementaldecoder(encodage)()
    with fichier.open("rb") as flux, vers.open("w", encoding="utf-8", newline="") as sortie:
        while True:
            bloc = flux.read(TAILLE_BLOC)
            try:
                texte = decodeur.decode(bloc, final=not bloc)
            except UnicodeDecodeError:
                return False
            if "\0" in texte:
                raise RegistreRefuse(
                    f"«\u00a0{fichier.name}\u00a0» contient des caractères nuls\u00a0: ce n’est pas un CSV. "
                    f"S’il s’agit d’une archive (.zip, .gz), décompressez-la d’abord."
                )
            sortie.write(texte)
            if not bloc:
                return True


def lire_csv(con: duckdb.DuckDBPyConnection, genre: str, utf8: Path, nom: str) -> tuple[Lecture, int]:
    """Make table `lues` with the columns `CHAMPS`; returns the layout and the number of lines set aside."""
    with utf8.open(encoding="utf-8", newline="") as flux:
        premiere = flux.readline()
    if not premiere.strip():
        raise RegistreRefuse(f"«\u00a0{nom}\u00a0» est vide.")
    separateur = max(SEPARATEURS, key=premiere.count)
    entetes = [t.strip() for t in next(csv.reader([premiere], delimiter=separateur))]
    lecture = reconnaitre(genre, entetes, nom)
    colonnes = "{" + ", ".join(f"'c{j}': 'VARCHAR'" for j in range(len(entetes))) + "}"
    source = f"""read_csv(?, auto_detect=false, delim=?, quote='"', escape='"', header=true, columns={colonnes},
        null_padding=false, ignore_errors=true, store_rejects=true, parallel=false, max_line_size={LIGNE_MAX},
        strict_mode=true, encoding='utf-8')"""
    con.execute(
        f"create or replace temp table lues as select {_projeter(lecture)} from {source}",
        [str(utf8), separateur],
    )
    rejets = con.execute("select count(distinct line) from reject_errors").fetchall()[0][0]
    return lecture, int(rejets)


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
    con.execute(f"create or replace temp table lues as select {_projeter(lecture)} from lignes_lues")
    con.unregister("lignes_lues")
    return lecture, 0


def _projeter(lecture: Lecture) -> str:
    textes = [
        f"nullif(trim(c{lecture.rangs[champ]}), '') as {champ}"
        if champ in lecture.rangs
        else f"cast(null as varchar) as {champ}"
        for champ in CHAMPS
    ]
    return ", ".join(textes)
