"""What a figure was in a publication, kept file or not: the publication itself, else its figures kept for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from observatoire.chiffres.identifiant import Identifiant, code_financeur
from observatoire.config.settings import Settings
from observatoire.storage import fichiers
from observatoire.storage.connexion import CONFIG_ENTREPOT, ouvrir_publication
from observatoire.storage.fichiers import CHIFFRES, COLONNES_CHIFFRES, PUBLIC

ND = "nd"


class PublicationTropAncienne(LookupError):
    """Neither the file of this publication nor its figures are kept."""


class PublicationInconnue(LookupError):
    """A number that no publication bears yet."""


@dataclass(frozen=True, slots=True)
class Ancien:
    """A figure as one publication showed it: enough to write it, masked when it was."""

    indicateur: str
    millesime: int
    niveau: str
    code_territoire: str
    domaine: str
    financeur: str
    vue: str
    valeur: float | None
    borne_basse: float | None
    borne_haute: float | None
    n_repondants: int | None
    statut: str
    titre: str
    unite: str
    decimales: int | None
    definition: str = ""
    estimateur: str = ""


def version_courante(settings: Settings) -> int:
    """Number of the publication in force; 0 when there is none."""
    courante = fichiers.cible(settings.publication)
    return (PUBLIC.version(courante) if courante else None) or 0


def relire(
    settings: Settings, version: int, identifiants: Sequence[Identifiant]
) -> dict[Identifiant, Ancien]:
    """The figures among `identifiants` that publication `version` had (masked ones too; without data, none).

    PublicationInconnue when there was no such publication, PublicationTropAncienne when nothing is kept of it.
    """
    places: dict[tuple[object, ...], list[Identifiant]] = {}
    for i in identifiants:
        cle = (i.indicateur, i.millesime, i.niveau, i.code, i.domaine, code_financeur(i.financeur), i.vue)
        places.setdefault(cle, []).append(i)
    trouves: dict[Identifiant, Ancien] = {}
    with _source(settings, version) as (con, table):
        colonnes = ", ".join(c for noms in COLONNES_CHIFFRES.values() for c in noms)
        lignes = con.execute(
            f"select {colonnes} from {table} where list_contains(?, indicateur) and statut <> '{ND}'",
            [sorted({i.indicateur for i in identifiants})],
        ).fetchall()
    for ligne in lignes:
        ancien = Ancien(*ligne)
        cle = (*ligne[:5], code_financeur(ancien.financeur), ancien.vue)
        trouves |= dict.fromkeys(places.get(cle, ()), ancien)
    return trouves


def date_de(settings: Settings, version: int) -> dt.datetime | None:
    """When publication `version` was made (universal time); None when nothing of it is kept."""
    try:
        with _source(settings, version) as (con, table):
            de = "_publication" if PUBLIC.final(settings, version).exists() else table
            lignes = con.execute(f"select publie_le from {de} limit 1").fetchall()
    except LookupError:
        return None
    return lignes[0][0] if lignes else None


@contextmanager
def _source(settings: Settings, version: int) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection, and the table expression of the figures of this publication."""
    if not 1 <= version <= version_courante(settings):
        raise PublicationInconnue(f"Aucune publication ne porte le numéro {version}.")
    public, gardes = PUBLIC.final(settings, version), CHIFFRES.final(settings, version)
    if public.exists():
        con = ouvrir_publication(public)
        try:
            yield con, "mesures inner join indicateurs using (indicateur)"
        finally:
            con.close()
    elif gardes.exists():
        with duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
            con.read_parquet(str(gardes)).create_view("gardes")
            yield con, "gardes"
    else:
        raise PublicationTropAncienne(f"Les chiffres de la publication n° {version} ne sont plus gardés.")
