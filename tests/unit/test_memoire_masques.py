"""The memory of the masks gives what the work would give, and only for the very same table."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from observatoire.estimation import complement, secret
from observatoire.estimation.audit import Distances, auditer
from observatoire.estimation.memoire import Memoire
from observatoire.estimation.secret import Bilan
from observatoire.estimation.systeme import Case, decouper
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
    case = Case("epci", "E1", "tous", "tous")
    table = complement.Table(5, 0.0, False, True)
    table.masquees[case], table.n[case] = False, 7
    table.personnes[case], table.tailles[case], table.parts_max[case] = 0.0, 12.0, 0.5
    ici = decouper([("c1", "epci", "E1")])
    ailleurs = decouper([("c1", "epci", "E2")])
    memoire = Memoire(None, ici, SEUILS)
    place = ("montant", 2025)
    noms = {
        memoire.cle(table, place),
        memoire.cle(table, ("montant", 2024)),
        memoire.cle(table, ("effectif", 2025)),
        Memoire(None, ailleurs, SEUILS).cle(table, place),
        Memoire(None, ici, replace(SEUILS, marge=0.2)).cle(table, place),
        memoire.suite(memoire.cle(table, place), {case}),
    }
    assert len(noms) == 6


def test_deux_annees_semblables_gardent_chacune_leurs_cases_vides(tmp_path: Path) -> None:
    """The same answers in two years: read again, each year has the empty cells that it had."""
    deux = [*MONDE, *(u._replace(millesime=2024) for u in MONDE)]
    premiers, _ = masquer(tmp_path, deux)
    assert masquer(tmp_path, deux)[0] == premiers == statuts(proteger_monde(deux)[0])
    vides: dict[object, set[tuple[object, ...]]] = {2024: set(), 2025: set()}
    con, _ = proteger_monde(deux)
    for millesime, *place in con.execute(
        "select distinct millesime, indicateur, niveau, code, domaine from cellules where n = 0 and statut = 'secret'"
    ).fetchall():
        vides[millesime].add(tuple(place))
    assert vides[2024] and vides[2024] != vides[2025]


def masquees(con: duckdb.DuckDBPyConnection) -> set[tuple[str, int, Case]]:
    lignes = con.execute(
        "select distinct g.famille, c.millesime, c.niveau, c.code, c.domaine, c.financeur from cellules as c "
        "inner join regles as g using (indicateur) where c.statut = 'secret'"
    ).fetchall()
    return {(famille, millesime, Case(*place)) for famille, millesime, *place in lignes}


def test_ce_qui_etait_masque_le_reste_et_rien_n_est_retrouve(tmp_path: Path) -> None:
    """Cells masked from before are masked too, with what hides them; with and without the memory alike."""
    con, _ = proteger_monde(MONDE)
    seules = masquees(con)
    montrees = con.execute(
        "select distinct 'montant', millesime, niveau, code, domaine, financeur from cellules "
        "where indicateur = 'montant' and statut in ('ok', 'nd') and niveau in ('epci', 'canton') order by all"
    ).fetchall()
    anciennes = {(famille, millesime, Case(*place)) for famille, millesime, *place in montrees[::5]}
    assert len(anciennes) > 10
    sans, _ = proteger_monde(MONDE, deja=anciennes)
    apres = masquees(sans)
    vides = {a for a in anciennes if not sans.execute(
        "select 1 from cellules where indicateur = 'montant' and millesime = ? and niveau = ? and code = ? "
        "and domaine = ? and n > 0", [a[1], *a[2][:3]]).fetchall()}  # fmt: skip
    assert anciennes - vides <= apres
    assert {case for case in seules if case[0] == "montant"} <= apres
    assert [f for t in auditer(sans, Distances(5, 11, 0.15)) for f in t.fuites] == []
    for _ in range(2):
        avec, _ = proteger_monde(MONDE, deja=anciennes, memoire=tmp_path)
        assert statuts(avec) == statuts(sans)


def test_republier_la_meme_chose_ne_masque_rien_de_plus(tmp_path: Path, travaux: list[int]) -> None:
    """The empty cells that are masked are the same each time: chosen anew, all would be in the end."""
    con, bilan = proteger_monde(MONDE, memoire=tmp_path, sel=b"cle")
    assert bilan.leurres > 10
    travaux.clear()
    encore, _ = proteger_monde(MONDE, memoire=tmp_path, sel=b"cle", deja=masquees(con))
    assert statuts(encore) == statuts(con)
    assert travaux == []
    autre, _ = proteger_monde(MONDE, sel=b"autre")
    assert statuts(autre) != statuts(con)


def test_ce_qui_ne_sert_plus_est_oublie(tmp_path: Path) -> None:
    masquer(tmp_path, MONDE)
    dossier = tmp_path / "masques"
    vieux, *autres = sorted(dossier.iterdir())
    os.utime(vieux, (0, time.time() - 46 * 86_400))
    assert Memoire(dossier, decouper([]), SEUILS).souvenirs.oublier() == 1
    assert sorted(dossier.iterdir()) == autres
    assert oct(dossier.stat().st_mode & 0o777) == "0o700"
