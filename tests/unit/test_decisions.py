"""What the person decides changes the reading, and only as she said: sheets, titles, columns, units, corrections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from observatoire.domain.loader import load_enquetes
from pipelines.analyse import Analyse, analyser, lire_classeur
from pipelines.ingestion.decisions import EUROS, MILLIERS, Correction, Decisions
from pipelines.ingestion.entetes import Correspondance
from pipelines.ingestion.grille import FichierRefuse

ENQUETES = load_enquetes()
TITRES = [
    "Nom de l’association",
    "Année des données",
    "Bénévoles réguliers",
    "Heures des bénévoles réguliers",
]
REPONSES = [["Club du Ru", 2025, 10, 500], ["Chorale du Pré", 2025, 11, 510], ["Judo du Val", 2025, 12, 520]]
RESSOURCES = ["Nom de l’association", "Année des données", "Cotisations", "Dons des particuliers"]


def classeur(
    chemin: Path, feuilles: Mapping[str, Sequence[Sequence[Any]]], cachees: Sequence[str] = ()
) -> Path:
    livre = openpyxl.Workbook()
    livre.remove(livre.worksheets[0])
    for nom, lignes in feuilles.items():
        page = livre.create_sheet(nom)
        for ligne in lignes:
            page.append(list(ligne))
        page.sheet_state = "hidden" if nom in cachees else "visible"
    livre.save(chemin)
    return chemin


def lire(chemin: Path, decisions: Decisions | None = None, **options: Any) -> Analyse:
    return analyser(chemin, ENQUETES, decisions=decisions, **options)


def codes(analyse: Analyse) -> dict[str, int]:
    return dict(analyse.lot.causes())


def test_des_decisions_vides_ne_changent_rien(tmp_path: Path) -> None:
    chemin = classeur(tmp_path / "a.xlsx", {"2025": [TITRES, *REPONSES]})
    sans, avec = lire(chemin), lire(chemin, Decisions())
    assert sans.lot.colonnes == avec.lot.colonnes
    assert sans.lot.colonnes["nb_benevoles_reguliers"] == [10, 11, 12]
    assert sans.candidats[0][0] == "benevolat" and sans.candidats[0][1] > sans.candidats[-1][1]
    assert [t.feuille.nom for t in sans.tables] == ["2025"]


def test_une_feuille_masquee_est_lue_si_on_la_coche(tmp_path: Path) -> None:
    autres = [["Rugby du Lac", 2025, 20, 900]]
    chemin = classeur(tmp_path / "a.xlsx", {"A": [TITRES, *REPONSES], "B": [TITRES, *autres]}, cachees=["B"])
    assert lire(chemin).lot.lues == 3
    lue = lire(chemin, Decisions(feuilles={"B": True}))
    assert lue.lot.colonnes["nb_benevoles_reguliers"] == [10, 11, 12, 20]
    assert "FE-02" not in codes(lue)
    seule = lire(chemin, Decisions(feuilles={"A": False, "B": True}))
    assert seule.lot.colonnes["nom_association"] == ["Rugby du Lac"]
    assert "FE-01" not in codes(seule)


def test_une_feuille_cochee_sans_tableau_est_dite(tmp_path: Path) -> None:
    chemin = classeur(tmp_path / "a.xlsx", {"A": [TITRES, *REPONSES], "B": [[1, 2], [3, 4]]})
    analyse = lire(chemin, Decisions(feuilles={"B": True}))
    assert [a.feuille for a in analyse.lot.anomalies if a.code == "EN-05"] == ["B"]
    assert analyse.lot.lues == 3


def test_la_ligne_de_titres_montree_est_suivie(tmp_path: Path) -> None:
    lignes = [
        TITRES,
        ["Vieux club", 2019, 1, 1],
        ["Association", "Millésime", "Nb réguliers", "Heures"],
        *REPONSES,
    ]
    chemin = classeur(tmp_path / "a.xlsx", {"F": lignes})
    colonnes = {
        "Association": "nom_association",
        "Millésime": "annee",
        "Nb réguliers": "nb_benevoles_reguliers",
    }
    analyse = lire(chemin, Decisions(questionnaire="benevolat", entetes={"F": 3}, colonnes=colonnes))
    assert analyse.tables[0].ligne_entete == 2
    assert analyse.lot.colonnes["nom_association"] == [r[0] for r in REPONSES]
    assert analyse.lot.origines[0].ligne == 4


def test_les_titres_de_groupe_fusionnes_restent_joints(tmp_path: Path) -> None:
    chemin = tmp_path / "a.xlsx"
    livre = openpyxl.Workbook()
    page = livre.worksheets[0]
    page.title = "F"
    for ligne in (
        ["Qui", None, "Bénévoles", None],
        ["Nom de l’association", "Année des données", "réguliers", "occasionnels"],
        ["Club du Ru", 2025, 4, 9],
    ):
        page.append(ligne)
    page.merge_cells("A1:B1")
    page.merge_cells("C1:D1")
    livre.save(chemin)
    analyse = lire(chemin, Decisions(questionnaire="benevolat", entetes={"F": 2}))
    assert [c.entete for c in analyse.tables[0].colonnes][2:] == [
        "Bénévoles › réguliers",
        "Bénévoles › occasionnels",
    ]
    assert analyse.lot.colonnes["nb_benevoles_occasionnels"] == [9]


def test_une_colonne_donnee_une_colonne_sans_usage_une_constante(tmp_path: Path) -> None:
    titres = [TITRES[0], "Combien de piliers", "Bénévoles réguliers"]
    chemin = classeur(tmp_path / "a.xlsx", {"F": [titres, ["Club du Ru", 7, 3], ["Chorale du Pré", 8, 4]]})
    choix = Decisions(
        questionnaire="benevolat",
        colonnes={"Combien de piliers": "nb_dirigeants", "Bénévoles réguliers": None},
        constantes={"annee": "2024"},
    )
    analyse = lire(chemin, choix)
    assert analyse.lot.colonnes["nb_dirigeants"] == [7, 8]
    assert analyse.lot.colonnes["nb_benevoles_reguliers"] == [None, None]
    assert analyse.lot.millesimes == [2024, 2024]


def test_un_titre_choisi_dans_une_feuille_decochee_ne_refuse_rien(tmp_path: Path) -> None:
    chemin = classeur(tmp_path / "a.xlsx", {"A": [TITRES, *REPONSES]})
    analyse = lire(chemin, Decisions(colonnes={"Une autre feuille": "nb_dirigeants"}))
    assert analyse.lot.lues == 3
    with pytest.raises(FichierRefuse) as refus:
        lire(chemin, correspondance=Correspondance(None, {"Absente": "nb_dirigeants"}))
    assert refus.value.code == "EN-06"


@pytest.mark.parametrize(("separateur", "attendu"), [(",", [1234, 2500]), (".", [1.234, 2.5])])
def test_la_convention_regle_le_nombre_a_deux_lectures(
    tmp_path: Path, separateur: str, attendu: list[float]
) -> None:
    lignes = [RESSOURCES, ["Club du Ru", 2025, "1.234", 5], ["Chorale du Pré", 2025, "2.500", 6]]
    chemin = classeur(tmp_path / "a.xlsx", {"F": lignes})
    avant = lire(chemin)
    (question,) = avant.questions
    assert (question.genre, question.champ, question.feuille, question.colonne) == (
        "separateur",
        "montant_cotisations",
        "F",
        "C",
    )
    assert (question.nb, question.cellules, question.exemple) == (2, ("C2", "C3"), "1.234")
    apres = lire(chemin, Decisions(conventions={"montant_cotisations": separateur}))
    assert not apres.questions and "NB-03" not in codes(apres)
    assert [round(float(v), 2) for v in apres.lot.colonnes["montant_cotisations"]] == [
        round(v, 2) for v in attendu
    ]


def test_des_milliers_annonces_au_dessus_attendent_puis_sont_multiplies(tmp_path: Path) -> None:
    lignes = [
        ["Montants en milliers d’euros"],
        [],
        RESSOURCES,
        ["Club du Ru", 2025, 12.5, "3"],
        ["Judo", 2025, 7, "900 €"],
    ]
    chemin = classeur(tmp_path / "a.xlsx", {"F": lignes})
    avant = lire(chemin)
    assert [(q.genre, q.feuille, q.nb, q.cellules, q.exemple) for q in avant.questions] == [
        ("unite", "F", 2, ("A1",), "12,5")
    ]
    assert len(avant.lot.attente) == 2
    euros = lire(chemin, Decisions(unites={"F": EUROS}))
    assert not euros.lot.attente and [float(v) for v in euros.lot.colonnes["montant_cotisations"]] == [
        12.5,
        7,
    ]
    milliers = lire(chemin, Decisions(unites={"F": MILLIERS}))
    assert not milliers.lot.attente and not milliers.questions
    assert [float(v) for v in milliers.lot.colonnes["montant_cotisations"]] == [12500, 7000]
    # An amount that says its own unit is taken at its word.
    assert [float(v) for v in milliers.lot.colonnes["montant_dons"]] == [3000, 900]
    dits = {a.champ: (a.cellule, a.details["nb"]) for a in milliers.lot.anomalies if a.code == "NB-15"}
    assert dits == {"montant_cotisations": ("C3", "2"), "montant_dons": ("D3", "1")}
    assert milliers.lot.qualite[0]["montant_cotisations"]["texte"] == "12,5"


def test_une_seule_colonne_en_milliers(tmp_path: Path) -> None:
    titres = [*RESSOURCES[:2], "Cotisations (en k€)", "Dons des particuliers"]
    chemin = classeur(
        tmp_path / "a.xlsx", {"F": [titres, ["Club du Ru", 2025, 4, 250], ["Judo", 2025, 5, 260]]}
    )
    avant = lire(chemin, Decisions(questionnaire="ressources"))
    assert [(q.genre, q.colonne, q.titre, q.exemple) for q in avant.questions] == [
        ("unite", "C", "Cotisations (en k€)", "4")
    ]
    assert avant.lot.colonnes["montant_cotisations"] == [None, None]
    apres = lire(chemin, Decisions(questionnaire="ressources", unites={"F": MILLIERS}))
    assert [float(v) for v in apres.lot.colonnes["montant_cotisations"]] == [4000, 5000]
    assert [float(v) for v in apres.lot.colonnes["montant_dons"]] == [250, 260]
    assert not apres.questions


def test_une_colonne_en_milliers_donnee_a_la_main_attend_l_unite(tmp_path: Path) -> None:
    titres = [*RESSOURCES[:2], "Sous reçus k€", "Dons des particuliers"]
    chemin = classeur(
        tmp_path / "a.xlsx", {"F": [titres, ["Club du Ru", 2025, 4, 250], ["Judo", 2025, None, 260]]}
    )
    choix = {"questionnaire": "ressources", "colonnes": {"Sous reçus k€": "montant_cotisations"}}
    avant = lire(chemin, Decisions(**choix))
    assert [avant.lot.origines[i].ligne for i in avant.lot.attente] == [2]
    assert [q.genre for q in avant.questions] == ["unite"]
    apres = lire(chemin, Decisions(**choix, unites={"F": MILLIERS}))
    assert [v and float(v) for v in apres.lot.colonnes["montant_cotisations"]] == [4000, None]


def test_une_ligne_ecartee_est_comptee_et_gardee_brute(tmp_path: Path) -> None:
    chemin = classeur(tmp_path / "a.xlsx", {"F": [TITRES, *REPONSES]})
    analyse = lire(chemin, Decisions(ecartees={"F": (3, 99)}))
    assert analyse.lot.colonnes["nom_association"] == ["Club du Ru", "Judo du Val"]
    assert ("F", 3, "TO-07") in analyse.lot.ignorees
    assert analyse.lot.comptes()["lignes_ignorees"] == 1
    brutes = {n: cellules for _, n, cellules in analyse.lot.brutes()}
    assert brutes[3] == ["Chorale du Pré", "2025", "11", "510"]


def test_une_correction_donne_la_valeur_et_garde_le_texte_recu(tmp_path: Path) -> None:
    lignes = [TITRES, ["Club du Ru", 2025, "une dizaine ?", 500], *REPONSES[1:]]
    chemin = classeur(tmp_path / "a.xlsx", {"F": lignes})
    corrections = (
        Correction("F", "C2", "une dizaine ?", "10"),
        Correction("F", "D3", "510", "510,5"),
        Correction("Ailleurs", "C2", None, "1"),
        Correction("F", "ZZ99", None, "1"),
        Correction("F", "pas une adresse", None, "1"),
    )
    analyse = lire(chemin, Decisions(corrections=corrections))
    assert analyse.lot.colonnes["nb_benevoles_reguliers"] == [10, 11, 12]
    assert analyse.lot.colonnes["heures_reguliers"] == [500, 510.5, 520]
    assert analyse.lot.qualite[0]["nb_benevoles_reguliers"] == {
        "drapeau": "corrige",
        "texte": "une dizaine ?",
    }
    assert analyse.lot.qualite[1]["heures_reguliers"] == {"drapeau": "corrige", "texte": "510"}
    assert [cellules[2:] for _, _, cellules in analyse.lot.brutes()] == [
        ["une dizaine ?", "500"],
        ["11", "510"],
        ["12", "520"],
    ]
    assert len(analyse.corrections_perdues) == 3


def test_une_correction_qui_reste_fausse_est_dite(tmp_path: Path) -> None:
    chemin = classeur(tmp_path / "a.xlsx", {"F": [TITRES, *REPONSES]})
    analyse = lire(chemin, Decisions(corrections=(Correction("F", "C2", "10", "beaucoup"),)))
    assert [(a.cellule, a.valeur) for a in analyse.lot.anomalies if a.code == "NB-01"] == [("C2", "beaucoup")]
    assert analyse.lot.qualite[0]["nb_benevoles_reguliers"]["texte"] == "beaucoup"


def test_une_correction_ne_laisse_pas_passer_une_donnee_personnelle(tmp_path: Path) -> None:
    lignes = [TITRES, ["Club du Ru", 2025, "tel 06 98 11 76 12", 500], *REPONSES[1:]]
    chemin = classeur(tmp_path / "a.xlsx", {"F": lignes})
    corrections = (Correction("F", "C2", None, "10"), Correction("F", "D3", None, "zoe@voliere.example"))
    analyse = lire(chemin, Decisions(corrections=corrections))
    ecrit = repr(
        (analyse.lot.brutes(), analyse.lot.anomalies, analyse.lot.qualite, analyse.lot.grilles[0].archive())
    )
    assert "11 76" not in ecrit and "zoe@" not in ecrit
    assert analyse.lot.personnelles


def test_une_formule_en_erreur_se_corrige(tmp_path: Path) -> None:
    chemin = classeur(tmp_path / "a.xlsx", {"F": [TITRES, *REPONSES]})
    lu = lire_classeur(chemin)
    lu.feuilles[0].lignes[1][2] = None
    lu.feuilles[0].erreurs[1, 2] = "#DIV/0!"
    avant = analyser([], ENQUETES, classeur=lu)
    assert codes(avant)["FO-01"] == 1
    choix = Decisions(corrections=(Correction("F", "C2", "#DIV/0!", "10"),))
    apres = analyser([], ENQUETES, classeur=lu, decisions=choix)
    assert "FO-01" not in codes(apres) and apres.lot.colonnes["nb_benevoles_reguliers"] == [10, 11, 12]
    assert apres.lot.qualite[0]["nb_benevoles_reguliers"]["texte"] == "#DIV/0!"
    assert lu.feuilles[0].erreurs, "le classeur donné a été modifié"


def test_l_exemple_sous_les_titres_n_est_pas_charge(tmp_path: Path) -> None:
    for premier in (["Exemple", 2025, 3, 4], ["ex.", 2025, 3, 4], ["Les Amis du Loing", "2025", 12, "1800"]):
        chemin = classeur(tmp_path / "a.xlsx", {"F": [TITRES, premier, *REPONSES]})
        analyse = lire(chemin)
        assert analyse.lot.ignorees == [("F", 2, "TO-08")]
        assert analyse.lot.colonnes["nom_association"] == [r[0] for r in REPONSES]
    chemin = classeur(tmp_path / "b.xlsx", {"F": [TITRES, ["Les Amis du Loing", 2025, 12, 77], *REPONSES]})
    assert not lire(chemin).lot.ignorees
    chemin = classeur(tmp_path / "c.xlsx", {"F": [TITRES, ["Exemplaire du Ru", 2025, 12, 77], *REPONSES]})
    assert not lire(chemin).lot.ignorees


def test_les_colonnes_masquees_qui_servent_sont_dites(tmp_path: Path) -> None:
    chemin = classeur(tmp_path / "a.xlsx", {"F": [[*TITRES, "Autre"], *([*r, "x"] for r in REPONSES)]})
    livre = openpyxl.load_workbook(chemin)
    for lettre in ("C", "E", "H"):
        livre["F"].column_dimensions[lettre].hidden = True
    livre.save(chemin)
    dites = [a for a in lire(chemin).lot.anomalies if a.code == "FE-04"]
    assert [a.details["colonnes"] for a in dites] == ["C"]


def test_un_questionnaire_choisi_garde_les_autres_candidats(tmp_path: Path) -> None:
    chemin = classeur(tmp_path / "a.xlsx", {"F": [TITRES, *REPONSES]})
    choix = Decisions(questionnaire="associations", colonnes={"Titre d’un autre fichier": "nb_adherents"})
    analyse = lire(chemin, choix)
    assert analyse.lot.enquete.name == "associations"
    assert analyse.candidats[0][0] == "benevolat"
