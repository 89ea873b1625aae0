"""Processes of the kill -9 test: workers that load, publish, back up and restore; readers that never stop reading.

`travailleur_kill9.py forge DOSSIER`: for each line read on standard input, forks a worker and prints its pid.
It has imported everything and opened no database, so that a worker starts in milliseconds.
`travailleur_kill9.py lecteur DOSSIER SORTIE`: reads until the file `fin` exists, then writes what it saw.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import duckdb
import pandas  # noqa: F401  (DuckDB imports it at the first bound value: once here, not in each worker)
import pyarrow  # noqa: F401

from observatoire.config.settings import Settings
from observatoire.exploitation.restauration import restaurer
from observatoire.exploitation.sauvegarde import sauvegarder
from observatoire.storage.archive import EN_COURS, archiver
from observatoire.storage.chargement import DepotACharger, charger
from observatoire.storage.connexion import ouvrir_publication
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.erreurs import ErreurEntrepot
from observatoire.storage.publication import publier
from tests.depots_factices import ENQUETES, depot_reponses, empreinte

ACCUSES, FIN = "accuses.txt", "fin"
# Beside the data folder: what follows the workers, the backups, and what was restored of them.
SUIVI, SAUVEGARDES, RESTAURES = "suivi", "sauvegardes", "restaures"
ATTENTE = 600.0
GARDES = 4
# One deposit in so many is followed by a backup and its restoration.
RYTHME = 2


def a_cote(settings: Settings, nom: str) -> Path:
    """A folder beside the data folder."""
    return settings.donnees.parent / nom


def contenu(numero: int) -> str:
    return f"dépôt {numero}"


def nombre_de_lignes(numero: int) -> int:
    return 1 + numero * 7 % 40


def depot(numero: int) -> DepotACharger:
    noms = [f"Association {numero}-{i}" for i in range(nombre_de_lignes(numero))]
    return depot_reponses(contenu(numero), noms, valeur=numero)


def accuses(settings: Settings) -> set[int]:
    """Numbers of the deposits whose loading and publication were acknowledged."""
    chemin = a_cote(settings, SUIVI) / ACCUSES
    return {int(x) for x in chemin.read_text().split()} if chemin.exists() else set()


def remplir(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
    con.execute("create table pub.depots as select depot_id, sha256, lignes_chargees from depot.depots")
    con.execute("create table pub.lignes as select depot_id, nb_benevoles from courant.reponses")
    return {}


# --- Worker ------------------------------------------------------------------------------------------


def travailler(settings: Settings) -> None:
    """Load the first deposit that nobody acknowledged, publish, acknowledge, back up, restore; for ever."""
    etape = a_cote(settings, SUIVI) / f"etape-{os.getpid()}"
    journal = os.open(a_cote(settings, SUIVI) / ACCUSES, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        numero = max(accuses(settings), default=0) + 1
        etape.write_text("archive")
        archiver(settings, contenu(numero).encode(), empreinte(contenu(numero)), "csv")
        etape.write_text("attente")
        with EntrepotEcriture(settings, ENQUETES, attente_max=ATTENTE) as con:
            etape.write_text("charge")
            charger(con, depot(numero))
        etape.write_text("attente")
        publier(settings, _dire(etape), enquetes=ENQUETES, garder=3, attente_max=ATTENTE)
        os.write(journal, f"{numero}\n".encode())
        os.fsync(journal)
        if numero % RYTHME == 0:
            copier(settings, etape, f"{numero:05d}-{os.getpid()}")


def copier(settings: Settings, etape: Path, nom: str) -> None:
    """Back up, and restore what was backed up."""
    etape.write_text("sauve")
    dest = a_cote(settings, SAUVEGARDES) / f"{nom}.tar.zst"
    sauvegarder(settings, dest, attente_max=ATTENTE)
    etape.write_text("restaure")
    restaurer(dest, a_cote(settings, RESTAURES) / nom)
    etape.write_text("range")
    for lieu in (SAUVEGARDES, RESTAURES):
        elaguer(a_cote(settings, lieu))


def elaguer(dossier: Path) -> None:
    """Keep the last ones; another worker may be doing the same."""
    for vieux in sorted(p for p in dossier.iterdir() if not p.name.startswith(EN_COURS))[:-GARDES]:
        if vieux.is_dir():
            shutil.rmtree(vieux, ignore_errors=True)
        else:
            vieux.unlink(missing_ok=True)


def _dire(etape: Path) -> Any:
    def _remplir(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
        etape.write_text("publie")
        return remplir(con, version)

    return _remplir


def forger(settings: Settings) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            travailler(settings)
        print(pid, flush=True)


# --- Reader ------------------------------------------------------------------------------------------

FAUX = """
    select count(*) from depots as d
    full join (select depot_id, count(*) as n from lignes group by depot_id) as l on d.depot_id = l.depot_id
    where d.lignes_chargees is distinct from l.n"""


def observer(settings: Settings, derniere: int) -> tuple[int, list[str]]:
    """One look at the current publication: its number, and what is wrong in it."""
    promis = {empreinte(contenu(n)) for n in accuses(settings)}
    with ouvrir_publication(settings.publication) as con:
        ((version, annonces),) = con.cursor().execute("select version, depots from _publication").fetchall()
        depots = con.cursor().execute("select depot_id, sha256 from depots").fetchall()
        ((faux,),) = con.cursor().execute(FAUX).fetchall()
    constats = {
        "la version recule": version < derniere,
        "un dépôt à moitié chargé": faux > 0,
        "un dépôt en double": len({s for _, s in depots}) != len(depots),
        "un dépôt accusé manque": not promis <= {s for _, s in depots},
        "l’en-tête ne dit pas les dépôts": sorted(annonces.split(", ")) != sorted(d for d, _ in depots),
    }
    return version, [texte for texte, vrai in constats.items() if vrai]


def lire_sans_cesse(settings: Settings, sortie: Path) -> None:
    regards, fautes, versions, derniere = 0, [], set(), 0
    while not (a_cote(settings, SUIVI) / FIN).exists():
        try:
            derniere, constats = observer(settings, derniere)
            fautes += constats
        except (duckdb.Error, ErreurEntrepot, OSError) as erreur:
            fautes.append(f"{type(erreur).__name__} : {erreur}")
        versions.add(derniere)
        regards += 1
        time.sleep(0.01)
    sortie.write_text(json.dumps({"regards": regards, "fautes": fautes, "versions": len(versions)}))


if __name__ == "__main__":
    reglages = Settings(Path(sys.argv[2]))
    if sys.argv[1] == "forge":
        forger(reglages)
    else:
        lire_sans_cesse(reglages, Path(sys.argv[3]))
