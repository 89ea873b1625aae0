"""Harness of the kill -9 test: workers are killed at random moments while readers read, then all is checked."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from observatoire.config.settings import Settings
from observatoire.exploitation.sauvegarde import SUFFIXE, verifier
from observatoire.storage import fichiers
from observatoire.storage.depots import depots
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.publication import publier
from tests.depots_factices import ENQUETES, empreinte
from tests.properties import travailleur_kill9 as travail

SCRIPT = Path(travail.__file__)
LIEUX = (travail.SUIVI, travail.SAUVEGARDES, travail.RESTAURES)
# Share of the kills that are aimed at a worker that holds the lock; the others let some deposits go to their end.
AU_TRAVAIL = 0.7
# Steps in which a kill hurts.
TRAVAUX = ("charge", "publie", "sauve", "restaure")
GRAINE = 20261122
DELAI_MAX = 60.0


@dataclass(frozen=True, slots=True)
class Bilan:
    """What was done: kills by step, deposits loaded and acknowledged, looks of the readers, copies checked."""

    tours: int
    etapes: dict[str, int]
    depots: int
    accuses: int
    regards: int
    sauvegardes: int
    restaurations: int


def attendre(condition: Callable[[], object], message: str) -> None:
    fin = time.monotonic() + DELAI_MAX
    while not condition():
        assert time.monotonic() < fin, message
        time.sleep(0.005)


class Forge:
    """Starts workers, kills them, and remembers in which step each one was caught."""

    def __init__(self, settings: Settings, processus: subprocess.Popen[str]) -> None:
        self.settings = settings
        self.processus = processus
        self.vivants: list[int] = []
        self.etapes: Counter[str] = Counter()

    def lancer(self) -> None:
        assert self.processus.stdin is not None
        assert self.processus.stdout is not None
        self.processus.stdin.write("un\n")
        self.processus.stdin.flush()
        self.vivants.append(int(self.processus.stdout.readline()))

    def etape(self, pid: int) -> str:
        trace = travail.a_cote(self.settings, travail.SUIVI) / f"etape-{pid}"
        return trace.read_text() if trace.exists() else "naissance"

    def victime(self, alea: random.Random) -> int:
        """A worker that holds the lock when there is one, else any: most kills must hurt."""
        actifs = [pid for pid in self.vivants if self.etape(pid) in TRAVAUX]
        return actifs[0] if actifs and alea.random() < AU_TRAVAIL else alea.choice(self.vivants)

    def tuer(self, pid: int) -> None:
        self.vivants.remove(pid)
        os.kill(pid, signal.SIGKILL)  # fails when the worker had died by itself
        attendre(lambda: not existe(pid), f"{pid} ne meurt pas")
        self.etapes[self.etape(pid)] += 1


def existe(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@contextlib.contextmanager
def forge(settings: Settings) -> Iterator[Forge]:
    commande = [sys.executable, str(SCRIPT), "forge", str(settings.donnees)]
    with subprocess.Popen(commande, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as processus:
        atelier = Forge(settings, processus)
        try:
            yield atelier
        finally:
            for pid in atelier.vivants:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            assert processus.stdin is not None
            processus.stdin.close()


@contextlib.contextmanager
def lecteurs(settings: Settings, nombre: int) -> Iterator[list[Path]]:
    """Reader processes for the length of the block; their reports are there after it."""
    sorties = [travail.a_cote(settings, travail.SUIVI) / f"lecteur-{i}.json" for i in range(nombre)]
    commandes = [[sys.executable, str(SCRIPT), "lecteur", str(settings.donnees), str(s)] for s in sorties]
    processus = [subprocess.Popen(c) for c in commandes]
    try:
        yield sorties
    finally:
        (travail.a_cote(settings, travail.SUIVI) / travail.FIN).touch()
        codes = [p.wait(timeout=DELAI_MAX) for p in processus]
    assert codes == [0] * nombre


def eprouver(dossier: Path, tours: int, nombre_de_lecteurs: int, suivi: Callable[[int], None]) -> Bilan:
    """Kill `tours` workers while readers read, then check all that was acknowledged; AssertionError names a fault."""
    settings = Settings(dossier / "donnees")
    for lieu in (settings.donnees, *(travail.a_cote(settings, n) for n in LIEUX)):
        lieu.mkdir(parents=True)
    alea = random.Random(GRAINE)
    with forge(settings) as atelier:
        atelier.lancer()
        attendre(lambda: travail.accuses(settings), "aucun dépôt chargé")
        debut = time.monotonic()
        attendre(lambda: len(travail.accuses(settings)) > travail.RYTHME, "les dépôts ne se suivent pas")
        # Twice what a deposit takes here and now: some go to their end, most kills fall in one.
        delai = max(1.0, 2 * (time.monotonic() - debut) / travail.RYTHME)
        with lecteurs(settings, nombre_de_lecteurs) as rapports:
            atelier.lancer()
            for tour in range(tours):
                time.sleep(alea.uniform(0.02, delai))
                # The other worker is waiting for the lock, or already at work: it goes on at once.
                atelier.tuer(atelier.victime(alea))
                atelier.lancer()
                suivi(tour + 1)
            vises = sum(viser(atelier, etape) for etape in TRAVAUX)
            attendre(lambda: all(copies(settings)), "aucune copie n’est allée à son terme")
            for pid in tuple(atelier.vivants):
                atelier.tuer(pid)
    regards = verifier_lecteurs(rapports)
    depots = verifier_entrepot(settings)
    relues = verifier_copies(settings)
    return Bilan(
        tours + vises, dict(atelier.etapes), depots, len(travail.accuses(settings)), regards, *relues
    )


def viser(atelier: Forge, etape: str) -> int:
    """Kill workers in `etape` until one was caught there, when chance spared it; returns how many kills that took."""
    tues = 0
    while not atelier.etapes[etape]:
        attendre(lambda: any(atelier.etape(p) == etape for p in atelier.vivants), f"personne ne {etape}")
        atelier.tuer(next((p for p in atelier.vivants if atelier.etape(p) == etape), atelier.vivants[0]))
        atelier.lancer()
        tues += 1
    return tues


def verifier_lecteurs(rapports: list[Path]) -> int:
    """Number of looks; none saw an error, a half publication, or an older one after a newer one."""
    regards = 0
    for rapport in rapports:
        vu = json.loads(rapport.read_text())
        assert vu["fautes"] == []
        assert vu["regards"] >= 100
        assert vu["versions"] >= 5
        regards += vu["regards"]
    return regards


def copies(settings: Settings) -> tuple[list[Path], list[Path]]:
    """Backups and restored folders that bear their name."""
    faites, rendus = (
        [p for p in travail.a_cote(settings, nom).iterdir() if not p.name.startswith(fichiers.EN_COURS)]
        for nom in (travail.SAUVEGARDES, travail.RESTAURES)
    )
    return faites, rendus


def verifier_copies(settings: Settings) -> tuple[int, int]:
    """Backups and restored folders: whatever bears its name is whole, and holds whole deposits."""
    travail.copier(settings, travail.a_cote(settings, travail.SUIVI) / "derniere", "99999-derniere")
    faites, rendus = copies(settings)
    # The last backup swept what the killed ones had left.
    assert sorted(faites) == sorted(travail.a_cote(settings, travail.SAUVEGARDES).iterdir())
    for faite in faites:
        assert faite.name.endswith(SUFFIXE)
        verifier(faite)
    for rendu in rendus:
        # Opening it to write brings its journal to date: an interrupted writer may have left the copy behind.
        with EntrepotEcriture(Settings(rendu), ENQUETES) as con:
            lus = {d.depot_id: d.lignes_chargees for d in depots(con)}
            comptes = con.execute("select depot_id, count(*) from enquete.reponses group by 1").fetchall()
        assert dict(comptes) == lus
        assert (rendu / "curated" / "observatoire.duckdb").is_file()
    return len(faites), len(rendus)


def verifier_entrepot(settings: Settings) -> int:
    """The warehouse holds each acknowledged deposit once and whole, and nothing else but whole deposits."""
    accuses = travail.accuses(settings)
    publication = publier(settings, travail.remplir, enquetes=ENQUETES, garder=1)
    with EntrepotEcriture(settings, ENQUETES) as con:
        lus = depots(con)
        comptes = {
            table: dict(con.execute(f"select depot_id, count(*) from {table} group by 1").fetchall())
            for table in ("enquete.reponses", "depot.lignes_brutes", "depot.attente", "depot.anomalies")
        }
        charges = con.execute("select objet from depot.journal where quoi = 'charger'").fetchall()
    numeros = {empreinte(travail.contenu(n)): n for n in range(1, max(accuses) + 2)}
    # At most one deposit was loaded and not acknowledged.
    assert accuses <= {numeros[d.sha256] for d in lus} <= set(numeros.values())
    assert len({d.sha256 for d in lus}) == len(lus)
    attendus = {d.depot_id: travail.nombre_de_lignes(numeros[d.sha256]) for d in lus}
    assert comptes["enquete.reponses"] == attendus == {d.depot_id: d.lignes_chargees for d in lus}
    assert comptes["depot.lignes_brutes"] == {depot: n + 1 for depot, n in attendus.items()}
    assert comptes["depot.attente"] == dict.fromkeys(attendus, 1)
    assert comptes["depot.anomalies"] == dict.fromkeys(attendus, 2)
    assert sorted(d for (d,) in charges) == sorted(attendus)
    assert publication.tables["lignes"] == sum(attendus.values())
    assert publication.depots == tuple(d.depot_id for d in lus)
    restes = [
        p for p in settings.curated.rglob("*") if p.name.startswith(fichiers.EN_COURS) or p.suffix == ".wal"
    ]
    assert restes == []
    for depot in lus:
        octets = (settings.raw / depot.sha256[:2] / f"{depot.sha256}.csv").read_bytes()
        assert hashlib.sha256(octets).hexdigest() == depot.sha256
    return len(lus)
