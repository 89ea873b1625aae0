"""Kill processes at random while they load, publish, back up and restore, with readers that never stop.

    python scripts/pannes.py --tours 500 --lecteurs 4

Fails, naming the fault, when something acknowledged is lost, doubled or half-written, or when a reader saw an error, a
half publication, or an older one after a newer one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.properties.harnais_kill9 import eprouver


def main() -> None:
    """Command line."""
    lecteur = argparse.ArgumentParser(description="Tue des processus au hasard et vérifie ce qui reste.")
    lecteur.add_argument("--tours", type=int, default=500)
    lecteur.add_argument("--lecteurs", type=int, default=4)
    choix = lecteur.parse_args()
    with tempfile.TemporaryDirectory() as dossier:
        bilan = eprouver(Path(dossier), choix.tours, choix.lecteurs, lambda tour: _dire(tour, choix.tours))
    print()
    print(f"{bilan.tours} processus tués, par étape : {bilan.etapes}")
    print(
        f"{bilan.depots} dépôts chargés, dont {bilan.accuses} accusés : 0 perdu, 0 doublé, 0 à moitié écrit"
    )
    print(f"{bilan.regards} lectures par {choix.lecteurs} processus : 0 erreur, 0 retour en arrière")
    print(f"{bilan.sauvegardes} sauvegardes et {bilan.restaurations} dossiers restaurés relus : tous entiers")


def _dire(tour: int, tours: int) -> None:
    print(f"\r{tour}/{tours}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
