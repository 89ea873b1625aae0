"""What the printed documents read of a publication: each table once, whatever the number of sheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import duckdb

from dashboards import lecture
from dashboards.lecture_base import MESURE, lire_lignes
from dashboards.modeles import Edition, Evolution, Indicateur, Mesure, Redressement, Territoire
from dashboards.textes import TOUS
from observatoire.storage.connexion import litteral

# Measures by indicator then view, as a figure is composed from them.
Releve: TypeAlias = dict[str, dict[str, Mesure]]
Place: TypeAlias = tuple[str, str]
AUCUNE: Releve = {}
APPARTENANCES = {"epci": "code_epci", "arrondissement": "code_arrondissement", "canton": "code_canton"}


@dataclass(frozen=True, slots=True)
class Fonds:
    """A publication as the printed documents need it. `mesures`: by territory, then year; all sectors together.

    `communes`: the zones of each commune, by level.
    """

    edition: Edition
    cartes: dict[str, Indicateur]
    lieux: dict[Place, Territoire]
    communes: dict[str, dict[str, str]]
    mesures: dict[Place, dict[int, Releve]]
    annees: tuple[int, ...]
    evolutions: tuple[Evolution, ...]
    redressements: dict[int, Redressement]
    avec_registre: bool

    @property
    def departement(self) -> Territoire:
        """The département of the publication."""
        return next(t for (niveau, _), t in self.lieux.items() if niveau == "departement")

    def releve(self, lieu: Territoire, annee: int) -> Releve:
        """Figures of a territory in a year; empty when it has none."""
        return self.mesures.get((lieu.niveau, lieu.code), {}).get(annee, AUCUNE)

    def parent(self, lieu: Territoire, niveau: str) -> Territoire | None:
        """The zone of this level that holds a commune."""
        if lieu.niveau != "commune":
            return None
        return self.lieux.get((niveau, self.communes.get(lieu.code, {}).get(niveau, "")))

    def membres(self, lieu: Territoire) -> tuple[str, ...]:
        """Codes of the communes of a zone, when the publication tells them."""
        if lieu.niveau == "commune":
            return (lieu.code,)
        return tuple(c for c, zones in self.communes.items() if zones.get(lieu.niveau) == lieu.code)


def lire_fonds(
    con: duckdb.DuckDBPyConnection, indicateurs: Sequence[str], lieux: Sequence[Place] | None = None
) -> Fonds:
    """All that sheets of these indicators need; `lieux`: the only territories whose figures are read."""
    edition = lecture.edition(con)
    return Fonds(
        edition=edition,
        cartes={c.indicateur: c for c in lecture.indicateurs(con)},
        lieux={(t.niveau, t.code): _typographie(t) for t in lecture.territoires(con)},
        communes=communes(con),
        mesures=mesures(con, indicateurs, lieux),
        annees=lecture.annees(con),
        evolutions=lecture.evolutions(con),
        redressements={r.millesime: r for r in lecture.redressements(con)},
        avec_registre=lecture.est_ponderee(con),
    )


def _typographie(lieu: Territoire) -> Territoire:
    return replace(lieu, libelle=lieu.libelle.replace("'", "’"))


def communes(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """The EPCI, arrondissement and canton of each commune."""
    sql = f"select code, {', '.join(APPARTENANCES.values())} from communes order by code"
    return {
        code: {niveau: zone or "" for niveau, zone in zip(APPARTENANCES, zones, strict=True)}
        for code, *zones in lire_lignes(con, sql)
    }


def mesures(
    con: duckdb.DuckDBPyConnection, indicateurs: Sequence[str], lieux: Sequence[Place] | None = None
) -> dict[Place, dict[int, Releve]]:
    """Figures of all sectors and funders, by territory, year, indicator and view."""
    # Quoted, not bound: the first bound value of a process loads pandas, a second that one sheet has not.
    sql = f"{MESURE} and domaine = {litteral(TOUS)} and financeur = {litteral(TOUS)}"
    sql += f" and indicateur in ({_liste(indicateurs)})"
    if lieux is not None:
        sql += f" and concat(niveau, '-', code_territoire) in ({_liste(f'{n}-{code}' for n, code in lieux)})"
    trouvees: dict[Place, dict[int, Releve]] = {}
    for ligne in lire_lignes(con, sql):
        m = Mesure(*ligne)
        annee = trouvees.setdefault((m.niveau, m.code), {}).setdefault(m.millesime, {})
        annee.setdefault(m.indicateur, {})[m.vue] = m
    return trouvees


def _liste(textes: Iterable[str]) -> str:
    return ", ".join(map(litteral, textes))
