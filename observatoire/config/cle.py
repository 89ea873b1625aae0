"""The key of an installation: what makes its random choices the same at each publication, and unknown to readers."""

from __future__ import annotations

import os
import secrets

from observatoire.config.settings import Settings

VARIABLE = "OBSERVATOIRE_CLE"
OCTETS = 32


def lire_cle(settings: Settings) -> bytes:
    """The key: that of the environment (`OBSERVATOIRE_CLE`), else of the data folder, drawn the first time."""
    if donnee := os.environ.get(VARIABLE):
        return donnee.encode()
    settings.donnees.mkdir(parents=True, exist_ok=True)
    try:
        descripteur = os.open(settings.cle, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        return settings.cle.read_bytes()
    with os.fdopen(descripteur, "wb") as flux:
        flux.write(secrets.token_hex(OCTETS).encode())
        flux.flush()
        os.fsync(flux.fileno())
    return settings.cle.read_bytes()
