"""Lists of answers: lookups, and faults said all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from observatoire.domain import nomenclature


def test_nomenclature_dit_toutes_ses_fautes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nomenclature, "DOSSIER", tmp_path)
    (tmp_path / "a.csv").write_text(
        "code,libelle,description\nx,Un,\nx,Deux,\ny,,\nz,un,\n", encoding="utf-8"
    )
    (tmp_path / "a.corrections.csv").write_text("saisie,code\nuno,q\nUn,x\n,x\n", encoding="utf-8")
    with pytest.raises(ValueError) as erreur:
        nomenclature.charger_nomenclature("a")
    for faute in (
        "a.csv, ligne 3 : code « x » en double",
        "a.csv, ligne 4 : code ou libellé vide",
        "a.csv, ligne 5 : « un »",
        "a.corrections.csv, ligne 2 : code « q »",
        "a.corrections.csv, ligne 3 : « Un »",
        "a.corrections.csv, ligne 4 : saisie vide",
    ):
        assert faute in str(erreur.value)
    with pytest.raises(ValueError, match=r"b\.csv : fichier introuvable"):
        nomenclature.charger_nomenclature("b")
    (tmp_path / "c.csv").write_text("code,nom\nx,Un\n", encoding="utf-8")
    with pytest.raises(ValueError, match="colonnes attendues code, libelle, description"):
        nomenclature.charger_nomenclature("c")


def test_nomenclatures_du_produit_se_chargent() -> None:
    noms = nomenclature.noms_nomenclatures()
    assert {"secteurs", "consentements", "likert5", "unites_heures"} <= set(noms)
    for nom in noms:
        liste = nomenclature.charger_nomenclature(nom)
        for ligne in liste.lignes:
            assert liste.chercher(ligne.libelle) == (ligne, True)
            assert liste.chercher(f"  {ligne.libelle.upper()} ") == (ligne, True)
            assert liste.libelle(ligne.code) == ligne.libelle
