"""Public sources as they are kept: one Parquet table per file, for a département or the whole country.

The file goes through DuckDB from end to end: columns by their declared titles, rows sorted out by the SQL of the
source (`sources/<table>.sql`), never a whole file in memory. What is dead is kept apart by the column `etat`.
`sources.json` says of each table where it comes from; the same bytes for the same extent are not read again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.registre.formats import DOSSIER, SOURCES, Format, Lecture, RegistreRefuse
from observatoire.registre.lecture import lire_lignes, ouvrir, poser_vue, rejetees
from observatoire.registre.registre import illisible, jour_du_nom
from observatoire.registre.texte import preparer
from observatoire.storage.a_part import dossier_a_part
from observatoire.storage.connexion import litteral

FRANCE = "france"
UNITES, ETABLISSEMENTS = "sirene_unites", "sirene_etablissements"
# What the file of the legal units lacks: where an association is. Its table is that of the country.
SANS_LIEU = (UNITES, "subventions")


@dataclass(slots=True)
class BilanSource:
    """What became of one file. `etats`: rows kept by state; `ailleurs`: rows read that are not in the table."""

    source: str
    table: str
    perimetre: str
    fichier: str
    sha256: str
    format: str = ""
    encodage: str = ""
    lues: int = 0
    gardees: int = 0
    ailleurs: int = 0
    illisibles: int = 0
    etats: dict[str, int] = field(default_factory=dict)
    absentes: list[str] = field(default_factory=list)
    nouvelles: list[str] = field(default_factory=list)
    extrait_le: str = ""
    quand: str = ""
    deja: str | None = None


def ajouter(
    settings: Settings,
    source: str,
    fichier: Path,
    perimetre: str,
    *,
    lignes: Iterable[Sequence[str | None]] | None = None,
    extrait_le: str | None = None,
) -> BilanSource:
    """Keep a file of `source` for a département, or for FRANCE; a newer one takes the place of the older.

    `lignes` are the rows of a workbook already read, titles first. RegistreRefuse says why it is refused: nothing has
    changed then.
    """
    if not fichier.is_file():
        raise RegistreRefuse(f"Le fichier «\u00a0{fichier.name}\u00a0» est introuvable.")
    with fichier.open("rb") as flux:
        sha256 = hashlib.file_digest(flux, "sha256").hexdigest()
    anciens = bilans(settings)
    for ancien in anciens:
        if (ancien.source, ancien.sha256) == (source, sha256) and ancien.perimetre in (perimetre, FRANCE):
            return replace(ancien, deja=ancien.quand)
    quand = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0).isoformat()
    bilan = BilanSource(source, source, perimetre, fichier.name, sha256, quand=quand)
    bilan.extrait_le = extrait_le or jour_du_nom(fichier.name) or ""
    dossier(settings).mkdir(parents=True, exist_ok=True)
    try:
        _lire(settings, bilan, fichier, lignes)
    except duckdb.InvalidInputException as erreur:
        raise illisible(fichier.name) from erreur
    _inscrire(settings, anciens, bilan)
    return bilan


def bilans(settings: Settings) -> list[BilanSource]:
    """Report of each table kept, in loading order."""
    fiche = _fiche(settings)
    if not fiche.is_file():
        return []
    return [BilanSource(**b) for b in json.loads(fiche.read_text(encoding="utf-8"))]


def table(settings: Settings, bilan: BilanSource) -> Path:
    """The Parquet file of a table."""
    return dossier(settings) / f"{bilan.table}-{bilan.perimetre}-{bilan.sha256[:16]}.parquet"


def dossier(settings: Settings) -> Path:
    """Folder of the tables."""
    return settings.sources


def extraire(settings: Settings, bilan: BilanSource, departement: str, vers: Path) -> None:
    """Write the rows of a département that the register can take: those of one place, and of no known place."""
    sieges = "and siege in ('true', 'True', '1')" if bilan.table == ETABLISSEMENTS else ""
    with duckdb.connect() as con:
        con.execute(
            f"copy (select * from read_parquet({litteral(str(table(settings, bilan)))}) "
            f"where (code_departement = {litteral(departement)} or code_departement is null) {sieges}) "
            f"to {litteral(str(vers))} (format parquet)"
        )


def _lire(
    settings: Settings, bilan: BilanSource, fichier: Path, lignes: Iterable[Sequence[str | None]] | None
) -> None:
    with dossier_a_part(dossier(settings), "source") as provisoire, ouvrir(provisoire) as con:
        con.execute((DOSSIER / "communs.sql").read_text(encoding="utf-8"))
        if lignes is not None:
            lecture, _ = lire_lignes(con, bilan.source, lignes, fichier.name)
        else:
            texte = preparer(fichier, provisoire)
            bilan.encodage = texte.encodage
            lecture = poser_vue(con, bilan.source, texte.chemin, fichier.name)
        _noter(bilan, lecture)
        if bilan.table == ETABLISSEMENTS:
            _poser_unites(con, settings)
        _ecrire(con, settings, bilan, lecture.format)
        if lignes is None:
            bilan.illisibles = rejetees(con)


def _ecrire(con: duckdb.DuckDBPyConnection, settings: Settings, bilan: BilanSource, modele: Format) -> None:
    """One pass writes the table; a second one counts the lines of the file when some are left out."""
    requete = (DOSSIER / f"{bilan.table}.sql").read_text(encoding="utf-8")
    ici = "" if bilan.perimetre == FRANCE else f"where code_departement = {litteral(bilan.perimetre)}"
    cible = table(settings, bilan)
    provisoire = cible.with_suffix(".tmp")
    con.execute(
        f"copy (select * from ({requete}) {ici}) to {litteral(str(provisoire))} (format parquet, compression zstd)"
    )
    est_filtree = bool(ici) or "where" in requete or bilan.table == ETABLISSEMENTS
    colonnes = [c[0] for c in con.execute("describe from read_parquet(?)", [str(provisoire)]).fetchall()]
    etat = "etat" if "etat" in colonnes else "'lue'"
    comptes = con.execute(
        f"select {etat}, count(*) from read_parquet(?) group by all order by all", [str(provisoire)]
    ).fetchall()
    bilan.etats = dict(comptes) if etat == "etat" else {}
    bilan.gardees = sum(n for _, n in comptes)
    # « where » in the SQL of the source, or a join: some lines are left out.
    bilan.lues = con.execute("select count(*) from lues").fetchall()[0][0] if est_filtree else bilan.gardees
    bilan.ailleurs = bilan.lues - bilan.gardees
    if not bilan.gardees:
        provisoire.unlink()
        if not bilan.lues:
            raise RegistreRefuse(
                f"Aucune ligne de «\u00a0{bilan.fichier}\u00a0» n’a pu être lue\u00a0: leur nombre de colonnes n’est pas celui des "
                "titres (guillemets absents autour d’un texte qui contient le séparateur\u202f?). Rien n’a été changé."
            )
        ou = "de la source" if bilan.perimetre == FRANCE else f"du département {bilan.perimetre}"
        raise RegistreRefuse(
            f"Aucune ligne de «\u00a0{bilan.fichier}\u00a0» n’est {ou}. Rien n’a été changé."
        )
    provisoire.replace(cible)


def _noter(bilan: BilanSource, lecture: Lecture) -> None:
    bilan.format, bilan.table = lecture.format.nom, lecture.format.table
    bilan.absentes, bilan.nouvelles = list(lecture.absentes), list(lecture.nouvelles)
    if bilan.table in SANS_LIEU:
        bilan.perimetre = FRANCE


def _poser_unites(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    unites = [b for b in bilans(settings) if b.table == UNITES]
    if not unites:
        raise RegistreRefuse(
            "Le fichier des établissements de Sirene ne dit pas lesquels sont des associations. Ajoutez d’abord celui des "
            "unités légales\u00a0: «\u00a0observatoire sources ajouter sirene StockUniteLegale_utf8.zip\u00a0». Rien n’a été changé."
        )
    con.execute(f"create temp view unites as from read_parquet({litteral(str(table(settings, unites[-1])))})")


def _inscrire(settings: Settings, anciens: Sequence[BilanSource], bilan: BilanSource) -> None:
    """Add the report, then drop the tables whose place it takes."""
    cle = (bilan.table, bilan.format, bilan.perimetre)
    cumul = SOURCES[bilan.source].cumul
    remplaces = [] if cumul else [a for a in anciens if (a.table, a.format, a.perimetre) == cle]
    gardes = [a for a in anciens if a not in remplaces]
    provisoire = _fiche(settings).with_suffix(".tmp")
    texte = json.dumps([asdict(b) for b in (*gardes, bilan)], ensure_ascii=False, indent=1)
    provisoire.write_text(texte, encoding="utf-8")
    provisoire.replace(_fiche(settings))
    for ancien in remplaces:
        table(settings, ancien).unlink(missing_ok=True)


def _fiche(settings: Settings) -> Path:
    return dossier(settings) / "sources.json"
