"""Invented questionnaires and deposits for the tests of the warehouse."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.enquete import Champ, Enquete
from observatoire.storage.chargement import Correspondance, DepotACharger, LigneEnAttente


def champ(nom: str, genre: str, **options: Any) -> Champ:
    return Champ(nom, genre, f"Titre de {nom}", f"Description de {nom}.", **options)


REPONSES = Enquete(
    name="reponses",
    title="Réponses",
    description="Questionnaire inventé, avec clé.",
    grain="Une ligne par association, année et catégorie.",
    version="1",
    champs=(
        champ("nom_association", "texte", constraints={"required": True}),
        champ("annee", "annee"),
        champ("categorie", "texte"),
        champ("nb_benevoles", "effectif"),
        champ("montant", "montant"),
    ),
    cle=("annee", "categorie"),
)
DECISIONS = Enquete(
    name="decisions",
    title="Décisions",
    description="Questionnaire inventé, sans clé.",
    grain="Une ligne par décision.",
    version="1",
    champs=(champ("nom_attribuant", "texte"), champ("montant", "montant")),
    doublon_identique="garder",
)
ENQUETES = {e.name: e for e in (REPONSES, DECISIONS)}


def empreinte(contenu: str) -> str:
    return hashlib.sha256(contenu.encode()).hexdigest()


def lignes_reponses(noms: Sequence[str], valeur: float = 10, **autres: Any) -> dict[str, Any]:
    """Typed rows, one per name, from row 2 of the sheet on."""
    nombre = len(noms)
    lignes: dict[str, Any] = {
        "nom_association": list(noms),
        "nb_benevoles": [valeur] * nombre,
        "montant": [1234.5] * nombre,
        "millesime": [2025] * nombre,
        "cle_association": [f"NOM:{n}" for n in noms],
        "feuille": ["Réponses"] * nombre,
        "ligne": list(range(2, nombre + 2)),
    }
    return lignes | autres


def depot_reponses(contenu: str, noms: Sequence[str], valeur: float = 10, **autres: Any) -> DepotACharger:
    """A deposit of `noms`, one pending row and one line passed over, with everything a deposit can carry."""
    nombre = len(noms)
    options: dict[str, Any] = {
        "sha256": empreinte(contenu),
        "nom_fichier": f"{contenu}.xlsx",
        "taille": len(contenu),
        "questionnaire": "reponses",
        "source": "tableur",
        "lignes": lignes_reponses(noms, valeur),
        "lignes_lues": nombre + 2,
        "lignes_chargees": nombre,
        "lignes_en_attente": 1,
        "lignes_ignorees": 1,
        "millesime": 2025,
        "brutes": [
            ("Réponses", 1, ["Nom", "Bénévoles"]),
            *(("Réponses", i, [n, None]) for i, n in enumerate(noms, 2)),
        ],
        "attente": [LigneEnAttente("Réponses", nombre + 2, ["VA-01"], {"A": None, "B": "douze"}, "L’Éveil")],
        "anomalies": [
            Anomalie("VA-01", "Réponses", nombre + 2, f"A{nombre + 2}", "Nom", details={"titre": "Nom"}),
            Anomalie("TO-01", "Réponses", nombre + 3, f"A{nombre + 3}", valeur="TOTAL"),
        ],
        "correspondances": [Correspondance("Réponses", "A", "Nom", "nom_association", "titre", 100.0)],
        "qui": "Nadia",
    }
    return DepotACharger(**(options | autres))
