"""The value of volunteering: published vectors, dated constants, accounts, and what is never said or counted."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from observatoire import valorisation as v
from observatoire.domain.parametre import Parametre, parametres
from observatoire.fiche_benevolat import Reponse, en_lignes, en_texte, fiche

FIN_2026 = dt.date(2026, 3, 31)  # the SMIC was 12.02 € until 31 May 2026
NIVEAUX = {"execution": 1355.0, "encadrement": 700.0, "expertise": 300.0}


def cout(niveau: str, valeur: float) -> Parametre:
    return Parametre(
        f"cout_horaire_{niveau}", niveau, valeur, "€/h", dt.date(2020, 1, 1), None,
        "Grille du réseau, avril 2026", "hypothese", dt.date(2026, 4, 1),
    )  # fmt: skip


def test_vecteurs() -> None:
    """2 355 h are 1.465 FTE of 1 607 h, 1.294 of 1 820 h, and 28 307.10 € at 12.02 €."""
    assert round(v.en_etp(2355, FIN_2026).valeur, 3) == 1.465
    assert round(v.en_etp(2355, FIN_2026, base="heures_etp_payees").valeur, 3) == 1.294
    assert v.en_euros(2355, FIN_2026).basse == pytest.approx(28_307.10)


def test_la_base_est_imprimee() -> None:
    assert v.en_etp(2355, FIN_2026).texte == "1,5\u00a0ETP, base 1\u202f607\u00a0h"
    assert "1\u202f820" in v.en_etp(2355, FIN_2026, base="heures_etp_payees").texte


def test_fourchette_par_niveaux() -> None:
    """1 355 + 2 × 700 + 3 × 300 = 3 655 weighted hours at 12.02 €."""
    f = v.en_euros(2355, FIN_2026, niveaux=NIVEAUX)
    assert [m.code for m in f.methodes] == ["smic", "niveaux"]
    assert (f.basse, f.haute) == (pytest.approx(28_307.10), pytest.approx(43_933.10))
    assert any("12,02" in m for m in f.mentions)


def test_sans_detail_la_borne_haute_est_une_hypothese_dite() -> None:
    f = v.en_euros(100, FIN_2026, niveaux={"execution": 50})
    assert f.haute == pytest.approx(2 * 100 * 12.02)
    assert any("suppose l’encadrement" in m for m in f.mentions)


def test_cout_de_remplacement_de_la_table_du_reseau() -> None:
    """15, 25 and 40 € an hour: 20 325 + 17 500 + 12 000; nothing when one cost is missing."""
    couts = [cout("execution", 15), cout("encadrement", 25), cout("expertise", 40)]
    f = v.en_euros(2355, FIN_2026, niveaux=NIVEAUX, bareme=v.Bareme([*parametres(), *couts]))
    assert f.methodes[-1].code == "remplacement"
    assert f.haute == pytest.approx(49_825)
    assert "Grille du réseau" in f.methodes[-1].calcul
    partiel = v.en_euros(2355, FIN_2026, niveaux=NIVEAUX, bareme=v.Bareme([*parametres(), *couts[:2]]))
    assert "remplacement" not in {m.code for m in partiel.methodes}
    sans_expertise = {"execution": 2355.0}
    suffit = v.en_euros(2355, FIN_2026, niveaux=sans_expertise, bareme=v.Bareme([*parametres(), couts[0]]))
    assert suffit.methodes[-1].montant == pytest.approx(2355 * 15)


@pytest.mark.parametrize(
    ("heures", "niveaux"),
    [(-1, {}), (10, {"direction": 5}), (10, {"execution": 30}), (10, {"execution": -5})],
)
def test_reponses_contradictoires(heures: float, niveaux: dict[str, float]) -> None:
    with pytest.raises(v.ValorisationImpossible):
        v.en_euros(heures, FIN_2026, niveaux=niveaux)


def test_smic_absent() -> None:
    with pytest.raises(v.ValorisationImpossible, match=r"smic_horaire_brut.*1999-12-31"):
        v.en_euros(10, dt.date(1999, 12, 31))


def test_une_autre_base_change_tout_ce_qui_est_ecrit() -> None:
    maison = [replace(p, valeur=1645, source="Réseau") if p.id == "heures_etp" else p for p in parametres()]
    etp = v.en_etp(2355, FIN_2026, v.Bareme(maison))
    assert etp.valeur == pytest.approx(2355 / 1645)
    assert "1\u202f645" in etp.texte and etp.source == "Réseau"


@pytest.mark.parametrize(
    ("debut", "credit", "reglement"),
    [("2019-01-01", "870", "99-01"), ("2019-09-01", "870", "99-01"), ("2020-01-01", "875", "2018-06"),
     ("2025-09-01", "875", "2018-06")],
)  # fmt: skip
def test_comptes_selon_l_exercice(debut: str, credit: str, reglement: str) -> None:
    e = v.ecriture(dt.date.fromisoformat(debut))
    assert (e.debit, e.credit, e.libelle_credit) == ("864", credit, "Bénévolat")
    assert reglement in e.reglement


@pytest.mark.parametrize(("depenses", "rapport"), [(None, None), (0, None), (500, 4.0)])
def test_viva_seulement_quand_le_soutien_est_connu(depenses: float | None, rapport: float | None) -> None:
    assert v.viva(2000, depenses) == rapport


REPONSE = Reponse("Les Amis du Ru", dt.date(2026, 1, 1), FIN_2026, 2355, NIVEAUX, contraintes=140)


def test_fiche_pour_les_comptes() -> None:
    f = fiche(REPONSE)
    lignes = dict(en_lignes(f))
    assert lignes["Débit"] == "864 Personnel bénévole"
    assert lignes["Crédit"].startswith("875 Bénévolat (règlement ANC")
    assert lignes["Valeur équivalente"] == "de 28\u202f307,10\u00a0€ à 43\u202f933,10\u00a0€"
    assert lignes["Équivalent"].endswith("base 1\u202f607\u00a0h")
    assert f.viva is None and not any("soutien" in titre for titre in lignes)


def test_les_heures_contraintes_ne_comptent_jamais() -> None:
    avec, sans = fiche(REPONSE), fiche(replace(REPONSE, contraintes=None))
    assert (avec.etp, avec.fourchette) == (sans.etp, sans.fourchette)
    assert any("140" in m and "pas valorisées" in m for m in avec.mentions)


def test_viva_sur_la_fiche() -> None:
    f = fiche(replace(REPONSE, depenses_soutien=1000))
    assert f.viva == (pytest.approx(28.30710), pytest.approx(43.93310))
    assert dict(en_lignes(f))["Pour 1\u00a0€ de soutien aux bénévoles"] == "de 28,3 à 43,9\u00a0€"


def test_changement_de_plan_comptable_dit() -> None:
    ancien = fiche(replace(REPONSE, debut=dt.date(2019, 9, 1), fin=dt.date(2020, 8, 31)))
    assert dict(en_lignes(ancien))["Crédit"].startswith("870")
    assert any("875" in m for m in ancien.mentions)
    assert not any("870" in m for m in fiche(REPONSE).mentions)


def test_jamais_une_economie_et_typographie() -> None:
    texte = en_texte(fiche(replace(REPONSE, depenses_soutien=1000)))
    assert not re.search("économi", texte, re.IGNORECASE)
    assert not re.search(r"[ \w]:\s|[^\u202f][;!?]| €|'", texte)
