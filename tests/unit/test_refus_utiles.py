"""A refusal names its true cause and what to do about it, from what the file itself says."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.loader import load_enquetes
from pipelines.analyse import Analyse, analyser
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.grille import FichierRefuse
from pipelines.ingestion.origines import SCDL_SEUL
from pipelines.ingestion.statuts import non_accordee

ENQUETES = load_enquetes()
ODK = ["_id", "_uuid", "_submission_time", "_index", "_parent_table_name", "_parent_index"]
DONS = ["Financeur", "Bénéficiaire", "Date de convention", "Montant", "Statut du dossier"]
BENEVOLES = ["Nom de l’association", "Année des données", "Bénévoles réguliers", "Dirigeants bénévoles"]

Lignes = Sequence[Sequence[object]]


def ecrire(dossier: Path, lignes: Lignes, nom: str = "export.csv", separateur: str = ";") -> Path:
    chemin = dossier / nom
    with chemin.open("w", encoding="utf-8", newline="") as flux:
        csv.writer(flux, delimiter=separateur).writerows(lignes)
    return chemin


def classeur(dossier: Path, **feuilles: Lignes) -> Path:
    livre = openpyxl.Workbook()
    livre.remove(livre.worksheets[0])
    for nom, lignes in feuilles.items():
        page = livre.create_sheet(nom)
        for ligne in lignes:
            page.append(list(ligne))
    livre.save(dossier / "classeur.xlsx")
    return dossier / "classeur.xlsx"


def lire(dossier: Path, *lignes: Sequence[object], decisions: Decisions | None = None) -> Analyse:
    return analyser(ecrire(dossier, lignes), ENQUETES, decisions=decisions)


def refus(*chemins: Path) -> Anomalie:
    with pytest.raises(FichierRefuse) as leve:
        analyser(chemins, ENQUETES)
    return Anomalie(leve.value.code, details={"fichier": chemins[0].name, **leve.value.details})


def phrases(analyse: Analyse, code: str) -> list[str]:
    return [a.phrase for a in analyse.lot.anomalies if a.code == code]


# --- Forms and their exports ---------------------------------------------------------------------------------------------


QUESTIONS = [
    ["type", "name", "label"],
    ["text", "nom", "Nom de l’association"],
    ["integer", "annee", "Année des données"],
    ["select_one oui_non", "b", "Bénévoles réguliers"],
]
CHOIX = [["list_name", "name", "label"], ["oui_non", "oui", "Oui"]]


def test_le_modele_d_un_formulaire_n_est_pas_ses_reponses(tmp_path: Path) -> None:
    dit = refus(classeur(tmp_path, survey=QUESTIONS, choices=CHOIX, settings=[["version"], [1]]))
    assert dit.code == "FI-15"
    assert "le modèle d’un formulaire" in dit.phrase and "Données › Téléchargements" in dit.phrase
    assert refus(ecrire(tmp_path, CHOIX)).code == "FI-15"
    multilingue = [["type", "name", "label::Français (fr)"], ["begin group", "g", "G"], ["note", "n", "N"]]
    assert refus(ecrire(tmp_path, multilingue)).code == "FI-15"


def test_un_modele_a_cote_de_reponses_ne_les_refuse_pas(tmp_path: Path) -> None:
    reponses: Lignes = [BENEVOLES, ["Club", 2025, 3, 2]]
    analyse = analyser(classeur(tmp_path, Export=reponses, survey=QUESTIONS), ENQUETES)
    assert analyse.lot.colonnes["nb_benevoles_reguliers"] == [3]
    # « Type, name, label » of anything else than questions is no form.
    assert refus(ecrire(tmp_path, [["type", "name", "label"], ["Sport", "a", "b"]])).code == "FI-08"


def test_une_table_de_repetitions_demande_l_export_principal(tmp_path: Path) -> None:
    titres = ["enfants/prenom", "enfants/age", *ODK]
    repetee = refus(ecrire(tmp_path, [titres, ["x", 5, "", "", "", 1, "principal", 1]]))
    assert repetee.code == "FI-08"
    assert (
        "C’est un tableau de répétitions" in repetee.phrase and "déposez l’export principal" in repetee.phrase
    )
    principale = refus(ecrire(tmp_path, [titres, ["x", 5, 1, "u", "2025-01-01", 1, "", -1]]))
    assert "répétitions" not in principale.phrase and "fait avec ODK" in principale.phrase


def test_des_titres_en_anglais_disent_quelles_colonnes_indiquer(tmp_path: Path) -> None:
    titres = ["Identifier", "Amount Awarded", "Award Date", "Recipient Org:Name"]
    dit = refus(ecrire(tmp_path, [titres, ["360G-1", 500, "2025-01-01", "Blue"]]))
    assert (
        "Titres en anglais\u00a0: indiquez les colonnes du bénéficiaire, du montant et de la date."
        in dit.phrase
    )


# --- Which questionnaire -------------------------------------------------------------------------------------------------


def test_beneficiaire_et_montant_suffisent_a_reconnaitre_des_subventions(tmp_path: Path) -> None:
    titres = ["Fichier", "Poste", "Raison sociale", "Montant", "Zone", "Région", "Année"]
    analyse = lire(tmp_path, titres, ["a", "b", "Club du Ru", 1200, "c", 11, 2025])
    assert analyse.lot.enquete.name == "subventions"
    (dit,) = phrases(analyse, "EN-01")
    assert "«\u00a0Nom de l’attribuant\u00a0»" in dit and "donnez sa valeur pour toutes les lignes" in dit


def test_une_colonne_en_commun_ne_fait_pas_un_questionnaire_proche(tmp_path: Path) -> None:
    autres = ["Piscine", "Bassin", "Eau", "Bonnet", "Palmes"]
    une = refus(ecrire(tmp_path, [["Trésorerie nette", *autres], [1, 2, 3, 4, 5, 6]]))
    assert "une seule de ces colonnes y est demandée" in une.phrase and "Le plus proche" not in une.phrase
    deux = refus(ecrire(tmp_path, [["Cotisations", "Trésorerie nette", *autres], [1, 2, 3, 4, 5, 6, 7]]))
    assert "Le plus proche" in deux.phrase and "2 colonnes reconnues sur 7" in deux.phrase


def test_un_scdl_aux_titres_francais_est_reconnu_par_ses_champs(tmp_path: Path) -> None:
    assert {c.name for c in ENQUETES["subventions"].champs} >= SCDL_SEUL
    champs = [ENQUETES["subventions"].champ(n) for n in sorted(SCDL_SEUL)]
    titres = [
        "Nom de l’attribuant",
        "Nom du bénéficiaire",
        "Montant de la subvention",
        *(c.title for c in champs),
    ]
    ligne = ["Ville", "Club du Ru", 100, *(c.example for c in champs)]
    scdl = lire(tmp_path, [*titres, "Exercice"], [*ligne, 2025])
    assert scdl.origine.code == "scdl" and "titres en français" in scdl.origine.libelle
    autre = lire(
        tmp_path, [*DONS, "Objet", "SIRET", "RNA"], ["Ville", "Club", "01/02/2025", 100, "Soldé", "x", "", ""]
    )
    assert autre.origine.code == "inconnu"


# --- Which column --------------------------------------------------------------------------------------------------------


def test_l_annee_inconnue_cite_les_colonnes_qui_en_portent(tmp_path: Path) -> None:
    titres = [
        "Financeur", "Bénéficiaire", "Montant", "Reste dû", "DCM Date", "annee_demande", "Date de création",
        "Date de naissance du président",
    ]  # fmt: skip
    ligne = ["Ville", "Club du Ru", 100, 2000, "12/02/2025", 2024, "01/02/1998", "03/04/1960"]
    (dit,) = phrases(lire(tmp_path, titres, ligne, [*ligne[:1], "Chorale", *ligne[2:]]), "FI-11")
    attendu = "Colonnes qui portent des années ou des dates\u00a0: «\u00a0DCM Date\u00a0», «\u00a0annee_demande\u00a0»."
    assert attendu in dit and "Indiquez laquelle compte." in dit
    (sans,) = phrases(lire(tmp_path, titres[:4], ligne[:4]), "FI-11")
    assert "Colonne" not in sans and "possibles. Si toutes" in sans


def test_une_colonne_ecartee_par_une_collision_est_proposee_jamais_une_personnelle(tmp_path: Path) -> None:
    titres = ["Nom attributaire*", "Nom du bénéficiaire*", "Date convention", "Montant", "Nom du responsable"]
    analyse = lire(tmp_path, titres, ["Ville", "Club du Ru", "01/02/2025", 100, "Zoé Volière"])
    (dit,) = phrases(analyse, "EN-01")
    assert "Colonnes proches\u00a0: «\u00a0Nom attributaire*\u00a0»" in dit
    assert analyse.personnelles["export"].keys() == {4} and "responsable" not in dit


# --- Formats and sizes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "remede"),
    [
        ("a.json", "Refaites l’export en .xlsx ou .csv depuis l’outil qui l’a produit."),
        ("a.xml", "Refaites l’export en .xlsx ou .csv depuis l’outil qui l’a produit."),
        ("a.zip", "Décompressez-le et déposez le tableur qu’il contient."),
        ("a.csv.gz", "Décompressez-le et déposez le tableur qu’il contient."),
        ("a.pdf", "Un PDF n’est pas un tableur\u00a0: demandez le fichier d’origine."),
        ("a.xlsm", "Enregistrez-le au format .xlsx, .ods ou .csv et déposez-le de nouveau."),
        ("a.xlsb", "Enregistrez-le au format .xlsx, .ods ou .csv et déposez-le de nouveau."),
        ("a.inconnu", "Enregistrez-le au format .xlsx, .ods ou .csv et déposez-le de nouveau."),
    ],
)
def test_un_format_refuse_dit_ce_qu_on_peut_en_faire(tmp_path: Path, nom: str, remede: str) -> None:
    (tmp_path / nom).write_bytes(b"x")
    dit = refus(tmp_path / nom)
    assert dit.code == "FI-06" and dit.phrase.endswith(remede)


def test_un_texte_trop_long_est_nomme_par_sa_cellule(tmp_path: Path) -> None:
    partie = "x" * 32_000
    chemin = classeur(tmp_path, Notes=[["a", "b"], ["c", partie]])
    livre = openpyxl.load_workbook(chemin)
    livre["Notes"]["B2"].value = None
    livre.save(chemin)
    _allonger(chemin, partie * 2)
    dit = refus(chemin)
    assert (dit.code, dit.details["feuille"]) == ("FI-05", "Notes")
    assert "dans la cellule B2" in dit.phrase and dit.phrase.endswith("Raccourcissez ce texte.")
    assert "XFD1048576" not in dit.phrase


def _allonger(chemin: Path, texte: str) -> None:
    """Write a text that no spreadsheet would accept in the empty cell B2."""
    with zipfile.ZipFile(chemin) as archive:
        parties = {e.filename: archive.read(e) for e in archive.infolist()}
    feuille = "xl/worksheets/sheet1.xml"
    xml = (
        parties[feuille]
        .decode()
        .replace(
            "</row></sheetData>", f'<c r="B2" t="inlineStr"><is><t>{texte}</t></is></c></row></sheetData>'
        )
    )
    assert texte in xml
    with zipfile.ZipFile(chemin, "w") as archive:
        for nom, octets in (parties | {feuille: xml.encode()}).items():
            archive.writestr(nom, octets)


# --- Rows ----------------------------------------------------------------------------------------------------------------


def test_toutes_les_lignes_decalees_se_disent_une_fois(tmp_path: Path) -> None:
    titres = "nomAttribuant,nomBeneficiaire,dateConvention,montant"
    fausses = [f"Ville,Club {i},01/02/2025,{i},50" for i in range(1, 24)]
    chemin = tmp_path / "a.csv"
    chemin.write_text("\n".join([titres, *fausses]), encoding="utf-8")
    toutes = analyser(chemin, ENQUETES)
    (dit,) = phrases(toutes, "LG-03")
    assert dit.startswith(
        "Les 23 lignes ont toutes une colonne de trop\u00a0: réexportez avec le point-virgule"
    )
    assert (toutes.lot.chargeables, len(toutes.lot.attente), phrases(toutes, "LG-01")) == ([], 23, [])
    assert not phrases(toutes, "VA-01")
    chemin.write_text("\n".join([titres, "Ville,Club,01/02/2025,100", *fausses[:2]]), encoding="utf-8")
    une = analyser(chemin, ENQUETES)
    assert (len(une.lot.chargeables), len(phrases(une, "LG-01")), phrases(une, "LG-03")) == (1, 2, [])


STATUTS = ["Voté", "INSTRUCTION", "Refusé", "Soldé", "En attente"]


def dons(dossier: Path, decisions: Decisions | None = None) -> Analyse:
    lignes = [["Ville", f"Club {i}", "01/02/2025", 100 + i, s] for i, s in enumerate(STATUTS)]
    return lire(dossier, DONS, *lignes, decisions=decisions)


def test_une_demande_non_accordee_attend(tmp_path: Path) -> None:
    analyse = dons(tmp_path)
    assert analyse.lot.attente == {1: ["LG-04"], 2: ["LG-04"], 4: ["LG-04"]}
    dites = [a for a in analyse.lot.anomalies if a.code == "LG-04"]
    assert [(a.cellule, a.valeur, a.repere) for a in dites] == [
        ("E3", "INSTRUCTION", "Club 1"),
        ("E4", "Refusé", "Club 2"),
        ("E6", "En attente", "Club 4"),
    ]
    assert "la colonne «\u00a0Statut du dossier\u00a0» ne sert à rien" in dites[0].phrase


def test_elle_est_ecartee_ou_gardee_par_une_decision(tmp_path: Path) -> None:
    ecartees = dons(tmp_path, Decisions(ecartees={"export": (3, 4, 6)}))
    assert (len(ecartees.lot.chargeables), ecartees.lot.attente) == (2, {})
    gardees = dons(tmp_path, Decisions(colonnes={"Statut du dossier": None}))
    assert (len(gardees.lot.chargeables), phrases(gardees, "LG-04")) == (5, [])


def test_un_statut_ne_retient_que_ce_qui_dit_non(tmp_path: Path) -> None:
    oui = [
        "Attribué",
        "Soldé",
        "VOTE",
        "Clôturée",
        "Conseil Municipal",
        "Notification",
        "A évaluer",
        "non refusé",
        "Fermé",
    ]
    non = [
        "Instruction technique", "Instruction terminée", "Demande", "rejetée", "Irrecevable", "Avis défavorable", "Annulé",
        "Ajournement", "Non attribué", "Sans suite", "En cours d’instruction",
    ]  # fmt: skip
    assert [t for t in oui if non_accordee(t)] == [] and [t for t in non if not non_accordee(t)] == []
    # The same words under another title, or where a row is no sum granted, hold nothing.
    autre = lire(tmp_path, [*DONS[:4], "Quartier"], ["Ville", "Club", "01/02/2025", 100, "En attente"])
    assert autre.lot.attente == {}
    assert lire(tmp_path, [*BENEVOLES, "Statut"], ["Club", 2025, 3, 2, "En attente"]).lot.attente == {}
