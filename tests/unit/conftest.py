"""What the tests of the services share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipelines.chantiers.atelier import Atelier
from pipelines.guichet import ouvrir_atelier


@pytest.fixture(scope="session")
def atelier() -> Iterator[Atelier]:
    """Two real workers, warm once: the imports of one cost seconds of processor."""
    ouvert = ouvrir_atelier()
    ouvert.chauffer()
    yield ouvert
    ouvert.fermer()
