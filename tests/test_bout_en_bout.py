"""The main job: template, filled file, deposit, publication, figures; the same figure everywhere."""

from __future__ import annotations

import csv
import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import xlwt
from typer.testing import CliRunner

from dashboards import format_fr
from observatoire.config.settings import Settings, load_settings
from observatoire.domain.loader import load_enquetes
from observatoire.storage.connexion import ouvrir_publication
from pipelines import depot, mesures
from pipelines.cli import app
from pipelines.ingestion.gabarit import ecrire_gabarit
from tests import independant
from tests.fabrique import ecrire_xlsx, lignes_valides

ENQUETES = load_enquetes()
CLES_JSON = {
    "depot_id", "questionnaire", "lignes_lues", "lignes_chargees", "lignes_en_attente", "lignes_ignorees", "anomalies",
}  # fmt: skip
CLES_ANOMALIE = {"code", "niveau", "feuille", "cellule", "colonne", "valeur", "message"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path / "donnees")


def remplir_gabarit(nom: str, chemin: Path, nombre: int = 25) -> Path:
    """The template as staff send it, then the rows that an association types under the titles."""
    enquete = ENQUETES[nom]
    ecrire_gabarit(enquete, chemin, millesime=2025)
    classeur = openpyxl.load_workbook(chemin)
    feuille = classeur[enquete.feuille]
    entete = next(r for r in feuille.iter_rows() if sum(c.value is not None for c in r) > 3)
    titres = {c.title: c.name for c in enquete.champs_actifs()}
    colonnes = {titres[str(c.value).removesuffix("*").strip()]: c.column for c in entete if c.value}
    assert set(colonnes) == {c.name for c in enquete.champs_actifs(2025)}
    for i, ligne in enumerate(lignes_valides(enquete, nombre, graine=3), entete[0].row + 1):
        for champ, j in colonnes.items():
            feuille.cell(i, j).value = ligne[champ]
    classeur.save(chemin)
    return chemin


@pytest.mark.parametrize("nom", ENQUETES)
def test_gabarit_rempli_sans_anomalie(nom: str, tmp_path: Path, settings: Settings) -> None:
    bilan = depot.deposer(remplir_gabarit(nom, tmp_path / f"{nom}.xlsx"), settings)
    assert [a.message for a in bilan.anomalies] == []
    assert (bilan.questionnaire, bilan.lignes_chargees, bilan.code_sortie) == (nom, 25, 0)
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        assert con.execute(f"select count(*) from enquete.{nom}").fetchall() == [(25,)]


def test_meme_fichier_deux_fois(tmp_path: Path, settings: Settings) -> None:
    chemin = remplir_gabarit("emploi", tmp_path / "emploi.xlsx")
    premier, second = depot.deposer(chemin, settings), depot.deposer(chemin, settings)
    assert premier.charge and second.deja and not second.charge
    assert second.depot_id == premier.depot_id
    assert [a.code for a in second.anomalies] == ["FI-03"]
    assert len(depot.lister(settings)) == 1


def scdl(nom: str, lignes: list[list[Any]], dossier: Path) -> Path:
    return ecrire_xlsx(dossier / nom, lignes)


def fichiers_subventions(dossier: Path) -> list[Path]:
    """Four layouts met in open data: SCDL xlsx, departmental xls, two CSV of other encodings and separators."""
    entete = [
        "nomAttribuant",
        "idAttribuant",
        "dateConvention",
        "nomBeneficiaire",
        "idBeneficiaire",
        "objet",
        "montant",
    ]
    xlsx = scdl(
        "vendee.xlsx",
        [
            entete,
            [
                "Département A",
                "22850001300658",
                dt.date(2018, 1, 19),
                "Asso un",
                "40352920900021",
                "Aide",
                292000.5,
            ],
            ["Département A", "22850001300658", "19/01/2019", "Asso deux", None, "Aide", "64 125,10 €"],
            ["Département A", "22850001300658", "19/01/2019", "Asso trois", None, "Aide", "à voir"],
            ["TOTAL", None, None, None, None, None, 356125.6],
        ],
        dossier,
    )
    livre = xlwt.Workbook()
    feuille = livre.add_sheet("Rapport 1")
    titres = ["Autorité administrative", "SIRET autorité administrative", "Date convention", "Nom attributaire",
              "N° SIRET attributaire", "Objet convention", "Montant décidé ligne"]  # fmt: skip
    style = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for j, t in enumerate(titres):
        feuille.write(0, j, t)
    for i, (nom, montant) in enumerate([("CIVAM", 44000), ("COMMUNE X", 24444.33)], 1):
        for j, v in enumerate(
            ["Département B", "22790001600352", dt.date(2018, 1, 24), nom, 7.32829e13, "O", montant]
        ):
            feuille.write(i, j, v, *([style] if isinstance(v, dt.date) else []))
    xls = dossier / "sevres.xls"
    livre.save(str(xls))
    somme = dossier / "somme.csv"
    with somme.open("w", encoding="cp1252", newline="") as flux:
        ecrivain = csv.writer(flux, delimiter=";")
        ecrivain.writerow(entete)
        ecrivain.writerow(
            ["Département C", "22800001400016", "2018/01/30", "Chemin de fer", "", "Rénové", "137 825,00"]
        )
        ecrivain.writerow(
            ["Département C", "22800001400016", "2018/01/30", "Chemin de fer", "", "Été", "756 283,05"]
        )
    nievre = dossier / "nievre.csv"
    lignes = ["COLL_NOM,COLL_SIRET,ACTE_DATE,ATTRIB_NOM,ATTRIB_SIRET,SUB_OBJET,SUB_MONTANT"]
    lignes += [
        "Département D,225800010,2016-01-01,AGORA,,Subvention,17 833",
        "Département D,,2016-01-01,COSDEN,,S,511 100",
    ]
    nievre.write_text("\n".join(lignes), encoding="utf-8")
    return [xlsx, xls, somme, nievre]


def test_subventions_egales_a_la_somme_des_cellules(tmp_path: Path, settings: Settings) -> None:
    fichiers = fichiers_subventions(tmp_path)
    bilans = [depot.deposer(f, settings) for f in fichiers]
    assert [b.questionnaire for b in bilans] == ["subventions"] * 4
    assert [b.lignes_chargees for b in bilans] == [2, 2, 2, 2]
    assert (bilans[0].lignes_en_attente, bilans[0].lignes_ignorees) == (1, 1)
    assert bilans[1].causes()["ID-01"] == 2, "un SIRET abîmé est dit, jamais deviné"
    assert [b.valeurs_ecartees for b in bilans] == [0, 2, 0, 0], "une ligne en attente n’écarte pas de valeur"
    depot.publier(settings)
    voulu, publie = independant.attendu(fichiers, settings.donnees), independant.publie(settings.donnees)
    assert independant.ecarts(voulu, publie) == []
    assert publie["Département A", 2018] == Decimal("292000.5")
    assert publie["Département C", 2018] == Decimal("894108.05")


def test_annuler_puis_deposer_de_nouveau(tmp_path: Path, settings: Settings) -> None:
    fichier = fichiers_subventions(tmp_path)[2]
    premier = depot.deposer(fichier, settings)
    depot.publier(settings)
    avant = independant.publie(settings.donnees)
    assert depot.apercu_annulation(premier.depot_id, settings) == {2018: 2}
    depot.annuler(premier.depot_id, settings)
    depot.publier(settings)
    assert independant.publie(settings.donnees) == {}
    second = depot.deposer(fichier, settings)
    depot.publier(settings)
    assert second.charge and second.depot_id != premier.depot_id
    assert independant.publie(settings.donnees) == avant


def test_json_et_codes_de_sortie(tmp_path: Path) -> None:
    donnees = ["--donnees", str(tmp_path / "d")]
    bon, sale, *_ = fichiers_subventions(tmp_path)[2], fichiers_subventions(tmp_path)[0]
    for chemin, attendu in ((bon, 0), (sale, 1)):
        resultat = CliRunner().invoke(app, ["verifier", str(chemin), "--json", *donnees])
        objet = json.loads(resultat.stdout)
        assert resultat.exit_code == attendu
        assert set(objet) >= CLES_JSON
        assert all(set(a) >= CLES_ANOMALIE for a in objet["anomalies"])
        somme = sum(objet[c] for c in ("lignes_chargees", "lignes_en_attente", "lignes_ignorees"))
        assert objet["lignes_lues"] == somme > 0
    refuse = tmp_path / "photo.xlsx"
    refuse.write_bytes(b"\xff\xd8\xff\xe0 pas un tableur")
    resultat = CliRunner().invoke(app, ["verifier", str(refuse), "--json", *donnees])
    assert resultat.exit_code == 2
    assert json.loads(resultat.stdout)["anomalies"][0]["code"] == "FI-04"


def test_correspondance_donnee_une_fois(tmp_path: Path, settings: Settings) -> None:
    """A file without funder column: the mapping is given by options, and by a file, with the same result."""
    chemin = tmp_path / "postes.csv"
    chemin.write_text(
        "fichier;code_tiers;raison_sociale;annee;montant\nfonjep;;ASSO A;2024;7164\nfonjep;;ASSO B;2025;7164.5\n",
        encoding="utf-8",
    )
    toml = tmp_path / "c.toml"
    toml.write_text(
        'questionnaire = "subventions"\n[colonnes]\nraison_sociale = "nom_beneficiaire"\nfichier = "dispositif"\n'
        'code_tiers = "id_beneficiaire"\n[constantes]\nnom_attribuant = "État"\n',
        encoding="utf-8",
    )
    options = ["--colonne", "raison_sociale=nom_beneficiaire", "--colonne", "fichier=dispositif", "--colonne",
               "code_tiers=id_beneficiaire", "--constante", "nom_attribuant=État", "-q", "subventions"]  # fmt: skip
    objets = []
    for arguments in (options, ["--correspondance", str(toml)]):
        base = ["verifier", str(chemin), "--json", "--donnees", str(settings.donnees)]
        resultat = CliRunner().invoke(app, [*base, *arguments])
        assert resultat.exit_code == 0, resultat.output
        objets.append(json.loads(resultat.stdout))
    assert objets[0] == objets[1]
    assert objets[0]["sommes"]["montant"][0] == 14328.5


def test_meme_chiffre_par_la_commande_et_par_sql(tmp_path: Path, settings: Settings) -> None:
    for nom in ("associations", "benevolat"):
        depot.deposer(remplir_gabarit(nom, tmp_path / f"{nom}.xlsx"), settings)
    depot.publier(settings)
    arguments = ["mesures", "heures_benevolat", "--json", "--donnees", str(settings.donnees)]
    (mesure,) = json.loads(CliRunner().invoke(app, arguments).stdout)
    with ouvrir_publication(settings.publication).cursor() as con:
        requete = "select valeur from mesures where indicateur = 'heures_benevolat' and niveau = 'departement' and domaine = 'tous'"
        ((valeur,),) = con.execute(requete).fetchall()
    assert mesure["valeur"] == valeur > 0
    # An association that refuses any publication is in no figure.
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        requete = "select count(*) from enquete.associations where consentement <> 'non'"
        assert [(mesure["n_repondants"],)] == con.execute(requete).fetchall()


@pytest.mark.parametrize(
    ("valeur", "unite", "decimales"), [(0.3984, "part", 1), (8098.0, "heures", 0), (2.25, "ETP", 1)]
)
def test_la_commande_ecrit_le_chiffre_comme_la_page(valeur: float, unite: str, decimales: int) -> None:
    """The same digits on both sides; spaces and units apart."""

    def chiffres(texte: str) -> str:
        return "".join(c for c in texte if c.isdigit() or c == ",")

    page = format_fr.valeur(valeur, unite, decimales)
    assert chiffres(mesures.ecrire(valeur, decimales, unite)) == chiffres(page) != ""
