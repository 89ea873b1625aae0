"""Kill processes at random while they load, publish, back up and restore, then count what is missing.

    python scripts/pannes.py --tours 500

Each round, a child process goes on from where the last one was cut: it says each deposit once it is loaded (a line
that is on the disk), publishes, backs up and restores. Whatever was said must be there, whole and once; the current
publication must bear its checksums; a backup that has its name must be whole, and so must a restored folder.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

RACINE = Path(__file__).parents[1]
sys.path.insert(0, str(RACINE))

import duckdb  # noqa: E402

from observatoire.config.settings import Settings  # noqa: E402
from observatoire.exploitation.restauration import restaurer  # noqa: E402
from observatoire.exploitation.sante import sommes_fausses  # noqa: E402
from observatoire.exploitation.sauvegarde import SauvegardeAbimee, sauvegarder, verifier  # noqa: E402
from observatoire.storage import fichiers  # noqa: E402
from observatoire.storage.chargement import charger  # noqa: E402
from observatoire.storage.copie_journal import dernier_copie, lire_copie  # noqa: E402
from observatoire.storage.entrepot import EntrepotEcriture  # noqa: E402
from observatoire.storage.fichiers import PARQUET, PUBLIC  # noqa: E402
from observatoire.storage.publication import publier  # noqa: E402
from tests.depots_factices import ENQUETES, depot_reponses, empreinte  # noqa: E402

LIGNES = 20
GARDES = 3
# Share of the rounds that are killed once a deposit at least is loaded.
APRES = 0.8


@dataclass
class Bilan:
    """What the rounds did, and what they broke (everything but the four first must stay at 0)."""

    tours: int = 0
    tues: int = 0
    charges: int = 0
    publications: int = 0
    perdus: int = 0
    doubles: int = 0
    partiels: int = 0
    publications_fausses: int = 0
    retours_en_arriere: int = 0
    sauvegardes_fausses: int = 0
    restaurations_fausses: int = 0
    journaux_faux: int = 0

    @property
    def faux(self) -> int:
        """How many things went wrong."""
        return sum(list(asdict(self).values())[4:])


def remplir(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
    """One figure."""
    con.execute("create table pub.mesures as select count(*)::integer as valeur from courant.reponses")
    return {}


def travailler(dossier: Path) -> None:
    """What the child does until it is killed."""
    settings = Settings(dossier / "donnees")
    dits = dossier / "dits"
    for rang in range(1, 10_000):
        contenu = f"{os.getpid()}-{rang}"
        with EntrepotEcriture(settings, ENQUETES) as con:
            charger(con, depot_reponses(contenu, [f"{contenu} {i}" for i in range(LIGNES)]))
        with dits.open("a", encoding="utf-8") as flux:
            flux.write(f"{empreinte(contenu)}\n")
            flux.flush()
            os.fsync(flux.fileno())
        publier(settings, remplir, enquetes=ENQUETES, garder=2)
        faite = sauvegarder(settings, dossier / "sauvegardes" / f"{contenu}.tar.zst")
        restaurer(faite.chemin, dossier / "restaures" / contenu)


def controler(dossier: Path, bilan: Bilan, avant: int) -> int:
    """Look at what the kill left; returns the number of the current publication."""
    settings = Settings(dossier / "donnees")
    dits = (
        (dossier / "dits").read_text(encoding="utf-8").split("\n")[:-1] if (dossier / "dits").exists() else []
    )
    with EntrepotEcriture(settings, ENQUETES) as con:
        charges = [s for (s,) in con.execute("select sha256 from depot.depots").fetchall()]
        requete = "select count(*) from enquete.reponses group by depot_id"
        partiels = [n for (n,) in con.execute(requete).fetchall() if n != LIGNES]
        (gestes,) = con.execute("select coalesce(max(ordre), 0) from depot.journal").fetchall()[0]
    bilan.charges = len(charges)
    bilan.perdus += len(set(dits) - set(charges))
    bilan.doubles += len(charges) - len(set(charges))
    bilan.partiels += len(partiels)
    # The opening above has caught the copy up.
    lignes = [x["ordre"] for x in lire_copie(settings.journal)]
    bilan.journaux_faux += lignes != list(range(1, gestes + 1)) or dernier_copie(settings.journal) != gestes
    courante = fichiers.cible(settings.publication)
    version = (PUBLIC.version(courante) if courante else None) or 0
    bilan.publications = version
    bilan.retours_en_arriere += version < avant
    if version:
        bilan.publications_fausses += bool(sommes_fausses(PARQUET.final(settings, version)))
    for faite in sorted((dossier / "sauvegardes").glob("[!.]*.tar.zst"), key=lambda p: p.stat().st_mtime)[
        -1:
    ]:
        try:
            verifier(faite)
        except SauvegardeAbimee:
            bilan.sauvegardes_fausses += 1
    for rendu in (dossier / "restaures").glob("[!.]*"):
        with duckdb.connect(str(rendu / "entrepot.duckdb"), read_only=True) as con:
            nombre = con.execute("select count(*) from enquete.reponses").fetchall()[0][0]
        bilan.restaurations_fausses += nombre % LIGNES != 0 or not (rendu / "journal.jsonl").exists()
    _elaguer(dossier)
    return version


def _elaguer(dossier: Path) -> None:
    import shutil

    for lieu in ("sauvegardes", "restaures"):
        for vieux in sorted((dossier / lieu).iterdir(), key=lambda p: p.stat().st_mtime)[:-GARDES]:
            shutil.rmtree(vieux) if vieux.is_dir() else vieux.unlink()


def eprouver(dossier: Path, tours: int, graine: int = 7, delais: tuple[float, float] = (0.0, 1.5)) -> Bilan:
    """Run the rounds."""
    alea, bilan, version = random.Random(graine), Bilan(), 0
    for lieu in ("donnees", "sauvegardes", "restaures"):
        (dossier / lieu).mkdir(parents=True, exist_ok=True)
    for _ in range(tours):
        commande = [sys.executable, __file__, "--enfant", str(dossier)]
        enfant = subprocess.Popen(
            commande, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
        # The time to begin does not count: the kill falls in the work, before the first deposit is said or after.
        _attendre(dossier / f"pret-{enfant.pid}", 1, enfant)
        if alea.random() < APRES:
            _attendre(dossier / "dits", _lignes(dossier / "dits") + 1, enfant)
        time.sleep(alea.uniform(*delais))
        enfant.send_signal(signal.SIGKILL)
        _, erreurs = enfant.communicate()
        bilan.tours += 1
        bilan.tues += enfant.returncode == -signal.SIGKILL
        if enfant.returncode != -signal.SIGKILL:
            raise RuntimeError(erreurs.decode()[-2000:])
        version = controler(dossier, bilan, version)
    return bilan


def _attendre(fichier: Path, lignes: int, enfant: subprocess.Popen[bytes]) -> None:
    while _lignes(fichier) < lignes and enfant.poll() is None:
        time.sleep(0.01)


def _lignes(fichier: Path) -> int:
    return fichier.read_bytes().count(b"\n") if fichier.exists() else 0


def main() -> int:
    """Command line."""
    lecteur = argparse.ArgumentParser(description="Tue des processus au hasard et compte ce qui manque.")
    lecteur.add_argument("--tours", type=int, default=500)
    lecteur.add_argument("--graine", type=int, default=7)
    lecteur.add_argument("--enfant", type=Path)
    choix = lecteur.parse_args()
    if choix.enfant:
        (choix.enfant / f"pret-{os.getpid()}").write_text("\n", encoding="ascii")
        travailler(choix.enfant)
        return 0
    with tempfile.TemporaryDirectory() as dossier:
        bilan = eprouver(Path(dossier), choix.tours, choix.graine)
    for nom, valeur in asdict(bilan).items():
        print(f"{nom.replace('_', ' ')} : {valeur}")
    return 1 if bilan.faux else 0


if __name__ == "__main__":
    sys.exit(main())
