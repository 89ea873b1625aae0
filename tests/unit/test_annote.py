"""The annotated copy: every problem shown, nothing else changed, and the file comes back as it was but for the fixes."""

from __future__ import annotations

import datetime as dt
import io
import re
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from observatoire.domain.anomalie import Anomalie, Niveau
from pipelines.ingestion.grille import Classeur, Feuille
from pipelines.ingestion.lecteur import lire_fichier
from pipelines.sorties import annote
from pipelines.sorties.annote import (
    FEUILLE_A_CORRIGER,
    annoter,
    est_a_corriger,
    reference_annotee,
    sans_a_corriger,
)
from pipelines.sorties.coloriage import COULEURS
from pipelines.sorties.feuille_a_corriger import COLONNES
from pipelines.sorties.marque import AUTEUR, PROPRIETE
from pipelines.sorties.reconstruction import titre_libre
from tests.fabrique_fichiers import ods_brut, parties

REFERENCE = "0123456789ab"
ANOMALIES = [
    Anomalie("VA-01", "L’été 2025", 3, "B3", "Bénévoles", "douze", details={"titre": "Bénévoles"}),
    Anomalie("TO-01", "L’été 2025", 5, "A5", valeur="TOTAL"),
    Anomalie("EN-03", "L’été 2025", 1, "D1", "=Divers"),
    Anomalie("FE-01", details={"nb": 2, "feuilles": "x", "retenue": "y"}),
]


def classeur_xlsx(chemin: Path) -> Path:
    livre = openpyxl.Workbook()
    page = livre.active
    page.title = "L’été 2025"
    page.append(["Nom", "Bénévoles", "Créée le", "=Divers"])
    page["D1"].data_type = "s"
    page.append(["Les Amis du Ru", 12, dt.datetime(2001, 5, 4), "-5"])
    page["C2"].number_format = "DD/MM/YYYY"
    page.append(["Vélo Club", "douze", dt.datetime(2003, 1, 9), None])
    page.append(["Chorale", 7, None, None])
    page.append(["TOTAL", "=SUM(B2:B4)", None, None])
    page["A1"].fill, page["A1"].font = PatternFill("solid", fgColor="1F3864"), Font(color="FFFFFF", bold=True)
    page["B3"].comment = Comment("À revoir avec le bureau", "Trésorerie")
    page.merge_cells("A7:C7")
    page["A7"] = "Note : fusionnée"
    autre = livre.create_sheet("Autre")
    autre["A1"] = "rien ici"
    livre.active = 1
    livre.save(chemin)
    return chemin


def enregistrer(octets: bytes, chemin: Path) -> Path:
    chemin.write_bytes(octets)
    return chemin


def ouvrir(octets: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(octets))


def cellules(classeur: Classeur) -> dict[str, list[list[Any]]]:
    return {f.nom: f.lignes for f in classeur.feuilles}


def liste(livre: openpyxl.Workbook) -> list[dict[str, Any]]:
    """The rows of the list, by title, with the link of the cell."""
    page = livre.worksheets[0]
    titres = [nom for nom, _ in COLONNES]
    debut = next(c.row for c in page["A"] if c.value == titres[0])
    assert [c.value for c in page[debut]][: len(titres)] == titres
    lignes = []
    for rangee in page.iter_rows(min_row=debut + 1):
        if any(c.value for c in rangee):
            ligne = {t: c.value for t, c in zip(titres, rangee, strict=False)}
            lien = rangee[2].hyperlink
            lignes.append(ligne | {"lien": lien.location if lien else None})
    return lignes


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return classeur_xlsx(tmp_path / "depot.xlsx")


@pytest.fixture
def copie(source: Path) -> bytes:
    return annoter(source, lire_fichier(source), ANOMALIES, REFERENCE, nom="été.xlsx")


def test_cellules_colorees_et_commentees(copie: bytes) -> None:
    page = ouvrir(copie)["L’été 2025"]
    for anomalie in ANOMALIES[:3]:
        cellule = page[anomalie.cellule]
        assert cellule.fill.fgColor.rgb == "00" + COULEURS[anomalie.niveau]
        assert cellule.comment.author == AUTEUR
        assert cellule.comment.text.startswith(anomalie.niveau.libelle.upper() + "\n")
        assert anomalie.phrase in cellule.comment.text
        assert f"Code\u00a0: {anomalie.code}" in cellule.comment.text
        assert anomalie.lieu not in cellule.comment.text
    assert page["B3"].comment.text.endswith("À revoir avec le bureau")
    assert page["B2"].comment is None
    assert page["B2"].fill.fill_type is None


def test_feuille_a_corriger(copie: bytes) -> None:
    livre = ouvrir(copie)
    page = livre.worksheets[0]
    assert page.title == FEUILLE_A_CORRIGER == livre.active.title
    assert [p.sheet_view.tabSelected for p in livre.worksheets] == [True, False, False]
    textes = [c.value for c in page["A"] if c.value]
    assert any("Ceci est une copie" in t and "déposez ce fichier-ci de nouveau" in t for t in textes)
    assert any("graphiques" in t for t in textes)
    assert livre.custom_doc_props[PROPRIETE].value == REFERENCE
    assert (livre.properties.creator, livre.properties.lastModifiedBy) == (AUTEUR, AUTEUR)
    lignes = liste(livre)
    attendues = sorted(ANOMALIES, key=lambda a: (a.niveau.rang, a.ligne or 0))
    assert [x["Code"] for x in lignes] == [a.code for a in attendues]
    assert [x["Niveau"] for x in lignes] == [a.niveau.libelle for a in attendues]
    va = next(x for x in lignes if x["Code"] == "VA-01")
    assert (va["Feuille"], va["Cellule"], va["Colonne"]) == ("L’été 2025", "B3", "Bénévoles")
    assert (va["Ce qui est écrit"], va["Ce qu’il faut faire"]) == ("douze", ANOMALIES[0].phrase)
    assert va["lien"] == "'L’été 2025'!B3"


def test_nom_de_feuille_avec_apostrophe(tmp_path: Path) -> None:
    livre = openpyxl.Workbook()
    livre.active.title = "L'an d'avant"
    livre.active.append(["Nom"])
    livre.save(tmp_path / "a.xlsx")
    anomalie = Anomalie("EN-03", "L'an d'avant", 1, "A1", "Nom")
    chemin = tmp_path / "a.xlsx"
    octets = annoter(chemin, lire_fichier(chemin), [anomalie], REFERENCE, nom="a.xlsx")
    assert liste(ouvrir(octets))[0]["lien"] == "'L''an d''avant'!A1"


def test_aller_retour(source: Path, copie: bytes, tmp_path: Path) -> None:
    livre = ouvrir(copie)
    livre["L’été 2025"]["B3"] = 12
    livre.save(tmp_path / "corrige.xlsx")
    avant, relu = lire_fichier(source), lire_fichier(tmp_path / "corrige.xlsx")
    assert [f.nom for f in relu.feuilles] == [FEUILLE_A_CORRIGER, "L’été 2025", "Autre"]
    assert [est_a_corriger(f) for f in relu.feuilles] == [True, False, False]
    assert reference_annotee(relu) == REFERENCE
    assert reference_annotee(avant) is None
    attendu = cellules(avant)
    attendu["L’été 2025"][2][1] = 12.0
    assert cellules(sans_a_corriger(relu)) == attendu
    formule = openpyxl.load_workbook(tmp_path / "corrige.xlsx")["L’été 2025"]["B5"]
    assert (formule.value, formule.data_type) == ("=SUM(B2:B4)", "f")


def test_resultats_des_formules_gardes(tmp_path: Path) -> None:
    """A copy deposited as it is, never opened in a spreadsheet, reads like the original."""
    chemin = classeur_xlsx(tmp_path / "brut.xlsx")
    with zipfile.ZipFile(chemin) as lu:
        entrees = {n: lu.read(n) for n in lu.namelist()}
    feuille = entrees["xl/worksheets/sheet1.xml"].decode()
    avec = feuille.replace("<f>SUM(B2:B4)</f><v />", "<f>SUM(B2:B4)</f><v>19</v>").replace(
        "<f>SUM(B2:B4)</f><v/>", "<f>SUM(B2:B4)</f><v>19</v>"
    )
    assert avec != feuille
    entrees["xl/worksheets/sheet1.xml"] = avec.encode()
    with zipfile.ZipFile(chemin, "w") as ecrit:
        for nom, contenu in entrees.items():
            ecrit.writestr(nom, contenu)
    avant = lire_fichier(chemin)
    assert avant.feuilles[0].lignes[4][1] == 19.0
    octets = annoter(chemin, avant, ANOMALIES, REFERENCE, nom="brut.xlsx")
    relu = sans_a_corriger(lire_fichier(enregistrer(octets, tmp_path / "copie.xlsx")))
    assert cellules(relu) == cellules(avant)
    assert not any(f.non_calculees for f in relu.feuilles)


def test_deuxieme_copie_sans_trace_de_la_premiere(copie: bytes, tmp_path: Path) -> None:
    chemin = enregistrer(copie, tmp_path / "un.xlsx")
    octets = annoter(chemin, lire_fichier(chemin), ANOMALIES[1:2], "0123456789ab-2", nom="un.xlsx")
    livre = ouvrir(octets)
    assert [p.title for p in livre.worksheets] == [FEUILLE_A_CORRIGER, "L’été 2025", "Autre"]
    page = livre["L’été 2025"]
    assert page["B3"].comment.text == "À revoir avec le bureau"
    assert page["B3"].fill.fill_type is None
    assert page["D1"].comment is None
    assert page["A5"].comment.text.count("TO-01") == 1
    deux = lire_fichier(enregistrer(octets, tmp_path / "deux.xlsx"))
    assert reference_annotee(deux) == "0123456789ab-2"


def test_feuille_de_la_personne_du_meme_nom(tmp_path: Path) -> None:
    livre = openpyxl.Workbook()
    livre.active.title = "à corriger"
    livre.active.append(["Nom", "Bénévoles"])
    livre.active.append(["Chorale", "x"])
    livre.save(tmp_path / "a.xlsx")
    anomalie = Anomalie("VA-01", "à corriger", 2, "B2", "Bénévoles", "x", details={"titre": "Bénévoles"})
    chemin = tmp_path / "a.xlsx"
    octets = annoter(chemin, lire_fichier(chemin), [anomalie], REFERENCE, nom="a.xlsx")
    relu = lire_fichier(enregistrer(octets, tmp_path / "b.xlsx"))
    assert [f.nom for f in relu.feuilles] == ["À corriger (2)", "à corriger"]
    assert cellules(sans_a_corriger(relu)) == cellules(lire_fichier(chemin))
    assert reference_annotee(relu) == REFERENCE


@pytest.mark.parametrize("genre", ["csv", "ods", "xlsx abîmé", "sans source"])
def test_refait_depuis_la_grille(genre: str, tmp_path: Path) -> None:
    if genre == "csv":
        chemin = tmp_path / "d.csv"
        chemin.write_text("Nom;Bénévoles;Note\nChorale;douze;=1+1\nVélo;07;-3\n", encoding="utf-8")
    elif genre == "ods":
        texte = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
        lignes = [["Nom", "Bénévoles"], ["Chorale", "douze"]]
        chemin = ods_brut(
            tmp_path / "d.ods",
            "".join(
                f"<table:table-row>{''.join(texte.format(v) for v in x)}</table:table-row>" for x in lignes
            ),
        )
    else:
        chemin = classeur_xlsx(tmp_path / "d.xlsx")
    classeur = lire_fichier(chemin)
    avant = {f.nom: [list(x) for x in f.lignes] for f in classeur.feuilles}
    nom = classeur.feuilles[0].nom
    source: Path | None = chemin
    if genre == "sans source":
        source = None
    elif genre == "xlsx abîmé":
        entrees = parties() | {"xl/styles.xml": b"<styleSheet><broken"}
        source = tmp_path / "abime"
        with zipfile.ZipFile(source, "w") as z:
            for n, c in entrees.items():
                z.writestr(n, c)
    anomalie = Anomalie("VA-01", nom, 2, "B2", "Bénévoles", "douze", details={"titre": "Bénévoles"})
    octets = annoter(source, classeur, [anomalie], REFERENCE, nom=chemin.name)
    livre = ouvrir(octets)
    page = livre.worksheets[1]
    assert "VA-01" in page["B2"].comment.text
    assert any("refaite" in str(c.value) for c in livre.worksheets[0]["A"])
    assert all(c.data_type != "f" for rangee in page.iter_rows() for c in rangee)
    relu = sans_a_corriger(lire_fichier(enregistrer(octets, tmp_path / "relu.xlsx")))
    assert {f.nom: f.lignes for f in relu.feuilles} == avant


def test_plusieurs_fichiers_et_fiche_en_travers() -> None:
    """Sheet names that no spreadsheet accepts, twice the same once cut; a turned sheet goes back its way."""
    longs = [f"association du val de Seine {i}.xlsx › Feuille/1" for i in (1, 2)]
    feuilles = [Feuille(n, [["Nom", "Bénévoles"], ["Chorale", "douze"]]) for n in longs]
    classeur = Classeur("lot", "xlsx", "0" * 64, 1, feuilles)
    anomalies = [Anomalie("VA-01", n, 2, "B2", valeur="douze", details={"titre": "x"}) for n in longs]
    livre = ouvrir(annoter(None, classeur, anomalies, REFERENCE, nom="deux fichiers"))
    titres = [p.title for p in livre.worksheets[1:]]
    assert len({t.casefold() for t in titres}) == 2
    assert all(len(t) <= 31 for t in titres)
    assert sorted(x["lien"] for x in liste(livre)) == sorted(f"'{t}'!B2" for t in titres)
    assert all("VA-01" in livre[t]["B2"].comment.text for t in titres)


def test_fiche_en_travers_rendue_dans_son_sens() -> None:
    tournee = Feuille("Fiche", [["Nom", "Bénévoles"], ["Chorale", "douze"]], transposee=True)
    classeur = Classeur("f", "xlsx", "0", 1, [tournee])
    anomalie = Anomalie("VA-01", "Fiche", 2, "B2", valeur="douze", details={"titre": "x"})
    page = ouvrir(annoter(None, classeur, [anomalie], REFERENCE, nom="f"))["Fiche"]
    assert [[c.value for c in r] for r in page.iter_rows()] == [["Nom", "Chorale"], ["Bénévoles", "douze"]]
    assert page["B2"].comment is not None


def test_corrections_faites_dans_l_application_reportees(source: Path) -> None:
    classeur = lire_fichier(source)
    feuille = classeur.feuilles[0]
    feuille.originaux[2, 1] = feuille.lignes[2][1]
    feuille.lignes[2][1] = "14"
    page = ouvrir(annoter(source, classeur, ANOMALIES[1:], REFERENCE, nom="d.xlsx"))["L’été 2025"]
    assert (page["B3"].value, page["B2"].value) == ("14", 12)


def test_titres_de_feuilles() -> None:
    assert titre_libre("'[a]:b'", []) == "_a__b"
    assert titre_libre("   ", []) == "Feuille"
    assert titre_libre("ABC", ["abc"]) == "ABC (2)"


def test_cellule_fusionnee_ligne_seule_et_adresse_absente(source: Path) -> None:
    anomalies = [
        Anomalie("EN-03", "L’été 2025", 7, "C7", "x"),
        Anomalie("FE-03", "L’été 2025", 4, details={"lignes": "4"}),
        Anomalie("EN-03", "Feuille disparue", 1, "A1", "x"),
    ]
    livre = ouvrir(annoter(source, lire_fichier(source), anomalies, REFERENCE, nom="d.xlsx"))
    page = livre["L’été 2025"]
    assert "EN-03" in page["A7"].comment.text
    assert "FE-03" in page["A4"].comment.text
    liens = {x["Feuille"] + x["Code"]: x["lien"] for x in liste(livre)}
    assert liens == {
        "L’été 2025EN-03": "'L’été 2025'!C7",
        "L’été 2025FE-03": "'L’été 2025'!A4",
        "Feuille disparueEN-03": None,
    }


def test_plusieurs_problemes_dans_une_cellule(source: Path) -> None:
    anomalies = [ANOMALIES[0], Anomalie("EN-03", "L’été 2025", 3, "B3", "Bénévoles")]
    livre = ouvrir(annoter(source, lire_fichier(source), anomalies[::-1], REFERENCE, nom="d.xlsx"))
    cellule = livre["L’été 2025"]["B3"]
    assert cellule.fill.fgColor.rgb == "00" + COULEURS[anomalies[0].niveau]
    assert cellule.comment.text.index("VA-01") < cellule.comment.text.index("EN-03")


def test_rien_de_personnel_en_clair_dans_ce_qui_est_dit(source: Path) -> None:
    courriel, telephone = "serinette@exemple.fr", "06 12 34 56 78"
    anomalies = [
        Anomalie("RG-02", "L’été 2025", 2, "A2", "Contact", courriel, details={"nature": "courriel"}),
        Anomalie("VA-01", "L’été 2025", 3, "B3", "Nb", telephone, details={"titre": f"Nb {telephone}"}),
        Anomalie("RG-02", "L’été 2025", 4, "A4", "Nom", "Serinette", details={"nature": "nom"}),
    ]
    livre = ouvrir(annoter(source, lire_fichier(source), anomalies, REFERENCE, nom="d.xlsx"))
    assert len(liste(livre)) == 3
    dit = [str(c.value) for r in livre.worksheets[0].iter_rows() for c in r]
    dit += [c.comment.text for p in livre.worksheets for r in p.iter_rows() for c in r if c.comment]
    assert not [t for t in dit if courriel in t or "12 34 56" in t or "erinette" in t]


def test_textes_jamais_formules(source: Path) -> None:
    anomalie = Anomalie("EN-03", "L’été 2025", 1, "D1", "=cmd|'x'!A1", "@SUM(1)")
    livre = ouvrir(annoter(source, lire_fichier(source), [anomalie], "=1+1", nom="=2+2.xlsx"))
    page = livre.worksheets[0]
    assert all(c.data_type in ("s", "n") for r in page.iter_rows() for c in r)
    assert liste(livre)[0]["Colonne"] == "=cmd|'x'!A1"
    assert page["B2"].value == "=1+1"


def test_reference_tapee_par_dessus_refusee() -> None:
    def classeur(valeur: Any) -> Classeur:
        feuille = Feuille("x", [[annote.TITRE, None], ["Dépôt", valeur]])
        return Classeur("a", "xlsx", "0", 1, [feuille])

    assert reference_annotee(classeur(REFERENCE)) == REFERENCE
    for valeur in (None, "", "../../etc", "a b", "x" * 65, "<b>"):
        assert reference_annotee(classeur(valeur)) is None


def test_au_dela_du_plafond_la_liste_seule(monkeypatch: pytest.MonkeyPatch, source: Path) -> None:
    monkeypatch.setattr(annote, "LIGNES_MAX", 3)
    livre = ouvrir(annoter(source, lire_fichier(source), ANOMALIES, REFERENCE, nom="d.xlsx"))
    assert [p.title for p in livre.worksheets] == [FEUILLE_A_CORRIGER]
    lignes = liste(livre)
    assert len(lignes) == len(ANOMALIES)
    assert {x["lien"] for x in lignes} == {None}
    assert {x["Cellule"] for x in lignes} >= {"B3", "A5", "D1"}
    assert any("trop long" in str(c.value) for c in livre.worksheets[0]["A"])


def test_chaque_niveau_a_sa_couleur() -> None:
    assert set(COULEURS) == set(Niveau)
    assert len(set(COULEURS.values())) == len(Niveau)


@pytest.mark.lent
def test_dix_mille_lignes(tmp_path: Path) -> None:
    livre = openpyxl.Workbook(write_only=True)
    page = livre.create_sheet("Réponses")
    page.append([f"Titre {j}" for j in range(20)])
    for i in range(10_000):
        page.append([i * j if j % 2 else f"texte {i} {j}" for j in range(20)])
    livre.save(tmp_path / "g.xlsx")
    classeur = lire_fichier(tmp_path / "g.xlsx")
    anomalies = [
        Anomalie("VA-01", "Réponses", i, f"C{i}", "Titre 2", "douze", details={"titre": "Titre 2"})
        for i in range(2, 10_002, 20)
    ]
    debut = time.process_time()
    octets = annoter(tmp_path / "g.xlsx", classeur, anomalies, REFERENCE, nom="g.xlsx")
    assert time.process_time() - debut < 10
    with zipfile.ZipFile(io.BytesIO(octets)) as z:
        notes = [z.read(nom).decode() for nom in z.namelist() if re.search(r"comments?\d+\.xml$", nom)]
    assert [set(re.findall(r'<comment ref="(\w+)"', note)) for note in notes] == [
        {f"C{i}" for i in range(2, 10_002, 20)}
    ]
