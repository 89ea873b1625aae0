"""Forms filled from top to bottom, one or many: read as tables, told at the cells of the file received."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from observatoire.domain.loader import load_enquetes
from pipelines.analyse import Analyse, analyser, lire_classeur
from pipelines.ingestion.decisions import Correction, Decisions
from pipelines.ingestion.fiches import est_fiche, tourner
from pipelines.ingestion.grille import Feuille, FichierRefuse, adresse_notee, position

ENQUETES = load_enquetes()
QUESTIONS = [
    "Fiche bénévolat 2025",
    "Nom de l’association :",
    "Commune du siège",
    "VOTRE ÉQUIPE",
    "Bénévoles réguliers",
    "Bénévoles occasionnels",
    "Heures des bénévoles réguliers",
]
CLUB = [None, "Club du Ru", "Melun", None, 10, 20, "500 h"]
CHORALE = [None, "Chorale du Pré", "Meaux", None, 11, "vingt ?", 510]


def colonnes(chemin: Path, *valeurs: Sequence[Any]) -> Path:
    """A workbook whose columns, from A on, are these."""
    livre = openpyxl.Workbook()
    page = livre.worksheets[0]
    page.title = "Fiche"
    for j, colonne in enumerate(valeurs, start=1):
        for i, valeur in enumerate(colonne, start=1):
            page.cell(i, j, valeur)
    livre.save(chemin)
    return chemin


def lire(chemin: Path | list[Path], decisions: Decisions | None = None, **options: Any) -> Analyse:
    return analyser(chemin, ENQUETES, decisions=decisions, **options)


def test_une_association_par_colonne(tmp_path: Path) -> None:
    analyse = lire(colonnes(tmp_path / "f.xlsx", QUESTIONS, CLUB, CHORALE))
    lot = analyse.lot
    assert lot.enquete.name == "benevolat"
    assert lot.colonnes["nom_association"] == ["Club du Ru", "Chorale du Pré"]
    assert lot.colonnes["nb_benevoles_reguliers"] == [10, 11]
    assert lot.colonnes["heures_reguliers"] == [500, 510]
    assert lot.millesimes == [2025, 2025]
    assert analyse.tables[0].feuille.transposee
    # Section titles that hold no answer are no columns.
    assert "VOTRE ÉQUIPE" not in [c.entete for c in analyse.tables[0].colonnes]


def test_chaque_adresse_est_celle_du_fichier(tmp_path: Path) -> None:
    chemin = colonnes(tmp_path / "f.xlsx", QUESTIONS, CLUB, CHORALE)
    analyse = lire(chemin)
    (faute,) = [a for a in analyse.lot.anomalies if a.code == "NB-01"]
    assert (faute.cellule, faute.ligne, faute.valeur) == ("C6", 6, "vingt ?")
    assert analyse.lot.ligne_de(faute) == analyse.lot.origines[1].ligne
    page = openpyxl.load_workbook(chemin)["Fiche"]
    for champ, attendu in (
        ("nb_benevoles_reguliers", "Bénévoles réguliers"),
        ("commune", "Commune du siège"),
    ):
        axe = analyse.lot.axe("Fiche", analyse.lot.adresses["Fiche", champ])
        assert page[f"A{axe}"].value == attendu
    retrouvees = 0
    for _, rang, cellules in analyse.lot.brutes():
        for j, valeur in enumerate(cellules):
            if valeur is not None:
                axe = analyse.lot.axe("Fiche", j)
                assert str(page[adresse_notee(axe, rang)].value) == valeur
                retrouvees += 1
    assert retrouvees == sum(v is not None for v in (*CLUB, *CHORALE))
    assert analyse.lot.grilles[0].archive()[1][:2] == ["Nom de l’association :", "Club du Ru"]


def test_une_seule_association_et_une_colonne_d_explications(tmp_path: Path) -> None:
    aide = ["Consignes", "nom déclaré", "ville", None, "en nombre", "en nombre", "par an"]
    analyse = lire(colonnes(tmp_path / "f.xlsx", QUESTIONS, aide, CLUB))
    assert analyse.lot.colonnes["nom_association"] == ["Club du Ru"]
    assert [(a.code, a.cellule) for a in analyse.lot.anomalies if a.code == "TO-09"] == [("TO-09", "B1")]
    sans_titre = lire(colonnes(tmp_path / "g.xlsx", QUESTIONS, [None, *aide[1:]], CLUB))
    assert sans_titre.lot.colonnes["nom_association"] == ["Club du Ru"]


def test_la_premiere_association_n_est_pas_une_explication(tmp_path: Path) -> None:
    texte = [None, "Club du Ru", "Melun", None, "une dizaine", 20, 500]
    analyse = lire(colonnes(tmp_path / "f.xlsx", QUESTIONS, texte, CHORALE))
    assert analyse.lot.colonnes["nom_association"] == ["Club du Ru", "Chorale du Pré"]


def test_une_fiche_en_csv_et_une_correction(tmp_path: Path) -> None:
    chemin = tmp_path / "fiche.csv"
    with chemin.open("w", encoding="utf-8", newline="") as flux:
        csv.writer(flux, delimiter=";").writerows(zip(QUESTIONS, CLUB, CHORALE, strict=True))
    analyse = lire(chemin, Decisions(corrections=(Correction("fiche", "C6", "vingt ?", "20"),)))
    assert analyse.lot.colonnes["nb_benevoles_occasionnels"] == [20, 20]
    assert analyse.lot.qualite[1]["nb_benevoles_occasionnels"] == {"drapeau": "corrige", "texte": "vingt ?"}
    assert not analyse.corrections_perdues


def test_une_ligne_de_titres_montree_l_emporte(tmp_path: Path) -> None:
    chemin = colonnes(tmp_path / "f.xlsx", QUESTIONS, CLUB, CHORALE)
    analyse = lire(chemin, Decisions(questionnaire="benevolat", entetes={"Fiche": 1}))
    assert not analyse.tables[0].feuille.transposee


def test_un_tableau_et_son_dictionnaire_ne_sont_pas_des_fiches(tmp_path: Path) -> None:
    livre = openpyxl.Workbook()
    page = livre.worksheets[0]
    page.append([*QUESTIONS[1:3], *QUESTIONS[4:], "Année des données"])
    page.append(["Club du Ru", "Melun", 10, 20, 500, 2025])
    notice = livre.create_sheet("Dictionnaire")
    for question in QUESTIONS[1:]:
        notice.append([question, "texte", "obligatoire"])
    livre.save(tmp_path / "t.xlsx")
    analyse = lire(tmp_path / "t.xlsx")
    assert analyse.lot.colonnes["nom_association"] == ["Club du Ru"]
    assert [t.feuille.transposee for t in analyse.tables] == [False]


def test_une_fiche_sans_nom_est_refusee_avec_une_explication(tmp_path: Path) -> None:
    chemin = colonnes(
        tmp_path / "f.xlsx", ["Bilan", *QUESTIONS[2:], "Dirigeants bénévoles"], [None, *CLUB[2:], 3]
    )
    with pytest.raises(FichierRefuse) as refus:
        lire(chemin)
    assert refus.value.code == "FI-08"
    assert "de haut en bas, dans la colonne A" in refus.value.details["aide"]


def test_un_dossier_de_fiches_fait_un_depot(tmp_path: Path) -> None:
    chemins = [
        colonnes(tmp_path / "1.xlsx", QUESTIONS, CLUB),
        colonnes(tmp_path / "2.xlsx", QUESTIONS, CHORALE),
        tmp_path / "3.xlsx",
    ]
    chemins[2].write_bytes(b"PK\x03\x04 abime")
    noms = ["ru.xlsx", "pré.xlsx", "abîmé.xlsx"]
    analyse = lire(chemins, noms=noms)
    assert [f.nom for f in analyse.classeur.feuilles] == ["ru.xlsx › Fiche", "pré.xlsx › Fiche"]
    assert analyse.lot.colonnes["nom_association"] == ["Club du Ru", "Chorale du Pré"]
    (perdu,) = [a for a in analyse.lot.anomalies if a.code == "FI-14"]
    assert perdu.details["fichier"] == "abîmé.xlsx" and "abîmé.xlsx" in perdu.phrase
    assert [a.feuille for a in analyse.lot.anomalies if a.code == "NB-01"] == ["pré.xlsx › Fiche"]
    assert analyse.classeur.taille == sum(c.stat().st_size for c in chemins[:2])
    inverse = lire_classeur([chemins[1], chemins[0]], [noms[1], noms[0]])
    assert inverse.sha256 == analyse.classeur.sha256
    assert lire_classeur(chemins[:2], ["autre.xlsx", noms[1]]).sha256 != analyse.classeur.sha256


def test_deux_fichiers_du_meme_nom_et_aucun_lisible(tmp_path: Path) -> None:
    un, deux = (
        colonnes(tmp_path / "1.xlsx", QUESTIONS, CLUB),
        colonnes(tmp_path / "2.xlsx", QUESTIONS, CHORALE),
    )
    lu = lire_classeur([un, deux], ["fiche.xlsx", "fiche.xlsx"])
    assert [f.nom for f in lu.feuilles] == ["fiche.xlsx › Fiche", "fiche (2).xlsx › Fiche"]
    (tmp_path / "a.xlsx").write_bytes(b"")
    with pytest.raises(FichierRefuse) as refus:
        lire_classeur([tmp_path / "a.xlsx", tmp_path / "a.xlsx"])
    assert refus.value.code == "FI-07"


def test_l_annee_se_lit_dans_le_nom_de_chaque_fichier(tmp_path: Path) -> None:
    questions = ["Fiche bénévolat", *QUESTIONS[1:]]
    chemins = [
        colonnes(tmp_path / "1.xlsx", questions, CLUB),
        colonnes(tmp_path / "2.xlsx", questions, CHORALE),
    ]
    analyse = lire(chemins, noms=["ru 2024.xlsx", "pré 2025.xlsx"])
    assert analyse.lot.millesimes == [2024, 2025]


def test_reconnaitre_une_fiche(tmp_path: Path) -> None:
    fiche = lire_classeur(colonnes(tmp_path / "f.xlsx", QUESTIONS, CLUB))
    tableau = lire_classeur(colonnes(tmp_path / "t.xlsx", *([q, 1, 2] for q in QUESTIONS[1:])))
    assert est_fiche(fiche, ENQUETES.values())
    assert not est_fiche(tableau, ENQUETES.values())


def test_tourner_deux_fois_ne_change_rien() -> None:
    feuille = Feuille(
        "F",
        [["a", 1, None], ["b", 2, 3]],
        fusions=[(0, 1, 0, 2)],
        erreurs={(1, 2): "#N/A"},
        non_calculees={(0, 2)},
        masquees={1},
        colonnes_masquees={2},
        originaux={(1, 1): "deux"},
    )
    tournee = tourner(feuille)
    assert tournee.lignes == [["a", "b"], [1, 2], [None, 3]]
    assert (tournee.masquees, tournee.colonnes_masquees) == ({2}, {1})
    assert tournee.adresse(2, 1) == feuille.adresse(1, 2) == "C2"
    assert (tournee.ligne_dite(2, 1), tournee.axe(1), tournee.rang_dit(2)) == (2, "2", "C")
    assert tourner(tournee) == feuille


def test_adresses() -> None:
    assert position("AB12") == (11, 27)
    assert [position(x) for x in ("12", "A0", "A1:B2", "")] == [None] * 4
    assert (adresse_notee("B", 4), adresse_notee("4", 2)) == ("B4", "B4")


def test_un_titre_de_partie_ne_prend_pas_la_place_d_une_question(tmp_path: Path) -> None:
    questions = [*QUESTIONS, "Nombre de bénévoles", "Nombre total de bénévoles"]
    analyse = lire(colonnes(tmp_path / "f.xlsx", questions, [*CLUB, None, 30]))
    assert analyse.lot.colonnes["nb_benevoles_distincts"] == [30]
    assert "EN-02" not in analyse.lot.causes()


def test_une_fiche_presque_vide_est_lue_avec_les_autres(tmp_path: Path) -> None:
    pleine = colonnes(
        tmp_path / "1.xlsx", [*QUESTIONS, "Remarque", "Local", "Presse"], [*CLUB, "oui", "non", "oui"]
    )
    vide = colonnes(tmp_path / "2.xlsx", QUESTIONS, [None, "Rugby du Lac", None, None, 7, None, None])
    analyse = lire([pleine, vide])
    assert analyse.lot.colonnes["nb_benevoles_reguliers"] == [10, 7]
    assert "FE-01" not in analyse.lot.causes()
