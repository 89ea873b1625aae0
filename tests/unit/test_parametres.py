"""Dated constants: the right value on the right day, and errors that name what is missing."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import pytest

from observatoire.domain.parametre import (
    CHEMIN,
    Parametre,
    ParametreError,
    ParametreInconnu,
    load_parametres,
    parametre,
    parametres,
    parametres_du_reseau,
)

ENTETE = "id,libelle,valeur,unite,valable_du,valable_au,source,statut,verifie_le"


def jour(texte: str) -> dt.date:
    return dt.date.fromisoformat(texte)


@pytest.mark.parametrize(
    ("quand", "valeur"),
    [
        ("2014-01-01", 9.53),
        ("2023-04-30", 11.27),
        ("2023-05-01", 11.52),
        ("2024-10-31", 11.65),
        ("2024-11-01", 11.88),
        ("2025-12-31", 11.88),
        ("2026-01-01", 12.02),
        ("2026-05-31", 12.02),
        ("2026-06-01", 12.31),
    ],
)
def test_smic_horaire_a_une_date(quand: str, valeur: float) -> None:
    smic = parametre("smic_horaire_brut", jour(quand))
    assert (smic.valeur, smic.unite, smic.statut) == (valeur, "€/h", "officiel")


def test_valeur_de_2355_heures_et_leurs_etp() -> None:
    smic = parametre("smic_horaire_brut", jour("2026-01-01"))
    assert round(2355 * smic.valeur, 2) == 28_307.10
    assert round(2355 / parametre("heures_etp", jour("2026-01-01")).valeur, 3) == 1.465
    assert round(2355 / parametre("heures_etp_payees", jour("2026-01-01")).valeur, 3) == 1.294


@pytest.mark.parametrize("quand", ["2024-11-01", "2026-01-01", "2026-06-01"])
def test_smic_mensuel_est_le_smic_horaire_sur_35_heures(quand: str) -> None:
    mensuel = parametre("smic_mensuel_brut_35h", jour(quand)).valeur
    assert mensuel == pytest.approx(
        parametre("smic_horaire_brut", jour(quand)).valeur * 35 * 52 / 12, abs=0.01
    )


def test_aucun_trou_entre_deux_valeurs() -> None:
    suites = 0
    for avant, apres in pairwise(parametres()):
        if avant.id == apres.id:
            assert avant.valable_au == apres.valable_du - dt.timedelta(days=1)
            suites += 1
    assert suites >= 19


@pytest.mark.parametrize(
    ("nom", "valeur"),
    [
        ("coef_execution", 1),
        ("coef_encadrement", 2),
        ("coef_expertise", 3),
        ("cv_prudence", 0.15),
        ("cv_non_publie", 0.30),
        ("secret_min_personnes", 11),
        ("participations_par_benevole", 1.45),
        ("seuil_convention_subvention", 23_000),
    ],
)
def test_conventions(nom: str, valeur: float) -> None:
    assert parametre(nom, jour("2025-12-31")).valeur == valeur


@pytest.mark.parametrize("nom", ["smic_horaire_brut", "smic_journalier"])
def test_l_erreur_nomme_le_parametre_et_la_date(nom: str) -> None:
    with pytest.raises(ParametreInconnu, match=rf"{nom}.*1999-12-31"):
        parametre(nom, jour("1999-12-31"))


def test_chaque_valeur_dit_d_ou_elle_vient() -> None:
    assert len(parametres()) > 30
    assert all(p.source and p.unite and p.libelle for p in parametres())
    assert len({(p.id, p.libelle, p.unite) for p in parametres()}) == len({p.id for p in parametres()})


def test_toutes_les_fautes_d_un_coup(tmp_path: Path) -> None:
    chemin = tmp_path / "p.csv"
    lignes = [
        ENTETE,
        "a,A,1,h,2020-01-01,2020-12-31,s,officiel,2026-01-01",
        "a,A,2,h,2020-06-01,,s,officiel,2026-01-01",
        "b,B,1,h,2020-01-01,2019-12-31,s,officiel,2026-01-01",
        "c,C,1,h,2020-01-01,,s,certain,2026-01-01",
        "d,D,x,h,2020-01-01,,s,officiel,2026-01-01",
        "e,E,1,h,2020-01-01,,,officiel,2026-01-01",
    ]
    chemin.write_text("\n".join(lignes) + "\n", encoding="utf-8")
    with pytest.raises(ParametreError) as erreur:
        load_parametres(chemin)
    assert all(f"ligne {n} " in str(erreur.value) for n in range(3, 8))
    assert "ligne 2 " not in str(erreur.value)


def test_colonnes_fausses(tmp_path: Path) -> None:
    chemin = tmp_path / "p.csv"
    chemin.write_text(CHEMIN.read_text(encoding="utf-8").replace("unite", "unité", 1), encoding="utf-8")
    with pytest.raises(ParametreError, match="colonnes attendues"):
        load_parametres(chemin)


def reseau(dossier: Path, *lignes: str) -> Path:
    dossier.mkdir(exist_ok=True)
    dossier.joinpath("reseau.csv").write_text("\n".join([ENTETE, *lignes]) + "\n", encoding="utf-8")
    return dossier


def le(jour_: str, nom: str, valeurs: tuple[Parametre, ...]) -> tuple[float, str]:
    (trouve,) = [p for p in valeurs if p.id == nom and p.couvre(jour(jour_))]
    return trouve.valeur, trouve.source


def test_sans_fichier_du_reseau_rien_ne_change(tmp_path: Path) -> None:
    assert set(parametres_du_reseau(tmp_path)) == set(parametres())
    assert len(parametres_du_reseau(tmp_path)) == len(parametres())


def test_le_reseau_remplace_les_jours_qu_il_couvre(tmp_path: Path) -> None:
    """Its value and its source on its days; the shipped ones before and after; never two on one day."""
    reseau(
        tmp_path,
        "smic_horaire_brut,SMIC,99,€/h,2025-03-01,2025-06-30,Accord du réseau,convention,2026-01-01",
        "heures_etp,Base,1645,h/an,2024-01-01,,Accord du réseau,convention,2026-01-01",
        "cout_horaire_execution,Accueil,15,€/h,2024-01-01,,Grille du réseau,hypothese,2026-01-01",
    )
    valeurs = parametres_du_reseau(tmp_path)
    livre = "Décrets portant relèvement du salaire minimum de croissance"
    assert le("2025-02-28", "smic_horaire_brut", valeurs) == (11.88, livre)
    assert le("2025-03-01", "smic_horaire_brut", valeurs) == (99, "Accord du réseau")
    assert le("2025-07-01", "smic_horaire_brut", valeurs) == (11.88, livre)
    assert le("2026-12-31", "heures_etp", valeurs) == (1645, "Accord du réseau")
    assert le("2023-12-31", "heures_etp", valeurs)[0] == 1607
    assert le("2025-12-31", "cout_horaire_execution", valeurs) == (15, "Grille du réseau")


def test_deux_fichiers_du_reseau_qui_se_contredisent(tmp_path: Path) -> None:
    ligne = "heures_etp,Base,1645,h/an,2024-01-01,,Accord,convention,2026-01-01"
    reseau(tmp_path, ligne)
    tmp_path.joinpath("autre.csv").write_text(f"{ENTETE}\n{ligne}\n", encoding="utf-8")
    with pytest.raises(ParametreError, match="heures_etp"):
        parametres_du_reseau(tmp_path)
