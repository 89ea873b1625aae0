"""Settings, read once by the entry points and passed down: paths, territory, thresholds."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

DUCKDB, DUCKLAKE, SPARK = MOTEURS = ("duckdb", "ducklake", "spark")


class ReglageInconnu(ValueError):
    """A setting that means nothing; the message says which values it may have."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the data lives and which thresholds hold.

    `donnees` is the only root: every path of the product derives from it. `secret_min_associations` replaces
    the constant of the same name (domain/parametres) when given; `seuil_a_revoir` is a share between 0 and 1.
    With `quatre_yeux`, a deposit counts once somebody else than its depositor has validated it. `memoire`: private
    folder of results that need not be worked out again, when it is not in `donnees`.
    `moteur`: what runs the queries of the indicators (observatoire/moteurs). `spark`: address of the session.
    `lac`, `lac_donnees`: catalogue (words of libpq, without a password) and files of the lake of the federation.
    """

    donnees: Path
    departement: str = "77"
    secret_min_associations: int | None = None
    seuil_a_revoir: float = 0.20
    quatre_yeux: bool = False
    memoire: Path | None = field(default_factory=lambda: _chemin("OBSERVATOIRE_MEMOIRE"))
    moteur: str = DUCKDB
    spark: str = "local[*]"
    lac: str = ""
    lac_donnees: str = ""

    @property
    def raw(self) -> Path:
        """Original bytes of the deposits, named by their SHA-256."""
        return self.donnees / "raw"

    @property
    def curated(self) -> Path:
        """Publications: immutable files and the symlink to the current one."""
        return self.donnees / "curated"

    @property
    def entrepot(self) -> Path:
        """Private warehouse, opened by one writer at a time and never by a page."""
        return self.donnees / "entrepot.duckdb"

    @property
    def verrou(self) -> Path:
        """Inter-process lock of the warehouse."""
        return self.donnees / "entrepot.verrou"

    @property
    def tenu(self) -> Path:
        """Who holds the lock, since when: written by the holder, for `observatoire sante`."""
        return self.donnees / "entrepot.tenu.json"

    @property
    def journal(self) -> Path:
        """Copy of the journal of decisions, one JSON line per gesture: what rebuilds the warehouse (copie_journal.py)."""
        return self.donnees / "journal.jsonl"

    @property
    def evenements(self) -> Path:
        """What the commands did, without any value: one JSON Lines file a month."""
        return self.donnees / "evenements"

    @property
    def publication(self) -> Path:
        """Symlink to the current public file."""
        return self.curated / "observatoire.duckdb"

    @property
    def analyse(self) -> Path:
        """Symlink to the current file of the analysts (restricted folder)."""
        return self.curated / "analyse" / "analyse.duckdb"

    @property
    def chantiers(self) -> Path:
        """Deposits in progress, one folder each: choices and verdict, and the bytes once they are screened."""
        return self.donnees / "chantiers"

    @property
    def quarantaine(self) -> Path:
        """Received bytes until they are screened: in memory (tmpfs) where the machine has some."""
        memoire = Path("/dev/shm")
        if not memoire.is_dir():
            return self.donnees / "quarantaine"
        nom = hashlib.sha256(str(self.donnees).encode()).hexdigest()[:16]
        return memoire / f"observatoire-{os.getuid()}-{nom}"

    @property
    def cle(self) -> Path:
        """Key of the installation (config/cle.py): to be kept with the data, and shown to nobody."""
        return self.donnees / "secret.cle"

    @property
    def memoire_masques(self) -> Path:
        """Masks already worked out (private; estimation/memoire.py)."""
        return (self.memoire or self.donnees / "memoire") / "masques"

    @property
    def memoire_poids(self) -> Path:
        """Weights already worked out (private; estimation/souvenirs.py)."""
        return (self.memoire or self.donnees / "memoire") / "poids"

    @property
    def memoire_evolutions(self) -> Path:
        """Differences between years already worked out (private; estimation/souvenirs.py)."""
        return (self.memoire or self.donnees / "memoire") / "evolutions"

    @property
    def comptes(self) -> Path:
        """Accounts, roles, sessions and the access journal (SQLite)."""
        return self.donnees / "comptes.sqlite"

    @property
    def parametres(self) -> Path:
        """Constants of the network: CSV files that complete or replace the shipped ones (parametre.py)."""
        return self.donnees / "parametres"

    @property
    def territoires(self) -> Path:
        """Lists of the network on its territory: priority districts, groupings of communes (CSV)."""
        return self.donnees / "territoires"

    @property
    def sources(self) -> Path:
        """Tables of the public sources (Parquet), of a département or of the whole country (registre/magasin.py)."""
        return self.donnees / "sources"

    @property
    def registre(self) -> Path:
        """Register of the associations of the territory (Parquet), built from the official files loaded."""
        return self.donnees / "registre" / "registre.parquet"


def load_settings(donnees: Path | str | None = None) -> Settings:
    """Settings from the environment; `donnees` given by the caller wins.

    Environment: `OBSERVATOIRE_DONNEES` (default `data`), `OBSERVATOIRE_DEPARTEMENT` (default `77`),
    `OBSERVATOIRE_SECRET_MIN` (default: the dated constant), `OBSERVATOIRE_QUATRE_YEUX` (`1` to ask for it),
    `OBSERVATOIRE_MEMOIRE` (default: a folder of the data). `OBSERVATOIRE_CLE`: see config/cle.py.
    `OBSERVATOIRE_MOTEUR`, `OBSERVATOIRE_SPARK`, `OBSERVATOIRE_LAC`, `OBSERVATOIRE_LAC_DONNEES`: docs/grandir.md.
    ReglageInconnu for an engine that does not exist.
    """
    racine = Path(donnees or os.environ.get("OBSERVATOIRE_DONNEES") or "data").expanduser()
    minimum = os.environ.get("OBSERVATOIRE_SECRET_MIN")
    moteur = os.environ.get("OBSERVATOIRE_MOTEUR") or DUCKDB
    if moteur not in MOTEURS:
        connus = ", ".join(MOTEURS)
        raise ReglageInconnu(
            f"OBSERVATOIRE_MOTEUR : « {moteur} » est inconnu (moteurs possibles : {connus})."
        )
    return Settings(
        donnees=racine.resolve(),
        departement=os.environ.get("OBSERVATOIRE_DEPARTEMENT", "77"),
        secret_min_associations=int(minimum) if minimum else None,
        quatre_yeux=os.environ.get("OBSERVATOIRE_QUATRE_YEUX", "") in ("1", "oui"),
        moteur=moteur,
        spark=os.environ.get("OBSERVATOIRE_SPARK") or "local[*]",
        lac=os.environ.get("OBSERVATOIRE_LAC", ""),
        lac_donnees=os.environ.get("OBSERVATOIRE_LAC_DONNEES", ""),
    )


def _chemin(variable: str) -> Path | None:
    texte = os.environ.get(variable)
    return Path(texte).expanduser().resolve() if texte else None
