"""The folder of a publication: its file, each table in Parquet and in CSV, its notices, their checksums.

    publication-0042/observatoire-0042.duckdb  parquet/*.parquet  csv/*.csv  datapackage.json …  SHA256SUMS

Written aside with the rest of the publication and installed with it. What another set already holds is the same
file on the disk (hard link): only the CSV and the notices take room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.export import APOSTROPHE, DECIMALES, FORMULE, SANS_FORMULE
from observatoire.storage.archive import Empreintes, empreinte
from observatoire.storage.connexion import litteral, nom_sql
from observatoire.storage.entrepot import CONFIG_ECRITURE
from observatoire.storage.fichiers import (
    ANALYSE,
    JEU,
    JEU_ANALYSE,
    PARQUET,
    PUBLIC,
    SOMMES,
    Famille,
    ecrire_parquet,
    partager,
)

CSV, COPIES = "csv", "parquet"
# In the order they are written: the CSV of a table reads what its Parquet copy says of its texts.
FORMATS = {
    COPIES: "format parquet, compression zstd",
    CSV: "format csv, header true, timestampformat '%Y-%m-%dT%H:%M:%S'",
}
# Numbers that hardly repeat: DuckDB gives up their dictionary sooner, and writes the same bytes.
SANS_REDITES = ", dictionary_size_limit 100"


@dataclass(frozen=True, slots=True)
class Contenu:
    """What a set holds when its notices are written: checksums and sizes by path in the folder."""

    version: int
    analyse: bool
    nom_fichier: str
    sommes: Mapping[str, str]
    octets: Mapping[str, int]


# Called with a read-only connection to the new file and what the set holds; gives the texts by file name.
Notices = Callable[[duckdb.DuckDBPyConnection, Contenu], Mapping[str, str]]


def ecrire_copies(
    settings: Settings, version: int, notices: Notices, *, avec_analyse: bool
) -> dict[str, int]:
    """Write the Parquet copies and the sets of a publication whose files are written and not installed yet.

    Returns the rows of each public table.
    """
    empreintes = Empreintes()
    copies = {COPIES: PARQUET.provisoire(settings, version)}
    with _lire(PUBLIC.provisoire(settings, version)) as con:
        tables = ecrire_parquet(con, settings, version, empreintes)
        _Jeu(settings, version, PUBLIC, JEU, copies, empreintes).ecrire(con, notices)
    if avec_analyse:
        communs = {genre: JEU.provisoire(settings, version) / genre for genre in FORMATS}
        with _lire(ANALYSE.provisoire(settings, version)) as con:
            _Jeu(settings, version, ANALYSE, JEU_ANALYSE, communs, empreintes).ecrire(con, notices)
    return tables


def _lire(base: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(base), read_only=True, config=CONFIG_ECRITURE)


@dataclass(frozen=True, slots=True)
class _Jeu:
    """One set to write. `communs`: folders where the tables of the main schema already are, by format."""

    settings: Settings
    version: int
    fichier: Famille
    famille: Famille
    communs: Mapping[str, Path]
    empreinte: Empreintes

    def ecrire(self, con: duckdb.DuckDBPyConnection, notices: Notices) -> None:
        """Write it. `con` reads its file."""
        dossier = self.famille.provisoire(self.settings, self.version)
        nom = self.fichier.final(self.settings, self.version).name
        dossier.mkdir()
        partager(self.fichier.provisoire(self.settings, self.version), dossier / nom)
        for genre in FORMATS:
            (dossier / genre).mkdir()
            suspectes = _suspectes(con, dossier / COPIES) if genre == CSV else {}
            for schema, table in _tables(con):
                chemin = dossier / genre / f"{nom_de(schema, table)}.{genre}"
                deja = self.communs.get(genre, dossier) / chemin.name
                if schema == "main" and deja.is_file():
                    partager(deja, chemin)
                else:
                    source = f"from {nom_sql(schema)}.{nom_sql(table)}"
                    if genre == CSV:
                        source = _neutralisee(con, schema, table, suspectes.get(chemin.stem, ()))
                    mode = FORMATS[genre]
                    if genre == COPIES and chemin.stem in DECIMALES:
                        mode += SANS_REDITES
                    con.execute(f"copy ({source}) to ? ({mode})", [str(chemin)])
        sommes = {str(c.relative_to(dossier)): self.empreinte(c) for c in _fichiers(dossier)}
        octets = {c: (dossier / c).stat().st_size for c in sommes}
        contenu = Contenu(self.version, self.famille.analyse, nom, sommes, octets)
        for autre, texte in notices(con, contenu).items():
            (dossier / autre).write_text(texte, encoding="utf-8")
            sommes[autre] = self.empreinte(dossier / autre)
        lignes = "".join(f"{somme}  {c}\n" for c, somme in sorted(sommes.items()))
        (dossier / SOMMES).write_text(lignes, encoding="utf-8")


def _suspectes(con: duckdb.DuckDBPyConnection, copies: Path) -> dict[str, list[str]]:
    """Table → its columns of text that may hold a formula.

    Those whose smallest and largest texts, noted in the Parquet copy, leave no room for one are not read again.
    """
    sans = " or ".join(
        f"(stats_min_value >= {litteral(a)} and stats_max_value < {litteral(b)})" for a, b in SANS_FORMULE
    )
    lignes = con.execute(
        f"""
        with sures as (
            select file_name, path_in_schema from parquet_metadata(?) group by all
            having bool_and(coalesce({sans}, false))
        )
        select schema_name, table_name, list(column_name order by column_index) from duckdb_columns() as c
        where not internal and data_type = 'VARCHAR' and not exists (
            select 1 from sures where path_in_schema = c.column_name and file_name = concat(
                ?, case schema_name when 'main' then '' else concat(schema_name, '.') end, table_name, ?))
        group by all""",
        [str(copies / f"*.{COPIES}"), f"{copies}/", f".{COPIES}"],
    ).fetchall()
    return {nom_de(schema, table): colonnes for schema, table, colonnes in lignes}


def _neutralisee(con: duckdb.DuckDBPyConnection, schema: str, table: str, textes: Sequence[str]) -> str:
    """Rows of a table; what a spreadsheet would run in `textes` is neutralised, as in every other export."""
    source = f"{nom_sql(schema)}.{nom_sql(table)}"
    formule, apostrophe = litteral(FORMULE.pattern), litteral(APOSTROPHE)
    remplaces = [
        f"case when regexp_matches({c}, {formule}) then concat({apostrophe}, {c}) else {c} end as {c}"
        for c in map(nom_sql, textes)
    ]
    if decimales := DECIMALES.get(nom_de(schema, table)):
        # The same numbers, that DuckDB writes twice as fast.
        colonnes = con.execute(f"describe {source}").fetchall()
        doubles = [nom_sql(c) for c, genre, *_ in colonnes if genre == "DOUBLE"]
        remplaces += [f"cast({c} as decimal(18, {decimales})) as {c}" for c in doubles]
    return f"select * replace ({', '.join(remplaces)}) from {source}" if remplaces else f"from {source}"


def nom_de(schema: str, table: str) -> str:
    """Name of a table in a set: `mesures`, `meta.dictionnaire`…"""
    return table if schema == "main" else f"{schema}.{table}"


def _tables(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    requete = "select schema_name, table_name from duckdb_tables() where not internal order by all"
    return con.execute(requete).fetchall()


def _fichiers(dossier: Path) -> Iterator[Path]:
    return (c for c in sorted(dossier.rglob("*")) if c.is_file())


def verifier_jeu(dossier: Path) -> list[str]:
    """What is wrong with a set: files that are missing, changed, or that no checksum names. Empty when all is well."""
    sommes = dossier / SOMMES
    if not sommes.is_file():
        return [f"{dossier.name} : {SOMMES} manque"]
    lignes = sommes.read_text(encoding="utf-8").splitlines()
    attendues = {chemin: somme for somme, _, chemin in (ligne.partition("  ") for ligne in lignes)}
    fautes = []
    for chemin, somme in attendues.items():
        if not (dossier / chemin).is_file():
            fautes.append(f"{dossier.name}/{chemin} : manque")
        elif empreinte(dossier / chemin) != somme:
            fautes.append(f"{dossier.name}/{chemin} : son contenu a changé")
    presents = {str(c.relative_to(dossier)) for c in dossier.rglob("*") if c.is_file()} - {SOMMES}
    # A copy of Parquet names the public file beside its folder.
    connus = {c for c in attendues if not c.startswith("../")}
    fautes += [f"{dossier.name}/{c} : n’est pas dans {SOMMES}" for c in sorted(presents - connus)]
    return fautes
