"""The small world of `cases/indicateurs` as an analysts' file: every indicator has answers there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from observatoire.domain.loader import load_enquetes
from tests.unit.test_indicateurs import CAS, entrepot, lire, remplir


def petit_monde() -> duckdb.DuckDBPyConnection:
    """A base with `courant` and `ref`, as the queries read them."""
    con = entrepot({nom: lire(CAS / f"entree_{nom}.csv") for nom in load_enquetes()})
    remplir(con, "ref.registre", lire(CAS / "entree_registre.csv"))
    return con


def ecrire_analyse(fichier: Path, **changements: Any) -> Path:
    """An analysts' file of the small world; `suffixe` makes its deposits and associations others."""
    suffixe = changements.get("suffixe", "")
    fichier.unlink(missing_ok=True)
    with petit_monde() as con:
        con.execute(f"attach '{fichier}' as publie")
        con.execute("create schema publie.enquete; create schema publie.ponderation")
        for nom in load_enquetes():
            con.execute(
                f"create table publie.enquete.{nom} as select * replace "
                f"(concat(cle_association, '{suffixe}') as cle_association, 'D-{nom}{suffixe}' as depot_id), "
                f"'Feuille 1' as feuille, 1 as ligne from courant.{nom}"
            )
        con.execute(
            "create table publie.ponderation.registre as select cle_association as cle, "
            "concat(annee_creation, '-01-01') as date_creation, code_commune, secteur from ref.registre"
        )
    return fichier
