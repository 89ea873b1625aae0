"""Publications: numbered read-only files, and one symlink that moves once everything is on the disk.

data/curated/observatoire-0042.duckdb, parquet-0042/, publication-0042/ (all of it, to carry away: jeu.py),
analyse/analyse-0042.duckdb, analyse/publication-0042/; the symlinks observatoire.duckdb and analyse/analyse.duckdb
name the current ones, and `publication` in each folder follows. A crash at any point leaves the previous
symlinks valid, and the next publication sweeps what was left. A file system without symlinks (FAT, Windows
without the right) is out of scope.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.enquete import Enquete
from observatoire.storage import fichiers, jeu
from observatoire.storage.connexion import CONFIG_ENTREPOT, POUR_PUBLIER, litteral, nom_sql, transaction
from observatoire.storage.depots import ANNULE
from observatoire.storage.entrepot import (
    ATTENTE_MAX,
    exiger_espace,
    ouvrir_ecriture,
    verrouiller,
)
from observatoire.storage.fichiers import ANALYSE, PARQUET, PUBLIC, Famille
from observatoire.storage.jeu import Notices
from observatoire.storage.journal import maintenant
from observatoire.storage.publications import derniere_inscrite, inscrire

GARDEES = 10
# Room that a publication may take, against its public file: files, copies in Parquet and in CSV.
PLACE = 8
# What the computation may take in memory; beyond, it goes through a folder of the data, removed at the end.
MEMOIRE = "1GB"
# Of the folder of a file, that of the analysts or not.
DROITS = {True: 0o750, False: 0o755}
# Called with the connection (the warehouse is its default database, read-only; the new file is `pub`) and the
# number of the publication. Creates tables in `pub`; returns comments: "table" or "table.colonne" → sentence.
Remplir = Callable[[duckdb.DuckDBPyConnection, int], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication: its number, its file, the deposits it counts, the rows of each table.

    `en_attente` deposits wait for somebody to validate them and are not counted.
    """

    version: int
    chemin: Path
    publie_le: dt.datetime
    fictif: bool
    depots: tuple[str, ...]
    tables: Mapping[str, int]
    parquet: Path
    analyse: Path | None
    en_attente: int = 0


@dataclass(frozen=True, slots=True)
class _Entete:
    version: int
    publie_le: dt.datetime
    fictif: bool
    depots: tuple[str, ...]
    en_attente: int


def copier_courant(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
    """Fill the analysts' file with the current rows: one `pub.enquete.<name>` per questionnaire."""
    con.execute("create schema pub.enquete")
    requete = """
        select view_name from duckdb_views()
        where database_name = 'entrepot' and schema_name = 'courant' order by view_name"""
    with con.cursor() as cur:
        vues = [nom for (nom,) in cur.execute(requete).fetchall()]
    for vue in vues:
        con.execute(f"create table pub.enquete.{nom_sql(vue)} as from entrepot.courant.{nom_sql(vue)}")
    requete = """
        select table_name, column_name, comment from duckdb_columns()
        where database_name = 'entrepot' and schema_name = 'enquete' and comment is not null"""
    with con.cursor() as cur:
        lignes = cur.execute(requete).fetchall()
    return {f"enquete.{table}.{champ}": texte for table, champ, texte in lignes if table in vues}


def octets_prevus(settings: Settings) -> int:
    """Bytes of the next publication, after those of the current one."""
    courante = fichiers.cible(settings.publication)
    return PLACE * courante.stat().st_size if courante else 0


def publier(
    settings: Settings,
    remplir: Remplir,
    *,
    enquetes: Mapping[str, Enquete] | None = None,
    remplir_analyse: Remplir | None = copier_courant,
    notices: Notices = lambda con, contenu: {},
    garder: int = GARDEES,
    attente_max: float = ATTENTE_MAX,
    qui: str = "",
) -> Publication:
    """Write publication n+1 and make it the current one; keeps the last `garder`.

    `remplir` makes the public tables; the analysts' file starts as a copy of them and `remplir_analyse`
    adds the rest (None: no such file). `notices` gives the texts of the folders to carry away. On any error the current publication stays. `qui` is kept in the
    warehouse with the number, the date and the deposits, once the publication is installed.
    """
    with verrouiller(settings, attente_max):
        version = fichiers.derniere_version(settings) + 1
        fichiers.balayer(settings)
        exiger_espace(settings, octets_prevus(settings))
        # Brings the schema up to date and folds the log of a killed writer into the file.
        with ouvrir_ecriture(settings, enquetes) as con:
            version = max(version, derniere_inscrite(con) + 1)
        try:
            entete = _fabriquer(settings, version, remplir, remplir_analyse)
            tables = jeu.ecrire_copies(settings, version, notices, avec_analyse=remplir_analyse is not None)
        except BaseException:
            fichiers.balayer(settings)
            raise
        avec_analyse = remplir_analyse is not None
        fichiers.installer(settings, version, avec_analyse=avec_analyse)
        with ouvrir_ecriture(settings, enquetes) as con:
            inscrire(con, version, entete.publie_le, qui, entete.depots)
        fichiers.elaguer(settings, garder)
    analyse = ANALYSE.final(settings, version) if avec_analyse else None
    chemin, parquet = PUBLIC.final(settings, version), PARQUET.final(settings, version)
    return Publication(
        version,
        chemin,
        entete.publie_le,
        entete.fictif,
        entete.depots,
        tables,
        parquet,
        analyse,
        entete.en_attente,
    )


def _fabriquer(
    settings: Settings, version: int, remplir: Remplir, remplir_analyse: Remplir | None
) -> _Entete:
    with _ouvrir_atelier(settings) as con:
        entete = _entete(con, version)
        _fabriquer_public(settings, con, entete, remplir)
        if remplir_analyse is not None:
            _fabriquer_analyse(settings, con, version, remplir_analyse)
    return entete


def version_courante(settings: Settings) -> int | None:
    """Number of the current publication; None when nothing was published."""
    courante = fichiers.cible(settings.publication)
    return PUBLIC.version(courante) if courante else None


@contextlib.contextmanager
def _ouvrir_atelier(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """In-memory connection with the warehouse attached read-only as `entrepot`, its default database."""
    limites = {"memory_limit": MEMOIRE, "temp_directory": str(settings.donnees / "calcul.tmp")}
    with duckdb.connect(":memory:", config={**CONFIG_ENTREPOT, **limites}) as con:
        con.execute(f"attach {litteral(str(settings.entrepot))} as entrepot (read_only)")
        con.execute("use entrepot")
        yield con


def _entete(con: duckdb.DuckDBPyConnection, version: int) -> _Entete:
    with con.cursor() as cur:
        lignes = cur.execute(
            "select depot_id, fictif from entrepot.depot.en_vigueur order by ordre"
        ).fetchall()
        attente = cur.execute(
            "select count(*) from entrepot.depot.depots where a_valider and statut <> ?", [ANNULE]
        ).fetchall()
    return _Entete(
        version, maintenant(), any(f for _, f in lignes), tuple(d for d, _ in lignes), attente[0][0]
    )


def _fabriquer_public(
    settings: Settings, con: duckdb.DuckDBPyConnection, entete: _Entete, remplir: Remplir
) -> None:
    tmp = _attacher(con, settings, PUBLIC, entete.version)
    con.execute(
        "create table pub._publication (version integer not null, publie_le timestamp not null, "
        "fictif boolean not null, depots varchar not null, duckdb_version varchar not null)"
    )
    con.execute(
        "insert into pub._publication values (?, ?, ?, ?, ?)",
        [entete.version, entete.publie_le, entete.fictif, ", ".join(entete.depots), duckdb.__version__],
    )
    commentaires = {
        "_publication": "De quoi est faite cette publication : numéro, date (temps universel), dépôts",
        "_publication.fictif": "Vrai quand un dépôt de démonstration est compté",
        **remplir(con, entete.version),
    }
    _commenter(con, commentaires)
    _detacher(con, tmp)


def _fabriquer_analyse(
    settings: Settings, con: duckdb.DuckDBPyConnection, version: int, remplir: Remplir
) -> None:
    # The same bytes to start with: copying them takes a tenth of the time of writing the tables again.
    ANALYSE.dossier(settings).mkdir(mode=DROITS[True], parents=True, exist_ok=True)
    shutil.copyfile(PUBLIC.provisoire(settings, version), ANALYSE.provisoire(settings, version))
    tmp = _attacher(con, settings, ANALYSE, version)
    _commenter(con, remplir(con, version))
    _detacher(con, tmp)


def _attacher(con: duckdb.DuckDBPyConnection, settings: Settings, famille: Famille, version: int) -> Path:
    famille.dossier(settings).mkdir(mode=DROITS[famille.analyse], parents=True, exist_ok=True)
    tmp = famille.provisoire(settings, version)
    con.execute(f"attach {litteral(str(tmp))} as pub ({POUR_PUBLIER})")
    return tmp


def _detacher(con: duckdb.DuckDBPyConnection, chemin: Path) -> None:
    con.execute("checkpoint pub")
    con.execute("detach pub")
    journal = chemin.with_name(chemin.name + ".wal")
    if journal.exists():
        raise RuntimeError(f"{journal.name} : le fichier à publier n’est pas complet")


def _commenter(con: duckdb.DuckDBPyConnection, commentaires: Mapping[str, str]) -> None:
    """Comment `table`, `table.colonne` or `schema.table.colonne` of the new file."""
    # One transaction: a comment of its own would be one write on the disk.
    with transaction(con) as cur:
        requete = "select schema_name, table_name, comment from duckdb_tables() where database_name = 'pub'"
        tables = {_objet(schema, nom): dit for schema, nom, dit in cur.execute(requete).fetchall()}
        requete = "select schema_name, table_name, column_name, comment from duckdb_columns() where database_name = 'pub'"
        colonnes = {
            f"{_objet(schema, nom)}.{c}": dit for schema, nom, c, dit in cur.execute(requete).fetchall()
        }
        for objet, texte in commentaires.items():
            if (tables.get(objet) or colonnes.get(objet)) == texte:
                continue
            genre = "table" if objet in tables else "column"
            cible = ".".join(nom_sql(m) for m in ("pub", *objet.split(".")))
            cur.execute(f"comment on {genre} {cible} is {litteral(texte)}")


def _objet(schema: str, nom: str) -> str:
    return nom if schema == "main" else f"{schema}.{nom}"
