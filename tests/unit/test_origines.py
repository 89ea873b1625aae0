"""The tool that made a file: recognised by its titles, its metadata left out, its registers refused by name."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.loader import load_enquetes
from pipelines.analyse import Analyse, analyser
from pipelines.ingestion.gabarit import ecrire_gabarit
from pipelines.ingestion.grille import FichierRefuse
from pipelines.ingestion.origines import est_limesurvey, est_odk, lecture, personnes

ENQUETES = load_enquetes()
SCDL = [
    "nomAttribuant", "idAttribuant", "dateConvention", "referenceDecision", "nomBeneficiaire", "idBeneficiaire", "objet",
    "montant", "nature", "conditionsVersement", "datesPeriodeVersement", "idRAE", "notificationUE", "pourcentageSubvention",
]  # fmt: skip
DON = ["Ville", "", "2025-03-01", "", "Club du Ru", "", "Fonctionnement", "1200", "", "", "", "", "", ""]


def ecrire(dossier: Path, *lignes: Sequence[object]) -> Path:
    chemin = dossier / "export.csv"
    with chemin.open("w", encoding="utf-8", newline="") as flux:
        csv.writer(flux, delimiter=";").writerows(lignes)
    return chemin


def lire(dossier: Path, *lignes: Sequence[object], **options: Any) -> Analyse:
    return analyser(ecrire(dossier, *lignes), ENQUETES, **options)


def refus(dossier: Path, *lignes: Sequence[object]) -> Anomalie:
    with pytest.raises(FichierRefuse) as leve:
        lire(dossier, *lignes)
    return Anomalie(leve.value.code, details={"fichier": "export.csv", **leve.value.details})


def test_le_gabarit(tmp_path: Path) -> None:
    chemin = tmp_path / "g.xlsx"
    ecrire_gabarit(
        ENQUETES["benevolat"], chemin, 2025, [{"nom_association": "Club du Ru", "nb_dirigeants": 3}]
    )
    analyse = analyser(chemin, ENQUETES)
    assert (analyse.origine.code, analyse.lot.lues) == ("gabarit", 1)
    assert "benevolat" in analyse.origine.raison


def test_scdl_dit_sa_version(tmp_path: Path) -> None:
    un = lire(tmp_path, SCDL, DON)
    assert (un.origine.code, un.origine.libelle[-1]) == ("scdl", "1")
    deux = lire(tmp_path, [*SCDL, "rnaBeneficiaire", "dispositifAide"], [*DON, "", "FDVA"])
    assert (deux.origine.code, deux.origine.libelle[-1]) == ("scdl", "2")
    assert "rnaBeneficiaire".casefold() in deux.origine.raison.casefold()
    assert [float(v) for v in deux.lot.colonnes["montant"]] == [1200]


def test_un_classeur_quelconque_n_a_pas_d_origine(tmp_path: Path) -> None:
    analyse = lire(
        tmp_path,
        ["Nom de l’association", "Dirigeants bénévoles", "Bénévoles réguliers"],
        ["Club", 2, 3],
        millesime=2025,
    )
    assert analyse.origine.code == "inconnu"


def test_benevalibre(tmp_path: Path) -> None:
    titres = [
        "Prénom",
        "Nom",
        "Pseudo",
        "Association",
        "Date",
        "Durée (en heures)",
        "En attente de modération",
        "Catégorie",
    ]
    analyse = lire(
        tmp_path, titres, ["Zoé", "Test", "", "Club du Ru", "2025-01-10", "2.5", "False", "Accueil"]
    )
    assert analyse.origine.code == "benevalibre"
    assert analyse.personnelles["export"] == {
        0: "nom de personne",
        1: "nom de personne",
        2: "nom de personne",
    }
    assert {n: c.index for n, (c, _, _) in analyse.appariements[0].champs.items()} == {
        "nom_association": 3,
        "annee": 4,
        "heures_total_an": 5,
    }


def test_kobo_lit_le_dernier_segment_et_laisse_les_metadonnees(tmp_path: Path) -> None:
    titres = [
        "start", "identite/nom_association", "identite/annee", "benevoles/nb_benevoles_reguliers", "benevoles/nb_dirigeants",
        "secteur", "secteur/nb_benevoles_occasionnels", "_id", "_uuid", "_submission_time", "_submitted_by", "_index", "meta/instanceID",
    ]  # fmt: skip
    ligne = [
        "2025-02-01",
        "Club du Ru",
        2025,
        12,
        3,
        "x",
        1,
        7,
        "u-1",
        "2025-02-01T10:00:00",
        "zoe",
        1,
        "uuid:1",
    ]
    analyse = lire(tmp_path, titres, ligne)
    lot = analyse.lot
    assert (analyse.origine.code, lot.enquete.name) == ("odk_kobo", "benevolat")
    assert (lot.colonnes["nom_association"], lot.colonnes["nb_benevoles_reguliers"]) == (["Club du Ru"], [12])
    # One choice of a question is not the question.
    assert lot.colonnes["nb_benevoles_occasionnels"] == [None]
    non_lues = {a.colonne for a in lot.anomalies if a.code == "EN-03"}
    assert {"start", "_id", "_uuid", "_submission_time", "_index", "meta/instanceID"} <= non_lues
    assert analyse.personnelles["export"][10] == "un nom d’utilisateur"
    assert lot.brutes()[0][2][10] is None


@pytest.mark.parametrize(
    "titres",
    [
        ["id", "submitdate", "lastpage", "startlanguage", "seed", "Q1", "Q2", "Q3[SQ001]", "ipaddr"],
        [
            "id. ID de la réponse", "submitdate. Date de soumission", "lastpage. Dernière page",
            "startlanguage. Langue de départ", "seed. Tête de série", "Q1. Nom de l’association", "Q2. Année des données",
            "Q3[SQ001]. Combien de bénévoles ? [Bénévoles réguliers]", "ipaddr. Adresse IP",
        ],
        [
            "ID de la réponse", "Date de soumission", "Dernière page", "Langue de départ", "Tête de série",
            "Nom de l’association", "Année des données", "Combien de bénévoles ? [Bénévoles réguliers]", "Adresse IP",
        ],
    ],
)  # fmt: skip
def test_limesurvey_ses_trois_facons_d_ecrire_les_titres(tmp_path: Path, titres: list[str]) -> None:
    assert est_limesurvey(t.casefold() for t in titres)
    lu = lecture(titres)
    assert [lu.ignore(t) for t in titres] == [True] * 5 + [False] * 3 + [True]
    assert personnes(enumerate(titres)) == {8: "une adresse IP"}
    if titres[5] == "Q1":
        assert (
            "LimeSurvey"
            in refus(tmp_path, titres, [1, "2025-01-01", 3, "fr", 9, "Club", 2025, 4, "10.0.0.1"]).phrase
        )
        return
    finie = [1, "2025-01-01 10:00:00", 3, "fr", 9, "Club du Ru", 2025, 4, "10.0.0.1"]
    inachevee = [2, "", 1, "fr", 8, "Judo", 2025, "", "10.0.0.2"]
    analyse = lire(tmp_path, titres, finie, inachevee, questionnaire="benevolat")
    assert analyse.origine.code == "limesurvey"
    assert analyse.lot.colonnes["nb_benevoles_reguliers"] == [4]
    assert analyse.lot.ignorees == [("export", 3, "MO-02")]
    assert analyse.lot.comptes()["lignes_lues"] == 2
    assert "10.0.0" not in repr(analyse.lot.brutes())


def test_une_date_de_soumission_seule_n_est_pas_limesurvey(tmp_path: Path) -> None:
    titres = ["Nom de l’association", "Date de soumission", "Bénévoles réguliers", "Dirigeants bénévoles"]
    analyse = lire(tmp_path, titres, ["Club du Ru", "", 4, 2], millesime=2025)
    assert (analyse.origine.code, analyse.lot.ignorees) == ("inconnu", [])
    assert not est_odk(["name", "_id", "age"])


def test_google_forms(tmp_path: Path) -> None:
    titres = [
        "Horodateur",
        "Nom de l’association",
        "Combien avez-vous de bénévoles réguliers ?",
        "Dirigeants bénévoles",
    ]
    ligne = ["01/02/2025 10:11:12", "Club du Ru", 5, 2]
    analyse = lire(tmp_path, titres, ligne, millesime=2025, questionnaire="benevolat")
    assert analyse.origine.code == "google_forms"
    assert [a.cellule for a in analyse.lot.anomalies if a.colonne == "Horodateur"] == ["A1"]


@pytest.mark.parametrize(
    ("titres", "nom"),
    [
        (["id", "id_ex", "siret", "rup_mi", "gestion", "date_creat", "date_publi", "groupement", "titre", "objet_social1", "adrs_codeinsee"], "RNA"),
        (["id", "is_waldec", "id_association", "code_gestion", "date_creation", "titre_court", "objet_social1", "adresse_code_insee"], "RNA"),
        (["siren", "denominationUniteLegale", "categorieJuridiqueUniteLegale", "activitePrincipaleUniteLegale", "etatAdministratifUniteLegale"], "Sirene"),
        (["siren", "nic", "siret", "activitePrincipaleEtablissement", "codeCommuneEtablissement"], "Sirene"),
    ],
)  # fmt: skip
def test_un_registre_est_refuse_par_son_nom(tmp_path: Path, titres: list[str], nom: str) -> None:
    refuse = refus(tmp_path, titres, ["1"] * len(titres))
    assert refuse.code == "FI-13"
    assert nom in refuse.phrase and "sources ajouter" in refuse.phrase and "…" not in refuse.phrase


def test_un_siren_et_un_siret_ne_font_pas_un_registre(tmp_path: Path) -> None:
    analyse = lire(tmp_path, [*SCDL, "siren", "siret"], [*DON, "", ""])
    assert analyse.lot.enquete.name == "subventions"


def test_le_refus_nomme_les_titres_et_le_plus_proche(tmp_path: Path) -> None:
    titres = [
        "Nom de l’association",
        "Piscine",
        "Plongeoir",
        "Bassin",
        "Eau",
        "Maillot",
        "Bonnet",
        "zoe@voliere.example",
    ]
    refuse = refus(tmp_path, titres, ["Club", 1, 2, 3, 4, 5, 6, 7])
    assert refuse.code == "FI-08"
    assert "«\u00a0Piscine\u00a0»" in refuse.phrase and "ligne 1" in refuse.phrase
    assert "«\u00a0Bonnet\u00a0»" not in refuse.phrase and "zoe@" not in refuse.phrase
    assert (
        "une seule de ces colonnes y est demandée" in refuse.phrase and "Le plus proche" not in refuse.phrase
    )
