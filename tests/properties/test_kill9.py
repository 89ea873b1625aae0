"""kill -9 at random moments: nothing lost, doubled or half-written, and no reader ever sees an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.properties.harnais_kill9 import TRAVAUX, eprouver

# `python scripts/pannes.py` runs 500 of them, with four readers.
TOURS, LECTEURS = 50, 2


@pytest.mark.lent
def test_kill9(tmp_path: Path) -> None:
    bilan = eprouver(tmp_path, TOURS, LECTEURS, lambda tour: None)
    assert sum(bilan.etapes.values()) == bilan.tours + 2
    # The kills must have fallen in the work, not only in the waiting.
    assert sum(bilan.etapes.get(e, 0) for e in TRAVAUX) >= TOURS // 4, bilan.etapes
    assert min(bilan.etapes.get(e, 0) for e in TRAVAUX) > 0, bilan.etapes
    assert bilan.accuses >= TOURS // 10
    assert bilan.sauvegardes and bilan.restaurations
