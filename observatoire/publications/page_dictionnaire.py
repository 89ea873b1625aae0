"""The dictionary of the published tables as a page in Markdown, from `colonnes.toml`. Pure text."""

from __future__ import annotations

from collections.abc import Iterable

from observatoire.publications.dictionnaire import Colonne, Table, lire_communes, lire_dictionnaire

AVIS = (
    "<!-- Page produite par « make derive » à partir de observatoire/publications/colonnes.toml. "
    "Ne pas la modifier. -->"
)
TETE = """
# Les tables publiées

Ce que contient chaque fichier publié, table par table. Les réponses elles-mêmes (schéma `enquete`, fichier des analystes) sont décrites dans les
pages des questionnaires. Dans le fichier, `meta.dictionnaire` dit la même chose, avec le type de chaque colonne ; une colonne sans titre, sans
définition ou sans source, un nombre sans unité arrêtent la publication.
"""


def page_dictionnaire() -> str:
    """The whole page: the columns that several tables share, then each table."""
    communes = "## Colonnes communes à plusieurs tables\n\n" + _colonnes(lire_communes().values())
    tables = (_table(t) for t in lire_dictionnaire().values())
    return "\n".join((AVIS, TETE, communes, *tables))


def _table(table: Table) -> str:
    vue = f" Vue `{table.schema}.{table.nom}`." if table.schema else ""
    communes = {nom: c.definition for nom, c in lire_communes().items()}
    propres = [c for nom, c in table.colonnes.items() if communes.get(nom) != c.definition]
    return f"## `{table.nom}`\n\n{table.description}.{vue} Source : {table.source}.\n\n{_colonnes(propres)}"


def _colonnes(colonnes: Iterable[Colonne]) -> str:
    lignes = [
        f"| `{c.nom}` | {_case(c.titre)} | {_case(c.definition)} | {_case(c.unite) or '—'} |"
        for c in colonnes
    ]
    if not lignes:
        return "Colonnes communes seulement.\n"
    return "\n".join(("| Colonne | Titre | Définition | Unité |", "|---|---|---|---|", *lignes, ""))


def _case(texte: str) -> str:
    return texte.replace("|", "\\|")
