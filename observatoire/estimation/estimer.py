"""Weighted estimates of every cell, with interval and reliability, in the views an indicator may have.

Totals, ratios, means and proportions come from sums by group in SQL: svy needs 0.2 to 0.5 s for one indicator
over the communes, and there are thousands of domains. The sums are those of its own Taylor linearisation
(fixed weights, domains as zeros, finite population by group, n_h / (n_h − 1)), and `tests/unit/
test_estimation.py` holds both equal on random data. Medians are svy's (Woodruff).

What to know of svy 0.35 to read these figures:
- degrees of freedom of a domain: its answers less the groups it meets; none left gives no interval. Money is
  made by a few groups, so ours are the smaller of that and Satterthwaite's, (ΣV_h)² / Σ(V_h² / (n_h − 1));
- its Wilson interval is empty at 0 and 100 %, and uses Student's quantile: ours is the plain one, on the size
  that the standard error of svy is worth (`intervalles.taille_du_plan`);
- `median` returns an observed value (« higher »), and its interval need not be centred on it;
- `by=` gives no row to an empty domain, and a null in `by` is a level of its own.

Whom the figures speak for: the value and the low bound of a total use the low count of the frame, its high
bound the high count (cadre.py). The low bound of a total never falls below what was declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from observatoire.estimation.intervalles import (
    Vecteur,
    fiabilite,
    symetrique,
    taille_corrigee,
    taille_du_plan,
    taille_efficace,
    wilson,
)
from observatoire.estimation.ponderation import Demande

if TYPE_CHECKING:
    import duckdb
    import polars as pl

SQL = Path(__file__).with_name("sql")
HORS = "hors"
CLES = ("millesime", "niveau", "code", "domaine")
ESTIMATION = ("valeur", "basse", "haute", "cv", "fiabilite")


def estimer(
    con: duckdb.DuckDBPyConnection, demandes: Sequence[Demande], constantes: Mapping[str, float]
) -> int:
    """Make `estimations`: one row per indicator, view, year, zone and sector with an answer; returns how many.

    Columns: indicateur, vue, millesime, niveau, code, domaine, valeur, basse, haute, cv, fiabilite (ok,
    prudence, non_publie). Reads `unites`, `poids`, `jeux`, `zones`, `rattachements`, `non_reponses`.
    """
    con.execute(_requete("estimations_vide"))
    nombre = 0
    for demande in demandes:
        for vue in demande.vues_ponderees:
            if demande.estimateur == "mediane":
                lignes = _medianes(con, demande, vue, constantes)
            else:
                lignes = _sommes(con, demande, vue, constantes)
            if lignes is not None and len(lignes["valeur"]):
                nombre += _ajouter(con, demande, vue, lignes)
    con.execute(
        _requete("fiabilites"),
        {
            "prudence_au_dela": constantes["non_reponse_prudence"],
            "inutilisable_au_dela": constantes["non_reponse_inutilisable"],
        },
    )
    con.execute(_requete("estimations_non_reponse"))
    return nombre


def completer_cellules(con: duckdb.DuckDBPyConnection) -> None:
    """Give `cellules` the columns vue, cv, fiabilite, taux_reponse, and a row per cell of the other views.

    These rows repeat the counts of their cell (n, nb_personnes, part_max, taille): the secret counts who
    answered, never weights, and masks all the views of a cell together.
    """
    con.execute(_requete("cellules_vues"))


def _sommes(
    con: duckdb.DuckDBPyConnection, demande: Demande, vue: str, constantes: Mapping[str, float]
) -> dict[str, Any] | None:
    liees = {"indicateur": demande.indicateur, "vue": vue}
    colonnes = con.execute(_requete("est_sommes"), liees).fetchnumpy()
    if not len(colonnes["n"]):
        return None
    s = {
        nom: colonne if nom in CLES else np.ma.filled(np.ma.asarray(colonne, dtype=float), np.nan)
        for nom, colonne in colonnes.items()
    }
    if demande.estimateur == "total":
        valeur, cv, basse, haute = total(s)
    elif demande.estimateur == "proportion":
        valeur, cv, basse, haute = proportion(s)
    else:
        valeur, cv, basse, haute = rapport(s, est_part=demande.est_part)
    estimees = {"valeur": valeur, "basse": basse, "haute": haute, "cv": cv}
    return {c: s[c] for c in CLES} | estimees | {"fiabilite": fiabilite(cv, s["n"], constantes)}


def total(s: Mapping[str, Vecteur]) -> tuple[Vecteur, Vecteur, Vecteur, Vecteur]:
    """Value, coefficient of variation and bounds of totals, from the sums of `est_sommes.sql`."""
    ecart = np.sqrt(np.maximum(s["v_total"], 0))
    ddl = _ddl(s, "total")
    basse, _ = symetrique(s["total"], ecart, ddl)
    _, haute = symetrique(s["total_haut"], np.sqrt(np.maximum(s["v_haut"], 0)), ddl)
    basse = np.where(s["y_min"] >= 0, np.maximum(basse, s["y"]), basse)
    return s["total"], _cv(ecart, np.abs(s["total"])), np.minimum(basse, s["total"]), haute


def rapport(s: Mapping[str, Vecteur], *, est_part: bool) -> tuple[Vecteur, Vecteur, Vecteur, Vecteur]:
    """The same for ratios and means. A share (0–1) is bounded, and judged on the larger of p and 1 − p."""
    r, ecart = s["rapport"], np.sqrt(np.maximum(s["v_rapport"], 0))
    basse, haute = symetrique(r, ecart, _ddl(s, "rapport"))
    if not est_part:
        return r, _cv(ecart, np.abs(r)), basse, haute
    return r, _cv(ecart, np.maximum(r, 1 - r)), np.clip(basse, 0, 1), np.clip(haute, 0, 1)


def proportion(s: Mapping[str, Vecteur]) -> tuple[Vecteur, Vecteur, Vecteur, Vecteur]:
    """The same for proportions: Wilson on the size its variance is worth, Kish's at 0 and 100 %.

    Its coefficient is that of the larger of p and 1 − p: an interval of ± 2 points around 3 % can be read.
    """
    p, ecart = np.clip(s["rapport"], 0, 1), np.sqrt(np.maximum(s["v_rapport"], 0))
    du_plan = taille_du_plan(p, ecart, s["n"])
    kish = taille_corrigee(taille_efficace(s["base"], s["base_carres"]), s["w"])
    taille = np.where(np.isnan(du_plan), kish, du_plan)
    basse, haute = wilson(p, taille)
    basse, haute = np.minimum(basse, p), np.maximum(haute, p)
    ecart = np.where(np.isnan(du_plan), (haute - basse) / 2 / 1.96, ecart)
    ecart = np.where(np.isnan(s["v_rapport"]), np.nan, ecart)
    return p, _cv(ecart, np.maximum(p, 1 - p)), basse, haute


def _ddl(s: Mapping[str, Vecteur], genre: str) -> Vecteur:
    """Degrees of freedom: the smaller of svy's and Satterthwaite's."""
    carres, v = s[f"v2_{genre}"], s[f"v_{genre}"]
    satterthwaite = np.divide(v * v, carres, out=np.full(v.shape, np.inf), where=carres > 0)
    return np.minimum(s["ddl"], satterthwaite)


def _cv(ecart: Vecteur, reference: Vecteur) -> Vecteur:
    """Standard error over the value; 0 when nothing varies, unknown when the value alone is zero."""
    quotient = np.divide(ecart, reference, out=np.full(ecart.shape, np.nan), where=reference > 0)
    return np.where((ecart == 0) & ~np.isnan(reference), 0.0, quotient)


def _medianes(
    con: duckdb.DuckDBPyConnection, demande: Demande, vue: str, constantes: Mapping[str, float]
) -> dict[str, Any] | None:
    """Medians by svy, one call per year, level and sector or not; cells below the smallest group are left."""
    import polars as pl

    donnees = con.execute(
        _requete("est_medianes"), {"indicateur": demande.indicateur, "vue": vue, "hors": HORS}
    ).pl()
    trouvees = [
        mediane
        for _, lot in donnees.group_by("millesime", "niveau", "couche", maintain_order=True)
        for par_domaine in (False, True)
        for mediane in _mediane(lot, int(constantes["poids_min_groupe"]), par_domaine=par_domaine)
    ]
    if not trouvees:
        return None
    s = pl.DataFrame(trouvees, schema=[*CLES, "n", "valeur", "ecart", "basse", "haute"], orient="row")
    cv = _cv(s["ecart"].to_numpy(), np.abs(s["valeur"].to_numpy()))
    colonnes = {c: s[c].to_numpy() for c in (*CLES, "valeur", "basse", "haute")}
    return colonnes | {"cv": cv, "fiabilite": fiabilite(cv, s["n"].to_numpy(), constantes)}


def _mediane(lot: pl.DataFrame, minimum: int, *, par_domaine: bool) -> Iterator[tuple[Any, ...]]:
    """Rows of one year and level: key, answers, median, standard error, bounds."""
    import polars as pl
    import svy

    annee, niveau = lot["millesime"][0], lot["niveau"][0]
    if par_domaine and niveau in ("commune", "qpv"):
        return
    domaine = pl.col("domaine") if par_domaine else pl.lit("tous")
    dedans = pl.col("code") != HORS
    cellules = lot.with_columns(cellule=pl.when(dedans).then(pl.concat_str("code", domaine, separator="|")))
    cellules = cellules.with_columns(
        cellule=pl.when(dedans & (pl.len().over("cellule") >= minimum))
        .then("cellule")
        .otherwise(pl.lit(HORS))
    )
    plan = svy.Design(stratum="strate", wgt="poids", pop_size="taille_strate")
    medianes: Any = svy.Sample(cellules, plan).estimation.median("y", by="cellule")
    for ligne in medianes.to_polars().filter(pl.col("cellule") != HORS).iter_rows(named=True):
        code, secteur = ligne["cellule"].rsplit("|", 1)
        yield annee, niveau, code, secteur, ligne["n"], ligne["est"], ligne["se"], ligne["lci"], ligne["uci"]


def _ajouter(con: duckdb.DuckDBPyConnection, demande: Demande, vue: str, lignes: Mapping[str, Any]) -> int:
    import pyarrow as pa

    textes = {"niveau", "code", "domaine", "fiabilite"}
    table = pa.table(
        {
            c: pa.array(list(lignes[c]), pa.string())
            if c in textes
            else pa.array(np.asarray(lignes[c]), from_pandas=True)
            for c in (*CLES, *ESTIMATION)
        }
    )
    con.register("estimees", table)
    con.execute(_requete("estimations_ajout"), {"indicateur": demande.indicateur, "vue": vue})
    con.unregister("estimees")
    return len(table)


def _requete(nom: str) -> str:
    return (SQL / f"{nom}.sql").read_text(encoding="utf-8")
