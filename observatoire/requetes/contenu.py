"""What the analysts' file holds, told by its own dictionary: schemas, tables, columns, example queries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

import duckdb

from observatoire.publications.requetes import lire_requetes
from observatoire.storage.connexion import ouvrir_publication
from observatoire.storage.erreurs import PublicationAbsente

EXEMPLES = Path(__file__).with_name("exemples.toml")


@dataclass(frozen=True, slots=True)
class Colonne:
    """One column, as `meta.dictionnaire` describes it; `unite` is empty for what is not a number."""

    nom: str
    titre: str
    definition: str
    genre: str
    unite: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table or view, with the name to write after « from »."""

    schema: str
    nom: str
    description: str
    colonnes: tuple[Colonne, ...]

    @property
    def colonnes_a_lire(self) -> tuple[Colonne, ...]:
        """The columns, those in a row that say the same thing as one: « r001 à r200 »."""
        suites = [
            tuple(suite)
            for _, suite in groupby(self.colonnes, key=lambda c: (c.titre, c.definition, c.genre, c.unite))
        ]
        return tuple(replace(s[0], nom=f"{s[0].nom} à {s[-1].nom}") if len(s) > 1 else s[0] for s in suites)

    @property
    def adresse(self) -> str:
        """« mesures », « enquete.benevolat »."""
        return self.nom if self.schema == "main" else f"{self.schema}.{self.nom}"


@dataclass(frozen=True, slots=True)
class Contenu:
    """The file of one publication: its number, date, tables by schema, and (title, SQL) examples."""

    version: int
    publie_le: datetime
    fictif: bool
    tables: tuple[Table, ...]
    exemples: tuple[tuple[str, str], ...]

    @property
    def schemas(self) -> tuple[str, ...]:
        """Schemas that hold a table, in order."""
        return tuple(dict.fromkeys(t.schema for t in self.tables))


_COLONNES = """
    select d.nom_schema, d.nom_table, coalesce(t.comment, v.comment, '') as description, d.colonne, d.titre,
        d.definition, d.type, coalesce(d.unite, '')
    from meta.dictionnaire as d
    left join duckdb_tables() as t on t.schema_name = d.nom_schema and t.table_name = d.nom_table
    left join duckdb_views() as v on v.schema_name = d.nom_schema and v.view_name = d.nom_table
    left join duckdb_columns() as c
        on c.schema_name = d.nom_schema and c.table_name = d.nom_table and c.column_name = d.colonne
    order by d.nom_schema <> 'pub', d.nom_schema, d.nom_table, c.column_index
"""


def lire_contenu(fichier: Path) -> Contenu:
    """The content of the analysts' file; PublicationAbsente when there is none, or none that describes itself."""
    with ouvrir_publication(fichier) as con:
        ((version, publie_le, fictif),) = con.execute(
            "select version, publie_le, fictif from _publication"
        ).fetchall()
        try:
            exemples = con.execute("select titre, sql from meta.requetes_exemples order by rang").fetchall()
            lignes = con.execute(_COLONNES).fetchall()
        except duckdb.CatalogException as erreur:
            raise PublicationAbsente(
                f"La publication n° {version} date d’avant le dictionnaire de ses colonnes : publiez de nouveau."
            ) from erreur
    tables = tuple(
        Table(schema, nom, description, tuple(Colonne(*x[3:]) for x in colonnes))
        for (schema, nom, description), colonnes in groupby(lignes, key=lambda x: x[:3])
    )
    return Contenu(
        version,
        publie_le,
        bool(fictif),
        tables,
        (*((x.titre, x.sql) for x in lire_requetes(EXEMPLES)), *exemples),
    )
