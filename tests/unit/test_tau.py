"""τ-Argus in its child: a table that costs too much is given up, by processor time, and the next ones are done."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

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


def test_un_enfant_arrete_n_ecrit_plus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped by the clock, it goes with its copy: the folder is removed, nothing comes out."""
    monkeypatch.setattr(tau, "DELAI", 0.2)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert tau.supprimer([[tau.Ligne("a", "x", 1.0, 1.0, True)]]) == [None]
    assert list(tmp_path.iterdir()) == []


def test_une_attente_ne_compte_pas(tmp_path: Path) -> None:
    """Sleeping longer than the allowance is no work: what a busy machine makes wait is not given up."""
    code = "import time\nfrom observatoire.estimation import tau\ntau.SECONDES = 1\ntau._borner()\ntime.sleep(2.5)\n"
    fini = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(tau.__file__).parents[2], timeout=60, check=False
    )
    assert fini.returncode == 0
