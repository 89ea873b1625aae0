"""From a figure to the cells of the files received: which associations, which rows, which cells, and no other."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from observatoire.chiffres.identifiant import Identifiant, code_financeur, lire_identifiant
from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.indicators.catalogue import REPRESENTATIF
from observatoire.storage.chargement import Correspondance, DepotACharger, charger
from observatoire.storage.depots import Depot
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.erreurs import EntrepotAbsent
from observatoire.territoire.ajouts import Ajout, ecrire_ajouts
from observatoire.territoire.lieux import QPV
from pipelines.cli import app
from pipelines.contributions import Descente, SansContribution, descendre, en_lignes, phrases
from pipelines.ingestion.grille import lettre
from pipelines.sonde import CLASSEMENT, LIGNE, VALEUR
from tests.depots_factices import empreinte
from tests.fabrique_chiffres import fabriquer

ENQUETES = load_enquetes()
MELUN, MEAUX = "77288", "77284"
Reponse = Mapping[str, Any]
# Typed answers, one per row from row 4 on: the cells are what a person would have typed.
ASSOCIATIONS: tuple[Reponse, ...] = (
    {"nom_association": "Alpha", "commune": MELUN, "annee": 2025, "secteur": "sport", "qpv": True},
    {"nom_association": "Beta", "commune": MELUN, "annee": 2025, "secteur": "culture", "qpv": False},
    {"nom_association": "Gamma", "commune": MEAUX, "annee": 2025, "secteur": "sport"},
)
RESSOURCES: tuple[Reponse, ...] = (
    {
        "nom_association": "Alpha",
        "commune": MELUN,
        "annee": 2025,
        "montant_total": 1000,
        "montant_sub_etat": 400,
        "montant_sub_region": 0,
    },
    {
        "nom_association": "Beta",
        "commune": MELUN,
        "annee": 2025,
        "montant_total": 3000,
        "montant_sub_commune": 600,
        "montant_dons": 50,
    },
    {
        "nom_association": "Gamma",
        "commune": MEAUX,
        "annee": 2025,
        "montant_total": 5000,
        "montant_sub_caf": 100,
    },
    {"nom_association": "Alpha", "commune": MELUN, "annee": 2024, "montant_total": 7},
)
BENEVOLAT: tuple[Reponse, ...] = (
    {
        "nom_association": "Alpha",
        "commune": MELUN,
        "annee": 2025,
        "nb_benevoles_reguliers": 5,
        "heures_reguliers": 4,
        "heures_occasionnels": 0,
        "unite_heures": "semaine",
        "nb_semaines_activite": 10,
    },
    {
        "nom_association": "Beta",
        "commune": MELUN,
        "annee": 2025,
        "heures_total_an": 100,
        "heures_contraintes": 30,
    },
)
SUBVENTIONS: tuple[Reponse, ...] = (
    {"nom_attribuant": "Ville", "nom_beneficiaire": "Alpha", "montant": 100, "annee_exercice": 2025},
    {"nom_attribuant": "Région", "nom_beneficiaire": "Alpha", "montant": 900, "annee_exercice": 2025},
    {"nom_attribuant": "Ville", "nom_beneficiaire": "Alpha", "montant": 50, "annee_exercice": 2025},
    {"nom_attribuant": "Ville", "nom_beneficiaire": "Alpha", "montant": 1, "annee_exercice": 2024},
)
IMPACT: tuple[Reponse, ...] = (
    {"nom_association": "Alpha", "commune": MELUN, "annee": 2025, "dispositif": "avant_apres", "vague": "avant", "code_vague": "JB91", "oms5_score": 40},
    {"nom_association": "Alpha", "commune": MELUN, "annee": 2025, "dispositif": "avant_apres", "vague": "apres", "code_vague": "JB91", "oms5_score": 60},
)  # fmt: skip


def deposer(con: Any, nom: str, reponses: Sequence[Reponse], **autres: Any) -> Depot:
    """Load a deposit of questionnaire `nom`: column A is empty, then one column a field, titles in row 3."""
    champs = list(dict.fromkeys(c for r in reponses for c in r))
    noms = [str(r.get("nom_association") or r["nom_beneficiaire"]) for r in reponses]
    lignes: dict[str, Any] = {c: [r.get(c) for r in reponses] for c in champs}
    rangs = list(range(4, 4 + len(reponses)))
    lignes |= {
        "millesime": [r.get("annee") or r.get("annee_exercice") for r in reponses],
        "cle_association": [f"NOM:{n}" for n in noms],
        "feuille": ["Saisie"] * len(reponses),
        "ligne": rangs,
    }
    if est_resume := autres.pop("resumees", False):
        lignes["lignes_source"] = [[rang, rang + 10] for rang in rangs]
    lues = len(reponses) * (2 if est_resume else 1)
    brutes = [("Saisie", rang, [None, *("" if r.get(c) is None else f"<{r[c]}>" for c in champs)])
              for rang, r in zip(rangs, reponses, strict=True)]  # fmt: skip
    options: dict[str, Any] = {
        "sha256": empreinte(f"{nom}{sorted(map(str, reponses))}"), "nom_fichier": "secret.xlsx", "taille": 9, "questionnaire": nom,
        "source": "tableur", "lignes": lignes, "lignes_lues": lues, "lignes_chargees": lues,
        "lignes_en_attente": 0, "lignes_ignorees": 0, "brutes": brutes,
        "correspondances": [
            Correspondance("Saisie", lettre(j), c, c, "titre", 100.0) for j, c in enumerate(champs, 1)
        ],
    }  # fmt: skip
    depot = charger(con, DepotACharger(**(options | autres)))
    assert isinstance(depot, Depot)
    return depot


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    reglages = Settings(tmp_path_factory.mktemp("donnees"))
    with EntrepotEcriture(reglages) as con:
        for nom, reponses in (
            ("associations", ASSOCIATIONS), ("ressources", RESSOURCES), ("benevolat", BENEVOLAT), ("impact", IMPACT),
        ):  # fmt: skip
            deposer(con, nom, reponses)
        deposer(con, "subventions", SUBVENTIONS)
    return reglages


def descente(settings: Settings, indicateur: str, **place: Any) -> Descente:
    return descendre(
        settings, Identifiant(indicateur, 2025, **({"niveau": "departement", "code": "77"} | place))
    )


def cellules(d: Descente, nom: str) -> dict[str, tuple[str, str]]:
    """Address → (field, role) of what an association brings."""
    (x,) = [c for c in d.contributions if c.nom == nom]
    return {f"{c.questionnaire}!{c.adresse}": (c.champ, c.role) for c in x.cellules}


def adresse(nom: str, reponses: Sequence[Reponse], champ: str, rang: int) -> str:
    champs = list(dict.fromkeys(c for r in reponses for c in r))
    return f"{nom}!{lettre(champs.index(champ) + 1)}{rang + 4}"


def test_total(settings: Settings) -> None:
    d = descente(settings, "budget_total")
    assert (d.recalcul, {c.nom: c.valeur for c in d.contributions}) == (
        9000.0,
        {"Alpha": 1000, "Beta": 3000, "Gamma": 5000},
    )
    attendue = {adresse("ressources", RESSOURCES, "montant_total", 1): ("montant_total", VALEUR)}
    assert cellules(d, "Beta") == attendue


def test_texte_lu_et_valeur_retenue(settings: Settings) -> None:
    (x, *_) = descente(settings, "budget_total").contributions
    (c,) = x.cellules
    assert (c.feuille, c.ligne, c.texte, c.valeur, c.corrigee) == ("Saisie", 4, "<1000>", "1000.00", False)


def test_part_avec_ses_zeros(settings: Settings) -> None:
    """Numerator and denominator, the zero that was typed, and nothing of what the share does not read."""
    d = descente(settings, "part_financement_public")
    assert d.recalcul == pytest.approx(1100 / 9000)
    attendus = ("montant_total", "montant_sub_etat", "montant_sub_region")
    assert cellules(d, "Alpha") == {adresse("ressources", RESSOURCES, c, 0): (c, VALEUR) for c in attendus}
    assert "montant_dons" not in {c for c, _ in cellules(d, "Beta").values()}


def test_valorisation_par_les_heures_retenues(settings: Settings) -> None:
    """Weekly hours and weeks for one, the yearly total for the other; compelled hours for none."""
    d = descente(settings, "valeur_benevolat")
    assert d.recalcul == pytest.approx((40 + 100) * 11.88)
    assert {c for c, _ in cellules(d, "Alpha").values()} == {
        "heures_reguliers", "heures_occasionnels", "unite_heures", "nb_semaines_activite",
    }  # fmt: skip
    assert {c for c, _ in cellules(d, "Beta").values()} == {"heures_total_an"}


def test_rapport_de_deux_questionnaires(settings: Settings) -> None:
    d = descente(settings, "part_subventions_qpv")
    assert {c for c, _ in cellules(d, "Alpha").values()} == {
        "qpv",
        "montant_total",
        "montant_sub_etat",
        "montant_sub_region",
    }
    assert {c.split("!")[0] for c in cellules(d, "Alpha")} == {"associations", "ressources"}


def test_subventions_ligne_a_ligne(settings: Settings) -> None:
    """The decisions of the funder and of the year, each in its row."""
    ville = code_financeur("Ville")
    (x,) = descente(settings, "montant_subventions", financeur=ville).contributions
    assert (x.nom, x.financeur, x.valeur) == ("Alpha", "Ville", 150.0)
    lignes = {c.ligne for c in x.cellules if c.champ == "montant"}
    assert lignes == {4, 6}
    assert {c.champ for c in x.cellules} == {"montant", "annee_exercice", "nom_attribuant"}
    assert descente(settings, "montant_subventions").recalcul == 1050.0


def test_territoire_et_domaine(settings: Settings) -> None:
    """A place and a sector choose the associations, and the cells that place them are told apart."""
    d = descente(settings, "budget_total", niveau="commune", code=MELUN, domaine="sport")
    assert [c.nom for c in d.contributions] == ["Alpha"]
    roles = dict(cellules(d, "Alpha").values())
    assert (roles["montant_total"], roles["secteur"], roles["commune"]) == (VALEUR, CLASSEMENT, CLASSEMENT)


def test_compte(settings: Settings) -> None:
    """Having answered is enough: the row stands for itself."""
    d = descente(settings, "nb_associations_repondantes")
    assert d.recalcul == 3.0
    assert {role for _, role in cellules(d, "Gamma").values()} == {LIGNE}
    assert {champ for champ, _ in cellules(d, "Gamma").values()} == {"nom_association"}


def test_code_des_personnes_jamais_montre(settings: Settings) -> None:
    d = descente(settings, "oms5_changement")
    assert d.recalcul == 20.0
    (x,) = d.contributions
    codes = [c for c in x.cellules if c.champ == "code_vague"]
    assert len(codes) == 2 and all(c.texte is None and c.adresse for c in codes)
    assert "JB91" not in str(en_lignes(d))


def test_refus_de_publication(tmp_path: Path) -> None:
    """An association that refuses any publication brings nothing to a figure, even here."""
    reglages = Settings(tmp_path)
    with EntrepotEcriture(reglages) as con:
        deposer(con, "associations", [ASSOCIATIONS[0] | {"consentement": "non"}, ASSOCIATIONS[1]])
        deposer(con, "ressources", RESSOURCES[:2])
    assert [c.nom for c in descente(reglages, "budget_total").contributions] == ["Beta"]


def test_remplace_resume_corrige(tmp_path: Path) -> None:
    """Lineage of the deposit, cells of every source row, and the text typed in place of the first one."""
    reglages = Settings(tmp_path)
    with EntrepotEcriture(reglages) as con:
        deposer(con, "associations", ASSOCIATIONS)
        ancien = deposer(con, "ressources", RESSOURCES[1:2])
        correction = type(
            "Correction", (), {"feuille": "Saisie", "cellule": "E4", "avant": "x", "apres": "1 000"}
        )()
        neuf = deposer(
            con,
            "ressources",
            RESSOURCES[:1],
            remplace=ancien.depot_id,
            resumees=True,
            corrections=[correction],
        )
    d = descente(reglages, "budget_total")
    assert d.remplaces == {neuf.depot_id: (ancien.depot_id,)}
    (x,) = d.contributions
    assert [(c.adresse, c.texte, c.corrigee) for c in x.cellules] == [
        ("E4", "1 000", True),
        ("E14", None, False),
    ]


@pytest.mark.parametrize(
    "identifiant",
    [
        "nb_salaries.2025.departement-77.repondantes",
        "budget_total.2025.zzz-1.repondantes",
        "zzz.2025.departement-77.repondantes",
    ],
)
def test_sans_contribution(settings: Settings, identifiant: str) -> None:
    with pytest.raises(SansContribution):
        descendre(settings, lire_identifiant(identifiant))


def test_sans_entrepot(tmp_path: Path) -> None:
    with pytest.raises(EntrepotAbsent):
        descendre(Settings(tmp_path), lire_identifiant("budget_total.2025.departement-77.repondantes"))


def test_commande_et_exports(settings: Settings, tmp_path: Path) -> None:
    """With the private warehouse only; formulas are neutralised, numbers stay numbers, file names are not told."""
    fabriquer(settings, 1)
    identifiant = "budget_total.2025.departement-77.repondantes"

    def lancer(*arguments: str) -> str:
        commande = ["chiffre", identifiant, *arguments, "--donnees", str(settings.donnees)]
        resultat = CliRunner().invoke(app, commande, env={"COLUMNS": "200"})
        assert resultat.exit_code == 0, resultat.output
        return resultat.output

    assert "Alpha" not in lancer()
    dit = lancer("--cellules")
    assert "Alpha" in dit and "E4" in dit and "ne pas diffuser" in dit and "secret.xlsx" not in dit
    assert "non la valeur publiée" in dit  # the small publication has invented values
    for suffixe in (".csv", ".xlsx"):
        lancer("--export", str(tmp_path / f"cellules{suffixe}"))
    lignes = list(
        csv.DictReader(io.StringIO((tmp_path / "cellules.csv").read_text("utf-8-sig")), delimiter=";")
    )
    assert tuple(lignes[0][c] for c in ("association", "apport", "cellule")) == ("Alpha", "1000", "E4")
    page = openpyxl.load_workbook(tmp_path / "cellules.xlsx").worksheets[0]
    assert (page.max_row, page["D2"].value) == (4, 1000)


def test_formule_neutralisee(tmp_path: Path) -> None:
    reglages = Settings(tmp_path)
    with EntrepotEcriture(reglages) as con:
        nom = {"nom_association": "=1+1"}
        deposer(con, "associations", [ASSOCIATIONS[0] | nom])
        deposer(con, "ressources", [RESSOURCES[0] | nom])
    fabriquer(reglages, 1)
    chemin = tmp_path / "x.xlsx"
    commande = ["chiffre", "budget_total.2025.departement-77.repondantes", "--export", str(chemin)]
    assert CliRunner().invoke(app, [*commande, "--donnees", str(reglages.donnees)]).exit_code == 0
    assert openpyxl.load_workbook(chemin).worksheets[0]["A2"].value == "'=1+1"


def test_phrases(settings: Settings) -> None:
    (texte,) = phrases(descente(settings, "budget_total"), None)
    assert texte.startswith("3 associations")


def test_quartier(tmp_path: Path) -> None:
    """In a priority district: the associations that name it, and the cell where they do."""
    reglages = Settings(tmp_path)
    ecrire_ajouts(reglages.territoires, QPV, [Ajout(QPV, "QN07711M", "Beauval", (MELUN,), perimetre=2024)])
    with EntrepotEcriture(reglages) as con:
        deposer(con, "associations", [ASSOCIATIONS[0] | {"code_qpv": "QN07711M"}, ASSOCIATIONS[1]])
        deposer(con, "ressources", RESSOURCES[:2])
    d = descente(reglages, "budget_total", niveau=QPV, code="QN07711M")
    assert [c.nom for c in d.contributions] == ["Alpha"]
    assert ("code_qpv", CLASSEMENT) in cellules(d, "Alpha").values()


def test_poids_de_chaque_association(tmp_path: Path) -> None:
    """In a weighted view each association has its weight; together they stand for the frame."""
    reglages, nombre, cadre = Settings(tmp_path), 30, 60
    noms = [f"A{i}" for i in range(cadre)]
    reponses = [
        {"nom_association": n, "commune": MELUN, "annee": 2025, "secteur": "sport", "employeuse": i % 3 == 0}
        for i, n in enumerate(noms[:nombre])
    ]
    budgets = [
        {
            "nom_association": n,
            "commune": MELUN,
            "annee": 2025,
            "montant_total": 100 + i,
            "montant_charges": 110,
        }
        for i, n in enumerate(noms[:nombre])
    ]
    reglages.registre.parent.mkdir(parents=True)
    vide = [None] * cadre
    colonnes = {
        "cle": [f"NOM:{n}" for n in noms], "rna": pa.array(vide, pa.string()), "siren": pa.array(vide, pa.string()),
        "code_commune": [MELUN] * cadre, "secteur": ["sport"] * cadre, "etat": ["active"] * cadre,
        "effectif_tranche": ["03" if i % 3 == 0 else None for i in range(cadre)],
        "date_declaration": ["2024-05-01"] * cadre,
    }  # fmt: skip
    pq.write_table(pa.table(colonnes), reglages.registre)
    with EntrepotEcriture(reglages) as con:
        deposer(con, "associations", reponses)
        deposer(con, "ressources", budgets)
    d = descente(reglages, "budget_total", vue=REPRESENTATIF)
    poids = [c.redressement for c in d.contributions]
    assert all(p is not None and p > 1 for p in poids)
    assert sum(p or 0 for p in poids) == pytest.approx(cadre)
    assert d.recalcul == pytest.approx(sum((c.redressement or 0) * c.valeur for c in d.contributions))
    assert descente(reglages, "budget_total").contributions[0].redressement is None
    assert descente(reglages, "part_deficit", vue=REPRESENTATIF).recalcul == pytest.approx(10 / 30, abs=0.2)
