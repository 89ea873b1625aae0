"""How to launch the public application: command line and environment, for the `observatoire` command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from observatoire.config.settings import Settings

RACINE = Path(__file__).resolve().parent.parent
APPLICATION = Path(__file__).with_name("asgi.py")


def commande(settings: Settings, port: int = 8501, adresse: str = "127.0.0.1") -> list[str]:
    """Command that serves the pages of `settings` on this address; run it with `environnement(settings)`."""
    if not settings.donnees.is_dir():
        raise FileNotFoundError(f"Le dossier des données n’existe pas\u00a0: {settings.donnees}")
    return [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(APPLICATION),
        "--server.port",
        str(port),
        "--server.address",
        adresse,
    ]


def environnement(settings: Settings) -> dict[str, str]:
    """Environment of that command: this one, with the settings and the project importable."""
    chemins = [str(RACINE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(chemins),
        "OBSERVATOIRE_DONNEES": str(settings.donnees),
        "OBSERVATOIRE_DEPARTEMENT": settings.departement,
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }
