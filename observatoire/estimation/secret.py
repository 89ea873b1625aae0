"""Statistical disclosure control of the cells of a publication: which ones are masked.

Primary rules, on counts of respondents and never on weights: too few associations, a total that one
association nearly makes alone, too few persons behind data about persons.

Complementary rule. A table says that a total is the sum of its parts (département = arrondissements = EPCI
= cantons = communes, EPCI = communes…, all sectors = each sector). In each such equality:
- a shown total needs at least two masked parts, if any is masked, and what they add up to must itself pass
  the counts, or the next smallest part is masked too; without any part left, the total is masked;
- a masked total needs at least one masked part, or it would be read by adding them up.
Then all equalities of an indicator and year are put together (exact.py): a masked cell that they still give
away asks for one more mask, communes before cantons, EPCI and totals. Both are repeated until nothing
changes. Associations without a commune belong to the département only: they are a part that is never shown.
When they are few, that part is protected like a masked one. A ratio is protected like its two terms: same
rules on the same associations. Indicators proportional to one another (hours, FTE, value) form one family,
masked together.

So no masked value can be computed from the shown ones. How closely it can be guessed (intervals, two
contributors who know their own figure) is not measured here: the audit by linear programming and pytauargus
come with the estimation engine.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import duckdb

from observatoire.estimation.exact import Egalite, a_masquer

SQL = Path(__file__).with_name("sql")


@dataclass(frozen=True, slots=True)
class Seuils:
    """Thresholds: distinct associations (all data; data about persons), persons, largest share of a total."""

    min_associations: int
    dominance: float
    min_personnes: int
    min_associations_personnes: int


def proteger(con: duckdb.DuckDBPyConnection, seuils: Seuils) -> int:
    """Give each row of `cellules` its `statut` (ok, secret, nd); returns the number of complementary rounds.

    Reads the temporary tables `cellules` (indicateur, millesime, niveau, code, domaine, financeur, n,
    nb_personnes, part_max, valeur, taille…), `regles` (indicateur, secret, dominance, famille) and
    `rattachements` (code_commune, niveau, code). Replaces `cellules` by itself plus `statut`.
    """
    con.execute(
        _requete("primaire"),
        {
            "min_associations": seuils.min_associations,
            "min_associations_personnes": seuils.min_associations_personnes,
            "min_personnes": seuils.min_personnes,
            "dominance": seuils.dominance,
        },
    )
    con.execute(_requete("blocs"))
    con.execute(_requete("egalites"))
    tours = 1
    while _masquer_par_egalite(con) or _masquer_ensemble(con):
        tours += 1
    con.execute(_requete("appliquer"))
    return tours


def _masquer_par_egalite(con: duckdb.DuckDBPyConnection) -> int:
    """Number of cells masked because of one equality."""
    ligne = con.execute(_requete("tour")).fetchone()
    return int(ligne[0]) if ligne else 0


def _masquer_ensemble(con: duckdb.DuckDBPyConnection) -> int:
    """Number of cells masked because all equalities of a family and year, together, give one away."""
    lignes = con.execute("select bloc, masque, prix, coalesce(taille, 0) from blocs").fetchall()
    masquees = {bloc for bloc, masque, _, _ in lignes if masque}
    couts = {bloc: (prix, taille <= 0, taille, bloc) for bloc, _, prix, taille in lignes}
    choix: set[int] = set()
    for egalites in _systemes(con).values():
        choix |= a_masquer(egalites, masquees, couts)
    con.execute("update blocs set masque = 1 where list_contains($choix, bloc)", {"choix": sorted(choix)})
    return len(choix)


def _systemes(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, int], list[Egalite]]:
    """Equalities of each family and year, those in which something is masked or missing."""
    systemes: dict[tuple[str, int], list[Egalite]] = defaultdict(list)
    for famille, millesime, total, parts, *hors in con.execute(_requete("systemes")).fetchall():
        systemes[famille, millesime].append(Egalite(total, tuple(parts), *hors))
    return systemes


def _requete(nom: str) -> str:
    return (SQL / f"{nom}.sql").read_text(encoding="utf-8")
