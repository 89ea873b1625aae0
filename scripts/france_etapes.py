"""What one département goes through, with the functions of the product: load, compute, protect, publish.

Each département is a process of its own, that prints what each step took: seconds, seconds of processor (those of
its children with them), peak memory, bytes.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import resource
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from observatoire.domain.loader import load_enquetes
from observatoire.indicators.run import SECRET, TABLES
from observatoire.storage.chargement import DepotACharger, charger
from observatoire.storage.connexion import nom_sql
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.territoire import load_territoire
from pipelines import depot
from scripts.france_cas import QUESTIONNAIRE, Cas

GENERER, CHARGER, ESTIMER, PROTEGER, PUBLIER = "generer", "charger", "estimer", "proteger", "publier"
# Loaded at the first figure of a process: kept out of the measures, as in the other benches.
IMPORTS = ("pandas", "polars", "scipy.optimize", "scipy.sparse", "scipy.special", "svy")
ETAPES = (CHARGER, ESTIMER, PROTEGER, PUBLIER)
# What each step is compared to: rows that DuckDB alone inserts, sums that it alone makes, bytes copied to the disk.
INSERER_NU, SOMMER_NU, COPIER = "inserer_nu", "sommer_nu", "copier"
LIMITES = {CHARGER: INSERER_NU, ESTIMER: SOMMER_NU, PUBLIER: COPIER}


@dataclass(slots=True)
class Releve:
    """What one département took: step → seconds, seconds of processor; MiB at most; bytes; rows."""

    departement: str
    durees: dict[str, float] = field(default_factory=dict)
    processeurs: dict[str, float] = field(default_factory=dict)
    memoire: float = 0.0
    octets: dict[str, int] = field(default_factory=dict)
    lignes: dict[str, int] = field(default_factory=dict)

    def terminer(self) -> None:
        """Note the peak of this process or of the largest of its children."""
        pics = [resource.getrusage(q).ru_maxrss for q in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        self.memoire = max(pics) / 1024


class Montre:
    """Charges the time that goes by to one step at a time."""

    def __init__(self, releve: Releve) -> None:
        self.releve = releve
        self.etape = ""
        self.depuis = (0.0, 0.0)

    def a(self, etape: str) -> None:
        """From now on, time is that of `etape` (empty: nobody's)."""
        maintenant = (time.perf_counter(), processeur())
        if self.etape:
            for somme, avant, apres in zip(
                (self.releve.durees, self.releve.processeurs), self.depuis, maintenant, strict=True
            ):
                somme[self.etape] = somme.get(self.etape, 0.0) + apres - avant
        self.etape, self.depuis = etape, maintenant


def processeur() -> float:
    """Seconds of processor of this process and of the children it has waited for."""
    usages = [resource.getrusage(qui) for qui in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usages)


def traiter(cas: Cas) -> Releve:
    """The whole way of one département."""
    for module in IMPORTS:
        importlib.import_module(module)
    releve = Releve(cas.departement)
    montre = Montre(releve)
    enquetes = load_enquetes()
    montre.a(GENERER)
    vagues = cas.ecrire(enquetes)
    montre.a(CHARGER)
    _charger(cas, vagues)
    montre.a(ESTIMER)

    def suivi(etape: str, part: float) -> None:
        voulue = PROTEGER if etape == SECRET else PUBLIER if etape == TABLES else ESTIMER
        if voulue != montre.etape:
            montre.a(voulue)

    publication = depot.publier(cas.settings, suivi=suivi)
    montre.a(INSERER_NU)
    _inserer_nu(vagues, cas.settings.donnees / "nue.duckdb")
    montre.a(SOMMER_NU)
    _sommer_nu(cas, list(vagues.values()))
    montre.a(COPIER)
    copier(fichiers(cas.settings.curated), cas.settings.donnees / "copie")
    montre.a("")
    shutil.rmtree(cas.settings.donnees / "copie")
    releve.terminer()
    releve.octets = {
        "entrepot": cas.settings.entrepot.stat().st_size,
        "publication": octets(cas.settings.curated),
        "public": publication.chemin.stat().st_size,
    }
    releve.lignes = {
        "reponses": sum(v.num_rows for v in vagues.values()),
        "mesures": publication.tables["mesures"],
    }
    return releve


def _charger(cas: Cas, vagues: Mapping[int, pa.Table]) -> None:
    """One deposit a wave."""
    for annee, lignes in vagues.items():
        nombre = lignes.num_rows
        sha256 = hashlib.sha256(f"{cas.departement}-{annee}".encode()).hexdigest()
        nouveau = DepotACharger(
            sha256, f"vague-{annee}.xlsx", lignes.nbytes, QUESTIONNAIRE, "gabarit", lignes, nombre, nombre, 0, 0,
            millesime=annee, fictif=True,
        )  # fmt: skip
        with EntrepotEcriture(cas.settings, octets=lignes.nbytes) as con:
            charger(con, nouveau)


def _inserer_nu(vagues: Mapping[int, pa.Table], chemin: Path) -> None:
    """The limit of a load: DuckDB alone writes the same rows in a file."""
    with duckdb.connect(str(chemin)) as con:
        for rang, lignes in enumerate(vagues.values()):
            con.register("vague", lignes)
            con.execute(
                f"{'insert into' if rang else 'create table'} {nom_sql(QUESTIONNAIRE)} {'by name' if rang else 'as'} from vague"
            )
            con.unregister("vague")
    chemin.unlink()


def _sommer_nu(cas: Cas, vagues: Sequence[pa.Table]) -> None:
    """The limit of the estimates: DuckDB alone sums every number of the answers by zone, year and sector."""
    territoire = load_territoire(cas.departement)
    colonnes = zip(*territoire.rattachements(), strict=True)
    tables = {
        "reponses": pa.concat_tables(vagues),
        "rattachements": pa.table(dict(zip(("commune", "niveau", "code"), map(list, colonnes), strict=True))),
        "registre": pq.read_table(cas.settings.registre, columns=["cle", "secteur"]),
    }
    nombres = [
        c.name
        for c in tables["reponses"].schema
        if pa.types.is_integer(c.type) or pa.types.is_floating(c.type)
    ]
    sommes = ", ".join(f"sum({nom_sql(c)})" for c in nombres if c not in ("millesime", "ligne"))
    with duckdb.connect() as con:
        for nom, table in tables.items():
            con.register(nom, table)
        con.execute(f"""
            create temp table nue as select millesime, niveau, code, secteur, count(*), {sommes}
            from reponses inner join rattachements using (commune) inner join registre on cle_association = cle
            group by grouping sets ((millesime, niveau, code), (millesime, niveau, code, secteur))""")


def octets(dossier: Path) -> int:
    """Bytes of the files of a folder, those that share their place on the disk counted once."""
    etats = {(e.st_dev, e.st_ino): e.st_size for e in (p.stat() for p in fichiers(dossier))}
    return sum(etats.values())


def fichiers(dossier: Path) -> list[Path]:
    """Files of a folder, without symlinks."""
    return [p for p in sorted(dossier.rglob("*")) if p.is_file() and not p.is_symlink()]


def copier(source: Sequence[Path], vers: Path) -> None:
    """The limit of a publication: read its bytes, write them elsewhere and have them on the disk."""
    vers.mkdir(parents=True, exist_ok=True)
    vus: set[int] = set()
    for rang, chemin in enumerate(source):
        if (ici := chemin.stat().st_ino) in vus:
            continue
        vus.add(ici)
        with chemin.open("rb") as lu, (vers / str(rang)).open("wb") as ecrit:
            while bloc := lu.read(1 << 22):
                ecrit.write(bloc)
            ecrit.flush()
            os.fsync(ecrit.fileno())


def imprimer(releve: Releve) -> None:
    """The record as one JSON line, for the parent."""
    print(json.dumps(asdict(releve)))
