"""The memory of the masks gives what the work would give, and only for the very same table."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from observatoire.estimation import complement, secret
from observatoire.estimation.memoire import Memoire
from observatoire.estimation.secret import Bilan
from observatoire.estimation.systeme import decouper
from tests.monde_difficile import SEUILS, Unite, proteger_monde, unites

MONDE = [u for u in unites(nombre=160) if u.millesime == 2025]


def statuts(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return con.execute("select * from mesures order by all").fetchall()


@pytest.fixture
def travaux(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Number of cells of each table that is worked on."""
    faits: list[int] = []

    def compter(table: complement.Table, *reste: object) -> tuple[int, bool]:
        faits.append(len(table.masquees))
        return complement.completer(table, *reste)  # type: ignore[arg-type]

    monkeypatch.setattr(secret, "completer", compter)
    return faits


def masquer(tmp_path: Path, liste: list[Unite]) -> tuple[list[tuple[object, ...]], Bilan]:
    con, bilan = proteger_monde(liste, memoire=tmp_path / "masques")
    with con:
        return statuts(con), bilan


def test_la_memoire_donne_les_memes_masques_sans_travail(tmp_path: Path, travaux: list[int]) -> None:
    sans, _ = proteger_monde(MONDE)
    attendus = statuts(sans)
    premiers, bilan = masquer(tmp_path, MONDE)
    faits = len(travaux)
    assert sum(n > 0 for n in travaux) == 8, "quatre tableaux, deux fois"
    suivants, relu = masquer(tmp_path, MONDE)
    assert attendus == premiers == suivants
    assert any("secret" in ligne for ligne in attendus)
    assert bilan == relu
    assert len(travaux) == faits


def test_seul_le_tableau_touche_est_refait(tmp_path: Path, travaux: list[int]) -> None:
    """One amount moves: the counts, the persons and the shares are those of before."""
    masquer(tmp_path, MONDE)
    travaux.clear()
    change = [u._replace(montant=u.montant + 1) if u.cle == 3 else u for u in MONDE]
    apres, _ = masquer(tmp_path, change)
    assert len(travaux) == 1
    sans, _ = proteger_monde(change)
    assert apres == statuts(sans)


def test_un_fichier_abime_est_refait(tmp_path: Path, travaux: list[int]) -> None:
    attendus, _ = masquer(tmp_path, MONDE)
    travaux.clear()
    for chemin in (tmp_path / "masques").glob("*.json"):
        chemin.write_text(chemin.read_text()[:40])
    assert masquer(tmp_path, MONDE)[0] == attendus
    assert sum(n > 0 for n in travaux) == 4


def test_le_nom_depend_des_seuils_du_territoire_et_du_passe() -> None:
    con, _ = proteger_monde(MONDE)
    table = next(t for t in secret._lire_tables(con).values() if t.masquees)
    ici = decouper([("c1", "epci", "E1")])
    ailleurs = decouper([("c1", "epci", "E2")])
    case = next(iter(table.masquees))
    noms = {
        Memoire(None, ici, SEUILS).cle(table, ()),
        Memoire(None, ailleurs, SEUILS).cle(table, ()),
        Memoire(None, ici, replace(SEUILS, marge=0.2)).cle(table, ()),
        Memoire(None, ici, SEUILS).cle(table, {case}),
    }
    assert len(noms) == 4


def test_ce_qui_ne_sert_plus_est_oublie(tmp_path: Path) -> None:
    masquer(tmp_path, MONDE)
    dossier = tmp_path / "masques"
    vieux, *autres = sorted(dossier.iterdir())
    os.utime(vieux, (0, time.time() - 46 * 86_400))
    assert Memoire(dossier, decouper([]), SEUILS).oublier() == 1
    assert sorted(dossier.iterdir()) == autres
    assert oct(dossier.stat().st_mode & 0o777) == "0o700"
