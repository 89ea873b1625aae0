"""The list of the publications: who made each, on which deposits, and whether its file is still there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.storage import fichiers
from observatoire.storage.connexion import ATTACHE, CONFIG_ENTREPOT, FORMAT, attacher, transaction
from observatoire.storage.entrepot import ATTENTE_MAX, EntrepotEcriture, EntrepotLecture, verrouiller
from observatoire.storage.erreurs import EntrepotAbsent, PublicationAbsente
from observatoire.storage.fichiers import ANALYSE, JEU, JEU_ANALYSE, PARQUET, PUBLIC
from observatoire.storage.jeu import verifier_jeu
from observatoire.storage.journal import journaliser

PUBLIER = "publier"


@dataclass(frozen=True, slots=True)
class PublicationInscrite:
    """One publication. `chiffres` counts the values shown; None when the file was pruned. `publie_le` is UTC."""

    version: int
    publie_le: dt.datetime
    qui: str
    depots: tuple[str, ...]
    chiffres: int | None = None
    presente: bool = False
    courante: bool = False


def inscrire(
    con: duckdb.DuckDBPyConnection, version: int, publie_le: dt.datetime, qui: str, depots: Sequence[str]
) -> None:
    """Keep who published what; called once the publication is installed."""
    with transaction(con) as cur:
        cur.execute(
            "insert into depot.publications (version, publie_le, qui, depots) values (?, ?, ?, ?::varchar[])",
            [version, publie_le, qui, list(depots)],
        )
        detail = {"publie_le": publie_le.isoformat(), "depots": list(depots)}
        journaliser(cur, PUBLIER, str(version), qui=qui, detail=detail)


def derniere_inscrite(con: duckdb.DuckDBPyConnection) -> int:
    """Highest number kept in the warehouse; 0 at first."""
    with con.cursor() as cur:
        lignes = cur.execute("select coalesce(max(version), 0) from depot.publications").fetchall()
    return int(lignes[0][0])


def lister_publications(settings: Settings) -> list[PublicationInscrite]:
    """Every publication, the latest first: those the warehouse knows, and the files that precede its list."""
    try:
        with EntrepotLecture(settings) as con, con.cursor() as cur:
            requete = "select version, publie_le, qui, depots from depot.publications"
            inscrites = {
                v: PublicationInscrite(v, le, qui, tuple(depots))
                for v, le, qui, depots in cur.execute(requete).fetchall()
            }
            inscrites |= _presentes(settings, inscrites)
    except EntrepotAbsent:
        inscrites = _presentes(settings, {})
    return [inscrites[v] for v in sorted(inscrites, reverse=True)]


def _presentes(
    settings: Settings, inscrites: Mapping[int, PublicationInscrite]
) -> dict[int, PublicationInscrite]:
    """Those whose file is there, but for what an interrupted publication left above the current one."""
    cible = fichiers.cible(settings.publication)
    courante = (PUBLIC.version(cible) if cible else None) or 0
    presentes = {}
    for version in (v for v in PUBLIC.versions(settings) if v <= fichiers.plus_haute(settings)):
        publie_le, depots, chiffres = _lire(PARQUET.final(settings, version))
        connue = inscrites.get(version) or PublicationInscrite(version, publie_le, "", depots)
        presentes[version] = replace(connue, chiffres=chiffres, presente=True, courante=version == courante)
    return presentes


def _lire(dossier: Path) -> tuple[dt.datetime, tuple[str, ...], int]:
    """Date, deposits and number of values of a publication, from its Parquet copies."""
    with duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        ((publie_le, depots),) = con.execute(
            "select publie_le, depots from read_parquet(?)", [str(dossier / "_publication.parquet")]
        ).fetchall()
        requete = "select count(valeur) from read_parquet(?)"
        ((chiffres,),) = con.execute(requete, [str(dossier / "mesures.parquet")]).fetchall()
    return publie_le, tuple(d for d in depots.split(", ") if d), int(chiffres)


def version_courante(settings: Settings) -> int | None:
    """Number in force; None when nothing was published."""
    courante = fichiers.cible(settings.publication)
    return PUBLIC.version(courante) if courante else None


def gardees(settings: Settings) -> list[int]:
    """Numbers whose file is kept, the latest first, without the leftovers of an interrupted publication."""
    limite = fichiers.plus_haute(settings)
    return sorted((v for v in PUBLIC.versions(settings) if v <= limite), reverse=True)


def octets(settings: Settings, version: int) -> int:
    """Room that a publication takes; what its folders share counts once."""
    tailles: dict[int, int] = {}
    for famille in fichiers.FAMILLES:
        chemin = famille.final(settings, version)
        for f in chemin.rglob("*") if chemin.is_dir() else [chemin]:
            if f.is_file():
                tailles[f.stat().st_ino] = f.stat().st_size
    return sum(tailles.values())


def verifier_publication(settings: Settings, version: int) -> list[str]:
    """What is wrong with a publication that is kept; empty when all is well."""
    _exiger(settings, version)
    fautes = verifier_jeu(PARQUET.final(settings, version))
    for jeu, base in ((JEU, PUBLIC), (JEU_ANALYSE, ANALYSE)):
        dossier, fichier = jeu.final(settings, version), base.final(settings, version)
        if dossier.is_dir():
            fautes += verifier_jeu(dossier)
            if not fichier.is_file():
                fautes.append(f"{fichier.name} : manque")
    for famille in (PUBLIC, ANALYSE):
        if (fichier := famille.final(settings, version)).is_file():
            fautes += _verifier_fichier(fichier, version)
    return fautes


def _verifier_fichier(chemin: Path, version: int) -> list[str]:
    try:
        with attacher(chemin) as con:
            ((numero,),) = con.execute("select version from _publication").fetchall()
            ((tags,),) = con.execute(
                "select tags from duckdb_databases() where database_name = ?", [ATTACHE]
            ).fetchall()
            controles = con.execute(
                "select 1 from duckdb_tables() where schema_name = 'meta' and table_name = 'controles'"
            ).fetchall()
            ecarts = (
                con.execute("select titre, ecarts from meta.controles where verdict <> 'ok'").fetchall()
                if controles
                else []
            )
    except duckdb.Error as faute:
        return [f"{chemin.name} : illisible ({str(faute).splitlines()[0]})"]
    fautes = [] if numero == version else [f"{chemin.name} : porte le numéro {numero}"]
    if not str(tags.get("storage_version", "")).startswith(FORMAT):
        fautes.append(f"{chemin.name} : un DuckDB plus ancien que le nôtre ne l’ouvrirait pas")
    return fautes + [f"{chemin.name} : {titre} ({nb} écarts)" for titre, nb in ecarts]


def restaurer(settings: Settings, version: int, qui: str = "", *, attente_max: float = ATTENTE_MAX) -> int:
    """Put a kept publication back in force and say so in the journal; no file goes. Gives the number it replaces.

    PublicationAbsente when it is not kept whole.
    """
    with verrouiller(settings, attente_max):
        _exiger(settings, version)
        if fautes := verifier_publication(settings, version):
            raise PublicationAbsente(
                f"La publication n° {version} n’est pas intacte, rien n’a changé : {fautes[0]}."
            )
        avant = version_courante(settings) or 0
        if avant != version:
            fichiers.remettre(settings, version)
        else:
            fichiers.relier_jeux(settings)
    if avant != version and settings.entrepot.exists():
        with EntrepotEcriture(settings, attente_max=attente_max) as con:
            journaliser(
                con, "restaurer", f"publication {version}", qui=qui, avant=str(avant), apres=str(version)
            )
    return avant


def elaguer(
    settings: Settings, garder: int, *, essai: bool = False, attente_max: float = ATTENTE_MAX
) -> list[int]:
    """Remove the publications beyond the last `garder` that nothing needs; their figures stay. Numbers removed."""
    with verrouiller(settings, attente_max):
        return fichiers.a_elaguer(settings, garder) if essai else fichiers.elaguer(settings, garder)


def _exiger(settings: Settings, version: int) -> None:
    presentes = gardees(settings)
    if version not in presentes:
        liste = ", ".join(map(str, presentes)) or "aucune"
        raise PublicationAbsente(f"La publication n° {version} n’est pas gardée. Gardées : {liste}.")
