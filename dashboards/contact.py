"""Whom a reader may write to, as the installation says it."""

from __future__ import annotations

import os

VARIABLE = "OBSERVATOIRE_CONTACT"


def contact() -> str:
    """What `OBSERVATOIRE_CONTACT` says; empty when it does not."""
    return os.environ.get(VARIABLE, "").strip()
