"""All of France on one machine: load, estimate, protect, publish, query, by size (1, 10, 101 départements).

`python scripts/bench_france.py --tailles 1,10,101 --rapport docs/grandir.md` draws a national case from a seed (35 000
communes, 3 million associations, 10 waves of 100 000 answers), treats its départements one by one in as many
processes as there are cores, and joins their publications. A size is a stage of one run: the 10 first départements
are among the 101. With `--dossier`, a run that was cut goes on where it stopped. Slopes are those of the seconds of processor, which the load of the machine does not change.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from observatoire.domain.francais import ecrire_nombre
from observatoire.storage.reunion import ENSEMBLE, reunir
from scripts.france_cas import DEPARTEMENTS, ESSAI, Cas, Taille, geographie
from scripts.france_etapes import Montre, Releve, copier, imprimer, octets, traiter
from scripts.france_lecture import Attente, attendre
from scripts.france_rapport import COPIER_REUNION, REUNIR, Etage, ecrire, inserer, tenus

ICI = Path(__file__).resolve()
ESSAIS = (1, 2)
COMMUNES_LUES = 50


@dataclass(frozen=True, slots=True)
class Passage:
    """One run: where, which case, how many processes at once."""

    dossier: Path
    taille: Taille
    ouvriers: int

    def enfant(self, *ordre: str) -> dict[str, Any]:
        """One step in a fresh process, niced as we are; what it printed."""
        commande = [sys.executable, str(ICI), "--dossier", str(self.dossier), *ordre]
        commande += ["--essai"] if self.taille == ESSAI else []
        env = {
            **os.environ,
            "OBSERVATOIRE_GEOGRAPHIE": str(geographie(self.dossier)),
            "OBSERVATOIRE_CLE": "essai",
        }
        sortie = subprocess.run(commande, stdout=subprocess.PIPE, text=True, check=True, env=env).stdout
        dit: dict[str, Any] = json.loads(sortie.splitlines()[-1])
        return dit


def passer(passage: Passage, tailles: Sequence[int]) -> Iterator[list[Etage]]:
    """Every size in turn, those done so far; what is done for one is not done again for the next."""
    releves: list[Releve] = []
    etages: list[Etage] = []
    for taille in tailles:
        restent = DEPARTEMENTS[len(releves) : taille]
        with ThreadPoolExecutor(passage.ouvriers) as ouvriers:
            for releve in ouvriers.map(partial(mesurer_departement, passage), restent):
                releves.append(releve)
                print(f"{releve.departement} : {len(releves)} / {tailles[-1]}", file=sys.stderr, flush=True)
        dit = passage.enfant("--reunir", str(taille))
        attentes = {nom: Attente(**a) for nom, a in dit.pop("attentes").items()}
        etages.append(Etage(taille, list(releves), Releve(**dit), attentes))
        yield list(etages)


def mesurer_departement(passage: Passage, departement: str) -> Releve:
    """One département in its process; one that an interrupted run finished is not done again."""
    fiche = passage.dossier / f"releve-{departement}.json"
    if not fiche.is_file():
        shutil.rmtree(passage.dossier / departement, ignore_errors=True)
        dit = passage.enfant("--departement", departement)
        provisoire = fiche.with_suffix(".tmp")
        provisoire.write_text(json.dumps(dit), encoding="utf-8")
        provisoire.replace(fiche)
    return Releve(**json.loads(fiche.read_text(encoding="utf-8")))


def mesurer_reunion(passage: Passage, taille: int) -> dict[str, Any]:
    """Join the publications of the first départements, then read the page of a commune in it and in one of them."""
    cas = [Cas(d, passage.taille, passage.dossier) for d in DEPARTEMENTS[:taille]]
    releve = Releve(ENSEMBLE)
    montre = Montre(releve)
    cible = passage.dossier / f"{ENSEMBLE}-{taille}.duckdb"
    montre.a(REUNIR)
    reunion = reunir({c.departement: c.settings.publication for c in cas}, cible)
    montre.a(COPIER_REUNION)
    copier([cible], passage.dossier / "copie")
    montre.a("")
    releve.octets = {REUNIR: octets(passage.dossier / "copie")}
    releve.lignes = {"mesures": reunion.lignes, ENSEMBLE: reunion.lignes_ensemble}
    releve.terminer()
    (passage.dossier / "copie" / "0").unlink()
    codes = [c.codes[i * 7 % len(c.codes)] for i in range(COMMUNES_LUES) for c in (cas[i % len(cas)],)]
    attentes = {
        "departement": attendre(cas[0].settings.publication, cas[0].codes[:COMMUNES_LUES]),
        ENSEMBLE: attendre(cible, codes),
    }
    return {**asdict(releve), "attentes": {nom: asdict(a) for nom, a in attentes.items()}}


def arguments() -> argparse.Namespace:
    """Command line."""
    lecteur = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    lecteur.add_argument("--tailles", default="1,10,101", help="nombres de départements, ou « essai »")
    lecteur.add_argument("--rapport", type=Path, help="fichier Markdown dont la partie mesurée est récrite")
    lecteur.add_argument(
        "--dossier", type=Path, help="où écrire le cas (gardé) ; sinon un dossier provisoire"
    )
    lecteur.add_argument("--ouvriers", type=int, default=os.cpu_count() or 1, help="départements à la fois")
    lecteur.add_argument("--departement", help=argparse.SUPPRESS)
    lecteur.add_argument("--reunir", type=int, help=argparse.SUPPRESS)
    lecteur.add_argument("--essai", action="store_true", help=argparse.SUPPRESS)
    return lecteur.parse_args()


def main() -> None:
    """Run and print the report; the exit code says whether every limit is held."""
    choix = arguments()
    taille = ESSAI if choix.essai or choix.tailles == "essai" else Taille()
    if choix.departement:
        imprimer(traiter(Cas(choix.departement, taille, choix.dossier)))
        return
    if choix.reunir:
        print(json.dumps(mesurer_reunion(Passage(choix.dossier, taille, 1), choix.reunir)))
        return
    tailles = (
        ESSAIS if choix.tailles == "essai" else tuple(sorted({int(t) for t in choix.tailles.split(",")}))
    )
    if not 1 <= tailles[0] <= tailles[-1] <= len(DEPARTEMENTS):
        sys.exit(f"De 1 à {ecrire_nombre(len(DEPARTEMENTS))} départements.")
    debut, etages = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as provisoire:
        dossier = (choix.dossier or Path(provisoire)).resolve()
        dossier.mkdir(parents=True, exist_ok=True)
        for etages in passer(Passage(dossier, taille, choix.ouvriers), tailles):
            texte = ecrire(etages, taille, choix.ouvriers, time.perf_counter() - debut)
            if choix.rapport:
                inserer(choix.rapport, texte)
    print(texte)
    sys.exit(0 if tenus(etages) else 1)


if __name__ == "__main__":
    main()
