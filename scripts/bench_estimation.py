"""Time and memory of a whole computation: every indicator, level, view and year for a big invented survey.

`python scripts/bench_estimation.py` prints the table; the limits are those of the product on two cores, for 5 000
associations that answered three years running and a register of 25 000: 3 minutes and 1.5 GB for everything (weights,
intervals, secret, changes), 30 s after one more deposit. Both are compared with the bare DuckDB aggregation of the same
cells. Each step runs in a fresh process; the peak is that of the process (Linux).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from observatoire.config.settings import Settings
from observatoire.domain.enquete import Enquete
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.loader import load_enquetes
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de
from observatoire.storage.publication import MEMOIRE
from observatoire.territoire import load_territoire

GRAINE = 4
ANNEES = (2023, 2024, 2025)
REPONDANTES, CADRE = 5_000, 25_000
DUREE_MAX, DEPOT_MAX, MEMOIRE_MAX = 180, 30, 1_536
ETAPES: dict[str, tuple[str, int | None]] = {
    "nue": ("Agrégation nue de DuckDB", None),
    "tout": ("Le calcul entier : poids, intervalles, secret, évolutions", DUREE_MAX),
    "depot": ("Le même après un dépôt de 50 réponses sur l’emploi", DEPOT_MAX),
}
# The sums of the same cells: every level, with and without the sector.
NUE = """
    create temp table nue as
    select indicateur, millesime, niveau, code, domaine, count(*) as n, sum(valeur) as valeur, sum(poids) as poids
    from unites inner join rattachements using (code_commune)
    group by grouping sets (
        (indicateur, millesime, niveau, code), (indicateur, millesime, niveau, code, domaine)
    )"""
NOUVEAU_DEPOT = """
    update courant.emploi set nb_salaries = nb_salaries + 1, etp_total = etp_total + 1
    where millesime = 2025 and cle_association in
        (select cle_association from courant.emploi where millesime = 2025 order by cle_association limit 50)"""
CLASSES = {"NN": 0.82, "01": 0.09, "03": 0.06, "11": 0.02, "21": 0.01}
REPONSES = {"associations": 1.0, "benevolat": 0.8, "emploi": 0.7, "ressources": 0.7, "impact": 0.2}


@dataclass(frozen=True, slots=True)
class Mesure:
    """Seconds, those of the processor, peak in MiB, rows, and seconds of each step of the computation."""

    duree: float
    processeur: float
    memoire: float
    lignes: int
    etapes: dict[str, float]


def registre(chemin: Path, rng: np.random.Generator, combien: int = CADRE) -> None:
    """A register as Parquet: one association in five without any proof of activity."""
    territoire = load_territoire("77")
    communes = territoire.zones("commune")
    chances = np.array([z.population or 1 for z in communes], dtype=float)
    secteurs = [c.code for c in charger_nomenclature("secteurs").lignes]
    annees = rng.choice([2005, 2018, 2022, 2024], combien, p=[0.1, 0.2, 0.4, 0.3])
    table = pa.table(
        {
            "cle": [f"RNA:W77{i:07d}" for i in range(combien)],
            "rna": [f"W77{i:07d}" for i in range(combien)],
            "siren": pa.nulls(combien, pa.string()),
            "code_commune": [
                communes[j].code for j in rng.choice(len(communes), combien, p=chances / chances.sum())
            ],
            "secteur": rng.choice(secteurs, combien).tolist(),
            "effectif_tranche": rng.choice(list(CLASSES), combien, p=list(CLASSES.values())).tolist(),
            "etat": ["active"] * combien,
            "date_declaration": [f"{a}-06-01" for a in annees],
        }
    )
    chemin.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, chemin)


def entrepot(chemin: Path, rng: np.random.Generator, combien: int = REPONDANTES) -> duckdb.DuckDBPyConnection:
    """Answers in force of three years, every field filled nine times out of ten, on the register's own rows."""
    con = duckdb.connect(
        config={"memory_limit": MEMOIRE, "temp_directory": str(chemin.with_name("calcul.tmp"))}
    )
    con.execute("create schema courant; create schema ref")
    fiches = pq.read_table(chemin).slice(0, combien)
    for nom, enquete in load_enquetes().items():
        if nom == "subventions":
            lignes = np.repeat(np.arange(combien), 1)
        else:
            lignes = np.flatnonzero(rng.random(combien) < REPONSES.get(nom, 0.5))
        table = pa.concat_tables(
            [_reponses(enquete, fiches.take(pa.array(lignes)), annee, rng) for annee in ANNEES]
        )
        con.register("lues", table)
        con.execute(f"create table courant.{nom} as select * from lues")
        con.unregister("lues")
    return con


def _reponses(enquete: Enquete, fiches: pa.Table, annee: int, rng: np.random.Generator) -> pa.Table:
    n = fiches.num_rows
    colonnes: dict[str, Any] = {
        "cle_association": fiches["cle"],
        "millesime": pa.array(np.full(n, annee, dtype=np.int32)),
        "depot_id": pa.array(["d"] * n),
        "qualite": pa.nulls(n, pa.string()),
    }
    for champ in enquete.champs_actifs():
        if champ.name in colonnes:
            continue
        genre = type_de(champ).sql
        if champ.name in ("commune", "commune_beneficiaire"):
            valeurs: Any = fiches["code_commune"]
        elif champ.name in ("rna", "rna_beneficiaire"):
            valeurs = fiches["rna"]
        elif champ.name == "consentement":
            valeurs = pa.nulls(n, pa.string())
        elif champ.nomenclature:
            codes = [c.code for c in charger_nomenclature(champ.nomenclature).lignes]
            valeurs = pa.array(rng.choice(codes, n).tolist())
        else:
            valeurs = tirer(champ.name, champ.type, genre, n, annee, rng)
        colonnes[champ.name] = valeurs
    return pa.table(colonnes)


def tirer(nom: str, genre: str, sql: str, n: int, annee: int, rng: np.random.Generator) -> pa.Array:
    vide = rng.random(n) < 0.1
    if "BOOL" in sql.upper():
        return pa.array(rng.random(n) < 0.5, mask=vide)
    if "DATE" in sql.upper():
        return pa.array([f"{annee}-03-01"] * n, mask=vide).cast(pa.date32())
    if "CHAR" in sql.upper():
        return pa.array(["Ville"] * n) if nom == "nom_attribuant" else pa.nulls(n, pa.string())
    if nom.startswith(("ons4", "oms5_", "gses", "likert")):
        return pa.array(rng.integers(0, 5, n), mask=vide)
    if genre == "part":
        return pa.array(rng.random(n), mask=vide)
    if genre in ("montant", "heures"):
        return pa.array(np.round(rng.lognormal(7, 1.5, n), 2), mask=vide)
    return pa.array(rng.integers(0, 30, n), mask=vide)


def mesurer(etape: str, dossier: Path) -> Mesure:
    """One step: `nue`, the bare sums; `tout`, everything; `depot`, everything again in the folder of `tout`."""
    from observatoire.indicators import run
    from pipelines.publication import references

    rng = np.random.default_rng(GRAINE)
    settings = Settings(dossier, memoire=dossier / "memoire")
    registre(settings.registre, rng)
    con = entrepot(settings.registre, rng)
    references(con, settings)
    territoire = load_territoire("77")
    if etape == "nue":
        cartes = run.catalogue()
        run.preparer(con)
        run.remplir_unites(con, cartes.values())
        rattachements = pa.table(
            dict(
                zip(
                    ("code_commune", "niveau", "code"),
                    zip(*territoire.rattachements(), strict=True),
                    strict=True,
                )
            )
        )
        con.register("rattachements", rattachements)
        debut = (time.perf_counter(), time.process_time())
        con.execute(NUE)
        return _mesure(debut, con.execute("select count(*) from nue").fetchall()[0][0], {})
    if etape == "depot":
        con.execute(NOUVEAU_DEPOT)
    debut = (time.perf_counter(), time.process_time())
    arrivees: dict[str, float] = {}
    run.calculer(
        con, settings, territoire, 1,
        suivi=lambda nom, part: arrivees.setdefault(nom, time.perf_counter() - debut[0]) and None,
    )  # fmt: skip
    lignes = con.execute("select count(*) from pub.mesures").fetchall()[0][0]
    mesure = _mesure(debut, lignes, {})
    fins = [*list(arrivees.values())[1:], mesure.duree]
    durees = {nom: fin - arrivee for (nom, arrivee), fin in zip(arrivees.items(), fins, strict=True)}
    return replace(mesure, etapes=durees)


def _mesure(debut: tuple[float, float], lignes: int, etapes: dict[str, float]) -> Mesure:
    pic = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Mesure(time.perf_counter() - debut[0], time.process_time() - debut[1], pic, lignes, etapes)


def lancer(etape: str, dossier: Path) -> Mesure:
    """The same in a fresh process."""
    commande = [sys.executable, __file__, "--etape", etape, str(dossier)]
    return Mesure(
        **json.loads(subprocess.run(commande, stdout=subprocess.PIPE, text=True, check=True).stdout)
    )


def comparer() -> bool:
    """Print the table, French; True when every limit is held."""
    with tempfile.TemporaryDirectory() as dossier:
        mesures = {etape: lancer(etape, Path(dossier)) for etape in ETAPES}
    nue = mesures["nue"]
    print(
        "| étape | durée (s) | processeur (s) | mémoire (Mio) | cases | × agrégation nue | limite (s) | tenue |\n|---|---|---|---|---|---|---|---|"
    )
    tenues = []
    for etape, (titre, limite) in ETAPES.items():
        m = mesures[etape]
        tenue = limite is None or (m.duree < limite and m.memoire < MEMOIRE_MAX)
        tenues.append(tenue)
        print(
            f"| {titre} | {ecrire_nombre(m.duree, 1)} | {ecrire_nombre(m.processeur, 1)} | {ecrire_nombre(m.memoire, 0)} | {ecrire_nombre(m.lignes)} "
            f"| {ecrire_nombre(m.duree / nue.duree, 0)} | {'' if limite is None else ecrire_nombre(limite)} "
            f"| {'oui' if tenue else 'non'} |"
        )
    print("\n| étape du calcul | tout (s) | après un dépôt (s) |\n|---|---|---|")
    for nom, duree in mesures["tout"].etapes.items():
        apres = mesures["depot"].etapes.get(nom, 0.0)
        print(f"| {nom} | {ecrire_nombre(duree, 1)} | {ecrire_nombre(apres, 1)} |")
    return all(tenues)


def main() -> None:
    """Print the table; `--etape NOM DOSSIER` runs one step and prints its numbers as JSON."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("--etape", nargs=2)
    choix = lecteur.parse_args()
    if choix.etape:
        etape, dossier = choix.etape
        print(json.dumps(asdict(mesurer(etape, Path(dossier)))))
        return
    sys.exit(0 if comparer() else 1)


if __name__ == "__main__":
    main()
