"""Rewrite what derives from the questionnaires, or say what no longer agrees with them (`--verifier`)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from observatoire.domain.anomalie import catalogue
from observatoire.domain.derived.dictionnaire import dictionnaire
from observatoire.domain.derived.messages import messages
from observatoire.domain.derived.table_schema import table_schema
from observatoire.domain.loader import load_enquetes
from observatoire.publications.page_dictionnaire import page_dictionnaire
from observatoire.storage.ddl import ddl
from pipelines.ingestion.gabarit import classeur_gabarit, decrire_classeur
from pipelines.quality.regles import documenter

RACINE = Path(__file__).resolve().parents[1]

# Folders that hold nothing but derived files: what is there and should not be is said too.
DOSSIERS = ("docs/dictionnaire", "docs/schemas", "docs/qualite", "tests/golden/ddl", "tests/golden/gabarit")


def artefacts() -> dict[str, str]:
    """Every derived file: path from the root of the project → text."""
    textes = {
        "docs/messages.md": messages(catalogue().values()),
        "docs/dictionnaire/publication.md": page_dictionnaire(),
    }
    for nom, enquete in load_enquetes().items():
        textes[f"docs/dictionnaire/{nom}.md"] = dictionnaire(enquete)
        textes[f"docs/schemas/{nom}.json"] = table_schema(enquete)
        textes[f"docs/qualite/{nom}.md"] = documenter(enquete)
        textes[f"tests/golden/ddl/{nom}.sql"] = ddl(enquete)
        textes[f"tests/golden/gabarit/{nom}.txt"] = decrire_classeur(classeur_gabarit(enquete))
    return textes


def ecarts(racine: Path = RACINE) -> list[str]:
    """Derived files that differ, are missing or are there for nothing, in alphabetical order."""
    textes = artefacts()
    faux = [chemin for chemin, texte in textes.items() if _lire(racine / chemin) != texte]
    presents = (f for dossier in DOSSIERS for f in (racine / dossier).glob("*") if f.is_file())
    return sorted([*faux, *(p for f in presents if (p := f.relative_to(racine).as_posix()) not in textes)])


def _lire(chemin: Path) -> str | None:
    return chemin.read_bytes().decode("utf-8") if chemin.is_file() else None


def recrire(racine: Path = RACINE) -> list[str]:
    """Write every derived file, remove those that derive from nothing; returns what changed."""
    textes, changes = artefacts(), ecarts(racine)
    for chemin in changes:
        cible = racine / chemin
        if chemin not in textes:
            cible.unlink()
            continue
        cible.parent.mkdir(parents=True, exist_ok=True)
        cible.write_bytes(textes[chemin].encode("utf-8"))
    return changes


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of `python -m pipelines.deriver`: exit 1 when `--verifier` finds a difference."""
    analyseur = argparse.ArgumentParser(prog="deriver", description="Fichiers dérivés des questionnaires.")
    analyseur.add_argument("--verifier", action="store_true", help="dire ce qui diffère, sans rien écrire")
    options = analyseur.parse_args(arguments)
    if not options.verifier:
        changes = recrire()
        print("\n".join(f"écrit : {c}" for c in changes) or "Rien à changer.")
        return 0
    if faux := ecarts():
        print("\n".join(f"diffère : {c}" for c in faux), file=sys.stderr)
        print("Lancez « make derive » puis validez les fichiers changés.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
