"""The filters of the figures in an address: known names, known values, bound to one stored query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
from starlette.requests import Request

from dashboards.api.reponses import Refus
from dashboards.textes import NIVEAUX
from observatoire.indicators.catalogue import VUES

# Parameter of the address → column of `mesures`; a value may hold several, between commas.
COLONNES = {
    "indicateur": "indicateur",
    "niveau": "niveau",
    "code": "code_territoire",
    "millesime": "millesime",
    "vue": "vue",
    "domaine": "domaine",
}
FORME = "csvType"
FORMES = ("filtered", "full")
VALEURS_MAX = 200
_VALEUR = re.compile(r"[0-9A-Za-z_-]{1,64}")
_ANNEE = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Filtres:
    """Values kept by parameter, sorted; `complet` ignores them in the file but not in its description."""

    valeurs: tuple[tuple[str, tuple[str, ...]], ...]
    complet: bool = False

    @property
    def utiles(self) -> Mapping[str, tuple[str, ...]]:
        """The filters that apply."""
        return {} if self.complet else dict(self.valeurs)

    def condition(self) -> tuple[str, list[list[str]]]:
        """SQL condition on `mesures` and its values, always bound."""
        clauses = [f"list_contains(?, cast({COLONNES[nom]} as varchar))" for nom in self.utiles]
        return " and ".join(clauses) or "true", [list(v) for v in self.utiles.values()]


def lire(requete: Request) -> Filtres:
    """Filters of an address; Refus (400) for an unknown parameter or a value that cannot be one."""
    connus = (*COLONNES, FORME)
    recus: dict[str, set[str]] = {}
    for nom, texte in requete.query_params.multi_items():
        if nom not in connus:
            raise Refus(
                400, f"Paramètre inconnu\u00a0: «\u00a0{nom[:64]}\u00a0». Connus\u00a0: {', '.join(connus)}."
            )
        recus.setdefault(nom, set()).update(v.strip() for v in texte.split(",") if v.strip())
    forme = recus.pop(FORME, {FORMES[0]})
    if len(forme) != 1 or not forme <= set(FORMES):
        raise Refus(400, f"{FORME} vaut {' ou '.join(FORMES)}.")
    for nom, valeurs in recus.items():
        _verifier(nom, sorted(valeurs))
    triees = tuple((nom, tuple(sorted(v))) for nom, v in sorted(recus.items()) if v)
    return Filtres(triees, complet=forme == {"full"})


def _verifier(nom: str, valeurs: Sequence[str]) -> None:
    if len(valeurs) > VALEURS_MAX:
        raise Refus(400, f"Trop de valeurs pour «\u00a0{nom}\u00a0»\u00a0: {VALEURS_MAX} au plus.")
    permises = {"niveau": tuple(NIVEAUX), "vue": tuple(VUES)}.get(nom)
    for valeur in valeurs:
        if permises is not None and valeur not in permises:
            raise Refus(
                400,
                f"«\u00a0{valeur[:64]}\u00a0» n’est pas un {nom}. Valeurs\u00a0: {', '.join(permises)}.".replace(
                    "un vue", "une vue"
                ),
            )
        if not (_ANNEE if nom == "millesime" else _VALEUR).fullmatch(valeur):
            raise Refus(400, f"Valeur refusée pour «\u00a0{nom}\u00a0»\u00a0: «\u00a0{valeur[:64]}\u00a0».")


def exiger_connues(con: duckdb.DuckDBPyConnection, filtres: Filtres) -> None:
    """Refus (404) when a value of a filter is nowhere in the publication: a misspelt code is not an empty answer."""
    for nom, valeurs in filtres.utiles.items():
        with con.cursor() as cur:
            connues = cur.execute(
                f"select distinct cast({COLONNES[nom]} as varchar) from mesures "
                f"where list_contains(?, cast({COLONNES[nom]} as varchar))",
                [list(valeurs)],
            ).fetchall()
        absentes = sorted(set(valeurs) - {v for (v,) in connues})
        if absentes:
            raise Refus(404, f"Aucun chiffre de cette publication pour {nom} = {', '.join(absentes)}.")
