"""kill -9 at random moments: nothing lost, doubled or half-loaded, and no reader ever sees an error."""

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
from pathlib import Path

import pytest

from observatoire.config.settings import Settings
from observatoire.storage import fichiers
from observatoire.storage.depots import depots
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.publication import publier
from tests.depots_factices import ENQUETES, empreinte
from tests.properties import travailleur_kill9 as travail

SCRIPT = Path(travail.__file__)
# A nightly run asks for 500.
TOURS = int(os.environ.get("OBSERVATOIRE_TOURS_KILL9", "50"))
GRAINE = 20261122
DELAI_MAX = 60.0


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
        trace = self.settings.donnees / f"etape-{pid}"
        return trace.read_text() if trace.exists() else "naissance"

    def victime(self, alea: random.Random) -> int:
        """A worker that holds the lock when there is one, else any: most kills must hurt."""
        actifs = [pid for pid in self.vivants if self.etape(pid) in ("charge", "publie")]
        return actifs[0] if actifs else alea.choice(self.vivants)

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
    sorties = [settings.donnees / f"lecteur-{i}.json" for i in range(nombre)]
    commandes = [[sys.executable, str(SCRIPT), "lecteur", str(settings.donnees), str(s)] for s in sorties]
    processus = [subprocess.Popen(c) for c in commandes]
    try:
        yield sorties
    finally:
        (settings.donnees / travail.FIN).touch()
        codes = [p.wait(timeout=DELAI_MAX) for p in processus]
    assert codes == [0] * nombre


@pytest.mark.lent
def test_kill9(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "donnees")
    settings.donnees.mkdir()
    alea = random.Random(GRAINE)
    with forge(settings) as atelier:
        atelier.lancer()
        attendre(lambda: travail.accuses(settings), "aucun dépôt chargé")
        with lecteurs(settings, 2) as rapports:
            atelier.lancer()
            for _ in range(TOURS):
                time.sleep(alea.uniform(0.02, 1.0))
                # The other worker is waiting for the lock, or already at work: it goes on at once.
                atelier.tuer(atelier.victime(alea))
                atelier.lancer()
            for pid in tuple(atelier.vivants):
                atelier.tuer(pid)
    verifier_lecteurs(rapports)
    verifier_entrepot(settings)
    assert sum(atelier.etapes.values()) == TOURS + 2
    # The kills must have fallen in the work, not only in the waiting.
    assert atelier.etapes["charge"] + atelier.etapes["publie"] >= TOURS // 4, atelier.etapes
    assert min(atelier.etapes["charge"], atelier.etapes["publie"]) > 0, atelier.etapes
    assert len(travail.accuses(settings)) >= TOURS // 10


def verifier_lecteurs(rapports: list[Path]) -> None:
    for rapport in rapports:
        vu = json.loads(rapport.read_text())
        assert vu["fautes"] == []
        assert vu["regards"] >= 100
        assert vu["versions"] >= 5


def verifier_entrepot(settings: Settings) -> None:
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
