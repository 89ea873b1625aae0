"""The national bench, small: one département of the invented country goes all the way, with the product's functions."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import duckdb
import pytest

from observatoire.storage.reunion import CataloguesDifferents, reunir
from scripts.bench_france import Passage, mesurer_departement, mesurer_reunion
from scripts.france_cas import DEPARTEMENTS, ESSAI, Cas, Taille, geographie
from scripts.france_etapes import ETAPES, Releve, traiter
from scripts.france_lecture import Attente
from scripts.france_rapport import DEBUT, FIN, Etage, buts, ecrire, inserer, pente

TITRES = "indicateur varchar, estimateur varchar, unite varchar, sql varchar"
MESURES = (
    "indicateur varchar, millesime integer, niveau varchar, code_territoire varchar, domaine varchar, financeur varchar, "
    "vue varchar, valeur double, borne_basse double, borne_haute double, cv double, n_repondants integer, statut varchar"
)


def publication(chemin: Path, code: str, mesures: list[tuple[object, ...]], sql: str = "x") -> Path:
    """A public file with the tables that are joined."""
    with duckdb.connect(str(chemin)) as con:
        con.execute(f"create table indicateurs ({TITRES})")
        con.execute(
            "insert into indicateurs values ('heures', 'total', 'heures', ?), ('part', 'ratio', 'part', 'y')",
            [sql],
        )
        con.execute("create table domaines as select 'sport' as code, 'Sport' as libelle")
        con.execute(f"create table territoires as select 'departement' as niveau, '{code}' as code")
        con.execute("create table _publication as select 3 as version, timestamp '2026-11-22' as publie_le")
        con.execute(f"create table mesures ({MESURES})")
        lignes = [
            (i, 2025, niveau, c, "tous", "tous", vue, v, None, None, cv, n, s)
            for i, niveau, c, vue, v, cv, n, s in mesures
        ]
        con.executemany(f"insert into mesures values ({', '.join('?' * 13)})", lignes)
    return chemin


def departement(
    code: str, valeur: float | None, cv: float | None = None, statut: str = "ok"
) -> tuple[object, ...]:
    return "heures", "departement", code, "representatif", valeur, cv, 40 if valeur else None, statut


def test_reunir(tmp_path: Path) -> None:
    un = publication(
        tmp_path / "1.duckdb",
        "01",
        [
            departement("01", 100.0, 0.1),
            ("heures", "commune", "01001", "representatif", 7.0, None, 6, "prudence"),
            ("heures", "commune", "01002", "representatif", None, None, None, "nd"),
            ("heures", "departement", "01", "repondantes", 50.0, None, 40, "ok"),
            ("part", "departement", "01", "representatif", 0.5, 0.1, 40, "ok"),
        ],
    )
    deux = publication(
        tmp_path / "2.duckdb",
        "02",
        [
            departement("02", 300.0, 0.05),
            ("heures", "departement", "02", "repondantes", None, None, None, "secret"),
        ],
    )
    bilan = reunir({"02": deux, "01": un}, tmp_path / "f.duckdb")
    assert (bilan.departements, bilan.lignes, bilan.lignes_ensemble) == (2, 8, 2)
    with duckdb.connect(str(bilan.chemin), read_only=True) as con:
        france = con.execute(
            "select vue, valeur, round(borne_haute - valeur, 6), round(cv, 6), n_repondants, statut from mesures "
            "where niveau = 'france' order by vue"
        ).fetchall()
        assert con.execute("select count(*) from mesures where statut = 'nd'").fetchall() == [(0,)]
        assert con.execute("select code_departement from departements order by 1").fetchall() == [
            ("01",),
            ("02",),
        ]
    # Variances of départements add up; a total that a masked département enters is not given.
    ecart = (10.0**2 + 15.0**2) ** 0.5
    assert france == [
        ("repondantes", None, None, None, None, "secret"),
        ("representatif", 400.0, round(1.96 * ecart, 6), round(ecart / 400, 6), 80, "ok"),
    ]


def test_reunir_des_catalogues_differents(tmp_path: Path) -> None:
    un = publication(tmp_path / "1.duckdb", "01", [departement("01", 1.0)])
    autre = publication(tmp_path / "2.duckdb", "02", [departement("02", 1.0)], sql="autre requête")
    cible = tmp_path / "f.duckdb"
    reunir({"01": un}, cible)
    avant = cible.read_bytes()
    with pytest.raises(CataloguesDifferents, match="département 02"):
        reunir({"01": un, "02": autre}, cible)
    assert cible.read_bytes() == avant


def test_cas_invente(tmp_path: Path) -> None:
    taille = Taille()
    cas = [Cas(d, taille, tmp_path) for d in DEPARTEMENTS]
    assert len(DEPARTEMENTS) == 101 and len({c for x in cas for c in x.codes}) == sum(
        len(x.codes) for x in cas
    )
    assert abs(sum(len(x.codes) for x in cas) - taille.communes) <= 50
    assert all(len(code) == 5 and code.startswith(x.departement) for x in cas for code in x.codes)


def test_un_departement_de_bout_en_bout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    petit = dataclasses.replace(ESSAI, communes=500)
    cas = Cas("01", petit, tmp_path)
    monkeypatch.setenv("OBSERVATOIRE_GEOGRAPHIE", str(geographie(tmp_path)))
    monkeypatch.setenv("OBSERVATOIRE_CLE", "essai")
    releve = traiter(cas)
    # A run that was cut goes on: what is noted is not done again.
    (tmp_path / "releve-01.json").write_text(json.dumps(dataclasses.asdict(releve)))
    assert mesurer_departement(Passage(tmp_path, petit, 1), "01") == releve
    assert set(ETAPES) < set(releve.durees) == set(releve.processeurs)
    assert releve.lignes["reponses"] == 40 and min(releve.octets.values()) > 10_000 and releve.memoire > 50
    dit = mesurer_reunion(Passage(tmp_path, petit, 1), 1)
    attentes = {nom: Attente(**a) for nom, a in dit.pop("attentes").items()}
    reunion = Releve(**dit)
    assert reunion.lignes["france"] > 0 and all(a.rien > 0 and a.lignes > 0 for a in attentes.values())
    etage = Etage(1, [releve], reunion, attentes)
    double = Etage(2, [releve, releve], reunion, attentes)
    assert pente([etage, double], "estimer") == pytest.approx(1)
    texte = ecrire([etage, double], petit, 2, 60.0)
    assert texte.count("| oui |") + texte.count("| non |") == len(buts([etage, double])) == 8
    page = tmp_path / "grandir.md"
    page.write_text(f"avant\n{DEBUT}\nvieux\n{FIN}\naprès\n", encoding="utf-8")
    inserer(page, texte)
    assert (
        "vieux" not in (lu := page.read_text("utf-8"))
        and lu.startswith("avant\n")
        and lu.endswith("après\n")
        and texte in lu
    )
