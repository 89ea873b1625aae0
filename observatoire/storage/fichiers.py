"""Files of the publications: names, Parquet copies, installation in one symlink, sweeping and pruning."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.storage.archive import EN_COURS, synchroniser
from observatoire.storage.connexion import nom_sql

SOMMES = "SHA256SUMS"


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
        return self.dossier(settings) / f"{self.prefixe}-{version:04d}{self.suffixe}"

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
FAMILLES = (PUBLIC, PARQUET, ANALYSE, CHIFFRES)
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


def balayer(settings: Settings) -> None:
    """Remove what an interrupted publication left: unfinished files, and numbers above the current one."""
    for famille in FAMILLES:
        dossier = famille.dossier(settings)
        for reste in dossier.glob(f"{EN_COURS}*") if dossier.exists() else ():
            _supprimer(reste)
    courante = cible(settings.publication)
    limite = (PUBLIC.version(courante) if courante else None) or 0
    en_service = {cible(settings.publication), cible(settings.analyse)}
    for famille in FAMILLES:
        for version, chemin in famille.versions(settings).items():
            if version > limite and chemin.resolve() not in en_service:
                _supprimer(chemin)


def ecrire_parquet(settings: Settings, version: int) -> dict[str, int]:
    """Read the new public file back and write one Parquet per table, and its figures; returns table → rows."""
    dossier, source = PARQUET.provisoire(settings, version), PUBLIC.provisoire(settings, version)
    dossier.mkdir()
    tables: dict[str, int] = {}
    with duckdb.connect(str(source), read_only=True) as con:
        requete = "select table_name from duckdb_tables() where schema_name = 'main' order by table_name"
        for (table,) in con.execute(requete).fetchall():
            chemin = str(dossier / f"{table}.parquet")
            copie = f"copy {nom_sql(table)} to ? (format parquet, compression zstd)"
            tables[table] = int(con.execute(copie, [chemin]).fetchall()[0][0])
    public = PUBLIC.final(settings, version)
    sommes = [f"{_sha256(source)}  ../{public.name}\n"]
    sommes += [f"{_sha256(f)}  {f.name}\n" for f in sorted(dossier.glob("*.parquet"))]
    (dossier / SOMMES).write_text("".join(sommes), encoding="utf-8")
    ecrire_chiffres(dossier, CHIFFRES.provisoire(settings, version))
    return tables


def ecrire_chiffres(dossier: Path, chemin: Path) -> bool:
    """Write the figures of a publication, masked as its Parquet copies have them, without its empty cells.

    False when it has no figure.
    """
    copies = {table: dossier / f"{table}.parquet" for table in (*COLONNES_CHIFFRES, "_publication")}
    if not all(copie.is_file() for copie in copies.values()):
        return False
    with duckdb.connect(":memory:") as con:
        for table, copie in copies.items():
            con.read_parquet(str(copie)).create_view(table)
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
    for famille in familles:
        tmp = famille.provisoire(settings, version)
        for fichier in sorted(tmp.iterdir()) if tmp.is_dir() else [tmp]:
            fichier.chmod(famille.droits)
            synchroniser(fichier)
        if tmp.is_dir():
            synchroniser(tmp)
    for famille in familles:
        famille.provisoire(settings, version).rename(famille.final(settings, version))
        synchroniser(famille.dossier(settings))
    if avec_analyse:
        _lier(settings.analyse, ANALYSE.final(settings, version))
    _lier(settings.publication, PUBLIC.final(settings, version))


def elaguer(settings: Settings, garder: int) -> None:
    """Keep the last `garder` publications and whatever a symlink names; the figures of the others stay."""
    en_service = {cible(settings.publication), cible(settings.analyse)}
    gardees = set(sorted(PUBLIC.versions(settings))[-max(garder, 1) :])
    for famille in (f for f in FAMILLES if not f.durable):
        for version, chemin in famille.versions(settings).items():
            if version not in gardees and chemin.resolve() not in en_service:
                if famille is PUBLIC:
                    _garder_les_chiffres(settings, version)
                _supprimer(chemin)


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


def _supprimer(chemin: Path) -> None:
    if chemin.is_dir() and not chemin.is_symlink():
        shutil.rmtree(chemin)
    else:
        chemin.unlink(missing_ok=True)


def _sha256(chemin: Path) -> str:
    with chemin.open("rb") as entree:
        return hashlib.file_digest(entree, "sha256").hexdigest()
