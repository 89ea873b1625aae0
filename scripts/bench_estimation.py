"""Time and memory of a whole computation: every indicator, level, view and year for a big invented survey.

`python scripts/bench_estimation.py` prints the table; the limits are those of the product (3 minutes, 1.5 GB
on two cores) for 5 000 associations that answered three years running and a register of 25 000. Each step runs
in a fresh process; the peak is that of the process (Linux). The secret is timed apart: it is not estimation.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
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
DUREE_MAX, MEMOIRE_MAX = 180.0, 1_536
CLASSES = {"NN": 0.82, "01": 0.09, "03": 0.06, "11": 0.02, "21": 0.01}
REPONSES = {"associations": 1.0, "benevolat": 0.8, "emploi": 0.7, "ressources": 0.7, "impact": 0.2}


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
            valeurs = _valeurs(champ.name, champ.type, genre, n, annee, rng)
        colonnes[champ.name] = valeurs
    return pa.table(colonnes)


def _valeurs(nom: str, genre: str, sql: str, n: int, annee: int, rng: np.random.Generator) -> pa.Array:
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


def mesurer(etape: str, dossier: Path) -> tuple[float, float, int]:
    """Seconds, peak in MiB and rows of one step: `repondantes` (no register), `vues`, `tout` (with the secret)."""
    from observatoire.indicators import run, vues
    from pipelines.publication import references

    rng = np.random.default_rng(GRAINE)
    settings = Settings(dossier)
    registre(settings.registre, rng)
    con = entrepot(settings.registre, rng)
    references(con, settings)
    territoire = load_territoire("77")
    debut = time.perf_counter()
    if etape == "tout":
        run.calculer(con, settings, territoire, 1)
        lignes = con.execute("select count(*) from pub.mesures").fetchall()[0][0]
    else:
        cartes = run.catalogue()
        constantes = run.lire_constantes(con, cartes)
        run.preparer(con)
        run._poser_territoire(con, territoire)
        run._poser_regles(con, cartes.values(), constantes)
        run.remplir_unites(con, cartes.values())
        for table in ("sommes", "distributions", "cellules"):
            con.execute(f"create or replace temp table {table} as {run._macro(table)}")
        chemin = settings.registre if etape == "vues" else None
        vues.peser_cellules(con, cartes.values(), chemin, constantes)
        lignes = con.execute("select count(*) from cellules").fetchall()[0][0]
    duree = time.perf_counter() - debut
    return duree, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, lignes


ETAPES = {
    "repondantes": "Une voix par association, sans registre",
    "vues": "Toutes les vues, poids et intervalles compris",
    "tout": "Le calcul entier, secret compris",
}


def main() -> None:
    """Print the table, French; `--etape` runs one step and prints its three numbers."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("--etape", choices=list(ETAPES))
    lecteur.add_argument("--seulement", nargs="+", choices=list(ETAPES), default=list(ETAPES))
    choix = lecteur.parse_args()
    if choix.etape:
        with tempfile.TemporaryDirectory() as dossier:
            print(*mesurer(choix.etape, Path(dossier)))
        return
    print("| étape | durée (s) | mémoire (Mio) | cases | limites tenues |\n|---|---|---|---|---|")
    for etape in choix.seulement:
        sortie = subprocess.run(
            [sys.executable, __file__, "--etape", etape], capture_output=True, text=True, check=True
        ).stdout.split()
        duree, memoire, lignes = float(sortie[0]), float(sortie[1]), int(sortie[2])
        tenues = "oui" if duree < DUREE_MAX and memoire < MEMOIRE_MAX else "non"
        print(
            f"| {ETAPES[etape]} | {ecrire_nombre(round(duree, 1))} | {ecrire_nombre(round(memoire))} "
            f"| {ecrire_nombre(lignes)} | {tenues} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
