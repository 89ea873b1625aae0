"""Bytes kept by hash: whole or not at all, the same for ever."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from observatoire.config.settings import Settings
from observatoire.storage.archive import archiver, archiver_grille
from tests.depots_factices import empreinte


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "donnees")


@pytest.mark.parametrize("en_fichier", [True, False])
def test_archiver_les_octets(settings: Settings, tmp_path: Path, en_fichier: bool) -> None:
    octets = os.urandom(3_000_000)
    source = tmp_path / "mon fichier.xlsx"
    source.write_bytes(octets)
    sha = hashlib.sha256(octets).hexdigest()
    garde = archiver(settings, source if en_fichier else octets, sha, "XLSX")
    assert garde == settings.raw / sha[:2] / f"{sha}.xlsx"
    assert garde.read_bytes() == octets
    assert stat.S_IMODE(garde.stat().st_mode) == 0o400
    date = garde.stat().st_mtime_ns
    assert archiver(settings, octets, sha, "xlsx") == garde
    assert garde.stat().st_mtime_ns == date
    assert [p.name for p in garde.parent.iterdir()] == [garde.name]


@pytest.mark.parametrize("extension", ["", "../../x", "x/y", "xlsx\0", "é", "a" * 9])
def test_extension_douteuse(settings: Settings, extension: str) -> None:
    sha = empreinte("un")
    assert archiver(settings, b"un", sha, extension) == settings.raw / sha[:2] / f"{sha}.bin"


def test_archiver_refuse_une_autre_empreinte(settings: Settings) -> None:
    with pytest.raises(ValueError, match="empreinte"):
        archiver(settings, b"autre", empreinte("un"), "csv")
    assert [p for p in settings.raw.rglob("*") if p.is_file()] == []


def test_archiver_panne_puis_reprise(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = empreinte("un")

    def plein(_: int) -> None:
        raise OSError(28, "disque plein")

    monkeypatch.setattr(os, "fsync", plein)
    with pytest.raises(OSError, match="disque plein"):
        archiver(settings, b"un", sha, "csv")
    assert [p for p in settings.raw.rglob("*") if p.is_file()] == []
    monkeypatch.undo()
    assert archiver(settings, b"un", sha, "csv").read_bytes() == b"un"


def test_archiver_balaie_les_vieux_restes(settings: Settings) -> None:
    sha = empreinte("un")
    dossier = settings.raw / sha[:2]
    dossier.mkdir(parents=True)
    vieux, jeune = dossier / ".en-cours-vieux", dossier / ".en-cours-jeune"
    for reste in (vieux, jeune):
        reste.write_text("reste")
    os.utime(vieux, (0, 0))
    garde = archiver(settings, b"un", sha, "csv")
    assert {p.name for p in dossier.iterdir()} == {jeune.name, garde.name}


def test_archiver_grille(settings: Settings, tmp_path: Path) -> None:
    sha = empreinte("benevalibre")
    grilles: list[tuple[str, list[list[object]]]] = [
        (
            "Feuille/1",
            [
                ["Association", None, 'dit "x"'],
                ["L’Éveil", 3.5, "deux\nlignes"],
                [dt.date(2025, 3, 1), True, 7],
            ],
        ),
        ("Feuille/1", []),
    ]
    garde = archiver_grille(settings, sha, grilles)
    assert garde == settings.raw / sha[:2] / f"{sha}.grille.zip"
    with zipfile.ZipFile(garde) as z:
        lues = {n: list(csv.reader(io.StringIO(z.read(n).decode("utf-8"), newline=""))) for n in z.namelist()}
    assert lues == {
        "feuille-01.csv": [
            ["Association", "", 'dit "x"'],
            ["L’Éveil", "3.5", "deux\nlignes"],
            ["2025-03-01", "True", "7"],
        ],
        "feuille-02.csv": [],
        "feuilles.csv": [["numero", "feuille"], ["1", "Feuille/1"], ["2", "Feuille/1"]],
    }
    ailleurs = archiver_grille(Settings(tmp_path / "ailleurs"), sha, grilles)
    assert ailleurs.read_bytes() == garde.read_bytes()
