"""A process that sends publications to the lake one after the other, and says each one that is acknowledged."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import duckdb

from observatoire.config.settings import load_settings
from observatoire.domain.loader import load_enquetes
from observatoire.federation.envoi import envoyer

LIGNES = 50


def avancer(fichier: Path, numero: int) -> None:
    """One more deposit of `LIGNES` rows, and the number of the publication in every row of another."""
    with duckdb.connect(str(fichier)) as con:
        con.execute("update enquete.emploi set nb_salaries = ?", [numero])
        con.execute(
            f"insert into enquete.benevolat by name select 'L-{numero}' as depot_id, 2024 as millesime, i as ligne, "
            f"'RNA:W' || i as cle_association, {numero} as heures_total_an from range({LIGNES}) as t(i)"
        )


def main() -> None:
    fichier, lac, lac_donnees, departement, premier, dernier = sys.argv[1:]
    settings = replace(
        load_settings(Path(fichier).parent), lac=lac, lac_donnees=lac_donnees, departement=departement
    )
    enquetes = load_enquetes()
    for numero in range(int(premier), int(dernier) + 1):
        avancer(Path(fichier), numero)
        fait = envoyer(settings, enquetes, numero, Path(fichier))
        print(f"{numero} {fait.nouveaux} {fait.changes} {fait.essais}", flush=True)


if __name__ == "__main__":
    main()
