"""Real worker processes: many deposits at once, a worker that dies, a server that starts again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from observatoire.comptes.identite import Identite, Role
from observatoire.config.settings import Settings
from pipelines.chantiers.atelier import PANNE, Atelier
from pipelines.guichet import Guichet, ouvrir_atelier
from tests import classeur_sale as sale
from tests import guichet_prets as prets

DELAI = 120.0
DEPOSANTES = 8
pytestmark = [pytest.mark.lent, pytest.mark.xdist_group("ouvriers")]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(donnees=tmp_path / "d")


def personne(settings: Settings, atelier: Atelier, sujet: str) -> Guichet:
    return Guichet(settings, Identite(sujet, sujet, Role.DEPOSANT), atelier)


def attendre(vrai: Callable[[], object]) -> None:
    fin = time.monotonic() + DELAI
    while not vrai():
        assert time.monotonic() < fin, "rien ne vient"
        time.sleep(0.02)


def mort(pid: int) -> bool:
    """True once a process is gone, or a zombie that nobody has waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_huit_depots_a_la_fois(settings: Settings, atelier: Atelier) -> None:
    """Eight persons, eight workbooks, each told of its own errors, then eight loads."""
    personnes = [personne(settings, atelier, f"p{i}") for i in range(DEPOSANTES)]
    depots = [(g, g.ouvrir([(f"cercle {i}.xlsx", sale.variante(i))])[0], i) for i, g in enumerate(personnes)]
    for g, identifiant, _ in depots:
        g.decider(identifiant, **sale.DECISIONS)
    for g, identifiant, i in depots:
        attendre(lambda: g.verdict(identifiant) is not None)  # noqa: B023
        v = prets.verdict(g, identifiant)
        assert (v.refus, v.panne, v.questionnaire) == (None, None, "ressources")
        assert v.lignes_lues == v.lignes_chargees + v.lignes_en_attente + v.lignes_ignorees
        fausses = {c.cellule: c.valeur for c in v.cellules}
        assert {c: t for c, t in fausses.items() if c.startswith("D")} == sale.attendu(i)
    for g, identifiant, _ in depots:
        g.charger(identifiant)
    for g, identifiant, _ in depots:
        attendre(lambda: not g.chargement_en_cours(identifiant))  # noqa: B023
        depot_id, refus = g.chargement(identifiant)
        assert refus is None
        assert depot_id is not None
        assert g.depot(depot_id).depose_par == g.qui.sujet
    assert len(personnes[0].depots()) == DEPOSANTES
    assert list(settings.quarantaine.iterdir()) == []


def bloquer(atelier: Atelier, temoin: Path) -> tuple[Future[Any], int]:
    """A job that lasts, and the process that does it."""
    travail = atelier.confier(f"bloqué {temoin.name}", prets.dormir, temoin, DELAI)
    attendre(temoin.exists)
    return travail, int(temoin.read_text(encoding="ascii"))


def test_un_ouvrier_tue_n_emporte_que_son_travail(
    settings: Settings, atelier: Atelier, tmp_path: Path
) -> None:
    """The other one goes on examining; the dead one is replaced, and its job told in French."""
    g = personne(settings, atelier, "ana")
    travail, pid = bloquer(atelier, tmp_path / "a")
    identifiants = [g.ouvrir([(f"{i}.xlsx", sale.variante(i))])[0] for i in range(3)]
    os.kill(pid, signal.SIGKILL)
    attendre(travail.done)
    assert atelier.panne("bloqué a") == PANNE
    attendre(lambda: all(g.verdict(i) is not None for i in identifiants))
    assert {prets.verdict(g, i).questionnaire for i in identifiants} == {"ressources"}
    assert {prets.verdict(g, i).panne for i in identifiants} == {None}
    _refus_gardes(atelier)


def _refus_gardes(atelier: Atelier) -> None:
    """What went wrong for one person is still told after the jobs of the others."""
    for i in range(3):
        atelier.confier(f"autre {i}", os.getpid).result(DELAI)
    assert atelier.panne("bloqué a") == PANNE
    assert not atelier.en_cours("autre 0")


def test_la_panne_est_dite_a_la_page(settings: Settings, atelier: Atelier) -> None:
    g = personne(settings, atelier, "ana")
    (identifiant,) = g.ouvrir([("a.xlsx", sale.variante(1))])
    attendre(lambda: g.verdict(identifiant) is not None)
    attendre(lambda: not atelier.en_cours(identifiant))
    (settings.chantiers / identifiant / "verdict.json").unlink()
    attendre(atelier.confier(identifiant, os._exit, 9).done)
    v = prets.verdict(g, identifiant)
    assert v.panne == PANNE
    assert not v.chargeable
    g.recommencer(identifiant)
    attendre(lambda: not atelier.en_cours(identifiant))
    assert prets.verdict(g, identifiant).panne is None


def test_un_serveur_qui_redemarre_reprend(settings: Settings, tmp_path: Path) -> None:
    """The examination was waiting when the server stopped: the next one makes it, and its workers are gone."""
    premier = Atelier(1)
    bloque, pid = bloquer(premier, tmp_path / "a")
    g = personne(settings, premier, "ana")
    (identifiant,) = g.ouvrir([("a.xlsx", sale.variante(2))])
    assert (g.verdict(identifiant), g.avancement(identifiant)) == (None, ("En attente de son tour", 0.0))
    premier._fils.shutdown(wait=False, cancel_futures=True)
    os.kill(pid, signal.SIGKILL)
    attendre(bloque.done)
    attendre(lambda: mort(pid))
    premier.fermer()
    second = ouvrir_atelier()
    try:
        g = personne(settings, second, "ana")
        assert g.verdict(identifiant) is None
        attendre(lambda: g.verdict(identifiant) is not None)
        assert prets.verdict(g, identifiant).questionnaire == "ressources"
    finally:
        second.fermer()


def test_les_ouvriers_meurent_avec_leur_serveur(tmp_path: Path) -> None:
    """A server killed outright leaves no worker behind."""
    programme = tmp_path / "serveur.py"
    programme.write_text(
        "import os, time\n"
        "from pipelines.chantiers.atelier import Atelier\n"
        "if __name__ == '__main__':\n"
        "    atelier = Atelier(1)\n"
        "    print(atelier.confier('qui', os.getpid).result(), flush=True)\n"
        "    time.sleep(120)\n",
        encoding="utf-8",
    )
    racine = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, str(programme)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(racine)},
    ) as serveur:
        assert serveur.stdout is not None
        pid = int(serveur.stdout.readline())
        assert not mort(pid)
        serveur.kill()
    attendre(lambda: mort(pid))


def test_trop_de_fichiers_attendent_leur_tour(
    settings: Settings, atelier: Atelier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the queue nothing is lost: the deposit is there, and examined as soon as somebody looks at it."""
    monkeypatch.setattr("pipelines.chantiers.atelier.FILE_MAX", 2)
    g = personne(settings, atelier, "ana")
    identifiants = g.ouvrir([(f"{i}.xlsx", sale.variante(i)) for i in range(5)])
    assert len(identifiants) == len(g.chantiers()) == 5
    attendre(lambda: all(g.verdict(i) is not None for i in identifiants))
    assert {prets.verdict(g, i).questionnaire for i in identifiants} == {"ressources"}
