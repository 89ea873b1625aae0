"""The indicators worked out on the engine of the settings: values, sums and figures before weights and secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from observatoire.config.settings import DUCKLAKE, Settings
from observatoire.domain.loader import load_enquetes
from observatoire.federation.territoire import Federation
from observatoire.indicators.catalogue import catalogue
from observatoire.indicators.run import Lieux, lire_constantes, poser_references
from observatoire.moteurs import calcul
from observatoire.moteurs.base import Moteur
from observatoire.storage import jeu
from observatoire.storage.a_part import dossier_a_part
from observatoire.storage.connexion import CONFIG_ENTREPOT
from observatoire.storage.erreurs import PublicationAbsente
from observatoire.storage.fichiers import ANALYSE, cible
from observatoire.territoire import load_territoire
from pipelines.publication import references

CONSTANTES = ("ref.parametres", "ref.domaines")


def calculer(
    settings: Settings, sortie: Path, depuis: Path | None = None, *, federation: bool = False
) -> Mapping[str, int]:
    """Write the tables `calcul.RESULTATS` into `sortie`; table → rows.

    Reads the lake (moteur `ducklake`), else `depuis` or the Parquet of the current analysts' set. `federation`:
    all the départements together, under one zone; else `settings.departement`, with its territory.
    """
    cartes = catalogue().values()
    lieux: Lieux = Federation() if federation else load_territoire(settings.departement, settings.territoires)
    with _travail(settings) as dossier, duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        references(con, settings)
        poser_references(con, lieux, cartes, lire_constantes(con, catalogue()))
        calcul.exporter(con, CONSTANTES, dossier)
        with _ouvrir(settings, dossier, depuis, federation) as moteur:
            moteur.poser("ref.parametres", [dossier / "ref.parametres.parquet"])
            calcul.poser_references(moteur, con, dossier)
            calcul.valeurs(moteur, cartes)
            calcul.agreger(moteur)
            return calcul.ecrire(moteur, sortie)


def parquet_courant(settings: Settings) -> Path:
    """Folder of the Parquet files of the current analysts' set; PublicationAbsente."""
    fichier = cible(settings.analyse)
    dossier = fichier and settings.analyse.parent / f"publication-{ANALYSE.version(fichier):04d}" / jeu.COPIES
    if dossier is None or not dossier.is_dir():
        raise PublicationAbsente(
            "Aucun jeu des analystes en Parquet : lancez « observatoire publier », ou dites --depuis DOSSIER."
        )
    return dossier


@contextmanager
def _ouvrir(settings: Settings, dossier: Path, depuis: Path | None, federation: bool) -> Iterator[Moteur]:
    if settings.moteur == DUCKLAKE:
        from observatoire.moteurs.ducklake import MoteurDucklake

        with MoteurDucklake(settings, dossier, "" if federation else settings.departement) as lac:
            yield lac
        return
    with calcul.ouvrir(settings) as moteur:
        calcul.poser_publication(moteur, depuis or parquet_courant(settings), load_enquetes())
        yield moteur


@contextmanager
def _travail(settings: Settings) -> Iterator[Path]:
    settings.donnees.mkdir(parents=True, exist_ok=True)
    with dossier_a_part(settings.donnees, "calcul") as dossier:
        yield dossier
