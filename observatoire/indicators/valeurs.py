"""The value of each association, as queries that any engine runs (observatoire/moteurs): base tables, cards, sums.

All of them stay in the portable subset of SQL that tests/unit/test_portabilite.py holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from observatoire.indicators.catalogue import Carte, Parametre

MACROS = Path(__file__).with_name("macros")
_BASE = re.compile(r"\d\d_(base_\w+)")
# Columns that the query of every indicator gives, in this order. nb_personnes: persons behind the value.
COLONNES = {
    "cle_association": "varchar",
    "millesime": "integer",
    "code_commune": "varchar",
    "domaine": "varchar",
    "financeur": "varchar",
    "valeur": "double",
    "poids": "double",
    "valeur_basse": "double",
    "valeur_haute": "double",
    "nb_personnes": "double",
}
# What the values of the associations become, in the order each needs the one before.
AGREGATS = ("sommes", "distributions", "permises", "cellules")

# Tables that the sums read beside the values (run.poser_references).
REFERENCES = ("zones", "rattachements", "appartenances", "domaines", "regles")


class Requete(NamedTuple):
    """A query and the values to bind in it."""

    sql: str
    valeurs: Mapping[str, Parametre] = {}


@cache
def bases() -> Mapping[str, str]:
    """Base table → its query, in the order each needs those before."""
    trouvees: dict[str, str] = {}
    for chemin in sorted(MACROS.glob("[0-9]*.sql")):
        nom = _BASE.fullmatch(chemin.stem)
        if nom is None:
            raise ValueError(f"{chemin.name} : nom attendu « 01_base_xxx.sql »")
        trouvees[nom[1]] = chemin.read_text(encoding="utf-8")
    return trouvees


def macro(nom: str) -> str:
    """Text of a query of `macros`."""
    return (MACROS / f"{nom}.sql").read_text(encoding="utf-8")


def requete_unites(carte: Carte) -> Requete:
    """Rows of the table `unites` for one indicator: one per association and year (and funder).

    An association that refuses any publication is in no figure drawn from its answers.
    """
    colonnes = ", ".join(f"cast({nom} as {genre}) as {nom}" for nom, genre in COLONNES.items())
    sql = (
        f"select cast($indicateur as varchar) as indicateur, {colonnes} from ({carte.sql}) as u "
        "where valeur is not null and poids is not null and ($est_ouvert or not exists "
        "(select 1 from base_refus as r where r.cle_association = u.cle_association))"
    )
    return Requete(sql, {"indicateur": carte.nom, "est_ouvert": carte.secret == "aucun", **carte.liees})


def requete_places() -> Requete:
    """Rows of `unites`, each in the district that `lieux` (macros/quartiers.sql) gives it."""
    colonnes = ", ".join(
        "coalesce(l.lieu, u.code_commune) as code_commune" if c == "code_commune" else f"u.{c}"
        for c in COLONNES
    )
    return Requete(
        f"select u.indicateur, {colonnes} from unites as u left join lieux as l "
        "on u.cle_association = l.cle_association and u.millesime = l.millesime "
        "and u.code_commune = l.code_commune"
    )
