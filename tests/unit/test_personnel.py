"""Personal data at the door: titles, contents, masks; innocent columns and cells stay untouched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from observatoire.domain.loader import load_enquetes
from pipelines.ingestion.grille import Colonne, Feuille, Table
from pipelines.ingestion.personnel import (
    cellule_personnelle,
    colonnes_personnelles,
    extrait_masque,
    masquer,
    nature_masquee,
)
from pipelines.ingestion.titres_personnels import (
    ADRESSE,
    ADRESSE_IP,
    APPAREIL,
    COURRIEL,
    IBAN,
    NAISSANCE,
    NIR,
    NOM,
    PRENOM,
    PSEUDO,
    TELEPHONE,
    titre_personnel,
)

ENQUETES = load_enquetes()
TITRES = {
    PRENOM: ["Prénom", "prenom", "PRÉNOMS", "Prénom du bénévole", "First name"],
    NOM: [
        "Nom", "NOM", "Nom de famille", "Nom et prénom", "Nom d’usage", "Nom du contact", "Nom du bénévole",
        "Noms des bénévoles", "Nom de la présidente", "Président", "Président·e", "Président(e)", "Trésorière", "Référent",
        "Référente", "Contact", "Personne à contacter", "Responsable légal", "Représentant légal › Nom", "Votre nom",
        "Saisi par", "Civilité", "Nom du représentant légal", "Directeur", "Signataire", "Répondant·e",
    ],
    COURRIEL: ["Courriel", "E-mail", "e mail", "Adresse mail", "Mail du contact", "Adresse électronique", "ContactEmail",
               "Contact › Courriel", "Quelle est votre adresse e-mail ?"],
    TELEPHONE: ["Téléphone", "Tél.", "N° de téléphone", "Portable", "Tél. portable", "Mobile", "Numéro de portable",
                "Téléphone du président"],
    ADRESSE: ["Adresse", "Adresse postale", "Adresse personnelle", "Adresse du président", "Domicile", "Adresse 1"],
    NAISSANCE: ["Date de naissance", "Né(e) le", "Lieu de naissance", "Date de naiss."],
    NIR: ["NIR", "N° de sécurité sociale", "Numéro de sécu", "N° SS"],
    IBAN: ["IBAN", "RIB", "Coordonnées bancaires", "N° de compte", "Association › IBAN"],
    ADRESSE_IP: ["Adresse IP", "IP", "ipaddr", "IP address"],
    PSEUDO: ["Pseudo", "Username", "Login", "Nom d’utilisateur", "_submitted_by", "Identifiant de connexion"],
    APPAREIL: ["deviceid", "subscriberid", "simserial", "IMEI"],
}  # fmt: skip
INNOCENTS = [
    "Nom de l’association", "Nom de l'association", "Nom du bénéficiaire", "Nom du projet", "Nom de la commune",
    "Nom de la structure", "Nom du dispositif", "Nom complet de l’association", "Association › Nom", "Identité › Nom",
    "Nombre de bénévoles", "Nb adhérents", "Nombre de contacts", "Adhérents", "Bénévoles", "Salariés", "Dirigeants",
    "Usagers", "Bénéficiaire", "Structure", "Commune", "Code postal", "Date de création", "Date", "Montant", "SIRET",
    "SIRET ou NIR", "N° RNA", "Âge de la présidente", "Sexe du président", "Site internet", "Adresse du site web",
    "Aide à domicile", "Services à domicile", "Charges de téléphone et internet", "Cotisations sécurité sociale",
    "Téléphonie sociale", "Objet", "Secteur", "Prénatal", "Renommée", "Portabilité", "Mobilité", "Territoire",
    "Formation des bénévoles", "Nombre de présidentes", "Part des femmes", "Contrats aidés", "Partenaires", "Année",
    "Type de public", "Parité au conseil d’administration", "Emails envoyés (nombre)", "ETP", "Dont CDI", "Surface",
]  # fmt: skip


@pytest.mark.parametrize(("nature", "titre"), [(n, t) for n, titres in TITRES.items() for t in titres])
def test_titre_personnel(nature: str, titre: str) -> None:
    assert titre_personnel(titre) == nature


@pytest.mark.parametrize("titre", INNOCENTS)
def test_titre_innocent(titre: str) -> None:
    assert titre_personnel(titre) is None


@pytest.mark.parametrize("nom", ENQUETES)
def test_titres_des_questionnaires(nom: str) -> None:
    """Every alias of a refused column is recognised; no declared title is taken for one."""
    vus = 0
    for champ in ENQUETES[nom].champs:
        for titre in (champ.title, *champ.aliases):
            assert (titre_personnel(titre) is not None) == champ.personnel, titre
            vus += champ.personnel
    assert vus > 50


CELLULES = [
    ("Mme Martin au 06 12 34 56 78", TELEPHONE, "M*** au 06***"),
    ("0612345678", TELEPHONE, "06***"),
    ("06.12.34.56.78 ou 01-23-45-67-89", TELEPHONE, "06*** ou 01***"),
    ("+33 6 12 34 56 78", TELEPHONE, "+3***"),
    ("jeanne.dupont@asso-77.fr", COURRIEL, "je***@***.fr"),
    ("écrire à jd@exemple.org, merci", COURRIEL, "écrire à jd***@***.org, merci"),
    ("255081416802538", NIR, "25***"),
    ("n° 2 55 08 14 168 025 38", NIR, "n° 2 ***"),
    ("FR14 2004 1010 0505 0001 3M02 606", IBAN, "FR***"),
    ("IBAN : FR1420041010050500013M02606.", IBAN, "IBAN : FR***."),
]


@pytest.mark.parametrize(("texte", "nature", "masque"), CELLULES)
def test_cellule_personnelle(texte: str, nature: str, masque: str) -> None:
    assert cellule_personnelle(texte) == nature
    assert masquer(texte) == masque


@pytest.mark.parametrize("texte", [texte for texte, _, _ in CELLULES])
def test_ce_qui_est_masque_se_reconnait(texte: str) -> None:
    """Read again, what was masked is no answer; the text around it is not kept either."""
    masque = extrait_masque(texte)
    assert nature_masquee(masque) is not None
    assert nature_masquee(f"{masque} et le reste") is None
    assert nature_masquee(texte) is None


CELLULES_INNOCENTES = [
    "MADAME SUZETTE PRODUCTIONS", "Compagnie Monsieur Maxence", "écoles maternelles M. Pagnol et J. Ferry",
    "Les Amis du Loing", "", "52499120500013", "524 991 205 00013", "012 345 678 00012", "W772001234", "10 000,00",
    "1 234 567,89 €", "0123456789012", "01/02/2024", "01/02/2024 03/04/2025", "2018-01-04_2021-06-21", "77 000 Melun",
    "CP-2025-03-12", "255081416802539", "FR1420041010050500013M02607", "@", "réponse @ suivre", "10-20", "06 12 34",
    "2 400 000 000", "20250312143000", "9782070360024", "3,14159265358", "1234567890123456",
]  # fmt: skip


@pytest.mark.parametrize("texte", CELLULES_INNOCENTES)
def test_cellule_innocente(texte: str) -> None:
    assert cellule_personnelle(texte) is None
    assert nature_masquee(texte) is None


@pytest.mark.parametrize(
    ("valeur", "masque"), [("Martin", "M***"), (612345678.0, "6***"), ("", "***"), (None, "N***")]
)
def test_masque_de_ce_qui_nest_pas_reconnu(valeur: Any, masque: str) -> None:
    assert masquer(valeur) == masque


def table(titres: list[str], *lignes: Sequence[Any]) -> Table:
    feuille = Feuille("F", [list(titres), *map(list, lignes)])
    return Table(feuille, 0, [Colonne(j, t) for j, t in enumerate(titres)], list(range(1, len(lignes) + 1)))


def test_colonnes_par_le_contenu() -> None:
    titres = [
        "Structure",
        "Qui",
        "Joindre",
        "Ordinateur",
        "N°",
        "Montant",
        "Compte",
        "Remarques",
        "id_ancien",
    ]
    lignes: list[list[Any]] = [
        ["A", "x@y.fr", "06 12 34 56 78", "192.168.1.12", 255081416802538.0, 612345678, "FR1420041010050500013M02606",
         "rien", "0772001234"],
        ["B", "z@y.fr", "01.23.45.67.89", "10.0.0.1", 255081416802538.0, 712345678, None, "au 06 12 34 56 78, svp, merci",
         "0772001235"],
        ["C", None, "0123456789", "8.8.8.8", None, 52499120500013, None, "rien", "0772001236"],
        ["D", "sans", None, None, None, 3, None, "rien", "0772001237"],
    ]  # fmt: skip
    assert colonnes_personnelles(table(titres, *lignes)) == {
        1: COURRIEL,
        2: TELEPHONE,
        3: ADRESSE_IP,
        4: NIR,
        6: IBAN,
    }


def test_colonnes_par_le_titre_ou_choisies() -> None:
    grille = table(["Prénom", "Structure", "E-mail"], ["a", "b", "c"])
    assert colonnes_personnelles(grille) == {0: PRENOM, 2: COURRIEL}
    assert colonnes_personnelles(grille, grille.colonnes[1:]) == {2: COURRIEL}
