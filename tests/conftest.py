"""What all the tests share: one memory of the masks (the same demonstration is published many times), one key, the
writer of workbooks of the product."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from observatoire.config.settings import Settings

# A validator of the tests brings lxml, which the product does not have: openpyxl would write with it.
os.environ["OPENPYXL_LXML"] = "False"

# The same draws at each run, and no clock: a test fails because of the code, not of the day. `make hasard` draws others.
_TIRAGES = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "database": None}
settings.register_profile("essais", derandomize=True, **_TIRAGES)
settings.register_profile("hasard", max_examples=2000, print_blob=True, **_TIRAGES)
settings.load_profile("essais")

VARIABLE = "OBSERVATOIRE_MEMOIRE"
CLE = "OBSERVATOIRE_CLE"
_posee: list[Path] = []


def pytest_configure(config: pytest.Config) -> None:
    """Before the workers start, so that they inherit it."""
    os.environ.setdefault(CLE, "essais")
    # The many processes that the tests start would each compile our modules again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if VARIABLE not in os.environ:
        _posee.append(Path(tempfile.mkdtemp(prefix="observatoire-memoire-")))
        os.environ[VARIABLE] = str(_posee[0])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a module go to one worker, so that what they share is made once."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@dataclass(frozen=True)
class Installation:
    """A data folder to copy, never to write in, and its deposits by name."""

    settings: Settings
    depots: Mapping[str, str]


@pytest.fixture(scope="session")
def installation(testrun_uid: str) -> Installation:
    """Every gesture of the staff made once for all the workers, then published (tests/installation_prete.py)."""
    from tests import installation_prete as prete

    dossier = Path(os.environ[VARIABLE]) / f"installation-{testrun_uid}"
    settings, fait = Settings(dossier / "donnees"), dossier / "depots.json"
    with FileLock(f"{dossier}.verrou"):
        if not fait.exists():
            depots = prete.installer(settings, dossier / "travail")
            prete.publier(settings)
            fait.write_text(json.dumps(depots), encoding="utf-8")
    return Installation(settings, json.loads(fait.read_text(encoding="utf-8")))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Only who made it removes it."""
    for dossier in _posee:
        shutil.rmtree(dossier, ignore_errors=True)
