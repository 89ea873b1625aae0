"""The detection of personal columns to its bar, on the labelled corpus: held-out half and whole."""

from __future__ import annotations

import pytest

from pipelines.ingestion.noms_personnes import nom_complet
from pipelines.ingestion.personnel import cellule_personnelle
from pipelines.ingestion.titres_personnels import NOM
from tests.mesure_personnel import juger, mesurer

CAS = juger()


@pytest.mark.parametrize("jeu", ["reglage", "epreuve", "final", "ensemble"])
def test_rappel_et_fausses_alarmes(jeu: str) -> None:
    mesure = mesurer(c for c in CAS if jeu in (c.jeu, "ensemble"))
    assert mesure.personnelles >= (200 if jeu == "ensemble" else 50)
    assert mesure.innocentes >= (300 if jeu == "ensemble" else 60)
    if jeu in ("reglage", "epreuve", "ensemble"):
        assert mesure.rappel >= 0.99, mesure.manquees
    assert mesure.rappel >= 0.95, mesure.manquees
    assert mesure.fausses_alarmes <= 0.03, mesure.alarmes


@pytest.mark.parametrize(
    "texte",
    [
        "M. Dupont", "Mme Le Goff", "contacter Jeanne Martin", "Voir avec Madame Trébuchard avant le 12",
        "suivi par Fatoumata Diallo", "rappeler monsieur martin", "M DUPONT absent", "Référente : Maëlle Quillard",
        "dossier de Mme DE LA TOUR",
    ],
)  # fmt: skip
def test_personne_dans_un_texte(texte: str) -> None:
    assert cellule_personnelle(texte) == NOM


@pytest.mark.parametrize(
    "texte",
    [
        "Madame la Maire", "Monsieur le Préfet", "Madame, Monsieur", "rue du Docteur Roux", "Amicale Jean Moulin",
        "Les amis de Madame de Sévigné", "École Marie Curie", "Contacter la mairie", "partenariat avec Victor Hugo",
        "12 M. de budget", "Avec Cœur", "par Mail", "Directeur Général", "Président du Conseil", "5 km. Parcours vert",
    ],
)  # fmt: skip
def test_texte_innocent(texte: str) -> None:
    assert cellule_personnelle(texte) is None


@pytest.mark.parametrize(
    "nom",
    ["Jean Jaurès", "Victor Hugo", "Amis de Rose", "Saint-Michel", "Rose", "Club Jeanne", "Château Rouge"],
)
def test_noms_de_choses(nom: str) -> None:
    assert not nom_complet(nom)
