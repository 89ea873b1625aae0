"""The folder of a publication: its file, each table in Parquet and in CSV, its notices, their checksums.

    publication-0042/observatoire-0042.duckdb  parquet/*.parquet  csv/*.csv  datapackage.json …  SHA256SUMS

Written aside with the rest of the publication and installed with it. What another set already holds is the same
file on the disk (hard link): only the CSV and the notices take room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.export import APOSTROPHE, DECIMALES, FORMULE
from observatoire.storage.archive import empreinte
from observatoire.storage.connexion import CONFIG_ENTREPOT, litteral, nom_sql
from observatoire.storage.fichiers import (
    ANALYSE,
    JEU,
    JEU_ANALYSE,
    PARQUET,
    PUBLIC,
    SOMMES,
    Famille,
    partager,
)

CSV, COPIES = "csv", "parquet"
FORMATS = {
    CSV: "format csv, header true, timestampformat '%Y-%m-%dT%H:%M:%S'",
    COPIES: "format parquet, compression zstd",
}


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


def ecrire_jeux(settings: Settings, version: int, notices: Notices, *, avec_analyse: bool) -> None:
    """Write the sets of a publication whose files are written and not installed yet."""
    public = JEU.provisoire(settings, version)
    _ecrire(settings, version, PUBLIC, JEU, notices, {COPIES: PARQUET.provisoire(settings, version)})
    if avec_analyse:
        communs = {genre: public / genre for genre in FORMATS}
        _ecrire(settings, version, ANALYSE, JEU_ANALYSE, notices, communs)


def _ecrire(
    settings: Settings,
    version: int,
    fichier: Famille,
    jeu: Famille,
    notices: Notices,
    communs: Mapping[str, Path],
) -> None:
    """Write one set. `communs`: folders where the tables of the main schema already are, by format."""
    dossier = jeu.provisoire(settings, version)
    base = fichier.provisoire(settings, version)
    nom = fichier.final(settings, version).name
    dossier.mkdir()
    partager(base, dossier / nom)
    with duckdb.connect(str(base), read_only=True, config=CONFIG_ENTREPOT) as con:
        for genre, options in FORMATS.items():
            (dossier / genre).mkdir()
            for schema, table in _tables(con):
                chemin = dossier / genre / f"{nom_de(schema, table)}.{genre}"
                deja = communs.get(genre, dossier) / chemin.name
                if schema == "main" and deja.is_file():
                    partager(deja, chemin)
                else:
                    con.execute(
                        f"copy ({_requete(con, schema, table, genre)}) to ? ({options})", [str(chemin)]
                    )
        sommes = {str(c.relative_to(dossier)): empreinte(c) for c in _fichiers(dossier)}
        octets = {c: (dossier / c).stat().st_size for c in sommes}
        contenu = Contenu(version, jeu.analyse, nom, sommes, octets)
        for autre, texte in notices(con, contenu).items():
            (dossier / autre).write_text(texte, encoding="utf-8")
            sommes[autre] = empreinte(dossier / autre)
    lignes = "".join(f"{somme}  {c}\n" for c, somme in sorted(sommes.items()))
    (dossier / SOMMES).write_text(lignes, encoding="utf-8")


def _requete(con: duckdb.DuckDBPyConnection, schema: str, table: str, genre: str) -> str:
    """Rows of a table; in a CSV, a text that a spreadsheet would run is neutralised, as in every other export."""
    source = f"{nom_sql(schema)}.{nom_sql(table)}"
    if genre != CSV:
        return f"from {source}"
    formule, apostrophe = litteral(FORMULE.pattern), litteral(APOSTROPHE)
    ecritures = {
        "VARCHAR": f"case when regexp_matches({{0}}, {formule}) then concat({apostrophe}, {{0}}) else {{0}} end as {{0}}"
    }
    if decimales := DECIMALES.get(nom_de(schema, table)):
        # The same numbers, that DuckDB writes twice as fast.
        ecritures["DOUBLE"] = f"cast({{0}} as decimal(18, {decimales})) as {{0}}"
    colonnes = con.execute(f"describe {source}").fetchall()
    remplaces = ", ".join(ecritures[t].format(nom_sql(c)) for c, t, *_ in colonnes if t in ecritures)
    return f"select * replace ({remplaces}) from {source}" if remplaces else f"from {source}"


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
