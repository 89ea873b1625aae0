"""What the loaders of texts share: read a file of entries, gather every fault before refusing it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dashboards import format_fr as fr

DOSSIER = Path(__file__).parent
# Words read aloud in a minute.
MOTS_PAR_MINUTE = 160


class ContenuInvalide(ValueError):
    """A file of texts that cannot be shown; the message lists all its faults."""

    def __init__(self, fichier: str, fautes: Sequence[str]) -> None:
        super().__init__(f"{fichier} : " + " ; ".join(fautes))
        self.fautes = tuple(fautes)


def entrees(chemin: Path, table: str) -> list[dict[str, Any]]:
    """The entries `[[table]]` of a file, as they are written."""
    lues: list[dict[str, Any]] = tomllib.loads(chemin.read_text(encoding="utf-8")).get(table, [])
    return lues


def texte(valeur: Any) -> str:
    """A text with its French unbreakable spaces."""
    return fr.typographie(str(valeur).replace("'", "’")).strip()


def manques(entree: dict[str, Any], champs: Sequence[str], nom: str) -> list[str]:
    """Faults of the fields that are absent or empty."""
    return [f"{nom} : « {champ} » manque" for champ in champs if not entree.get(champ)]


def doubles(valeurs: Sequence[str], quoi: str) -> list[str]:
    """Faults of the values written twice."""
    return [f"{quoi} en double : « {v} »" for v in dict.fromkeys(valeurs) if valeurs.count(v) > 1]
