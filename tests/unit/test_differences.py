"""What a new version of a file changes, line by line, and the time it takes."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from observatoire.config.settings import Settings
from observatoire.storage.chargement import DepotACharger, charger
from observatoire.storage.depots import Depot
from observatoire.storage.differences import Difference, Lieu, differences
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from tests.depots_factices import empreinte

Ligne = dict[str, Any]


def colonnes(lignes: list[Ligne]) -> dict[str, list[Any]]:
    noms = dict.fromkeys(nom for ligne in lignes for nom in ligne)
    return {nom: [ligne.get(nom) for ligne in lignes] for nom in noms} | {
        "feuille": ["Réponses"] * len(lignes),
        "ligne": [ligne.get("ligne", i) for i, ligne in enumerate(lignes, 2)],
    }


class Comparateur:
    """Loads the first version of a file, then compares the second one with it; `duree` in seconds of CPU."""

    def __init__(self, dossier: Path) -> None:
        self.settings = Settings(dossier)
        self.duree = 0.0

    def __call__(self, questionnaire: str, avant: list[Ligne], apres: list[Ligne]) -> list[Difference]:
        n = len(avant)
        nouveau = DepotACharger(
            empreinte(questionnaire), "a.xlsx", 1, questionnaire, "tableur", colonnes(avant), n, n, 0, 0
        )
        with EntrepotEcriture(self.settings) as con:
            resultat = charger(con, nouveau)
            assert isinstance(resultat, Depot)
        octets = self.settings.entrepot.read_bytes()
        with EntrepotLecture(self.settings) as con:
            nouvelles, debut = colonnes(apres), time.process_time()
            trouvees = differences(con, questionnaire, nouvelles, resultat.depot_id)
            self.duree = time.process_time() - debut
        assert self.settings.entrepot.read_bytes() == octets
        assert sum(d.genre != "nouvelle" for d in trouvees) == n
        assert sum(d.genre != "disparue" for d in trouvees) == len(apres)
        return trouvees


@pytest.fixture
def comparer(tmp_path: Path) -> Comparateur:
    return Comparateur(tmp_path)


def fiche(nom: str, categorie: str | None = None, cle: str | None = None, **autres: Any) -> Ligne:
    base = {"nom_association": nom, "categorie": categorie, "millesime": 2025}
    return base | {"cle_association": cle or f"NOM:{nom.lower()}|"} | autres


def genres(trouvees: list[Difference]) -> list[tuple[str, str | None]]:
    return [(d.genre, d.repere) for d in trouvees]


def test_questionnaire_a_cle(comparer: Comparateur) -> None:
    avant = [
        fiche("Éveil", "Jeux", nb_benevoles_reguliers=4, heures_total_an=100.0),
        fiche("Éveil", "Accueil", nb_benevoles_reguliers=2),
        fiche("Ru", None, nb_benevoles_reguliers=7),
        fiche("Parti", None, nb_benevoles_reguliers=1),
    ]
    apres = [
        fiche("Neuf", None, nb_benevoles_reguliers=3),
        fiche("Ru", None, nb_benevoles_reguliers=7),
        fiche("Éveil", "Accueil", nb_benevoles_reguliers=5),
        fiche("Éveil", "Jeux", nb_benevoles_reguliers=4, heures_total_an=100.0),
    ]
    trouvees = comparer("benevolat", avant, apres)
    assert genres(trouvees) == [
        ("nouvelle", "Neuf"),
        ("identique", "Ru"),
        ("changee", "Éveil"),
        ("identique", "Éveil"),
        ("disparue", "Parti"),
    ]
    changee = trouvees[2]
    assert changee.champs == {"nb_benevoles_reguliers": (2, 5)}
    assert changee.cle == ("NOM:éveil|", 2025, "Accueil")
    assert (changee.lieu_avant, changee.lieu_apres) == (Lieu("Réponses", 3), Lieu("Réponses", 4))
    assert (trouvees[0].lieu_avant, trouvees[4].lieu_apres) == (None, None)
    assert trouvees[4].lieu_avant == Lieu("Réponses", 5)


def test_une_association_qui_donne_son_numero(comparer: Comparateur) -> None:
    avant = [
        fiche("Éveil", "Jeux", commune="77288", nb_benevoles_reguliers=4),
        fiche("Ru", "Jeux", nb_benevoles_reguliers=1),
    ]
    numero = {"cle": "RNA:W772001234", "rna": "W772001234"}
    apres = [
        fiche("Éveil", "Jeux", commune="77288", nb_benevoles_reguliers=4, **numero),
        fiche("Ru", "Aide", nb_benevoles_reguliers=1),
    ]
    trouvees = comparer("benevolat", avant, apres)
    assert genres(trouvees) == [("changee", "Éveil"), ("nouvelle", "Ru"), ("disparue", "Ru")]
    assert trouvees[0].champs == {"rna": (None, "W772001234")}


def don(nom: str, montant: float, jour: int = 1, **autres: Any) -> Ligne:
    base = {"nom_attribuant": "Ville", "nom_beneficiaire": nom, "montant": montant, "millesime": 2024}
    return base | {"date_convention": dt.date(2024, 1, jour), "cle_association": f"NOM:{nom}|"} | autres


def test_sans_cle_les_lignes_egales_d_abord(comparer: Comparateur) -> None:
    avant = [don("Ru", 100), don("Ru", 100), don("Ru", 300, 9), don("Éveil", 50, objet="Fête")]
    apres = [don("Ru", 350, 9), don("Éveil", 50, objet="Bal"), don("Ru", 100), don("Neuf", 1)]
    trouvees = comparer("subventions", avant, apres)
    assert genres(trouvees) == [
        ("changee", "Ru"),
        ("changee", "Éveil"),
        ("identique", "Ru"),
        ("nouvelle", "Neuf"),
        ("disparue", "Ru"),
    ]
    assert trouvees[0].champs == {"montant": (Decimal("300.00"), Decimal("350.00"))}
    assert trouvees[0].lieu_avant == Lieu("Réponses", 4)
    assert trouvees[1].champs == {"objet": ("Fête", "Bal")}
    assert (trouvees[2].lieu_avant, trouvees[4].lieu_avant) == (Lieu("Réponses", 2), Lieu("Réponses", 3))


def test_memes_lignes_dans_un_autre_ordre(comparer: Comparateur) -> None:
    avant = [don(f"Asso {i}", 10 + i / 3) for i in range(20)]
    trouvees = comparer("subventions", avant, avant[::-1])
    assert Counter(d.genre for d in trouvees) == {"identique": 20}
    assert [d.champs for d in trouvees] == [{}] * 20


def test_une_autre_annee_est_une_autre_ligne(comparer: Comparateur) -> None:
    trouvees = comparer("subventions", [don("Ru", 100)], [don("Ru", 100, millesime=2025)])
    assert genres(trouvees) == [("nouvelle", "Ru"), ("disparue", "Ru")]


def test_nouvelle_version_vide(comparer: Comparateur) -> None:
    emploi = {"nom_association": "Ru", "cle_association": "NOM:ru|", "millesime": 2025}
    assert genres(comparer("emploi", [emploi], [])) == [("disparue", "Ru")]


@pytest.mark.parametrize("questionnaire", ["subventions", "benevolat"])
def test_dix_mille_lignes_en_moins_d_une_seconde(questionnaire: str, comparer: Comparateur) -> None:
    def lignes(ajout: float) -> list[Ligne]:
        if questionnaire == "benevolat":
            return [
                fiche(f"A{i}", nb_benevoles_reguliers=int(i + (ajout if i % 9 == 0 else 0)))
                for i in range(10_000)
            ]
        return [don(f"A{i % 900}", i + (ajout if i % 9 == 0 else 0), 1 + i % 28) for i in range(10_000)]

    trouvees = comparer(questionnaire, lignes(0), lignes(1))
    assert comparer.duree < 1
    assert Counter(d.genre for d in trouvees) == {"identique": 8888, "changee": 1112}
