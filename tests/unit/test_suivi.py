"""The board: rates with their n and N, whoever answered under whichever key, and nobody reminded by mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.storage.chargement import DepotACharger, charger
from observatoire.storage.depots import Depot, annuler
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.territoire import load_territoire
from pipelines.sorties.suivi import (
    ACTIVES,
    SANS_REGISTRE,
    SOLLICITEES,
    relances,
    repondantes,
    tableau_reponses,
)
from tests.depots_factices import empreinte

COLONNES = (
    "rna", "siren", "siret", "nom", "sigle", "nom_norme", "code_commune", "libelle_commune", "code_postal",
    "secteur", "effectif_tranche", "etat", "sollicitee", "source",
)  # fmt: skip
TERRITOIRE = load_territoire("77")
MELUN, MEAUX = (TERRITOIRE.par_nom(n)[0] for n in ("Melun", "Meaux"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "donnees")


def registre(settings: Settings, *lignes: dict[str, Any]) -> None:
    settings.registre.parent.mkdir(parents=True, exist_ok=True)
    defauts = {"etat": "active", "sollicitee": False}
    complets = [{c: (defauts | x).get(c) for c in COLONNES} for x in lignes]
    colonnes = {
        c: pa.array([x[c] for x in complets], pa.bool_() if c == "sollicitee" else pa.string())
        for c in COLONNES
    }
    pq.write_table(pa.table(colonnes), settings.registre)


def association(n: int, **autres: Any) -> dict[str, Any]:
    return {
        "rna": f"W77000000{n}",
        "siren": f"90000000{n}",
        "siret": f"90000000{n}00011",
        "nom": f"ASSOCIATION {n}",
        "code_commune": MELUN.code,
        "libelle_commune": MELUN.nom,
        "secteur": "sport",
        "effectif_tranche": "01",
    } | autres


def charger_reponses(
    settings: Settings, contenu: str, lignes: list[dict[str, Any]], questionnaire: str = "emploi"
) -> str:
    """Typed rows straight in the warehouse; missing fields are empty."""
    enquete = load_enquetes()[questionnaire]
    noms = [c.name for c in enquete.champs_actifs()]
    colonnes: dict[str, Any] = {n: [x.get(n) for x in lignes] for n in noms}
    colonnes |= {
        "annee": [x.get("millesime", 2025) for x in lignes],
        "millesime": [x.get("millesime", 2025) for x in lignes],
        "cle_association": [x["cle"] for x in lignes],
        "feuille": ["Réponses"] * len(lignes),
        "ligne": list(range(2, len(lignes) + 2)),
    }
    nouveau = DepotACharger(
        empreinte(contenu),
        f"{contenu}.xlsx",
        1,
        questionnaire,
        "tableur",
        colonnes,
        len(lignes),
        len(lignes),
        0,
        0,
    )
    with EntrepotEcriture(settings) as con:
        resultat = charger(con, nouveau)
    assert isinstance(resultat, Depot)
    return resultat.depot_id


def lier(settings: Settings, cle: str, vers: str, statut: str) -> None:
    with EntrepotEcriture(settings) as con:
        con.execute(
            "insert into depot.rapprochements (cle, nom, vers, vers_nom, score, statut, raison, qui, quand) "
            "values (?, 'x', ?, 'y', 99, ?, 'essai', 'Nadia', now()::timestamp)",
            [cle, vers, statut],
        )


def par_code(taux: Any) -> dict[str, tuple[int, int | None]]:
    return {t.code: (t.repondantes, t.base) for t in taux}


def test_taux_par_epci_secteur_et_taille(settings: Settings) -> None:
    registre(
        settings,
        association(1, sollicitee=True),
        association(
            2, sollicitee=True, code_commune=MEAUX.code, libelle_commune=MEAUX.nom, secteur="culture"
        ),
        association(3, sollicitee=True, secteur=None, effectif_tranche=None),
        association(4, sollicitee=True, code_commune=None, libelle_commune=None),
        association(5, sollicitee=True, etat="dissoute"),
        association(6),
    )
    lignes = [
        {"cle": "RNA:W770000001", "nom_association": "Un", "rna": "W770000001"},
        {"cle": "SIREN:900000002", "nom_association": "Deux", "siret": "90000000200011"},
        {"cle": "RNA:W770000006", "nom_association": "Six, jamais sollicitée", "rna": "W770000006"},
        {"cle": "RNA:W770000003", "nom_association": "Trois", "rna": "W770000003", "millesime": 2024},
    ]
    charger_reponses(settings, "un", lignes)
    t = tableau_reponses(settings, "emploi", 2025)
    assert (t.genre, t.ensemble.repondantes, t.ensemble.base, t.hors_base) == (SOLLICITEES, 2, 4, 1)
    assert t.ensemble.taux == 0.5
    assert par_code(t.par_epci) == {MELUN.code_epci: (1, 2), MEAUX.code_epci: (1, 1), "": (0, 1)}
    assert par_code(t.par_secteur) == {"sport": (1, 2), "culture": (1, 1), "": (0, 1)}
    assert par_code(t.par_taille) == {"01": (2, 3), "": (0, 1)}
    for ventilation in (t.par_epci, t.par_secteur, t.par_taille):
        assert sum(x.base for x in ventilation) == t.ensemble.base
        assert sum(x.repondantes for x in ventilation) == t.ensemble.repondantes
        assert ventilation[-1].code == ""
    libelles = {x.libelle for v in (t.par_epci, t.par_secteur, t.par_taille) for x in v}
    assert {TERRITOIRE.zone("epci", MELUN.code_epci).libelle, "Sport", "1 ou 2 salariés"} <= libelles
    assert "4\u00a0associations sollicitées" in t.phrase
    assert "1\u00a0association a répondu sans être dans cette base" in t.phrase
    assert [x["association"] for x in relances(settings, "emploi", 2025)] == [
        "ASSOCIATION 3",
        "ASSOCIATION 4",
    ]
    assert repondantes(settings, "emploi", 2025)[0] == ("SIREN:900000002", "Deux")


def test_liens_surs_et_confirmes_seulement(settings: Settings) -> None:
    registre(settings, *(association(n, sollicitee=True) for n in (1, 2, 3)))
    cles = [f"NOM:asso {n}|{MELUN.code}" for n in (1, 2, 3)]
    charger_reponses(settings, "un", [{"cle": c, "nom_association": c} for c in cles])
    for n, statut in ((1, "sur"), (2, "confirme"), (3, "a_decider")):
        lier(settings, cles[n - 1], f"RNA:W77000000{n}", statut)
    t = tableau_reponses(settings, "emploi", 2025)
    assert (t.ensemble.repondantes, t.ensemble.base, t.hors_base) == (2, 3, 1)
    assert [x["rna"] for x in relances(settings, "emploi", 2025)] == ["W770000003"]


def test_une_association_sous_deux_cles_compte_une_fois(settings: Settings) -> None:
    registre(settings, association(1, sollicitee=True))
    lignes = [
        {"cle": "SIREN:911111111", "nom_association": "Vélo", "siret": "91111111100011"},
        {"cle": "RNA:W779999999", "nom_association": "Vélo", "rna": "W779999999", "siret": "91111111100011"},
    ]
    charger_reponses(settings, "un", lignes)
    t = tableau_reponses(settings, "emploi", 2025)
    assert (t.ensemble.repondantes, t.hors_base) == (0, 1)
    assert repondantes(settings, "emploi", 2025) == [("RNA:W779999999", "Vélo")]


def test_personne_sollicite_la_base_est_active(settings: Settings) -> None:
    registre(settings, association(1), association(2, etat="inconnue"), association(3, etat="dissoute"))
    t = tableau_reponses(settings, "emploi", 2025)
    assert (t.genre, t.ensemble.repondantes, t.ensemble.base) == (ACTIVES, 0, 1)
    assert "aucune n’y est marquée comme sollicitée" in t.phrase


def test_sans_registre(settings: Settings) -> None:
    ligne = {"cle": "RNA:W770000001", "nom_association": "Un", "rna": "W770000001", "commune": MEAUX.code}
    charger_reponses(settings, "un", [ligne])
    charger_reponses(settings, "fiche", [ligne | {"secteur": "culture"}], "associations")
    t = tableau_reponses(settings, "emploi", 2025)
    assert (t.genre, t.ensemble.repondantes, t.ensemble.base, t.ensemble.taux) == (
        SANS_REGISTRE,
        1,
        None,
        None,
    )
    assert par_code(t.par_epci) == {MEAUX.code_epci: (1, None)}
    assert par_code(t.par_secteur) == {"culture": (1, None)}
    assert t.par_taille == ()
    assert "pas qui n’a pas répondu" in t.phrase
    assert relances(settings, "emploi", 2025) == []


def test_un_depot_annule_ne_repond_plus(settings: Settings) -> None:
    registre(settings, association(1, sollicitee=True))
    depot_id = charger_reponses(settings, "un", [{"cle": "RNA:W770000001", "nom_association": "Un"}])
    assert tableau_reponses(settings, "emploi", 2025).ensemble.repondantes == 1
    with EntrepotEcriture(settings) as con:
        annuler(con, depot_id)
    assert tableau_reponses(settings, "emploi", 2025).ensemble.repondantes == 0


def test_entrepot_absent(settings: Settings) -> None:
    assert tableau_reponses(settings, "emploi", 2025).ensemble.repondantes == 0
    assert repondantes(settings, "emploi", 2025) == []


def test_relances_sans_donnee_personnelle(settings: Settings) -> None:
    registre(settings, association(1, sollicitee=True, sigle="X", code_postal="77000"))
    assert [list(x) for x in relances(settings, "emploi", 2025)] == [
        ["association", "commune", "rna", "siret", "epci"]
    ]
