"""The register of the associations of the territory: files added one by one, one Parquet rebuilt from them all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from observatoire.config.settings import Settings
from observatoire.registre.construction import SCHEMA, Ligne, en_table, fusionner
from observatoire.registre.formats import GENRES, Lecture, RegistreRefuse
from observatoire.registre.lecture import lire_csv, lire_lignes, ouvrir
from observatoire.registre.texte import preparer
from observatoire.registre.tri import trier
from observatoire.storage.a_part import dossier_a_part
from observatoire.territoire import load_territoire

_JOUR = re.compile(r"(20\d\d)[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])")


class AucuneIci(RegistreRefuse):
    """A file that can be read, none of whose rows is an association of the département."""


@dataclass(slots=True)
class BilanRegistre:
    """What became of one file. `lues` = `gardees` + `hors_territoire` + `sans_nom` + `autres` + `doublons`.

    `dissoutes` are among `gardees`; `illisibles` are lines that are not rows of the file, counted apart.
    """

    genre: str
    fichier: str
    sha256: str
    format: str = ""
    encodage: str = ""
    lues: int = 0
    gardees: int = 0
    hors_territoire: int = 0
    sans_nom: int = 0
    autres: int = 0
    doublons: int = 0
    dissoutes: int = 0
    sans_commune: int = 0
    illisibles: int = 0
    absentes: list[str] = field(default_factory=list)
    nouvelles: list[str] = field(default_factory=list)
    extrait_le: str = ""
    deja: str | None = None
    quand: str = ""

    def noter(self, lecture: Lecture) -> None:
        """Keep what was recognised of the layout."""
        self.format, self.absentes = lecture.format.nom, list(lecture.absentes)
        self.nouvelles = list(lecture.nouvelles)


@dataclass(frozen=True, slots=True)
class EtatRegistre:
    """The register as it stands: counts, and the report of each file it comes from."""

    lignes: int
    actives: int
    dissoutes: int
    sollicitees: int
    avec_siren: int
    sha256: str
    quand: str
    sources: list[BilanRegistre]

    @property
    def associations(self) -> int:
        """How many associations it holds, dissolved ones included."""
        return self.lignes

    @property
    def date(self) -> dt.datetime:
        """When the last file was added, UTC."""
        return dt.datetime.fromisoformat(self.quand)


def ajouter(
    settings: Settings,
    genre: str,
    fichier: Path,
    lignes: Iterable[Sequence[str | None]] | None = None,
    nom: str | None = None,
    *,
    table: Path | None = None,
    extrait_le: str = "",
) -> BilanRegistre:
    """Add a file to the register and rebuild it; the same bytes again change nothing (`deja` says since when).

    `lignes` are the rows of a workbook already read, titles first; without them `fichier` is a CSV, or an archive
    of one. `nom` is the name to show when `fichier` is a copy. `table`: its rows, already sorted out (magasin.py).
    `extrait_le`: the day it was taken from its source.
    RegistreRefuse says why a file is refused; nothing has changed then.
    """
    if genre not in GENRES:
        raise RegistreRefuse(
            f"Genre de fichier inconnu\u00a0: «\u00a0{genre}\u00a0». Connus\u00a0: {', '.join(GENRES)}."
        )
    if not fichier.is_file():
        raise RegistreRefuse(f"Le fichier «\u00a0{fichier.name}\u00a0» est introuvable.")
    with fichier.open("rb") as flux:
        sha256 = hashlib.file_digest(flux, "sha256").hexdigest()
    anciens = _sources(settings)
    meme = next((s for s in anciens if (s.genre, s.sha256) == (genre, sha256)), None)
    if meme is not None:
        return replace(meme, deja=meme.quand)
    bilan = BilanRegistre(genre, nom or fichier.name, sha256, quand=_maintenant())
    bilan.extrait_le = extrait_le or jour_du_nom(bilan.fichier) or ""
    gardees = _lire(settings, bilan, fichier, lignes, table)
    if not gardees:
        raise AucuneIci(
            f"Aucune ligne de «\u00a0{fichier.name}\u00a0» n’est une association du département "
            f"{settings.departement}. Rien n’a été changé."
        )
    _dossier(settings).mkdir(parents=True, exist_ok=True)
    _ecrire(en_table(gardees), _parquet(settings, bilan))
    _reconstruire(settings, [*anciens, bilan])
    return bilan


def etat(settings: Settings) -> EtatRegistre | None:
    """Counts of the register; None when no file was ever added."""
    if not settings.registre.is_file() or not _fiche(settings).is_file():
        return None
    fiche = json.loads(_fiche(settings).read_text(encoding="utf-8"))
    sources = [BilanRegistre(**s) for s in fiche["sources"]]
    return EtatRegistre(**{c: fiche[c] for c in EtatRegistre.__slots__ if c != "sources"}, sources=sources)


def empreinte(settings: Settings) -> str | None:
    """Fingerprint of the register, that names it in the links; None without a register."""
    present = etat(settings)
    return present.sha256 if present else None


def _lire(
    settings: Settings,
    bilan: BilanRegistre,
    fichier: Path,
    lignes: Iterable[Sequence[str | None]] | None,
    table: Path | None,
) -> list[Ligne]:
    settings.donnees.mkdir(parents=True, exist_ok=True)
    # Beside the data: a national file may not fit where temporary files go.
    with dossier_a_part(settings.donnees, "registre") as dossier, ouvrir(dossier) as con:
        if table is not None:
            con.execute("create temp table lues as from read_parquet(?)", [str(table)])
            bilan.format = GENRES[bilan.genre]
        elif lignes is not None:
            lecture, bilan.illisibles = lire_lignes(con, bilan.genre, lignes, fichier.name)
            bilan.noter(lecture)
        else:
            texte = preparer(fichier, dossier)
            bilan.encodage = texte.encodage
            try:
                lecture, bilan.illisibles = lire_csv(con, bilan.genre, texte.chemin, fichier.name)
            except duckdb.InvalidInputException as erreur:
                raise illisible(fichier.name) from erreur
            bilan.noter(lecture)
        gardees, comptes = trier(con, bilan.genre, load_territoire(settings.departement))
    for nom, nombre in comptes.items():
        setattr(bilan, nom, nombre)
    return gardees


def jour_du_nom(nom: str) -> str | None:
    """The day of extraction that the official files have in their names (rna_waldec_20261101_dpt_77.csv)."""
    trouve = _JOUR.search(nom)
    return "-".join(trouve.groups()) if trouve else None


def illisible(nom: str) -> RegistreRefuse:
    """What to say of a file that DuckDB cannot read to its end."""
    return RegistreRefuse(
        f"«\u00a0{nom}\u00a0» n’a pas pu être lu jusqu’au bout\u00a0: un guillemet n’est jamais fermé ou "
        f"une ligne est démesurée. Rien n’a été changé. Téléchargez de nouveau le fichier."
    )


def _reconstruire(settings: Settings, sources: list[BilanRegistre]) -> None:
    lignes = [[_ligne(x) for x in pq.read_table(_parquet(settings, s)).to_pylist()] for s in sources]
    fusion = fusionner(lignes)
    table = en_table(fusion.lignes)
    _ecrire(table, settings.registre)
    fiche = {
        "departement": settings.departement,
        "quand": sources[-1].quand,
        "sha256": hashlib.sha256(settings.registre.read_bytes()).hexdigest(),
        "lignes": len(fusion.lignes),
        "actives": sum(x.etat == "active" for x in fusion.lignes),
        "dissoutes": sum(x.etat == "dissoute" for x in fusion.lignes),
        "sollicitees": sum(x.sollicitee for x in fusion.lignes),
        "avec_siren": sum(x.siren is not None for x in fusion.lignes),
        "meme_numero": fusion.meme_numero,
        "rna_siren": fusion.rna_siren,
        "meme_nom": fusion.meme_nom,
        "sources": [asdict(s) for s in sources],
    }
    provisoire = _fiche(settings).with_suffix(".tmp")
    provisoire.write_text(json.dumps(fiche, ensure_ascii=False, indent=1), encoding="utf-8")
    provisoire.replace(_fiche(settings))


def _ligne(valeurs: dict[str, Any]) -> Ligne:
    return Ligne(**{c: v for c, v in valeurs.items() if c != "cle"})


def _ecrire(table: pa.Table, chemin: Path) -> None:
    provisoire = chemin.with_suffix(".tmp")
    pq.write_table(table.cast(SCHEMA), provisoire, compression="zstd")
    provisoire.replace(chemin)


def _sources(settings: Settings) -> list[BilanRegistre]:
    present = etat(settings)
    return present.sources if present else []


def _dossier(settings: Settings) -> Path:
    return settings.registre.with_name("sources")


def _parquet(settings: Settings, bilan: BilanRegistre) -> Path:
    return _dossier(settings) / f"{bilan.genre}-{bilan.sha256[:16]}.parquet"


def _fiche(settings: Settings) -> Path:
    return settings.registre.with_suffix(".json")


def _maintenant() -> str:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0).isoformat()
