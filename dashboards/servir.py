"""How to launch the two applications: command lines and environment, for the `observatoire` command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from observatoire.config.settings import Settings

RACINE = Path(__file__).resolve().parent.parent
APPLICATION = Path(__file__).with_name("asgi.py")
DEPOT = Path(__file__).with_name("deposer_asgi.py")
TAILLE_MAXIMALE_MO = 20


def commande(settings: Settings, port: int = 8501, adresse: str = "127.0.0.1") -> list[str]:
    """Command that serves the pages of `settings` on this address; run it with `environnement(settings)`."""
    return _streamlit(settings, APPLICATION, port, adresse)


def commande_deposer(settings: Settings, port: int = 8502, adresse: str = "127.0.0.1") -> list[str]:
    """Command of the staff application; unlike the public one, it receives files (behind its gate)."""
    return [
        *_streamlit(settings, DEPOT, port, adresse),
        "--server.maxUploadSize",
        str(TAILLE_MAXIMALE_MO),
        "--server.enableXsrfProtection",
        "true",
    ]


def _streamlit(settings: Settings, application: Path, port: int, adresse: str) -> list[str]:
    if not settings.donnees.is_dir():
        raise FileNotFoundError(f"Le dossier des données n’existe pas\u00a0: {settings.donnees}")
    return [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(application),
        "--server.port",
        str(port),
        "--server.address",
        adresse,
    ]


def environnement(settings: Settings) -> dict[str, str]:
    """Environment of these commands: this one, with the settings and the project importable."""
    chemins = [str(RACINE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(chemins),
        "OBSERVATOIRE_DONNEES": str(settings.donnees),
        "OBSERVATOIRE_DEPARTEMENT": settings.departement,
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }
