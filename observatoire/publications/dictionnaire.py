"""The published tables and columns, from `colonnes.toml`: title, definition, unit, source. Standard library only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FICHIER = Path(__file__).with_name("colonnes.toml")
# A number of these types has a unit; a yes or no, a date and a text have none.
_NOMBRES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")


class DictionnaireInvalide(ValueError):
    """The file of the columns cannot be used; the message lists all its faults."""


@dataclass(frozen=True, slots=True)
class Colonne:
    """One published column. `unite` is empty for what is not a number."""

    nom: str
    titre: str
    definition: str
    unite: str
    source: str


@dataclass(frozen=True, slots=True)
class Table:
    """One published table; `schema` is that of the view that analysts read it under, empty for none.

    A name of `colonnes` may be the pattern of many columns that say the same thing (`r[0-9]+`).
    """

    nom: str
    description: str
    source: str
    schema: str
    colonnes: Mapping[str, Colonne]

    def colonne(self, nom: str) -> Colonne | None:
        """What describes this column: its own entry, else the first pattern it follows."""
        motifs = (x for motif, x in self.colonnes.items() if _est_motif(motif) and re.fullmatch(motif, nom))
        return self.colonnes.get(nom) or next(motifs, None)


def _est_motif(nom: str) -> bool:
    return "[" in nom


@cache
def lire_communes(chemin: Path = FICHIER) -> Mapping[str, Colonne]:
    """Columns that mean the same in every table that has them, and that no table of its own describes."""
    brut = tomllib.loads(chemin.read_text(encoding="utf-8"))
    return MappingProxyType(dict(_colonnes(brut["communes"], "", "communes", [])))


@cache
def lire_dictionnaire(chemin: Path = FICHIER) -> Mapping[str, Table]:
    """Tables by name (`mesures`, `meta.sources`…), with the columns that are their own or common to several."""
    brut = tomllib.loads(chemin.read_text(encoding="utf-8"))
    fautes: list[str] = []
    communes = dict(_colonnes(brut["communes"], "", "communes", fautes))
    tables = {}
    for nom, entree in brut["tables"].items():
        source = entree.get("_source", "")
        fautes += [f"{nom} : « {c} » manque" for c in ("_description", "_source") if not entree.get(c)]
        propres = {c: x for c, x in entree.items() if not c.startswith("_")}
        colonnes = {
            c: Colonne(c, x.titre, x.definition, x.unite, source)
            for c, x in communes.items()
            if c not in propres
        }
        colonnes |= dict(_colonnes(propres, source, nom, fautes))
        tables[nom] = Table(
            nom,
            entree.get("_description", ""),
            source,
            entree.get("_schema", ""),
            MappingProxyType(colonnes),
        )
    if fautes:
        raise DictionnaireInvalide(f"{chemin.name} : " + " ; ".join(fautes))
    return MappingProxyType(tables)


def _colonnes(
    entrees: Mapping[str, Any], source: str, table: str, fautes: list[str]
) -> Iterator[tuple[str, Colonne]]:
    for nom, valeurs in entrees.items():
        if not isinstance(valeurs, list) or not 2 <= len(valeurs) <= 3 or not all(valeurs):
            fautes.append(f"{table}.{nom} : attendu [titre, définition] ou [titre, définition, unité]")
        else:
            titre, definition, *unite = valeurs
            yield nom, Colonne(nom, titre, definition, unite[0] if unite else "", source)


def est_nombre(type_sql: str) -> bool:
    """Whether a SQL type is that of a number, which has a unit."""
    return type_sql.upper().startswith(_NOMBRES) and not type_sql.endswith("[]")


def commentaires(colonnes: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Comments of the tables and columns that exist: `table` or `table.colonne` → sentence.

    `colonnes`: the pairs (table, column) of the file, the table with its schema when it is not the main one.
    """
    tables = lire_dictionnaire()
    textes: dict[str, str] = {}
    for nom, colonne in colonnes:
        if (table := tables.get(nom)) is None:
            continue
        textes[nom] = table.description
        if (x := table.colonne(colonne)) is not None:
            textes[f"{nom}.{colonne}"] = commentaire(x)
    return textes


def commentaire(colonne: Colonne) -> str:
    """The sentence written on a column of the file."""
    return f"{colonne.definition} [{colonne.unite}]" if colonne.unite else colonne.definition
