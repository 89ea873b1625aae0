"""The pre-filled template: who the association is, never last year's figures as answers, never a neighbour's."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from pipelines import depot
from pipelines.ingestion.gabarit_aide import FEUILLE_AIDE
from pipelines.sorties.prerempli import AssociationInconnue, gabarit_prerempli, gabarits_preremplis
from tests.unit.test_suivi import MELUN, charger_reponses

CLE = "RNA:W770000001"
QUI = {
    "cle": CLE,
    "nom_association": "=Les Amis",
    "rna": "W770000001",
    "commune": MELUN.code,
    "code_postal": "77000",
}
VOISINE = {"cle": "RNA:W770000002", "nom_association": "Voisine", "rna": "W770000002", "nb_salaries": 777}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "donnees")
    charger_reponses(settings, "2023", [QUI | {"millesime": 2023, "nb_salaries": 3}])
    charger_reponses(
        settings, "2024", [QUI | {"millesime": 2024, "nb_salaries": 12, "etp_total": 7.5}, VOISINE]
    )
    benevolat = [
        QUI | {"millesime": 2024, "categorie": c, "nb_benevoles_reguliers": n}
        for c, n in (("Bar", 4), ("Jeunes", 9))
    ]
    charger_reponses(settings, "b", benevolat, "benevolat")
    fiche = QUI | {"millesime": 2024, "secteur": "sport", "consentement": "oui", "annee_creation": 1998}
    charger_reponses(settings, "a", [fiche], "associations")
    return settings


def colonnes(nom: str, octets: bytes) -> tuple[openpyxl.Workbook, dict[str, list[openpyxl.cell.Cell]]]:
    """Field → its cells under the titles."""
    livre = openpyxl.load_workbook(io.BytesIO(octets))
    enquete = load_enquetes()[nom]
    page = livre[enquete.feuille]
    champs = enquete.champs_actifs(2025)
    assert [c.value for c in page[1]] == [c.title for c in champs]
    return livre, {
        c.name: [page.cell(i, j) for i in range(2, page.max_row + 1)] for j, c in enumerate(champs, 1)
    }


def test_identite_remplie_chiffres_en_note(settings: Settings) -> None:
    livre, c = colonnes("emploi", gabarit_prerempli(settings, CLE, "emploi", 2025))
    ecrit = {n: [x.value for x in v] for n, v in c.items() if any(x.value is not None for x in v)}
    assert ecrit == {
        "nom_association": ["=Les Amis"],
        "rna": ["W770000001"],
        "commune": ["Melun"],
        "code_postal": ["77000"],
        "annee": [2025],
    }
    assert c["nom_association"][0].data_type == "s"
    notes = {n: v[0].comment.text for n, v in c.items() if v[0].comment}
    assert notes["nb_salaries"].startswith("en 2024\u00a0: 12")
    assert notes["etp_total"].startswith("en 2024\u00a0: 7,5")
    assert set(notes) == {"nb_salaries", "etp_total"}
    dit = " ".join(str(x.value) for r in livre[FEUILLE_AIDE].iter_rows(max_row=4) for x in r)
    assert "prérempli pour" in dit
    assert "ne sont pas recopiées" in dit
    assert "777" not in str([[x.value for x in v] for v in c.values()]) + str(notes)


def test_une_ligne_par_categorie(settings: Settings) -> None:
    _, c = colonnes("benevolat", gabarit_prerempli(settings, CLE, "benevolat", 2025))
    assert [x.value for x in c["categorie"]] == ["Bar", "Jeunes"]
    assert [x.value for x in c["nb_benevoles_reguliers"]] == [None, None]
    notes = [x.comment.text for x in c["nb_benevoles_reguliers"]]
    assert [n[: len("en 2024 : 4")] for n in notes] == ["en 2024\u00a0: 4", "en 2024\u00a0: 9"]


def test_accord_jamais_recopie(settings: Settings) -> None:
    _, c = colonnes("associations", gabarit_prerempli(settings, CLE, "associations", 2025))
    assert c["secteur"][0].value == "Sport"
    assert c["annee_creation"][0].value == 1998
    assert c["consentement"][0].value is None


def test_jamais_repondu_a_ce_questionnaire(settings: Settings) -> None:
    livre, c = colonnes("ressources", gabarit_prerempli(settings, CLE, "ressources", 2025))
    assert c["rna"][0].value == "W770000001"
    assert not [x for v in c.values() for x in v if x.comment]
    dit = " ".join(str(x.value) for r in livre[FEUILLE_AIDE].iter_rows(max_row=4) for x in r)
    assert "recopiées" not in dit


def test_association_inconnue(settings: Settings) -> None:
    with pytest.raises(AssociationInconnue, match="W779"):
        gabarit_prerempli(settings, "RNA:W779", "emploi", 2025)


def test_numero_partage_par_deux_associations(settings: Settings) -> None:
    """A SIREN given by two associations opens the answers of neither."""
    lignes = [
        {
            "cle": f"RNA:W77000010{n}",
            "nom_association": f"A{n}",
            "rna": f"W77000010{n}",
            "siret": "90000000300011",
        }
        for n in (1, 2)
    ]
    charger_reponses(settings, "deux", lignes)
    with pytest.raises(AssociationInconnue):
        gabarit_prerempli(settings, "SIREN:900000003", "emploi", 2026)
    _, c = colonnes("emploi", gabarit_prerempli(settings, "RNA:W770000101", "emploi", 2026))
    assert [x.value for x in c["nom_association"]] == ["A1"]


def test_renvoye_tel_quel_ne_compte_rien(settings: Settings, tmp_path: Path) -> None:
    """The trap this template must not set: sent back untouched, no figure of last year becomes this year's."""
    chemin = tmp_path / "renvoye.xlsx"
    chemin.write_bytes(gabarit_prerempli(settings, CLE, "emploi", 2025))
    bilan = depot.verifier(chemin, settings)
    assert bilan.questionnaire == "emploi"
    assert bilan.lignes_lues == 1
    assert bilan.sommes == {}


def test_zip_et_avancement(settings: Settings) -> None:
    vus: list[tuple[int, int]] = []
    cles = [CLE, "RNA:W770000002"]
    octets = gabarits_preremplis(
        settings, cles, "emploi", 2025, lambda fait, total: vus.append((fait, total))
    )
    with zipfile.ZipFile(io.BytesIO(octets)) as z:
        assert z.namelist() == ["emploi-2025-les-amis.xlsx", "emploi-2025-voisine.xlsx"]
        _, c = colonnes("emploi", z.read("emploi-2025-voisine.xlsx"))
    assert vus == [(1, 2), (2, 2)]
    assert c["rna"][0].value == "W770000002"
