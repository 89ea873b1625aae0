"""Do the published intervals hold the truth? 300 surveys of an invented population, and the count of those that do.

`python scripts/simulation.py` prints the table of docs/estimation.md; `--tirages 60 --graine 2` for others.

Population: 20 000 associations, hours and budgets log-normal by size class, five size classes, ten sectors,
23 EPCI. Answers depend on the size (employers answer more), then on the sector. The last table also makes
them depend on the budget within a class, which no register tells: no weighting can mend that.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb
import numpy as np
import polars as pl

from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.parametre import parametres
from observatoire.estimation.estimer import estimer
from observatoire.estimation.intervalles import symetrique
from observatoire.estimation.ponderation import REPRESENTATIF, Demande, attendre, ponderer

TAILLE, TIRAGES, GRAINE = 20_000, 300, 1
ANNEE = 2025
CLASSES = ("sans", "1_2", "3_9", "10_49", "50_plus")
PARTS = (0.82, 0.09, 0.06, 0.025, 0.005)
REPONSE = (0.10, 0.18, 0.28, 0.45, 0.60)  # the bigger, the readier to answer
BUDGETS, HEURES = (8.5, 11, 12, 13.2, 14.6), (6.2, 6.8, 7, 7.2, 7.4)  # mean of the logarithm, by class
PARAMETRES = {p.id: p.valeur for p in parametres()}
MESURES = {
    "heures": "Total des heures de bénévolat",
    "budget": "Total des budgets",
    "salaries": "Total des salariés",
    "heures_moyennes": "Moyenne des heures par association",
    "budget_moyen": "Moyenne des budgets",
    "part_employeuses": "Proportion d’employeuses",
    "part_difficulte": "Proportion en difficulté",
    "part_subventions": "Part des subventions (rapport)",
    "budget_median": "Médiane des budgets",
}
DEMANDES = tuple(
    Demande(
        nom,
        estimateur,
        (REPRESENTATIF,),
        est_de_toutes=estimateur == "total",
        est_part=nom.startswith("part"),
    )
    for nom, estimateur in zip(
        MESURES,
        ("total", "total", "total", "moyenne", "moyenne", "proportion", "proportion", "ratio", "mediane"),
        strict=True,
    )
)


@dataclass
class Bilan:
    """What the surveys gave for one measure: how many hold the truth, and how far they are from it on average."""

    vraie: float
    couvertes: int = 0
    biais: float = 0.0
    biais_naif: float = 0.0
    naives: int = 0
    largeur: float = 0.0


def population(graine: int, taille: int = TAILLE) -> pl.DataFrame:
    """The invented associations, with the truth of every measure."""
    rng = np.random.default_rng(graine)
    classe = rng.choice(len(CLASSES), taille, p=PARTS)
    secteur = rng.choice(10, taille, p=np.arange(10, 0, -1) / 55)
    epci = rng.choice(23, taille, p=(1 / np.arange(1, 24)) / (1 / np.arange(1, 24)).sum())
    budget = np.exp(rng.normal(np.array(BUDGETS)[classe] + 0.05 * secteur, 1.0))
    salaries = np.array([0, 1.5, 5, 20, 90])[classe] * rng.uniform(0.6, 1.4, taille)
    return pl.DataFrame(
        {
            "cle_association": [f"A{i:05d}" for i in range(taille)],
            "classe": np.array(CLASSES)[classe],
            "secteur": [f"s{i}" for i in secteur],
            "code_epci": [f"E{i:02d}" for i in epci],
            "est_actif": [True] * taille,
            "est_plausible": [True] * taille,
            "chance": np.array(REPONSE)[classe] * (1.3 - 0.06 * secteur),
            "heures": np.exp(rng.normal(np.array(HEURES)[classe], 1.1)),
            "budget": budget,
            "salaries": salaries,
            "est_employeuse": (classe > 0).astype(float),
            "est_difficulte": (rng.random(taille) < 0.35 - 0.05 * classe).astype(float),
            "subventions": budget * np.clip(rng.beta(2, 4, taille) + 0.05 * classe, 0, 1),
        }
    )


def vraies(tout: pl.DataFrame) -> dict[str, float]:
    """The value of each measure over the whole population (or over those that answered: the naive one)."""
    s = {c: tout[c].to_numpy() for c in tout.columns}
    return {
        "heures": float(s["heures"].sum()),
        "budget": float(s["budget"].sum()),
        "salaries": float(s["salaries"].sum()),
        "heures_moyennes": float(s["heures"].mean()),
        "budget_moyen": float(s["budget"].mean()),
        "part_employeuses": float(s["est_employeuse"].mean()),
        "part_difficulte": float(s["est_difficulte"].mean()),
        "part_subventions": float(s["subventions"].sum() / s["budget"].sum()),
        "budget_median": float(np.median(s["budget"])),
    }


def preparer(tout: pl.DataFrame) -> duckdb.DuckDBPyConnection:
    """A database with the frame; the answers of each survey are put in turn."""
    con = duckdb.connect()
    con.execute("create schema courant")
    con.execute(
        "create table courant.ressources (cle_association varchar, millesime integer, montant_total double)"
    )
    con.execute("create temp table base_refus (cle_association varchar)")
    con.execute("create temp table zones as select 'departement' as niveau, '77' as code")
    con.execute("create temp table rattachements (code_commune varchar, niveau varchar, code varchar)")
    con.register("population", tout.to_arrow())
    con.execute("create temp table cadre as select *, $annee as millesime from population", {"annee": ANNEE})
    return con


UNITES = """
create or replace temp table unites as
select m.indicateur, p.cle_association, cast($annee as integer) as millesime, cast(null as varchar) as code_commune,
    'tous_secteurs' as domaine, cast(null as varchar) as financeur, m.valeur, m.poids,
    cast(null as double) as valeur_haute
from reponses as p, lateral (values
    ('heures', p.heures, 1), ('budget', p.budget, 1), ('salaries', p.salaries, 1),
    ('heures_moyennes', p.heures, 1), ('budget_moyen', p.budget, 1),
    ('part_employeuses', p.est_employeuse, 1), ('part_difficulte', p.est_difficulte, 1),
    ('part_subventions', p.subventions, p.budget), ('budget_median', p.budget, 1)
) as m (indicateur, valeur, poids)
"""


def simuler(
    tirages: int = TIRAGES, graine: int = GRAINE, taille: int = TAILLE, *, cachee: bool = False
) -> dict[str, Bilan]:
    """Results by measure. `cachee`: the answers also depend on the budget within a class."""
    tout = population(graine, taille)
    verites = vraies(tout)
    bilans = {nom: Bilan(v) for nom, v in verites.items()}
    chances = tout["chance"].to_numpy()
    if cachee:
        rang = tout.select(pl.col("budget").rank().over("classe") / pl.len().over("classe")).to_series()
        chances = chances * (0.4 + 1.2 * rang.to_numpy())
    con = preparer(tout)
    for reponses in _enquetes(tout, chances, tirages, graine):
        con.register("reponses", reponses.to_arrow())
        con.execute(
            "create or replace temp table base_reponses as select cle_association, cast($annee as integer) as millesime, "
            "'enquete' as questionnaire from reponses",
            {"annee": ANNEE},
        )
        con.execute(UNITES, {"annee": ANNEE})
        attendre(con, DEMANDES)
        ponderer(con, DEMANDES, PARAMETRES)
        estimer(con, DEMANDES, PARAMETRES)
        lignes = con.execute(
            "select indicateur, valeur, basse, haute from estimations where domaine = 'tous'"
        ).fetchall()
        assert len(lignes) == len(MESURES)
        naives = vraies(reponses)
        for nom, valeur, basse, haute in lignes:
            _compter(bilans[nom], reponses, nom, (valeur, basse, haute), naives[nom], taille)
    con.close()
    for bilan in bilans.values():
        bilan.biais /= tirages
        bilan.biais_naif /= tirages
        bilan.largeur /= tirages
    return bilans


def _enquetes(tout: pl.DataFrame, chances: np.ndarray, tirages: int, graine: int) -> Iterator[pl.DataFrame]:
    rng = np.random.default_rng((graine, 7))
    for _ in range(tirages):
        yield tout.filter(pl.Series(rng.random(tout.height) < chances))


def _compter(
    bilan: Bilan,
    reponses: pl.DataFrame,
    nom: str,
    estimee: tuple[float, float, float],
    naive: float,
    taille: int,
) -> None:
    """The naive total is the mean of the answers times the population."""
    valeur, basse, haute = estimee
    if nom in ("heures", "budget", "salaries"):
        ecart = float(reponses[nom].to_numpy().std(ddof=1)) * taille / reponses.height**0.5
        naive = naive / reponses.height * taille
        bas, haut = (float(b) for b in symetrique(naive, ecart))
        bilan.naives += bas <= bilan.vraie <= haut
    bilan.couvertes += basse <= bilan.vraie <= haute
    bilan.biais += valeur / bilan.vraie - 1
    bilan.biais_naif += naive / bilan.vraie - 1
    bilan.largeur += (haute - basse) / 2 / bilan.vraie


def tableau(bilans: dict[str, Bilan], tirages: int) -> str:
    """Markdown table, French."""
    lignes = [
        "| mesure | valeur vraie | intervalles qui la contiennent | écart moyen, redressé | écart moyen, brut | demi-largeur |",
        "|---|---|---|---|---|---|",
    ]

    def part(x: float, decimales: int = 1) -> str:
        return f"{ecrire_nombre(round(100 * x, decimales) + 0.0)}\u00a0%"

    for nom, b in bilans.items():
        vraie = part(b.vraie) if nom.startswith("part") else ecrire_nombre(round(b.vraie))
        lignes.append(
            f"| {MESURES[nom]} | {vraie} | {part(b.couvertes / tirages)} | {part(b.biais)} | {part(b.biais_naif)} "
            f"| ±\u00a0{part(b.largeur)} |"
        )
    return "\n".join(lignes)


def main() -> None:
    """Print both tables."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("--tirages", type=int, default=TIRAGES)
    lecteur.add_argument("--graine", type=int, default=GRAINE)
    choix = lecteur.parse_args()
    for cachee, titre in (
        (False, "Réponse liée à la taille et au secteur"),
        (True, "Réponse liée aussi au budget, que le registre ignore"),
    ):
        debut = time.perf_counter()
        bilans = simuler(choix.tirages, choix.graine, cachee=cachee)
        duree = round(time.perf_counter() - debut, 1)
        print(f"\n{titre} ({choix.tirages} enquêtes, graine {choix.graine}, {ecrire_nombre(duree)} s)\n")
        print(tableau(bilans, choix.tirages))


if __name__ == "__main__":
    main()
