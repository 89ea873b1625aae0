"""Folders where a command works aside: none is left behind, and none of a living command is taken."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from observatoire.config.settings import Settings
from observatoire.exploitation.sante import examiner
from observatoire.exploitation.sauvegarde import sauvegarder, verifier
from observatoire.storage.a_part import abandonnes, dossier_a_part
from observatoire.storage.archive import EN_COURS
from observatoire.storage.chargement import charger
from observatoire.storage.entrepot import EntrepotEcriture
from tests.depots_factices import ENQUETES, depot_reponses

# Holds a folder until it is told to go on, or killed.
TENIR = """
import sys
from pathlib import Path
from observatoire.storage.a_part import dossier_a_part
with dossier_a_part(Path(sys.argv[1]), "essai") as dossier:
    (dossier / "comptes").write_text("secret")
    print(dossier, flush=True)
    sys.stdin.readline()
"""


@contextmanager
def tenu(lieu: Path) -> Iterator[tuple[Path, Callable[[], object]]]:
    """A folder held by another process, and how to kill that process."""
    commande = [sys.executable, "-c", TENIR, str(lieu)]
    with subprocess.Popen(commande, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as processus:
        assert processus.stdout is not None
        dossier = Path(processus.stdout.readline().strip())

        def tuer() -> None:
            processus.kill()
            assert processus.wait() == -signal.SIGKILL

        try:
            yield dossier, tuer
        finally:
            processus.kill()


def test_rien_ne_reste(tmp_path: Path) -> None:
    with dossier_a_part(tmp_path, "essai") as dossier:
        assert dossier.stat().st_mode & 0o777 == 0o700
        (dossier / "a").write_text("a")
    with pytest.raises(ZeroDivisionError), dossier_a_part(tmp_path, "essai") as dossier:
        assert 1 / 0
    assert not list(tmp_path.iterdir())


def test_celui_d_une_commande_tuee_est_balaye_celui_d_une_vivante_reste(tmp_path: Path) -> None:
    with tenu(tmp_path) as (mort, tuer), tenu(tmp_path) as (vivant, _):
        assert abandonnes(tmp_path) == []
        tuer()
        assert abandonnes(tmp_path) == [mort]
        with dossier_a_part(tmp_path, "autre") as mien:
            assert sorted(tmp_path.iterdir()) == sorted([vivant, mien])
        assert (vivant / "comptes").read_text() == "secret"


def test_ce_qui_n_est_pas_a_nous_n_est_pas_balaye(tmp_path: Path) -> None:
    """A folder that another version left has no lock: it may be in use."""
    (tmp_path / f"{EN_COURS}autre").mkdir()
    (tmp_path / "tenu").write_text("")
    with dossier_a_part(tmp_path, "essai"):
        pass
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"{EN_COURS}autre", "tenu"]


def test_dit_par_sante_et_absent_des_sauvegardes(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "d")
    with EntrepotEcriture(settings, ENQUETES) as con:
        charger(con, depot_reponses("un", ["A"]))
    with tenu(settings.donnees) as (_, tuer):
        assert "restes" not in {c.nom for c in examiner(settings)}
        tuer()
        (restes,) = (c for c in examiner(settings) if c.nom == "restes")
        assert restes.constat.startswith("1\u00a0fichier inachevé")
        faite = verifier(sauvegarder(settings, tmp_path / "s.tar.zst").chemin)
    assert not [f["chemin"] for f in faite.manifeste["fichiers"] if EN_COURS in f["chemin"]]
