"""One association, one key: answers given under other identifiers or loaded again are counted once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from observatoire.config.settings import Settings
from observatoire.storage.connexion import ouvrir_publication
from pipelines import depot
from tests.fabrique import ecrire_xlsx

SIRET = "73282932000074"
RNA = "W772001234"
TITRES = ["Nom de l’association", "Numéro RNA", "Numéro SIRET", "Commune du siège", "Année des données"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(donnees=tmp_path / "donnees", secret_min_associations=1)


def deposer(settings: Settings, nom: str, titres: list[str], *lignes: list[Any]) -> None:
    settings.donnees.mkdir(exist_ok=True)
    bilan = depot.deposer(ecrire_xlsx(settings.donnees / nom, [[*TITRES, *titres], *lignes]), settings)
    assert bilan.charge and not bilan.lignes_en_attente, [a.message for a in bilan.anomalies]


def valeur(settings: Settings, indicateur: str) -> float | None:
    depot.publier(settings)
    with ouvrir_publication(settings.publication) as con:
        requete = """
            select valeur from mesures
            where indicateur = ? and niveau = 'departement' and domaine = 'tous' and financeur = 'tous'"""
        ((v,),) = con.execute(requete, [indicateur]).fetchall()
    return v


def heures(settings: Settings) -> float:
    """Hours in the analysts' file: a figure of one association is never shown."""
    depot.publier(settings)
    with ouvrir_publication(settings.analyse) as con:
        ((somme,),) = con.execute("select sum(heures_total_an) from enquete.benevolat").fetchall()
    return float(somme)


def test_une_association_sous_trois_identites(settings: Settings) -> None:
    fiche = ["Ludothèque du Ru", RNA, SIRET, "Melun", 2025]
    deposer(settings, "a.xlsx", ["Nombre d’adhérents", "Secteur d’activité principal"], [*fiche, 30, "Sport"])
    emploi = ["Dont salariés en CDI", "Nombre de salariés"]
    deposer(settings, "e.xlsx", emploi, ["Ludothèque du Ru", None, SIRET, "Melun", 2025, 1, 2])
    benevolat = ["Bénévoles réguliers", "Total des heures de l’année"]
    deposer(settings, "b.xlsx", benevolat, ["LUDOTHÈQUE DU RU", None, None, "Melun", 2025, 4, 100])
    assert valeur(settings, "nb_associations_repondantes") == 1


def test_le_dernier_depot_remplace_en_entier(settings: Settings) -> None:
    """A later deposit with a total instead of categories leaves no hour of the earlier one."""
    titres = ["Catégorie d’action", "Bénévoles réguliers", "Total des heures de l’année"]
    identite = ["Ludothèque du Ru", RNA, None, "Melun", 2025]
    deposer(settings, "b1.xlsx", titres, [*identite, "Accueil", 4, 100], [*identite, "Jeux", 4, 50])
    assert heures(settings) == 150
    deposer(settings, "b2.xlsx", titres, [*identite, None, 8, 160])
    assert heures(settings) == 160
