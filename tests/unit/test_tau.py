"""τ-Argus in its child: a table that costs too much is given up, by processor time, and the next ones are done."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from observatoire.estimation import tau


def test_une_table_sans_fin_ne_prend_pas_les_suivantes(tmp_path: Path) -> None:
    demande = tmp_path / "demande.json"
    demande.write_text(
        json.dumps([[["a", "x", 1.0, 1.0, True]], [["b", "x", 1.0, 1.0, True]]]), encoding="utf-8"
    )
    code = textwrap.dedent("""
        import sys
        from pathlib import Path
        from observatoire.estimation import tau

        def proteger(dossier, lignes):
            while lignes[0].zone == "a":
                pass
            return [0]

        tau.SECONDES, tau._proteger = 1, proteger
        tau.main(Path(sys.argv[1]))
    """)
    subprocess.run(
        [sys.executable, "-c", code, str(demande)], check=True, cwd=Path(tau.__file__).parents[2], timeout=120
    )
    reponses = (tmp_path / "reponses.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(x) for x in reponses] == [None, [0]]


def _est_finie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def test_un_enfant_arrete_part_avec_sa_copie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped by the clock, the child leaves no copy of itself writing in the folder that is removed."""
    note = tmp_path / "copie"
    enfant = tmp_path / "enfant"
    enfant.write_text(
        f'#!/bin/sh\n(while :; do echo x >> bruit; sleep 0.01; done) &\necho $! > "{note}.a" && mv "{note}.a" "{note}"\nwait\n',
        encoding="ascii",
    )
    enfant.chmod(0o700)
    monkeypatch.setattr(tau.sys, "executable", str(enfant))
    # The copy must have come to life before the clock strikes: on a busy machine, a longer one.
    for delai in (0.5, 2, 8, 32):
        monkeypatch.setattr(tau, "DELAI", delai)
        assert tau.supprimer([[tau.Ligne("a", "x", 1.0, 1.0, True)]]) == [None]
        if note.exists():
            break
    copie = int(note.read_text(encoding="ascii"))
    # Killed, it is gone once the system has reaped it: a moment later on a busy machine.
    fin = time.monotonic() + 60
    while time.monotonic() < fin and not _est_finie(copie):
        time.sleep(0.02)
    assert _est_finie(copie)


def test_une_attente_ne_compte_pas(tmp_path: Path) -> None:
    """Sleeping longer than the allowance is no work: what a busy machine makes wait is not given up."""
    code = "import time\nfrom observatoire.estimation import tau\ntau.SECONDES = 1\ntau._borner()\ntime.sleep(2.5)\n"
    fini = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(tau.__file__).parents[2], timeout=60, check=False
    )
    assert fini.returncode == 0
