"""The key of an installation: drawn once, kept for its owner alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from observatoire.config.cle import VARIABLE, lire_cle
from observatoire.config.settings import load_settings


def test_tiree_une_fois_et_gardee(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    ici = load_settings(tmp_path / "ici")
    cle = lire_cle(ici)
    assert len(cle) == 64
    assert lire_cle(ici) == cle
    assert oct(ici.cle.stat().st_mode & 0o777) == "0o400"
    assert lire_cle(replace(ici, donnees=tmp_path / "ailleurs")) != cle


def test_celle_de_l_environnement_d_abord(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "donnee")
    ici = load_settings(tmp_path)
    assert lire_cle(ici) == b"donnee"
    assert not ici.cle.exists()
