"""The queries that give published figures back, on the file that anyone may download: text to paste as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from inspect import cleandoc
from typing import Protocol

from observatoire.storage.connexion import litteral

# What a card shows of a measure; a test gives the same query to the command line of DuckDB, and draws the card again.
COLONNES = ("valeur", "borne_basse", "borne_haute", "cv", "n_repondants", "taux_reponse", "statut")
# Columns of `mesures` that name one figure, and the attribute that holds each.
CLES = {
    "indicateur": "indicateur",
    "millesime": "millesime",
    "niveau": "niveau",
    "code_territoire": "code",
    "domaine": "domaine",
    "financeur": "financeur",
    "vue": "vue",
}
# Above so many values, a key is a column of the answer and no longer a condition; beyond the territories that a page
# compares, all those of a level are read.
LISTE_MAX, TERRITOIRES_MAX = 40, 4
# What a page says of a move from one year to another, in the order of its record.
EVOLUTION = (
    "indicateur", "methode", "vue", "prix", "de", "a", "valeur_avant", "valeur_apres", "difference", "borne_basse",
    "borne_haute", "est_significative", "n_avant", "n_apres", "rupture", "statut",
)  # fmt: skip


class Place(Protocol):
    """What names one figure: an identifier, or a row of `mesures`. `financeur` is a name."""

    @property
    def indicateur(self) -> str:
        """Identifier of the indicator."""

    @property
    def millesime(self) -> int:
        """Year."""

    @property
    def niveau(self) -> str:
        """Level of the territory."""

    @property
    def code(self) -> str:
        """Code of the territory."""

    @property
    def domaine(self) -> str:
        """Sector, or all."""

    @property
    def financeur(self) -> str:
        """Funder, or all."""

    @property
    def vue(self) -> str:
        """View."""


def requete_publiee(*chiffres: Place) -> str:
    """SQL of these figures; empty without any.

    One figure: one row, or none when the publication has no such figure. Several: their common keys are conditions, the
    others are columns of the answer, which may hold more rows than what was asked for.
    """
    if not chiffres:
        return ""
    valeurs = {nom: sorted({getattr(c, champ) for c in chiffres}) for nom, champ in CLES.items()}
    libres = [nom for nom, ici in valeurs.items() if len(ici) > 1]
    conditions = "\n    and ".join(
        f"{nom} = {_ecrire(ici[0])}" if len(ici) == 1 else f"{nom} in ({', '.join(map(_ecrire, ici))})"
        for nom, ici in valeurs.items()
        if len(ici) <= (TERRITOIRES_MAX if CLES[nom] == "code" else LISTE_MAX)
    )
    ordre = f"\norder by {', '.join(libres)}" if libres else ""
    return f"select {', '.join([*libres, *COLONNES])}\nfrom mesures\nwhere {conditions}{ordre};"


def requete_evolutions(indicateurs: Iterable[str] = ()) -> str:
    """SQL of what moved from a year to the next, for these indicators or for all."""
    noms = ", ".join(_ecrire(nom) for nom in indicateurs)
    condition = f"\nwhere indicateur in ({noms})" if noms else ""
    return (
        f"select {', '.join(EVOLUTION)}\nfrom evolutions{condition}\norder by indicateur, a, methode, prix;"
    )


def requete_liee(sql: str, valeurs: Sequence[object]) -> str:
    """A query with its bound values written in, on its own lines and closed. ValueError when their numbers differ."""
    morceaux = sql.split("?")
    if len(morceaux) != len(valeurs) + 1:
        raise ValueError(f"{len(morceaux) - 1} places pour {len(valeurs)} valeurs")
    lie = "".join(m + v for m, v in zip(morceaux, [*map(_ecrire, valeurs), ""], strict=True))
    return f"{cleandoc(lie).strip().rstrip(';')};"


def _ecrire(valeur: object) -> str:
    if isinstance(valeur, bool) or not isinstance(valeur, int | str):
        raise TypeError(f"valeur qui ne s’écrit pas dans une requête montrée : {valeur!r}")
    return str(valeur) if isinstance(valeur, int) else litteral(valeur)
