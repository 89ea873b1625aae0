"""The goals of the study of costs, printed by one command: R1–R3, V1, I1–I4, each with its measure and its limit.

`python scripts/bench_buts.py` measures all of them at full size, `--essai` at a small one, to see that they run; names
(`R1 I2`) choose some. Each measure runs in a fresh process, imports apart; memory is that of its whole tree.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from observatoire.domain.francais import ecrire_nombre
from scripts import bench, buts_mesures, sources_inventees

ICI = Path(__file__).resolve()


@dataclass(frozen=True, slots=True)
class Grandeurs:
    """Sizes of the invented files."""

    classeur: int = bench.LIGNES_BRUT
    csv: int = 1_000_000
    regles: int = 1_000_000
    associations: int = 3_000_000
    calees: int = 500_000


ESSAI = Grandeurs(bench.LIGNES_BRUT, 5_000, 2_000, 20_000, 2_000)


@dataclass(frozen=True, slots=True)
class But:
    """A goal and what was measured; held when the measure is at most (or at least) the limit."""

    nom: str
    titre: str
    mesure: float
    limite: float
    au_plus: bool = True

    @property
    def est_tenu(self) -> bool:
        """True when the goal is reached."""
        return self.mesure <= self.limite if self.au_plus else self.mesure >= self.limite


def mesurer(nom: str, fichier: Path) -> tuple[float, object, float]:
    """Seconds, what was found, MB of the tree, of one measure in a fresh process."""
    lu = bench.mesurer(nom, fichier, ICI)
    duree, trouve = lu.duree  # type: ignore[misc]
    return duree, trouve, lu.memoire


def classeurs(dossier: Path, g: Grandeurs) -> Iterator[But]:
    """R1 and R2: an xlsx into the raw rows of the warehouse."""
    fichier = dossier / "brut.xlsx"
    bench.ecrire_xlsx(fichier, g.classeur, bench.COLONNES)
    produit, nue = bench.mesurer("brut", fichier), bench.mesurer("calamine", fichier)
    fastexcel, _, memoire = mesurer("fastexcel", fichier)
    xml, _, _ = mesurer("expat", fichier)
    yield But("R1", "classeur dans l’entrepôt, rapporté à fastexcel seul", produit.duree / fastexcel, 1.5)
    yield But("R1", "le même, rapporté à python-calamine seul", produit.duree / nue.duree, 1.0)
    yield But("R1", "le même, rapporté à l’analyse XML seule", produit.duree / xml, 2.0)
    yield But("R2", "sa mémoire, rapportée à celle de fastexcel seul", produit.memoire / memoire, 1.15)


def textes(dossier: Path, g: Grandeurs) -> Iterator[But]:
    """R3: a public CSV kept for all of France."""
    fichier = sources_inventees.ecrire("RNA « waldec »", dossier / "rna.csv", g.csv)
    produit, lues, memoire = mesurer("csv_source", fichier)
    nue, brutes, _ = mesurer("csv_nu", fichier)
    if (lues, brutes) != (g.csv, g.csv):
        raise AssertionError((lues, brutes))
    yield But("R3", "CSV public gardé, rapporté à read_csv seul en mémoire", produit / nue, 2.3)
    yield But("R3", "sa mémoire, en Mo", memoire, 1_000)


def regles(dossier: Path, g: Grandeurs) -> Iterator[But]:
    """V1: the rules compiled, against Great Expectations."""
    from observatoire.domain.loader import load_enquetes
    from scripts.france_cas import Cas, Taille, registre, vague

    cas = Cas("01", Taille(associations=g.regles * 202, reponses=g.regles * 101), dossier)
    table = vague(cas, load_enquetes()["benevolat"], registre(cas), 2025)
    table = table.append_column("_rang", pa.array(range(table.num_rows), pa.int64()))
    pq.write_table(table, dossier / "lot.parquet")
    produit, comptes, _ = mesurer("regles_duckdb", dossier / "lot.parquet")
    gx, attendus, _ = mesurer("regles_gx", dossier / "lot.parquet")
    yield But(
        "V1",
        "règles en une requête : combien de fois plus vite que Great Expectations",
        gx / produit,
        20,
        False,
    )
    yield But("V1", "règles dont le compte diffère", float(comptes != attendus), 0)


def faits(dossier: Path, g: Grandeurs) -> Iterator[But]:
    """I1 to I3: aggregates, variances, cube and page, on ten waves of every association."""
    fichier = dossier / "faits.duckdb"
    with duckdb.connect(str(fichier), config={"memory_limit": "2GB"}) as con:
        con.execute(buts_mesures.FAITS, {"associations": g.associations})
    durees = {nom: mesurer(nom, fichier) for nom in ("plancher", "agregat", "variance", "cube")}
    plancher = durees["plancher"][0]
    yield But("I1", "agrégat par groupes, rapporté à la lecture seule", durees["agregat"][0] / plancher, 7)
    yield But(
        "I1", "variance d’un rapport avec population finie, de même", durees["variance"][0] / plancher, 6
    )
    yield But("I2", "cube entier, de même", durees["cube"][0] / plancher, 45)
    yield But("I2", "sa mémoire, en Mo", durees["cube"][2], 2_000)
    page, seize, _ = mesurer("page", fichier)
    yield But("I3", "page d’une commune, rapportée à une requête vide", page, 8)
    yield But("I3", "la même à 16 lecteurs, 95 %", float(seize), 350)  # type: ignore[arg-type]


def calages(dossier: Path, g: Grandeurs) -> Iterator[But]:
    """I4: the calibration of the product, against its bare passes."""
    (dossier / "taille").write_text(str(g.calees))
    duree, nus, _ = mesurer("calage", dossier / "taille")
    yield But("I4", "calage sur quatre marges, rapporté à ses sommes seules", duree / float(nus), 4)  # type: ignore[arg-type]


GROUPES: dict[tuple[str, ...], Callable[[Path, Grandeurs], Iterator[But]]] = {
    ("R1", "R2"): classeurs,
    ("R3",): textes,
    ("V1",): regles,
    ("I1", "I2", "I3"): faits,
    ("I4",): calages,
}


def mesurer_buts(g: Grandeurs, voulus: set[str]) -> list[But]:
    """Every goal asked for, in order, as soon as it is known."""
    trouves: list[But] = []
    print("| but | mesure | valeur | limite | tenu |\n| --- | --- | --- | --- | --- |", flush=True)
    for noms, groupe in GROUPES.items():
        if voulus and not voulus & set(noms):
            continue
        with tempfile.TemporaryDirectory() as dossier:
            for but in groupe(Path(dossier), g):
                trouves.append(but)
                signe = "≤" if but.au_plus else "≥"
                print(
                    f"| {but.nom} | {but.titre} | {ecrire_nombre(but.mesure, 2)} | {signe} {ecrire_nombre(but.limite, 2)} "
                    f"| {'oui' if but.est_tenu else 'non'} |",
                    flush=True,
                )
    return trouves


def main() -> None:
    """Print the table; the exit code says whether every goal is held."""
    if sys.argv[1:2] == ["--mesure"]:
        nom, fichier, dossier = sys.argv[2:]
        print(json.dumps(buts_mesures.MESURES[nom](Path(fichier), Path(dossier))))
        return
    lecteur = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    lecteur.add_argument("buts", nargs="*", help="R1 R2 R3 V1 I1 I2 I3 I4 ; tous par défaut")
    lecteur.add_argument(
        "--essai", action="store_true", help="petites tailles : les rapports n’y disent rien"
    )
    choix = lecteur.parse_args()
    trouves = mesurer_buts(ESSAI if choix.essai else Grandeurs(), set(choix.buts))
    sys.exit(0 if all(b.est_tenu for b in trouves) else 1)


if __name__ == "__main__":
    main()
