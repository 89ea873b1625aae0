"""The query that gives one published figure back, on the file that anyone may download."""

from __future__ import annotations

from observatoire.chiffres.identifiant import Identifiant
from observatoire.storage.connexion import litteral

# What a card shows of a measure; a test gives the same query to the command line of DuckDB, and draws the card again.
COLONNES = ("valeur", "borne_basse", "borne_haute", "cv", "n_repondants", "taux_reponse", "statut")


def requete_publiee(i: Identifiant) -> str:
    """SQL to paste as it is: one row, or none when the publication has no such figure. `financeur` is its name."""
    cles: dict[str, str | int] = {
        "indicateur": i.indicateur,
        "millesime": i.millesime,
        "niveau": i.niveau,
        "code_territoire": i.code,
        "domaine": i.domaine,
        "financeur": i.financeur,
        "vue": i.vue,
    }
    conditions = "\n    and ".join(
        f"{nom} = {valeur if isinstance(valeur, int) else litteral(valeur)}" for nom, valeur in cles.items()
    )
    return f"select {', '.join(COLONNES)}\nfrom mesures\nwhere {conditions};"
