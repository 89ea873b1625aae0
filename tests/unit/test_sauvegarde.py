"""Backup and restoration: byte for byte, never a half, every damage named."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from observatoire import comptes
from observatoire.comptes.identite import OPERATEUR, Role
from observatoire.config.settings import Settings
from observatoire.exploitation import sauvegarde as module
from observatoire.exploitation.restauration import RestaurationRefusee, restaurer
from observatoire.exploitation.sante import Etat, examiner
from observatoire.exploitation.sauvegarde import (
    SANS,
    SauvegardeAbimee,
    SauvegardeImpossible,
    sauvegarder,
    verifier,
)
from observatoire.storage.archive import EN_COURS
from observatoire.storage.entrepot import verrouiller
from observatoire.storage.erreurs import EntrepotOccupe
from pipelines.cli import app
from tests import installation_prete as prete
from tests.conftest import Installation


def octets(racine: Path) -> dict[str, str]:
    """Hash of each file, target of each link, but for what is not kept."""
    vus = {}
    for chemin in sorted(racine.rglob("*")):
        nom = chemin.relative_to(racine).as_posix()
        if nom.split("/")[0] in SANS or nom.startswith(("entrepot.verrou", "comptes.sqlite")):
            continue
        if chemin.is_symlink():
            vus[nom] = f"→ {chemin.readlink()}"
        elif chemin.is_file():
            vus[nom] = hashlib.sha256(chemin.read_bytes()).hexdigest()
    return vus


@pytest.fixture
def settings(installation: Installation, tmp_path: Path) -> Settings:
    settings = prete.copier(installation.settings, tmp_path / "d")
    comptes.inviter(settings, OPERATEUR, "nadia", Role.VALIDEUR)
    (settings.chantiers / "x").mkdir(parents=True, exist_ok=True)
    (settings.chantiers / "x" / "fichier").write_text("en cours")
    return settings


@pytest.fixture
def faite(settings: Settings, tmp_path: Path) -> Path:
    (tmp_path / "s").mkdir()
    return sauvegarder(settings, tmp_path / "s").chemin


def test_aller_et_retour(settings: Settings, faite: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE(faite.stat().st_mode) == 0o600
    assert verifier(faite).manifeste["publication"] == 1
    debut = time.monotonic()
    rendu = CliRunner().invoke(app, ["restaurer", str(faite), "--vers", str(tmp_path / "r")])
    assert rendu.exit_code == 0, rendu.output
    assert time.monotonic() - debut < 300
    assert octets(tmp_path / "r") == octets(settings.donnees)
    for dossier in ("curated", "curated/analyse"):
        assert (tmp_path / "r" / dossier / "latest").readlink() == Path("publication")
    assert not (tmp_path / "r" / "chantiers").exists()
    rendue = Settings(tmp_path / "r")
    for dossier in ("curated/analyse", "raw", "curated"):
        assert (rendue.donnees / dossier).stat().st_mode == (settings.donnees / dossier).stat().st_mode
    dites = [
        CliRunner().invoke(app, ["mesures", "--json", "--donnees", str(s.donnees)])
        for s in (settings, rendue)
    ]
    assert dites[0].output == dites[1].output
    with sqlite3.connect(rendue.comptes) as con:
        assert con.execute("select count(*) from invitations").fetchall() == [(1,)]
    assert max(c.etat for c in examiner(rendue)) is Etat.BON
    # The service goes on there: the next publication has the next number.
    assert prete.publier(rendue).version == 2


def test_se_lit_sans_l_outil(faite: Path, tmp_path: Path) -> None:
    with pa.OSFile(str(faite)) as brut, pa.CompressedInputStream(brut, "zstd") as flux:
        (tmp_path / "s.tar").write_bytes(flux.read())
    with tarfile.open(tmp_path / "s.tar") as tar:
        noms = tar.getnames()
    assert noms[0] == "manifeste.json"
    assert {"donnees/entrepot.duckdb", "donnees/journal.jsonl", "donnees/comptes.sqlite"} <= set(noms)


def test_dossier_non_vide_refuse(faite: Path, tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "a").write_text("précieux")
    with pytest.raises(RestaurationRefusee):
        restaurer(faite, tmp_path / "r")
    assert (tmp_path / "r" / "a").read_text() == "précieux"


@pytest.mark.parametrize("part", [0.0, 0.02, 0.3, 0.6, 0.95])
def test_un_octet_change_est_vu(faite: Path, tmp_path: Path, part: float) -> None:
    """Anywhere in the file; nothing is restored, and the sentence names what is damaged."""
    brut = bytearray(faite.read_bytes())
    brut[int(part * len(brut))] ^= 0xFF
    faite.write_bytes(brut)
    with pytest.raises(SauvegardeAbimee) as refus:
        restaurer(faite, tmp_path / "r")
    assert not (tmp_path / "r").exists()
    assert not list(tmp_path.glob(f"{EN_COURS}*"))
    if part >= 0.3:
        assert "donnees" not in str(refus.value)
        assert any(
            nom in str(refus.value) for nom in ("curated/", "raw/", "entrepot", "registre/", "journal.jsonl")
        )


def test_fichier_coupe(faite: Path) -> None:
    faite.write_bytes(faite.read_bytes()[: faite.stat().st_size // 2])
    with pytest.raises(SauvegardeAbimee, match="illisible à partir de"):
        verifier(faite)


def test_fichier_change_sans_casser_la_compression(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive is sound, a file of it is not the one that was hashed."""
    vrai = module._manifeste

    def menti(*args: object) -> dict[str, object]:
        manifeste = vrai(*args)  # type: ignore[arg-type]
        fiche = next(f for f in manifeste["fichiers"] if f["chemin"] == "secret.cle")
        fiche["sha256"] = "0" * 64
        return manifeste

    monkeypatch.setattr(module, "_manifeste", menti)
    with pytest.raises(SauvegardeImpossible, match=r"secret\.cle.*a changé"):
        sauvegarder(settings, tmp_path / "s.tar.zst")
    assert not list(tmp_path.glob("*.zst")) and not list(tmp_path.glob(f"{EN_COURS}*"))
    monkeypatch.setattr(module, "_Compte", type("C", (), {
        "__init__": lambda self, flux: setattr(self, "flux", flux),
        "read": lambda self, n=-1: self.flux.read(n),
        "somme": type("S", (), {"hexdigest": lambda self: Egal()})(),
    }))  # fmt: skip
    faite = sauvegarder(settings, tmp_path / "s.tar.zst").chemin
    with pytest.raises(SauvegardeAbimee, match=r"abîmés : secret\.cle\)"):
        verifier(faite)


class Egal(str):
    """Equal to everything."""

    __slots__ = ()

    def __eq__(self, autre: object) -> bool:
        return True

    def __ne__(self, autre: object) -> bool:
        return False

    __hash__ = str.__hash__


def test_chemin_qui_sort_du_dossier(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_sources", lambda s, a: iter([("../dehors", s.cle)]))
    monkeypatch.setattr(module, "_modes", lambda s, c: {})
    faite = sauvegarder(settings, tmp_path / "s.tar.zst").chemin
    with pytest.raises(SauvegardeAbimee):
        restaurer(faite, tmp_path / "sous" / "r")
    assert not list(tmp_path.rglob("dehors"))


def test_refus_d_ecrire(settings: Settings, faite: Path) -> None:
    for dest in (
        faite,
        settings.donnees / "s.tar.zst",
        faite.with_name("s.zip"),
        faite.parent / "non" / "s.tar.zst",
    ):
        with pytest.raises(SauvegardeImpossible):
            sauvegarder(settings, dest)
    with pytest.raises(SauvegardeImpossible):
        sauvegarder(Settings(settings.donnees / "vide"), faite.parent)
    with verrouiller(settings), pytest.raises(EntrepotOccupe):
        sauvegarder(settings, faite.with_name("b.tar.zst"), attente_max=0.05)


def test_sauvegarde_avec_le_journal_d_un_ecrivain_tue(settings: Settings, tmp_path: Path) -> None:
    """The log of a killed writer goes along: what it had committed is in the backup."""
    code = (
        "import duckdb, os, signal, sys; con = duckdb.connect(sys.argv[1]); "
        "con.execute(\"update depot.depots set nom_fichier = 'change' where ordre = 1\"); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(settings.entrepot)], check=False)
    assert settings.entrepot.with_name("entrepot.duckdb.wal").exists()
    restaurer(sauvegarder(settings, tmp_path).chemin, tmp_path / "r")
    with duckdb.connect(str(tmp_path / "r" / "entrepot.duckdb")) as con:
        assert con.execute("select nom_fichier from depot.depots where ordre = 1").fetchall() == [("change",)]


def test_cle_de_l_environnement(settings: Settings, tmp_path: Path) -> None:
    settings.cle.unlink(missing_ok=True)
    assert os.environ["OBSERVATOIRE_CLE"]
    assert sauvegarder(settings, tmp_path).manifeste["cle"] == "environnement"
    rendu = CliRunner().invoke(
        app, ["sauvegarder", str(tmp_path / "b.tar.zst"), "--donnees", str(settings.donnees)]
    )
    assert "elle n’est pas dans ce fichier" in rendu.output
