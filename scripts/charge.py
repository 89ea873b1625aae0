"""Load of the public pages, measured by WebSocket clients that read like people: think, change a filter, read.

    python scripts/charge.py                 sessions 1, 10, 50, 100 on 2 processes, and the ratios of one page
    python scripts/charge.py --sessions 50 --processus 2 --secondes 60

Clients speak the protocol of the pages (protobuf) without a browser. The server processes' own CPU is read from the
system: on a shared machine, times in seconds say little, CPU and ratios hold.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

RACINE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(RACINE))

from dashboards import servir  # noqa: E402
from observatoire.config.settings import Settings, load_settings  # noqa: E402

SESSIONS = (1, 10, 50, 100)
REFLEXION = (2.0, 6.0)
# What readers change on the page of six figures, charts and a table, by the label of the list.
ECHELLE, TERRITOIRE = "Échelle", "Territoire"
CHANGES = ("Année", ECHELLE, TERRITOIRE, "Domaine")
VIDE = "import streamlit as st\n\nst.write('vide')\n"


@dataclass
class Mesures:
    """Times of the first pages and of the reruns (s), bytes of each rerun, errors."""

    premieres: list[float] = field(default_factory=list)
    suivantes: list[float] = field(default_factory=list)
    octets: list[int] = field(default_factory=list)
    erreurs: list[str] = field(default_factory=list)


def quantile(valeurs: Sequence[float], part: float) -> float:
    """Value below which this share lies; nan without a value."""
    triees = sorted(valeurs)
    return triees[min(len(triees) - 1, int(part * len(triees)))] if triees else float("nan")


@dataclass
class Lecture:
    """What a reader has on screen: its lists (label → widget, choices), what it chose, bytes of the last run."""

    listes: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    choix: dict[str, str] = field(default_factory=dict)
    octets: int = 0


def _lien(port: int) -> connect:
    """The link of a reader with its page."""
    return connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        subprotocols=["streamlit"],
        max_size=None,
        ping_interval=None,  # type: ignore[list-item]
    )


async def relancer(lien: ClientConnection, ecran: Lecture) -> int:
    """Ask for a run of the page with what is chosen; bytes received until it is finished."""
    demande = BackMsg()
    demande.rerun_script.query_string = ""
    for widget, valeur in ecran.choix.items():
        demande.rerun_script.widget_states.widgets.add(id=widget, string_value=valeur)
    await lien.send(demande.SerializeToString())
    ecran.octets = 0
    while True:
        recu = await asyncio.wait_for(lien.recv(), 60)
        ecran.octets += len(recu)
        message = ForwardMsg()
        message.ParseFromString(recu if isinstance(recu, bytes) else recu.encode())
        nouveau = message.delta.new_element
        if nouveau.HasField("exception"):
            raise RuntimeError(nouveau.exception.message)
        if nouveau.HasField("selectbox"):
            ecran.listes[nouveau.selectbox.label] = (nouveau.selectbox.id, list(nouveau.selectbox.options))
        finie = message.WhichOneof("type") == "script_finished"
        if finie and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            return ecran.octets


def changer(ecran: Lecture, hasard: random.Random) -> None:
    """Choose something else in one of the lists; another level forgets the territory."""
    possibles = [nom for nom in CHANGES if len(ecran.listes.get(nom, ("", []))[1]) > 1]
    nom = hasard.choice(possibles)
    widget, choix = ecran.listes[nom]
    ecran.choix[widget] = hasard.choice([c for c in choix if c != ecran.choix.get(widget, choix[0])])
    if nom == ECHELLE and TERRITOIRE in ecran.listes:
        ecran.choix.pop(ecran.listes[TERRITOIRE][0], None)


async def lecteur(
    port: int, mesures: Mesures, fin: float, pensee: tuple[float, float], attente: float
) -> None:
    """One reader: opens the page, then changes a filter after thinking, until the end."""
    hasard = random.Random(f"{port} {attente}")
    await asyncio.sleep(attente)
    try:
        debut = time.perf_counter()
        async with _lien(port) as lien:
            ecran = Lecture()
            await relancer(lien, ecran)
            mesures.premieres.append(time.perf_counter() - debut)
            while time.monotonic() < fin:
                await asyncio.sleep(hasard.uniform(*pensee))
                debut = time.perf_counter()
                changer(ecran, hasard)
                mesures.octets.append(await relancer(lien, ecran))
                mesures.suivantes.append(time.perf_counter() - debut)
    except (OSError, TimeoutError, RuntimeError) as faute:
        mesures.erreurs.append(f"{type(faute).__name__} {faute}")


async def charger(ports: Sequence[int], sessions: int, secondes: float) -> Mesures:
    """That many readers at once, shared among the processes as a sticky proxy would."""
    mesures = Mesures()
    etalement = min(secondes / 3, sessions * 0.1)
    fin = time.monotonic() + etalement + secondes
    await asyncio.gather(
        *(
            lecteur(ports[i % len(ports)], mesures, fin, REFLEXION, etalement * i / max(1, sessions))
            for i in range(sessions)
        )
    )
    return mesures


async def une_page(port: int, processus: psutil.Process, tours: int) -> tuple[float, float, float]:
    """Median time (ms), CPU (ms) and bytes of a rerun, one reader alone, after five runs for nothing."""
    temps, octets = [], []
    async with _lien(port) as lien:
        ecran = Lecture()
        for _ in range(5):
            await relancer(lien, ecran)
        avant = cpu([processus])
        for _ in range(tours):
            debut = time.perf_counter()
            octets.append(await relancer(lien, ecran))
            temps.append(1000 * (time.perf_counter() - debut))
        depense = 1000 * (cpu([processus]) - avant) / tours
    return statistics.median(temps), depense, statistics.median(octets)


def cpu(processus: Sequence[psutil.Process]) -> float:
    """Seconds of processor used by these processes."""
    return sum(sum(p.cpu_times()[:2]) for p in processus)


@contextlib.contextmanager
def serveurs(
    reglages: Settings, nombre: int, application: Path | None = None
) -> Iterator[list[tuple[int, psutil.Process]]]:
    """That many processes of the public pages (or of `application`), each on its port, stopped at the end."""
    from tests.serveur_public import _repond, port_libre

    lances: list[tuple[int, subprocess.Popen[bytes]]] = []
    try:
        for _ in range(nombre):
            port = port_libre()
            commande = servir.commande(reglages, port)
            if application is not None:
                commande[commande.index(str(servir.APPLICATION))] = str(application)
            lances.append(
                (
                    port,
                    subprocess.Popen(
                        commande,
                        env=servir.environnement(reglages),
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                    ),
                )
            )
        limite = time.monotonic() + 60
        for port, _ in lances:
            while not _repond(f"http://127.0.0.1:{port}"):
                if time.monotonic() > limite:
                    raise SystemExit("Un processus ne répond pas.")
                time.sleep(0.2)
        yield [(port, psutil.Process(p.pid)) for port, p in lances]
    finally:
        for _, processus in lances:
            processus.send_signal(signal.SIGTERM)
        for _, processus in lances:
            processus.wait(timeout=20)


def rapport_de_page(reglages: Settings, tours: int = 30) -> str:
    """The page beside an empty one served the same way, in turns, in the same run."""
    with tempfile.TemporaryDirectory() as dossier:
        application_vide = (servir.APPLICATION.read_text(encoding="utf-8")).replace(
            'Path(__file__).with_name("public.py")', f'Path("{dossier}/vide.py")'
        )
        Path(dossier, "vide.py").write_text(VIDE, encoding="utf-8")
        vide = Path(dossier, "asgi_vide.py")
        vide.write_text(application_vide, encoding="utf-8")
        Path(dossier, ".streamlit").mkdir()
        config = (servir.APPLICATION.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8")
        Path(dossier, ".streamlit", "config.toml").write_text(config, encoding="utf-8")
        with serveurs(reglages, 1) as [(port, p)], serveurs(reglages, 1, vide) as [(port_vide, q)]:
            releves = [
                (asyncio.run(une_page(port, p, tours)), asyncio.run(une_page(port_vide, q, tours)))
                for _ in range(3)
            ]
    page, vides = (
        [statistics.median(x[i] for x in cote) for i in range(3)] for cote in zip(*releves, strict=True)
    )
    return (
        f"page : {page[0]:.0f} ms, {page[1]:.0f} ms de processeur, {page[2] / 1000:.0f} ko ; "
        f"page vide : {vides[0]:.0f} ms, {vides[1]:.0f} ms ; rapport {page[0] / vides[0]:.2f}"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument(
        "--donnees", type=Path, default=None, help="dossier des données (défaut : celui du projet)"
    )
    arguments.add_argument("--sessions", type=int, nargs="*", default=list(SESSIONS))
    arguments.add_argument("--processus", type=int, default=2)
    arguments.add_argument("--secondes", type=float, default=30.0)
    arguments.add_argument("--sans-page", action="store_true", help="ne mesure pas la page seule")
    choix = arguments.parse_args()
    reglages = load_settings(choix.donnees)
    if not reglages.publication.exists():
        raise SystemExit("Aucune publication : lancez « make demo », ou donnez --donnees.")
    if not choix.sans_page:
        print(rapport_de_page(reglages), flush=True)
    print(
        f"{choix.processus} processus, réflexion {REFLEXION[0]:.0f} à {REFLEXION[1]:.0f} s, {os.cpu_count()} cœurs, charge {os.getloadavg()[0]:.1f}"
    )
    print(
        "sessions | première p50 / p95 (s) | suivante p50 / p95 (s) | processeur par page (ms) | ko | pages | erreurs | mémoire (Mo)"
    )
    for sessions in choix.sessions:
        with serveurs(reglages, choix.processus) as lances:
            processus = [p for _, p in lances]
            avant = cpu(processus)
            m = asyncio.run(charger([port for port, _ in lances], sessions, choix.secondes))
            pages = len(m.premieres) + len(m.suivantes)
            depense = 1000 * (cpu(processus) - avant) / max(1, pages)
            memoire = sum(p.memory_info().rss for p in processus) / 1e6
        print(
            f"{sessions:8d} | {quantile(m.premieres, 0.5):.2f} / {quantile(m.premieres, 0.95):.2f} | "
            f"{quantile(m.suivantes, 0.5):.2f} / {quantile(m.suivantes, 0.95):.2f} | {depense:.0f} | "
            f"{statistics.median(m.octets or [0]) / 1000:.0f} | {pages} | {len(m.erreurs)} | {memoire:.0f}",
            flush=True,
        )
        for erreur in sorted(set(m.erreurs)):
            print(f"    {erreur}")


if __name__ == "__main__":
    main()
