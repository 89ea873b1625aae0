"""`observatoire sante`: each thing that breaks is seen, told in one sentence, and given its exit code."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from observatoire.config.cle import VARIABLE
from observatoire.config.settings import Settings
from observatoire.exploitation.sante import Controle, Etat, examiner
from observatoire.storage.entrepot import EntrepotEcriture, verrouiller
from observatoire.storage.fichiers import PARQUET
from pipelines.cli import app
from tests import classeur_sale as sale
from tests import installation_prete as prete
from tests.conftest import Installation

Disque = namedtuple("Disque", "total used free")


@pytest.fixture
def settings(installation: Installation, tmp_path: Path) -> Settings:
    return prete.copier(installation.settings, tmp_path / "d")


def controle(settings: Settings, nom: str) -> Controle:
    return max((c for c in examiner(settings) if c.nom == nom), key=lambda c: c.etat)


def test_tout_va_bien_et_rien_n_est_dit_des_reponses(settings: Settings, installation: Installation) -> None:
    rendu = CliRunner().invoke(app, ["sante", "--json", "--donnees", str(settings.donnees)])
    assert rendu.exit_code == 0, rendu.output
    objet = json.loads(rendu.output)
    assert objet["etat"] == "bon"
    par_nom = {c["nom"]: c for c in objet["controles"]}
    assert set(par_nom) == {
        "disque",
        "verrou",
        "publication",
        "entrepot",
        "attente",
        "journal",
        "archives",
        "cle",
    }
    assert par_nom["publication"]["version"] == 1
    assert par_nom["attente"]["lignes_en_attente"] == 1
    assert par_nom["attente"]["paires_a_decider"] == 6
    assert par_nom["archives"]["archives"] == len(installation.depots)
    assert par_nom["journal"]["journal"] == par_nom["journal"]["copie"] == 30
    lisible = CliRunner().invoke(app, ["sante", "--donnees", str(settings.donnees)])
    assert lisible.exit_code == 0
    for mot in (*(c.decode() for c in sale.CANARIS), *sale.NOMS, "Club", prete.RNA_OUBLIEE):
        assert mot not in rendu.output + lisible.output


def test_dossier_vide(tmp_path: Path) -> None:
    rendu = CliRunner().invoke(app, ["sante", "--donnees", str(tmp_path / "rien")])
    assert rendu.exit_code == 1
    assert not (tmp_path / "rien").exists()


@pytest.mark.parametrize(("libre", "etat"), [(-1, Etat.ERREUR), (1, Etat.ATTENTION)])
def test_disque_presque_plein(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, libre: int, etat: Etat
) -> None:
    besoin = int(controle(settings, "disque").mesures["besoin"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disque(1, 1, besoin + libre))
    assert controle(settings, "disque").etat is etat


def test_qui_tient_l_entrepot(settings: Settings) -> None:
    with verrouiller(settings):
        vu = controle(settings, "verrou")
        assert vu.etat is Etat.ATTENTION
        assert (vu.mesures["pid"], vu.mesures["vivant"]) == (os.getpid(), True)
        assert controle(settings, "entrepot").etat is Etat.ATTENTION
    assert not settings.tenu.exists()


def test_tenant_tue(settings: Settings) -> None:
    """The system gives the lock back at once; what the holder had written is no alarm."""
    code = (
        "import os, signal, sys; from pathlib import Path; from observatoire.config.settings import Settings; "
        "from observatoire.storage.entrepot import verrouiller\n"
        "with verrouiller(Settings(Path(sys.argv[2]))): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run(
        [sys.executable, "-c", code, "publier", str(settings.donnees)], check=False, cwd=Path.cwd()
    )
    assert json.loads(settings.tenu.read_text())["quoi"] == "publier"
    vu = controle(settings, "verrou")
    assert vu.etat is Etat.BON
    assert "publier" in vu.constat
    with EntrepotEcriture(settings):
        pass
    assert not settings.tenu.exists()


def test_un_nom_de_fichier_ne_va_pas_dans_la_tenue(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/ici/observatoire", "/tmp/Jeanne Dupré.xlsx"])
    with verrouiller(settings):
        assert "Jeanne" not in settings.tenu.read_text()


def test_publication_abimee(settings: Settings) -> None:
    fichier = PARQUET.final(settings, 1) / "depots.parquet"
    fichier.chmod(0o600)
    fichier.write_bytes(fichier.read_bytes()[:-1] + b"x")
    vu = controle(settings, "publication")
    assert (vu.etat, "depots.parquet" in vu.constat) == (Etat.ERREUR, True)
    settings.publication.resolve().unlink()
    assert controle(settings, "publication").etat is Etat.ERREUR


def test_entrepot_abime(settings: Settings) -> None:
    with settings.entrepot.open("r+b") as flux:
        flux.write(b"\0" * 4096)
    vu = controle(settings, "entrepot")
    assert (vu.etat, "reconstruire" in vu.remede) == (Etat.ERREUR, True)


def test_lignes_disparues_et_schema_ancien(settings: Settings) -> None:
    with duckdb.connect(str(settings.entrepot)) as con:
        con.execute("update depot.schema_applique set empreinte = 'ancienne'")
    assert controle(settings, "entrepot").etat is Etat.ATTENTION
    with duckdb.connect(str(settings.entrepot)) as con:
        con.execute("delete from enquete.emploi where ligne = 5")
    assert controle(settings, "entrepot").mesures["depots_faux"] == 2


def test_archives(settings: Settings, installation: Installation) -> None:
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        archives = dict(con.execute("select depot_id, archive from depot.depots").fetchall())
    absente, abimee = installation.depots["emploi"], installation.depots["sale"]
    (settings.donnees / archives[absente]).unlink()
    touchee = settings.donnees / archives[abimee]
    touchee.chmod(0o600)
    touchee.write_bytes(touchee.read_bytes() + b"x")
    vu = controle(settings, "archives")
    assert (vu.etat, vu.mesures["absentes"], vu.mesures["abimees"]) == (Etat.ERREUR, [absente], [abimee])


def test_cle(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    settings.cle.unlink(missing_ok=True)
    assert controle(settings, "cle").etat is Etat.ERREUR
    settings.cle.write_text("0" * 64)
    settings.cle.chmod(0o644)
    assert stat.S_IMODE(settings.cle.stat().st_mode) & 0o077
    assert controle(settings, "cle").etat is Etat.ATTENTION
    settings.cle.chmod(0o400)
    assert controle(settings, "cle").etat is Etat.BON


def test_journal_en_retard_puis_rattrape(settings: Settings) -> None:
    lignes = settings.journal.read_bytes().splitlines(keepends=True)
    settings.journal.write_bytes(b"".join(lignes[:-2]) + lignes[-2][:30])
    assert controle(settings, "journal").etat is Etat.ATTENTION
    with EntrepotEcriture(settings):
        pass
    assert settings.journal.read_bytes() == b"".join(lignes)
    with duckdb.connect(str(settings.entrepot)) as con:
        con.execute("delete from depot.journal where ordre > 10")
    assert controle(settings, "journal").etat is Etat.ERREUR
