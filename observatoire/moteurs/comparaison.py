"""Two engines set side by side: every row of every table they made, every value of every row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from observatoire.moteurs.calcul import RESULTATS
from observatoire.storage.connexion import litteral, nom_sql

TOLERANCE = 1e-9
_ZONE = ("indicateur", "millesime", "niveau", "code", "domaine")
CLES = {
    "unites": ("indicateur", "cle_association", "millesime", "code_commune", "domaine", "financeur"),
    "sommes": (*_ZONE, "financeur"),
    "distributions": _ZONE,
    "permises": ("indicateur", "niveau", "code"),
    "cellules": (*_ZONE, "financeur"),
}


@dataclass(frozen=True, slots=True)
class Ecart:
    """One table: indicators and rows met on either side, rows that only one side has, largest relative difference.

    A value that only one side has counts as a row that only one side has.
    """

    table: str
    indicateurs: int
    lignes: int
    seules: int
    relatif: float

    @property
    def est_nul(self) -> bool:
        """True when the two engines agree."""
        return self.seules == 0 and self.relatif <= TOLERANCE


def comparer(reference: Path, autre: Path) -> Iterator[Ecart]:
    """Compare the folders that two engines wrote (calcul.ecrire), table by table."""
    with duckdb.connect(":memory:") as con:
        for table in RESULTATS:
            yield _comparer(con, table, reference / f"{table}.parquet", autre / f"{table}.parquet")


def _comparer(con: duckdb.DuckDBPyConnection, table: str, a: Path, b: Path) -> Ecart:
    cles = CLES[table]
    source = f"read_parquet({litteral(str(a))})"
    colonnes = [nom for nom, *_ in con.execute(f"describe from {source}").fetchall()]
    valeurs = [nom_sql(c) for c in colonnes if c not in cles]
    liste = ", ".join(map(nom_sql, cles))
    for cote, chemin in (("a", a), ("b", b)):
        # Rows of one key are met in the order of their values: a position, when nothing else tells them apart.
        con.execute(
            f"create or replace temp table {cote} as select *, row_number() over "
            f"(partition by {liste} order by {', '.join(valeurs) or liste}) as rang "
            f"from read_parquet({litteral(str(chemin))})"
        )
    jointure = " and ".join(f"a.{c} is not distinct from b.{c}" for c in [*map(nom_sql, cles), "rang"])
    absentes = " or ".join(
        ["a.rang is null or b.rang is null", *(f"(a.{v} is null) <> (b.{v} is null)" for v in valeurs)]
    )
    ecarts = [_relatif(f"a.{v}", f"b.{v}") for v in valeurs]
    plus_grand = f"coalesce(max(greatest({', '.join(ecarts)})), 0)" if ecarts else "0"
    ((indicateurs, lignes, seules, relatif),) = con.execute(
        f"select count(distinct coalesce(a.indicateur, b.indicateur)), count(*), "
        f"count(*) filter (where {absentes}), cast({plus_grand} as double) "
        f"from a full outer join b on {jointure}"
    ).fetchall()
    return Ecart(table, indicateurs, lignes, seules, relatif)


def _relatif(a: str, b: str) -> str:
    gauche, droite = f"cast({a} as double)", f"cast({b} as double)"
    return f"abs({gauche} - {droite}) / nullif(greatest(abs({gauche}), abs({droite})), 0)"
