"""What all the tests share: one memory of the masks (the same demonstration is published many times), one key, the
writer of workbooks of the product."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

# A validator of the tests brings lxml, which the product does not have: openpyxl would write with it.
os.environ["OPENPYXL_LXML"] = "False"

VARIABLE = "OBSERVATOIRE_MEMOIRE"
CLE = "OBSERVATOIRE_CLE"
_posee: list[Path] = []


def pytest_configure(config: pytest.Config) -> None:
    """Before the workers start, so that they inherit it."""
    os.environ.setdefault(CLE, "essais")
    if VARIABLE not in os.environ:
        _posee.append(Path(tempfile.mkdtemp(prefix="observatoire-memoire-")))
        os.environ[VARIABLE] = str(_posee[0])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Only who made it removes it."""
    for dossier in _posee:
        shutil.rmtree(dossier, ignore_errors=True)
