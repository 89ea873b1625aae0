"""Bénévalibre exports: recognised, summed, moderated lines passed over, no name kept."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb

from observatoire.config.settings import load_settings
from observatoire.domain.loader import load_enquetes
from pipelines import depot
from pipelines.sources.benevalibre import SIGNATURE

ENTETE = [
    "Prénom", "Nom", "Pseudo", "Association", "Titre", "Description", "Date", "Date de fin", "Durée",
    "Durée (en heures)", "En attente de modération", "Distance (en km)", "Catégorie", "Projet", "Niveau",
]  # fmt: skip
ASSO = "Les Amis du Ru Fictif"


def action(prenom: str, pseudo: str, date: str, heures: str, attente: str, categorie: str) -> list[str]:
    return [prenom, "Test" if prenom else "", pseudo, ASSO, "Réunion", "Texte", date, "", "2 days, 3:00:00", heures,
            attente, "", categorie, "", ""]  # fmt: skip


LIGNES = [
    action("=2+5", "@SUM(A1)", "2025-01-10", "7.75", "False", "Accueil"),
    action("Zoé", "", "2025-02-10", "51.0", "False", "Accueil"),
    action("Zoé", "", "2025-03-10", "1.5", "False", "Accueil"),
    action("", "", "2025-03-11", "2.0", "False", "Accueil"),
    action("Zoé", "", "2024-03-10", "3.0", "False", "Bureau"),
    action("Zoé", "", "2025-04-10", "100.0", "True", "Accueil"),
    action("Zoé", "", "bientôt", "4.0", "False", "Accueil"),
]
MARQUES = ("Zoé", "=2+5", "@SUM(A1)", "Réunion", "Texte")


def export(dossier: Path) -> Path:
    chemin = dossier / "benevalo-export.csv"
    with chemin.open("w", encoding="utf-8", newline="") as flux:
        csv.writer(flux).writerows([ENTETE, *LIGNES])
    return chemin


def test_reconnu_somme_et_compte(tmp_path: Path) -> None:
    bilan = depot.verifier(export(tmp_path), load_settings(tmp_path / "d"))
    assert (bilan.questionnaire, bilan.source) == ("benevolat", "benevalibre")
    assert (bilan.lignes_lues, bilan.lignes_chargees) == (len(LIGNES), 5)
    assert (bilan.lignes_en_attente, bilan.lignes_ignorees) == (1, 1)
    causes = bilan.causes()
    assert causes["MO-01"] == 1
    assert causes["DA-03"] == 1
    assert causes["RG-01"] == 5
    (date,) = [a for a in bilan.anomalies if a.code == "DA-03"]
    assert date.cellule == "G8"


def test_heures_et_benevoles_distincts(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "d")
    assert depot.deposer(export(tmp_path), settings).charge
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        requete = """
            select annee, categorie, heures_total_an, nb_actions, nb_benevoles_distincts, lignes_source
            from enquete.benevolat order by annee"""
        assert con.execute(requete).fetchall() == [
            (2024, "Bureau", 3.0, 1, 1, [6]),
            (2025, "Accueil", 62.25, 4, 2, [2, 3, 4, 5]),
        ]


def test_aucun_nom_nulle_part(tmp_path: Path) -> None:
    """Neither the warehouse, nor the archive, nor the report holds a name or a free text."""
    settings = load_settings(tmp_path / "d")
    bilan = depot.deposer(export(tmp_path), settings)
    assert not any(m in json.dumps(bilan.to_dict(), ensure_ascii=False) for m in MARQUES)
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        contenu = "\n".join(str(con.execute(f'from "{s}"."{t}"').fetchall()) for s, t in tables)
    assert ASSO in contenu
    assert not any(m in contenu for m in MARQUES)
    gardes = [p for p in settings.raw.rglob("*") if p.is_file()]
    assert [p.name.endswith(".grille.zip") for p in gardes] == [True]
    import zipfile

    with zipfile.ZipFile(gardes[0]) as z:
        archive = "\n".join(z.read(n).decode() for n in z.namelist())
    assert "Accueil" in archive
    assert not any(m in archive for m in MARQUES)


def test_signature_est_dans_l_export() -> None:
    assert set(ENTETE) >= SIGNATURE
    assert "benevolat" in load_enquetes()
