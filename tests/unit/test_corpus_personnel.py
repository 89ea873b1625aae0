"""The detection of personal columns to its bar, on the labelled corpora: held-out half, blind ones and whole."""

from __future__ import annotations

import pytest

from pipelines.ingestion.contenus_personnels import contredit, nom_annonce
from pipelines.ingestion.noms_personnes import nom_complet
from pipelines.ingestion.personnel import cellule_personnelle
from pipelines.ingestion.titres_personnels import (
    ADRESSE,
    COURRIEL,
    IBAN,
    NAISSANCE,
    NIR,
    NOM,
    PRENOM,
    TELEPHONE,
    titre_ambigu,
    titre_personnel,
)
from tests.mesure_personnel import JEUX, juger, mesurer

CAS = juger()


@pytest.mark.parametrize("jeu", JEUX)
def test_rappel_et_fausses_alarmes(jeu: str) -> None:
    mesure = mesurer(c for c in CAS if jeu in (c.jeu, "ensemble"))
    assert mesure.personnelles >= {"ensemble": 800, "aveugle": 220, "aveugle2": 100}.get(jeu, 50)
    assert mesure.innocentes >= {"ensemble": 1000, "aveugle": 320, "aveugle2": 150}.get(jeu, 60)
    assert mesure.rappel >= (0.95 if jeu == "final" else 0.99), mesure.manquees
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


@pytest.mark.parametrize(
    ("nature", "valeurs"),
    [
        (NOM, ["oui", "Non", "x"]),
        (NOM, [12.0, 3.0, "45"]),
        (NOM, ["Trésorière adjointe", "Président", "Directeur"]),
        (NOM, ["Club de judo", "Amicale Jean Moulin", "Nature et Sentiers"]),
        (COURRIEL, ["12/03/2024", "01/04/2024", "02/04/2024"]),
        (COURRIEL, ["D’accord", "Pas d’accord", "Sans opinion"]),
        (TELEPHONE, ["1 234,50 €", "86,00", "120"]),
        (IBAN, ["fourni", "manquant", "en cours"]),
        (PRENOM, [True, False, True]),
    ],
)
def test_contenu_qui_contredit_le_titre(nature: str, valeurs: list[object]) -> None:
    assert contredit(nature, valeurs)


@pytest.mark.parametrize(
    ("nature", "valeurs"),
    [
        (NOM, ["oui", "non", "Berthelier"]),
        (NOM, ["Club de judo", "Amicale Jean Moulin", "Loïc Berthelier"]),
        (NOM, ["Club de judo", "Amicale Jean Moulin", "MARTIN"]),
        (COURRIEL, ["oui", "non", "a@b.example"]),
        (TELEPHONE, [612345678.0, 3.0, 4.0]),
        (TELEPHONE, ["123456", "234567", "345678"]),
        (NAISSANCE, ["12/03/1954", "01/04/1960", "02/04/1948"]),
        (IBAN, ["AGRIFRPP867", "PSSTFRPPPAR", "AGRIFRPP867"]),
        (NIR, ["oui", 255081416802538.0, "non"]),
        (ADRESSE, ["12", "14", "16"]),
        (NOM, ["oui", "non"]),
        (NOM, ["", None]),
    ],
)
def test_titre_qui_tient(nature: str, valeurs: list[object]) -> None:
    assert not contredit(nature, valeurs)


@pytest.mark.parametrize(
    ("titre", "nature"),
    [
        ("Quel est votre nom ?", NOM),
        ("Q3. Merci d’indiquer votre prénom", PRENOM),
        ("Identité enfant[date de naisance]", NAISSANCE),
        ("Lieu de résidence (adresse)", ADRESSE),
        ("Mère : nom", NOM),
        ("Quel est le nom de votre club ?", None),
        ("Nom (association)", None),
        ("Téléphonie sociale", None),
        ("Eau potable", None),
        ("Membre d’un réseau", None),
    ],
)
def test_titre_reecrit(titre: str, nature: str | None) -> None:
    assert titre_personnel(titre) == nature


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("Inès Petit, Loïc Roux", True),
        ("J. Berthelier", True),
        ("Famille BERTHELIER", True),
        ("Judo, danse et théâtre", False),
        ("Familles rurales", False),
        ("Club A.", False),
    ],
)
def test_noms_abreges_ou_en_liste(texte: str, attendu: bool) -> None:
    assert nom_annonce(texte) is attendu


def test_textes_demesures() -> None:
    """Thirty thousand spaces in a cell or a title cost nothing."""
    long = f"1{' ' * 30_000}x"
    assert not contredit(NOM, [long, f"{long}y", f"{long}z"])
    assert not nom_annonce(long)
    assert titre_personnel(long) is None
    assert not titre_ambigu(long)
