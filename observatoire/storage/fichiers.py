"""Files of the publications: names, Parquet copies, installation in one symlink, sweeping and pruning."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.storage.archive import EN_COURS, Empreintes, synchroniser
from observatoire.storage.connexion import nom_sql

SOMMES = "SHA256SUMS"
# Files asked to the disk at once, when a publication is installed.
ECRITURES = 8
# A file system that cannot give a file two names.
_SANS_LIEN = {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS}


@dataclass(frozen=True, slots=True)
class Famille:
    """A kind of published file: prefix of its name, ending, whether it sits in the analysts' folder.

    `durable` files are kept when the other files of their publication are pruned.
    """

    prefixe: str
    suffixe: str = ""
    analyse: bool = False
    droits: int = 0o444
    durable: bool = False

    def dossier(self, settings: Settings) -> Path:
        """Folder of these files."""
        return settings.analyse.parent if self.analyse else settings.curated

    def final(self, settings: Settings, version: int) -> Path:
        """Path of publication `version`."""
        return self.dossier(settings) / self.nom(version)

    def nom(self, version: int) -> str:
        """Name of the file or folder of publication `version`."""
        return f"{self.prefixe}-{version:04d}{self.suffixe}"

    def provisoire(self, settings: Settings, version: int) -> Path:
        """Path where it is written before it is whole."""
        final = self.final(settings, version)
        return final.with_name(EN_COURS + final.name)

    def version(self, chemin: Path) -> int | None:
        """Number in a file name; None for another file."""
        trouve = re.fullmatch(rf"{self.prefixe}-(\d{{4,}}){re.escape(self.suffixe)}", chemin.name)
        return int(trouve[1]) if trouve else None

    def versions(self, settings: Settings) -> dict[int, Path]:
        """All the files of this kind, by number."""
        dossier = self.dossier(settings)
        chemins = dossier.iterdir() if dossier.exists() else ()
        return {v: c for c in chemins if (v := self.version(c)) is not None}


PUBLIC = Famille("observatoire", ".duckdb")
PARQUET = Famille("parquet")
ANALYSE = Famille("analyse", ".duckdb", analyse=True, droits=0o440)
# The figures shown by a publication, kept for ever: a document that quotes an old one can still be checked.
CHIFFRES = Famille("chiffres", ".parquet", durable=True)
# The folders to carry away: the file, each table in Parquet and in CSV, what describes them, their checksums.
JEU = Famille("publication")
JEU_ANALYSE = Famille("publication", analyse=True, droits=0o440)
FAMILLES = (PUBLIC, PARQUET, ANALYSE, CHIFFRES, JEU, JEU_ANALYSE)
# Symlink to the highest publication that was in force, once a lower one was put back: it is not a leftover, and
# the next publication is protected against what it showed.
ECARTEE = "observatoire-ecartee.duckdb"
# Symlink to the folder of the publication in force, and the other name that analysts look for, which names it.
DERNIER_JEU = "publication"
DERNIER_ALIAS = "latest"
COLONNES_CHIFFRES = {
    "mesures": (
        "indicateur", "millesime", "niveau", "code_territoire", "domaine", "financeur", "vue", "valeur",
        "borne_basse", "borne_haute", "n_repondants", "statut",
    ),
    "indicateurs": ("titre", "unite", "decimales"),
}  # fmt: skip


def cible(lien: Path) -> Path | None:
    """File behind a symlink; None when there is no such link or no such file."""
    return lien.resolve() if lien.is_symlink() and lien.exists() else None


def derniere_version(settings: Settings) -> int:
    """Highest number ever given, finished or not; 0 at first. A number never serves twice."""
    return max((v for f in FAMILLES for v in f.versions(settings)), default=0)


def plus_haute(settings: Settings) -> int:
    """Highest number that was in force; above it stand only leftovers. 0 at first."""
    cibles = (cible(settings.publication), cible(settings.curated / ECARTEE))
    return max((v for c in cibles if c is not None and (v := PUBLIC.version(c)) is not None), default=0)


def references(settings: Settings) -> tuple[Path, Path]:
    """Public and analysts' files of the highest publication that was in force: what readers last learnt from."""
    ecartee = cible(settings.curated / ECARTEE)
    version = plus_haute(settings)
    if ecartee is None or PUBLIC.version(ecartee) != version:
        return settings.publication, settings.analyse
    return ecartee, ANALYSE.final(settings, version)


def _en_service(settings: Settings) -> set[Path | None]:
    """Real paths that are never removed: in force, and those that the next publication is protected against."""
    return {
        cible(settings.publication),
        cible(settings.analyse),
        *(c.resolve() for c in references(settings)),
    }


def balayer(settings: Settings) -> None:
    """Remove what an interrupted publication left: unfinished files, and numbers above the highest in force."""
    for famille in FAMILLES:
        dossier = famille.dossier(settings)
        for reste in dossier.glob(f"{EN_COURS}*") if dossier.exists() else ():
            _supprimer(reste)
    limite = plus_haute(settings)
    courante = cible(settings.publication)
    if courante is not None and PUBLIC.version(courante) == limite:
        (settings.curated / ECARTEE).unlink(missing_ok=True)
    en_service = _en_service(settings)
    for famille in FAMILLES:
        for version, chemin in famille.versions(settings).items():
            if version > limite and chemin.resolve() not in en_service:
                _supprimer(chemin)
    relier_jeux(settings)


def ecrire_parquet(
    con: duckdb.DuckDBPyConnection, settings: Settings, version: int, empreinte: Empreintes
) -> dict[str, int]:
    """Read the new public file back (`con`) and write one Parquet per table, and its figures; returns table → rows."""
    dossier, source = PARQUET.provisoire(settings, version), PUBLIC.provisoire(settings, version)
    dossier.mkdir()
    tables: dict[str, int] = {}
    requete = "select table_name from duckdb_tables() where schema_name = 'main' order by table_name"
    for (table,) in con.execute(requete).fetchall():
        chemin = str(dossier / f"{table}.parquet")
        copie = f"copy {nom_sql(table)} to ? (format parquet, compression zstd)"
        tables[table] = int(con.execute(copie, [chemin]).fetchall()[0][0])
    public = PUBLIC.final(settings, version)
    sommes = [f"{empreinte(source)}  ../{public.name}\n"]
    sommes += [f"{empreinte(f)}  {f.name}\n" for f in sorted(dossier.glob("*.parquet"))]
    (dossier / SOMMES).write_text("".join(sommes), encoding="utf-8")
    if _chiffres_de(tables):
        _copier_chiffres(con, CHIFFRES.provisoire(settings, version))
    return tables


def _chiffres_de(tables: Iterable[str]) -> bool:
    return {*COLONNES_CHIFFRES, "_publication"} <= set(tables)


def ecrire_chiffres(dossier: Path, chemin: Path) -> bool:
    """Write the figures of a publication, masked as its Parquet copies have them, without its empty cells.

    False when it has no figure.
    """
    copies = {copie.stem: copie for copie in dossier.glob("*.parquet")}
    if not _chiffres_de(copies):
        return False
    with duckdb.connect(":memory:") as con:
        for table in (*COLONNES_CHIFFRES, "_publication"):
            con.read_parquet(str(copies[table])).create_view(table)
        return _copier_chiffres(con, chemin)


def _copier_chiffres(con: duckdb.DuckDBPyConnection, chemin: Path) -> bool:
    """Write the figures of the tables, or views, of a connection; False when they are too old to have them all."""
    if any(not set(c) <= set(con.table(t).columns) for t, c in COLONNES_CHIFFRES.items()):
        return False
    colonnes = [f"{table}.{c}" for table, noms in COLONNES_CHIFFRES.items() for c in noms]
    con.execute(
        f"copy (select {', '.join(colonnes)}, p.version, p.publie_le from mesures "
        "inner join indicateurs using (indicateur) cross join _publication as p where mesures.statut <> 'nd' "
        "order by mesures.indicateur, millesime, vue, niveau, code_territoire, domaine, financeur) "
        "to ? (format parquet, compression zstd)",
        [str(chemin)],
    )
    return True


def installer(settings: Settings, version: int, *, avec_analyse: bool) -> None:
    """Put the finished files on the disk for good, then move the symlinks, the public one last."""
    familles = [
        f for f in FAMILLES if f.provisoire(settings, version).exists() and (avec_analyse or not f.analyse)
    ]
    fichiers: dict[int, Path] = {}
    dossiers: list[Path] = []
    for famille in familles:
        tmp = famille.provisoire(settings, version)
        chemins = sorted(tmp.rglob("*")) if tmp.is_dir() else []
        for fichier in [c for c in chemins if c.is_file()] or [tmp]:
            # A file that several sets share is one file.
            if (numero := fichier.stat().st_ino) not in fichiers:
                fichier.chmod(famille.droits)
                fichiers[numero] = fichier
        dossiers += [*(c for c in chemins if c.is_dir()), tmp] if tmp.is_dir() else []
    # Several at once: the disk writes down together what it is asked together.
    with ThreadPoolExecutor(ECRITURES) as disque:
        for lot in (fichiers.values(), dossiers):
            list(disque.map(synchroniser, lot))
    for famille in familles:
        famille.provisoire(settings, version).rename(famille.final(settings, version))
        synchroniser(famille.dossier(settings))
    if avec_analyse:
        _lier(settings.analyse, ANALYSE.final(settings, version))
    _lier(settings.publication, PUBLIC.final(settings, version))
    relier_jeux(settings)


def relier_jeux(settings: Settings) -> None:
    """Make the symlinks of the folders follow those of the files, which alone decide what is in force."""
    for lien, famille, jeu in ((settings.publication, PUBLIC, JEU), (settings.analyse, ANALYSE, JEU_ANALYSE)):
        courante = cible(lien)
        version = famille.version(courante) if courante else None
        dernier = jeu.dossier(settings) / DERNIER_JEU
        alias = dernier.with_name(DERNIER_ALIAS)
        voulu = jeu.final(settings, version) if version is not None else None
        if voulu is not None and voulu.is_dir():
            if cible(dernier) != voulu.resolve():
                _lier(dernier, voulu)
            # Names the first link, not the folder: one link alone moves.
            if not alias.is_symlink() or alias.readlink() != Path(DERNIER_JEU):
                _lier(alias, dernier)
        else:
            alias.unlink(missing_ok=True)
            dernier.unlink(missing_ok=True)


def remettre(settings: Settings, version: int) -> None:
    """Put publication `version` back in force; no file is removed. Its files are there."""
    if (avant := plus_haute(settings)) > version:
        _lier(settings.curated / ECARTEE, PUBLIC.final(settings, avant))
    analyse = ANALYSE.final(settings, version)
    if analyse.is_file():
        _lier(settings.analyse, analyse)
    _lier(settings.publication, PUBLIC.final(settings, version))
    relier_jeux(settings)


def a_elaguer(settings: Settings, garder: int) -> list[int]:
    """Numbers that `elaguer` removes: beyond the last `garder`, not in force, not needed by the next one."""
    gardees = set(sorted(PUBLIC.versions(settings))[-max(garder, 1) :])
    en_service = _en_service(settings)
    tenues = {
        v for f in (PUBLIC, ANALYSE) for v, c in f.versions(settings).items() if c.resolve() in en_service
    }
    versions = {v for f in FAMILLES if not f.durable for v in f.versions(settings)}
    return sorted(versions - gardees - tenues)


def elaguer(settings: Settings, garder: int) -> list[int]:
    """Keep the last `garder` publications and those in service; the figures of the others stay. Numbers removed."""
    retirees = a_elaguer(settings, garder)
    for version in retirees:
        if PUBLIC.final(settings, version).is_file():
            _garder_les_chiffres(settings, version)
        for famille in (f for f in FAMILLES if not f.durable):
            if (chemin := famille.final(settings, version)).exists():
                _supprimer(chemin)
    return retirees


def retirer_analyses(settings: Settings) -> list[Path]:
    """Remove what the analysts have of the publications that are not in force; the paths removed."""
    courante = cible(settings.analyse)
    garde = ANALYSE.version(courante) if courante else None
    retires = [
        chemin
        for famille in FAMILLES
        if famille.analyse
        for version, chemin in famille.versions(settings).items()
        if version != garde
    ]
    for chemin in retires:
        _supprimer(chemin)
    return retires


def _garder_les_chiffres(settings: Settings, version: int) -> None:
    """Write the figures of a publication made before they were kept."""
    final, tmp = CHIFFRES.final(settings, version), CHIFFRES.provisoire(settings, version)
    if not final.exists() and ecrire_chiffres(PARQUET.final(settings, version), tmp):
        tmp.chmod(CHIFFRES.droits)
        synchroniser(tmp)
        tmp.rename(final)


def _lier(lien: Path, vers: Path) -> None:
    """Make `lien` name `vers` at once: readers see the old file or the new one, never none."""
    tmp = lien.with_name(EN_COURS + lien.name)
    tmp.unlink(missing_ok=True)
    tmp.symlink_to(vers.name)
    os.replace(tmp, lien)  # noqa: PTH105 (a symlink must be replaced, not followed)
    synchroniser(lien.parent)


def partager(source: Path, cible: Path) -> None:
    """Give a file a second name; where the file system cannot, a copy."""
    try:
        os.link(source, cible)
    except OSError as faute:
        if faute.errno not in _SANS_LIEN:
            raise
        shutil.copyfile(source, cible)


def _supprimer(chemin: Path) -> None:
    if chemin.is_dir() and not chemin.is_symlink():
        shutil.rmtree(chemin)
    else:
        chemin.unlink(missing_ok=True)
