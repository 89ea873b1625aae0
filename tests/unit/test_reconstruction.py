"""`observatoire reconstruire`: the same warehouse and the same publication from the archives and the journal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from observatoire.config.settings import Settings
from observatoire.exploitation.restauration import RestaurationRefusee
from observatoire.exploitation.sante import Etat, examiner
from observatoire.storage.copie_journal import lire_copie
from pipelines import reconstruction
from pipelines.cli import app
from pipelines.reconstruction import Reconstruction, RienARejouer, reconstruire
from tests import installation_prete as prete
from tests.conftest import Installation

# Number and date of a publication are in this table and nowhere else.
PUBLICATION = "_publication.parquet"


def tables(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of a warehouse."""
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        noms = con.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        return {f"{s}.{t}": con.execute(f'select * from {s}."{t}" order by all').fetchall() for s, t in noms}


def parquet(settings: Settings, version: int) -> dict[str, bytes]:
    dossier = settings.curated / f"parquet-{version:04d}"
    return {f.name: f.read_bytes() for f in dossier.glob("*.parquet") if f.name != PUBLICATION}


def poids(settings: Settings, version: int) -> dict[str, bytes]:
    """What the analysts have of the weights, replicates included, in both formats."""
    dossier = settings.analyse.parent / f"publication-{version:04d}"
    return {f.name: f.read_bytes() for f in dossier.rglob("ponderation.*")}


def test_tout_est_comme_avant(installation: Installation, tmp_path: Path) -> None:
    origine = prete.copier(installation.settings, tmp_path / "a")
    # The old warehouse may be lost: nothing of it is read.
    perdu = prete.copier(installation.settings, tmp_path / "perdu")
    perdu.entrepot.write_bytes(b"perdu")
    rendu = CliRunner().invoke(
        app, ["reconstruire", "--vers", str(tmp_path / "b"), "--donnees", str(perdu.donnees)]
    )
    assert rendu.exit_code == 0, rendu.output
    refaite = Settings(tmp_path / "b")
    attendues, vues = tables(origine), tables(refaite)
    assert set(vues) == set(attendues)
    assert attendues["depot.corrections"] and attendues["depot.memoire"] and attendues["depot.rapprochements"]
    # When each was written by the machine is not a decision.
    for nom in attendues:
        if nom != "depot.rapprochements":
            assert vues[nom] == attendues[nom], nom
    sans_heure = [[ligne[:-1] for ligne in t["depot.rapprochements"]] for t in (attendues, vues)]
    assert sans_heure[0] == sans_heure[1]
    assert refaite.journal.read_bytes() == origine.journal.read_bytes()
    for settings in (origine, refaite):
        assert prete.publier(settings).version == 2
    assert parquet(refaite, 2) == parquet(origine, 2)
    assert poids(refaite, 2) == poids(origine, 2)
    assert {"ponderation.repliques.parquet", "ponderation.repliques.csv"} <= set(poids(origine, 2))
    # The CSV writes the replicates as decimals: the same numbers.
    emporte = f"{origine.analyse.parent}/latest/{{0}}/ponderation.repliques.{{0}}"
    lues = [duckdb.execute(f"from '{emporte.format(g)}' order by all").fetchall() for g in ("csv", "parquet")]
    assert lues[0] == lues[1] and lues[0]
    assert {"mesures.parquet", "depots.parquet", "anomalies.parquet"} <= set(parquet(origine, 2))
    assert max(c.etat for c in examiner(refaite)) is Etat.BON


def reecrire(settings: Settings, changer: Callable[[list[dict[str, object]]], None]) -> None:
    lignes = lire_copie(settings.journal)
    changer(lignes)
    settings.journal.write_text("".join(json.dumps(x) + "\n" for x in lignes), encoding="utf-8")


def rejouer(settings: Settings, vers: Path) -> Reconstruction:
    """The first gesture alone: a deposit made by the command."""
    reecrire(settings, lambda lignes: lignes.__delitem__(slice(1, None)))
    return reconstruire(settings, vers)


@pytest.fixture
def settings(installation: Installation, tmp_path: Path) -> Settings:
    return prete.copier(installation.settings, tmp_path / "a")


def test_archive_manquante_est_nommee(settings: Settings, installation: Installation, tmp_path: Path) -> None:
    archive = settings.donnees / lire_copie(settings.journal)[0]["detail"]["archive"]
    archive.unlink()
    bilan = rejouer(settings, tmp_path / "b")
    assert bilan.depots == 0
    assert [installation.depots["emploi"] in e and "archive manque" in e for e in bilan.ecarts] == [True]


def test_comptes_et_gestes_differents_sont_nommes(settings: Settings, tmp_path: Path) -> None:
    def mentir(lignes: list[dict[str, object]]) -> None:
        detail = lignes[0]["detail"]
        assert isinstance(detail, dict)
        detail |= {"lignes_chargees": 99, "anomalies": {"VA-01": 1}}
        lignes[1] = lignes[0] | {"ordre": 2, "quoi": "inventer"}
        lignes[2] = lignes[0] | {"ordre": 3, "quoi": "annuler", "objet": "0" * 12}
        del lignes[3:]

    reecrire(settings, mentir)
    bilan = reconstruire(settings, tmp_path / "b")
    texte = "\n".join(bilan.ecarts)
    for attendu in ("99 alors, 12 maintenant", "VA-01", "ne sait pas être refait", "refusé (DepotInconnu)"):
        assert attendu in texte
    rendu = CliRunner().invoke(
        app, ["reconstruire", "--vers", str(tmp_path / "c"), "--donnees", str(settings.donnees)]
    )
    assert rendu.exit_code == 1


def test_rien_a_rejouer_et_dossier_pris(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(RestaurationRefusee):
        reconstruire(settings, settings.donnees)
    settings.journal.unlink()
    with pytest.raises(RienARejouer):
        reconstruire(settings, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_tous_les_gestes_se_rejouent() -> None:
    """Whatever the library writes in the journal is known to the replay."""
    racine = Path(reconstruction.__file__).parents[1]
    source = Path(reconstruction.__file__).read_text(encoding="utf-8")
    appels = set()
    for dossier in ("observatoire", "pipelines"):
        for chemin in (racine / dossier).rglob("*.py"):
            texte = chemin.read_text(encoding="utf-8")
            appels |= set(re.findall(r"journaliser\(\s*cur,\s*([\w\"]+)", texte))
    assert {'"charger"', "RATTACHER", "PUBLIER", "REMPLACER"} <= appels
    connus = {"quoi", "ligne", "REMPLACER"} | {
        a for a in appels if a.strip('"') in source or a == '"charger"'
    }
    assert appels <= connus
