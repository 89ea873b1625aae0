"""Run the public pages and the staff app as two processes, and stop both together."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from types import FrameType

ARRET_MAX = 15.0


def surveiller(services: Sequence[tuple[Sequence[str], Mapping[str, str]]]) -> int:
    """Start each (command, environment) and wait; a stop signal, or the end of one, stops them all.

    Each has its own process group, so that its own children go with it. Returns the exit code of the first to end.
    """
    enfants = [
        subprocess.Popen(list(commande), env=dict(environnement), start_new_session=True)
        for commande, environnement in services
    ]
    demande = False

    def arreter(_signal: int, _cadre: FrameType | None) -> None:
        nonlocal demande
        demande = True

    anciens = {s: signal.signal(s, arreter) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not demande and all(e.poll() is None for e in enfants):
            time.sleep(0.2)
    finally:
        codes = [e.poll() for e in enfants]
        for enfant in enfants:
            _arreter(enfant)
        for numero, ancien in anciens.items():
            signal.signal(numero, ancien)
    return 0 if demande else next((c for c in codes if c is not None), 0)


def _arreter(enfant: subprocess.Popen[bytes]) -> None:
    """Ask the group to stop, then insist."""
    for numero in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(enfant.pid, numero)
        except ProcessLookupError:
            return
        try:
            enfant.wait(timeout=ARRET_MAX)
        except subprocess.TimeoutExpired:
            continue
        return
