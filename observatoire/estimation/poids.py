"""Weights of the associations that answered: non-response (svy), raking, trimming (calage.py, equal to svy).

Everybody is asked (a census mail-out), so the base weight is 1. Then, for one year and one set of answers:
1. groups of the frame (groupes.py): a_g = N_g / n_g by `Sample.weighting.adjust`;
2. raking on the groups and the EPCI, trimmed at 5 medians. Employers are one level of that margin: a large
   one, in a group that nearly all answered, must not take the noise of the count of its EPCI (measured: 90 %
   of the intervals of budgets held the truth, scripts/simulation.py);
3. when the bounds or the trimming cannot be met, the EPCI margin is made coarser, then given up, in the log.

What svy 0.35 does that one would not expect, read in its source, and calage.py after it:
- the bounds of a raking are checked at the end, not enforced on the way: one factor outside and it fails.
  Hence the ladder of margins below. With trimming, each raking of the cycle is checked against the weights
  just trimmed, not against the first ones: the whole factor is checked again here;
- its defaults are loose (tol 1e-4, 100 iterations): ours are those of Calmar and icarus;
- the threshold of the trimming takes the median of the weights of each cycle;
- `adjust` needs the rows of those that did not answer, with a status, and drops them from the sample;
- weights live in a new column, the design follows (`update_design_wgts`), and the last adjustment only is
  credited in the variance. We estimate on a design without that record (weights held fixed within the
  groups): the batch calls `mean([...])` ignore the record in any case, and sums in SQL can be equal to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from observatoire.estimation.calage import Marges, Rognage, caler
from observatoire.estimation.groupes import EMPLOYEUSES, Case, Compte, MargeVide, Operation, grouper, reunir
from observatoire.estimation.intervalles import taille_efficace

if TYPE_CHECKING:
    import polars as pl

SANS_EPCI = "sans_epci"
CYCLES = 20  # of trimming then raking


@dataclass(frozen=True, slots=True)
class Regles:
    """Thresholds of the weighting, all dated constants."""

    min_groupe: int
    min_epci: int
    facteur_min: float
    facteur_max: float
    rognage: float
    tolerance: float
    tours_max: int

    @classmethod
    def lire(cls, constantes: Mapping[str, float]) -> Regles:
        """From the values in force of `poids_*`."""
        return cls(
            min_groupe=int(constantes["poids_min_groupe"]),
            min_epci=int(constantes["poids_min_epci"]),
            facteur_min=constantes["poids_facteur_min"],
            facteur_max=constantes["poids_facteur_max"],
            rognage=constantes["poids_rognage"],
            tolerance=constantes["poids_tolerance"],
            tours_max=int(constantes["poids_tours_max"]),
        )


CONSTANTES = (
    "poids_min_groupe", "poids_min_epci", "poids_facteur_min", "poids_facteur_max", "poids_rognage",
    "poids_tolerance", "poids_tours_max",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pesee:
    """Weights of one set of answers.

    `poids`: one row per association that answered: cle_association, strate, poids (for N_bas), poids_haut
    (for N_haut), n_strate, taille_strate, taille_haute, marge_epci (level of the second margin, null without one).
    `marges`: what the raking met. `deff`: n Σw² / (Σw)².
    """

    poids: pl.DataFrame
    journal: Sequence[Operation]
    marges: Sequence[str]
    n: int
    n_bas: int
    n_haut: int
    n_efficace: float

    @property
    def deff(self) -> float:
        """Design effect of unequal weights (Kish)."""
        return self.n / self.n_efficace if self.n_efficace else float("nan")


def peser(cadre: pl.DataFrame, repondantes: Collection[str], regles: Regles) -> Pesee:
    """Weights of `repondantes` for the frame of one year.

    `cadre`: cle_association, classe, secteur, code_epci, est_actif, est_plausible, one row per association.
    MargeVide when nobody answered, or nobody among the employers (or the others) of the frame.
    """
    import polars as pl

    vues = (
        cadre.lazy()
        .filter(pl.col("est_actif") | pl.col("est_plausible"))
        .with_columns(
            pl.col("code_epci").fill_null(SANS_EPCI),
            a_repondu=pl.col("cle_association").is_in(
                pl.Series(list(repondantes), dtype=pl.String).implode()
            ),
        )
        .with_columns(est_actif=pl.col("est_actif") | pl.col("a_repondu"))
        .collect()
    )
    if not vues["a_repondu"].any():
        raise MargeVide("Aucune association du cadre n’a répondu.")
    groupes, journal = _grouper(vues, regles)
    actives = vues.join(groupes, on=["classe", "secteur", "code_epci"], how="left")
    # A cell that is plausible and never proven active follows the group of its class and sector.
    actives = actives.with_columns(
        strate=pl.col("strate").fill_null(pl.col("strate").mode().first()),
        lieu=pl.when(pl.col("classe").is_in(EMPLOYEUSES)).then(pl.lit("employeuses")).otherwise("code_epci"),
    )
    tailles = actives.group_by("strate").agg(
        taille_strate=pl.col("est_actif").sum(), taille_haute=pl.len(), n_strate=pl.col("a_repondu").sum()
    )
    pesees, marges = _caler(actives.filter("est_actif").join(tailles, on="strate"), regles, journal)
    poids = (
        pesees.with_columns(poids_haut=pl.col("poids") * pl.col("taille_haute") / pl.col("taille_strate"))
        .select(
            "cle_association",
            "strate",
            "poids",
            "poids_haut",
            "n_strate",
            "taille_strate",
            "taille_haute",
            "marge_epci",
        )
        .sort("cle_association")
    )
    w = poids["poids"].to_numpy()
    return Pesee(
        poids, tuple(journal), tuple(marges), poids.height, int(vues["est_actif"].sum()), vues.height,
        float(taille_efficace(w.sum(), (w**2).sum())),
    )  # fmt: skip


def _grouper(vues: pl.DataFrame, regles: Regles) -> tuple[pl.DataFrame, list[Operation]]:
    """Group of each cell that has an active association."""
    import polars as pl

    cases: dict[Case, Compte] = {
        (classe, secteur, epci): Compte(n_cadre, n)
        for classe, secteur, epci, n_cadre, n in vues.filter("est_actif")
        .group_by("classe", "secteur", "code_epci")
        .agg(pl.len(), pl.col("a_repondu").sum())
        .sort("classe", "secteur", "code_epci")
        .iter_rows()
    }
    groupes, journal = grouper(cases, regles.min_groupe, regles.min_epci)
    return (
        pl.DataFrame(
            [(*case, strate) for case, strate in groupes.items()],
            schema=["classe", "secteur", "code_epci", "strate"],
            orient="row",
        ),
        journal,
    )


def _caler(actives: pl.DataFrame, regles: Regles, journal: list[Operation]) -> tuple[pl.DataFrame, list[str]]:
    """Column `poids` of those that answered, and the margins that were met."""
    import polars as pl
    import svy

    base = svy.Sample(
        actives.with_columns(
            un=pl.lit(1.0), statut=pl.when("a_repondu").then(pl.lit("rr")).otherwise(pl.lit("nr"))
        ),
        svy.Design(wgt="un", stratum="strate", pop_size="taille_strate"),
    ).weighting.adjust("statut", cells="strate", wgt_name="poids_groupe")
    pesees: pl.DataFrame = base.data
    groupes = {"strate": dict(actives.group_by("strate").len().iter_rows())}
    comptes = {
        lieu: Compte(n_cadre, n)
        for lieu, n_cadre, n in actives.group_by("lieu")
        .agg(pl.len(), pl.col("a_repondu").sum())
        .sort("lieu")
        .iter_rows()
    }
    for minimum in (regles.min_groupe, regles.min_epci):
        essai: list[Operation] = []
        gardes = reunir(comptes, minimum, "EPCI", essai)
        if len(set(gardes.values())) == 1:
            continue
        marge = {
            niveau: sum(c.cadre for lieu, c in comptes.items() if gardes[lieu] == niveau)
            for niveau in set(gardes.values())
        }
        cales = _tenter(pesees, gardes, {**groupes, "marge_epci": marge}, regles)
        if cales is not None:
            journal += essai
            return cales, ["groupes", "EPCI des associations sans salarié"]
        raison = f"facteur hors bornes ou rognage impossible, EPCI d’au moins {minimum} répondantes"
        journal.append(Operation("calage", "marge des EPCI", "abandon", raison))
    cales = _tenter(pesees, {}, groupes, regles)
    sans = pl.lit(None, pl.String).alias("marge_epci")
    if cales is not None:
        return cales.with_columns(sans), ["groupes"]
    # The groups alone, untrimmed: their weights are N_g / n_g and meet the groups exactly.
    journal.append(Operation("rognage", "poids", "abandon", "aucun poids rogné ne respecte les groupes"))
    return pesees.with_columns(sans, poids=pl.col("poids_groupe")), ["groupes"]


def _tenter(
    pesees: pl.DataFrame, epci: Mapping[str, str], controles: Mapping[str, Mapping[str, int]], regles: Regles
) -> pl.DataFrame | None:
    """Data with `poids`, None when bounds, trimming or convergence fail. `epci`: EPCI → level of the margin."""
    import polars as pl

    bornes = (regles.facteur_min, regles.facteur_max)
    donnees = pesees
    if epci:
        donnees = pesees.with_columns(pl.col("lieu").replace_strict(dict(epci)).alias("marge_epci"))
    poids = donnees["poids_groupe"].to_numpy()
    cales = caler(
        poids, Marges.lire(donnees, controles), regles.tolerance, regles.tours_max, bornes,
        Rognage(regles.rognage, CYCLES),
    )  # fmt: skip
    # Each raking of the cycle is held to the bounds against the weights just trimmed: the whole factor is, here.
    if cales is None or not pl.Series(cales / poids).is_between(*bornes).all():
        return None
    return donnees.with_columns(poids=pl.Series(cales))
