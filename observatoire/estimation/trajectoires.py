"""From one year to the next, for the département: repeated surveys and, beside, the same associations.

- `coupes`: each year's weighted figure; the interval is that of the difference, by `Estimate.contrast` of svy
  on both years together, the association being the primary unit: those that answered twice do not count as
  two. Strata are the size classes and no finite population is credited: cautious.
- `panel`: the associations that gave a value in every year, one voice each; what moved is then no longer who
  answered. The panel is one set for all years, so that two panels never differ by one association.

A difference is significant when its interval leaves zero out and nothing broke the series in between. Amounts
in euros are given a second time in euros of the last year (consumer price index, `ipc`). svy 0.35 has no
contrast of medians (no linearised scores): they have no row here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatoire.estimation.ponderation import REPONDANTES, REPRESENTATIF, Demande

if TYPE_CHECKING:
    import duckdb
    import polars as pl

SQL = Path(__file__).with_name("sql")
COUPES, PANEL = "coupes", "panel"
COURANTS, CONSTANTS = "courants", "constants"
ESTIMES = ("total", "ratio", "moyenne", "proportion")
HORS = "hors"
Ligne = dict[str, Any]
# indicateur, year before, year after → why they are not to be compared, or None
Ruptures = Callable[[str, int, int], str | None]

COLONNES = {
    "indicateur": "varchar", "methode": "varchar", "vue": "varchar", "prix": "varchar", "de": "integer",
    "a": "integer", "valeur_avant": "double", "valeur_apres": "double", "difference": "double",
    "borne_basse": "double", "borne_haute": "double", "est_significative": "boolean", "n_avant": "integer",
    "n_apres": "integer", "rupture": "varchar", "statut": "varchar",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Regles:
    """What may be shown of a panel: enough associations in it and left out of it, persons, no dominance."""

    min_associations: int
    min_personnes: int
    dominance: float


def evolutions(
    con: duckdb.DuckDBPyConnection,
    demandes: Sequence[Demande],
    regles: Regles,
    ipc: Mapping[int, float],
    monetaires: Sequence[str],
    de_personnes: Sequence[str],
    ruptures: Ruptures,
) -> list[Ligne]:
    """Rows of `COLONNES`, one per indicator, method, kind of euros and pair of following years.

    Reads `unites`, `jeux`, `poids`, `cadre` and `cellules` with its statuses. `ipc`: year → yearly index.
    `monetaires` and `de_personnes`: indicators in euros, and those about persons. A difference needs both
    figures shown; a panel obeys `regles`. What may not be shown has its statut only.
    """
    lignes: list[Ligne] = []
    for demande in demandes:
        if demande.estimateur not in ESTIMES or not demande.vues_ponderees:
            continue
        prix = [COURANTS, CONSTANTS] if demande.indicateur in monetaires else [COURANTS]
        for methode in (COUPES, PANEL):
            donnees = _donnees(con, demande, methode)
            annees = sorted(int(a) for a in donnees["millesime"].unique()) if donnees.height else []
            for de, a in itertools.pairwise(annees):
                paire = donnees.filter(donnees["millesime"].is_in([de, a]))
                statut = (
                    _statut_coupes(con, demande, de, a)
                    if methode == COUPES
                    else _statut_panel(con, demande, paire, regles, demande.indicateur in de_personnes)
                )
                for p in prix:
                    deflateurs = _deflateurs(ipc, annees, p)
                    base = {
                        "indicateur": demande.indicateur, "methode": methode, "prix": p, "de": de, "a": a,
                        "vue": REPRESENTATIF if methode == COUPES else REPONDANTES, "statut": statut,
                        "rupture": ruptures(demande.indicateur, de, a),
                    }  # fmt: skip
                    if deflateurs is None:
                        lignes.append(_completer({**base, "statut": "nd"}))
                    elif statut != "ok":
                        lignes.append(_completer(base))
                    else:
                        lignes.append(_completer(base | _difference(demande, paire, de, a, deflateurs)))
    return lignes


def _completer(ligne: Ligne) -> Ligne:
    """Every column; what a break of series forbids is not said."""
    complete = {colonne: ligne.get(colonne) for colonne in COLONNES}
    if complete["rupture"]:
        complete["est_significative"] = None
    return complete


def _deflateurs(ipc: Mapping[int, float], annees: Sequence[int], prix: str) -> dict[int, float] | None:
    """Year → factor to the euros of the last year; None when an index is missing."""
    if prix == COURANTS:
        return dict.fromkeys(annees, 1.0)
    if any(annee not in ipc for annee in annees):
        return None
    return {annee: ipc[annees[-1]] / ipc[annee] for annee in annees}


def _donnees(con: duckdb.DuckDBPyConnection, demande: Demande, methode: str) -> pl.DataFrame:
    """cle_association, millesime, classe, poids, y, x, dedans, nb_personnes: one row per association and year."""
    liees = {"indicateur": demande.indicateur}
    if methode == COUPES:
        liees["vue"] = REPRESENTATIF
    return con.execute((SQL / f"evolution_{methode}.sql").read_text(encoding="utf-8"), liees).pl()


def _difference(
    demande: Demande, paire: pl.DataFrame, de: int, a: int, deflateurs: Mapping[int, float]
) -> Ligne:
    """Values, difference and its interval, by svy."""
    import polars as pl
    import svy

    facteurs = {annee: deflateurs[annee] for annee in (de, a)}
    cumul = paire.with_columns(
        y=pl.col("y") * pl.col("millesime").replace_strict(facteurs, return_dtype=pl.Float64),
        vague=pl.when("dedans").then(pl.col("millesime").cast(pl.String)).otherwise(pl.lit(HORS)),
    )
    calcul = svy.Sample(cumul, svy.Design(stratum="classe", psu="cle_association", wgt="poids")).estimation
    estimes: Any = (
        calcul.total("y", by="vague") if demande.estimateur == "total" else calcul.ratio("y", "x", by="vague")
    )
    valeurs = {x["vague"]: x for x in estimes.to_polars().iter_rows(named=True)}
    ecart = estimes.contrast({str(de): -1, str(a): 1}).to_polars().row(0, named=True)
    basse, haute = ecart["lci"], ecart["uci"]
    return {
        "valeur_avant": valeurs[str(de)]["est"],
        "valeur_apres": valeurs[str(a)]["est"],
        "difference": ecart["est"],
        "borne_basse": basse,
        "borne_haute": haute,
        "est_significative": bool(basse > 0 or haute < 0),
        "n_avant": valeurs[str(de)]["n"],
        "n_apres": valeurs[str(a)]["n"],
    }


def _statut_coupes(con: duckdb.DuckDBPyConnection, demande: Demande, de: int, a: int) -> str:
    """`ok` when both figures are shown, else the reason of the first that is not."""
    statuts = con.execute(
        "select case when statut = 'ok' then fiabilite else statut end from cellules "
        "where indicateur = $nom and vue = $vue and niveau = 'departement' and domaine = 'tous' "
        "and financeur = 'tous' and millesime in ($de, $a) order by millesime",
        {"nom": demande.indicateur, "vue": REPRESENTATIF, "de": de, "a": a},
    ).fetchall()
    caches = [s for (s,) in statuts if s not in ("ok", "prudence")]
    return "nd" if len(statuts) < 2 else (caches or ["ok"])[0]


def _statut_panel(
    con: duckdb.DuckDBPyConnection, demande: Demande, paire: pl.DataFrame, regles: Regles, personnes: bool
) -> str:
    """`secret` when the panel, or those it leaves out of a published figure, are too few or dominated."""
    effectifs = dict(
        con.execute(
            "select millesime, count(distinct cle_association) from unites where indicateur = $nom group by millesime",
            {"nom": demande.indicateur},
        ).fetchall()
    )
    for (annee,), lot in paire.group_by("millesime"):
        hors = effectifs[annee] - lot.height
        if lot.height < regles.min_associations or 0 < hors < regles.min_associations:
            return "secret"
        if personnes and lot["nb_personnes"].sum() < regles.min_personnes:
            return "secret"
        for colonne in ("y",) if demande.estimateur == "total" else ("y", "x"):
            montants = lot[colonne].abs().to_numpy()
            if montants.max() > regles.dominance * montants.sum() > 0:
                return "secret"
    return "ok"


def indices(con: duckdb.DuckDBPyConnection) -> dict[int, float]:
    """Yearly price index by year, from `ref.parametres`."""
    return dict(_annuels(con))


def _annuels(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, float]]:
    requete = (
        "select year(cast(valable_du as date)), cast(valeur as double) from ref.parametres where id = 'ipc'"
    )
    for annee, valeur in con.execute(requete).fetchall():
        yield int(annee), float(valeur)
