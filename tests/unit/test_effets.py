"""Effects on people: paired change against hand-made figures, attrition, hidden shares, and the words each design allows."""

from __future__ import annotations

import math

import duckdb
import pytest
from scipy.stats import ttest_ind

from observatoire.domain.loader import load_enquetes
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.parametre import parametres
from observatoire.estimation.effets import (
    DISPOSITIFS,
    MIN_PARTS,
    changement,
    comparer,
    mots_interdits,
    phrase,
)
from pipelines.publication import _courant
from pipelines.versement import code_de_vague

ENQUETES = load_enquetes()


def test_ecart_apparie_et_intervalle() -> None:
    """Changes 12, -4, 8, 0: mean 4, s = 7.302967, t(3) = 3.182446, margin 11.620649."""
    c = changement([(40, 52), (80, 76), (50, 58), (60, 60)], n_avant=5, seuil=10)
    assert (c.n, c.n_avant, c.perdus) == (4, 5, pytest.approx(0.2))
    assert c.moyenne == 4
    assert c.ecart_type == pytest.approx(math.sqrt(160 / 3))
    assert (c.bas, c.haut) == (pytest.approx(4 - 11.620649, abs=1e-4), pytest.approx(4 + 11.620649, abs=1e-4))


@pytest.mark.parametrize(("n", "montre"), [(29, False), (30, True)])
def test_parts_cachees_sous_le_minimum(n: int, montre: bool) -> None:
    c = changement([(50, 60)] * (n - 2) + [(50, 59), (50, 40)], n, seuil=10)
    parts = (c.part_hausse, c.part_stable, c.part_baisse)
    attendues = (pytest.approx((n - 2) / n), pytest.approx(1 / n), pytest.approx(1 / n))
    assert parts == (attendues if montre else (None, None, None))
    assert c.moyenne > 0


def test_le_minimum_est_la_constante_datee() -> None:
    (seuil,) = (p.valeur for p in parametres() if p.id == "secret_min_bien_etre")
    assert seuil == MIN_PARTS


def test_une_seule_personne_n_a_pas_d_intervalle() -> None:
    c = changement([(40, 52)], 1, 10)
    assert (c.moyenne, c.ecart_type, c.bas, c.haut) == (12, None, None, None)


@pytest.mark.parametrize(("paires", "avant"), [([], 3), ([(1, 2), (1, 3)], 1)])
def test_comptes_impossibles(paires: list[tuple[float, float]], avant: int) -> None:
    with pytest.raises(ValueError, match="paire"):
        changement(paires, avant, 10)


def test_comparaison_avec_un_groupe() -> None:
    """Changes 10, 12, 14 against 0, 1, 5: 10 apart, and the interval of Welch's test."""
    action = changement([(0, 10), (0, 12), (0, 14)], 3, 10)
    temoin = changement([(0, 0), (0, 1), (0, 5)], 4, 10)
    c = comparer(action, temoin)
    assert c.ecart == 10
    attendu = ttest_ind([10, 12, 14], [0, 1, 5], equal_var=False).confidence_interval()
    assert (c.bas, c.haut) == (pytest.approx(attendu.low), pytest.approx(attendu.high))
    assert c.significatif
    assert not comparer(temoin, temoin).significatif
    with pytest.raises(ValueError, match="deux personnes"):
        comparer(changement([(0, 1)], 1, 1), temoin)


def test_un_dispositif_par_facon_de_mesurer() -> None:
    assert set(DISPOSITIFS) == set(charger_nomenclature("plans_mesure").codes)
    assert [d.code for d in DISPOSITIFS.values() if d.cause] == ["avant_apres_comparaison"]


@pytest.mark.parametrize("texte", ["Grâce à l’action, le score monte", "grace a", "L’atelier a permis de progresser",
    "un effet de l’accompagnement", "l’impact mesuré", "l’action réduit l’isolement", "a fait progresser"])  # fmt: skip
def test_aucun_mot_de_cause_sans_groupe_de_comparaison(texte: str) -> None:
    for code, dispositif in DISPOSITIFS.items():
        assert bool(mots_interdits(texte, code)) is not (dispositif.cause), (code, texte)


def test_la_satisfaction_ne_dit_aucun_changement() -> None:
    assert mots_interdits("Le bien-être est en hausse depuis l’an dernier", "satisfaction") == [
        "hausse",
        "depuis",
    ]
    assert mots_interdits("Le bien-être est en hausse", "avant_apres") == []


@pytest.mark.parametrize("code", DISPOSITIFS)
def test_phrase_permise(code: str) -> None:
    texte = phrase(code, "Le score de bien-être", "de 8 points")
    assert DISPOSITIFS[code].verbe in texte and texte.endswith(DISPOSITIFS[code].mention)
    assert (
        ("grâce" in phrase(code, "Grâce à l’action, le score").lower())
        if code == "avant_apres_comparaison"
        else True
    )
    if code != "avant_apres_comparaison":
        with pytest.raises(ValueError, match="ne permet pas"):
            phrase(code, "Grâce à l’action, le score")


# --- the code that people make ---------------------------------------------------------------------


def test_le_code_ne_relie_ni_deux_associations_ni_deux_annees() -> None:
    code = code_de_vague("Lu 14", "RNA:W770000001", 2025)
    assert code == code_de_vague("lu-14", "RNA:W770000001", 2025)
    assert code not in {
        code_de_vague("LU14", "RNA:W770000002", 2025),
        code_de_vague("LU14", "RNA:W770000001", 2026),
    }
    assert "14" not in {code} and code_de_vague("LU14", None, 2025) is None


def test_aucun_autre_questionnaire_ne_porte_de_code() -> None:
    """No column may link two surveys of people."""
    assert [(e.name, c.name) for e in ENQUETES.values() for c in e.champs if c.appariement] == [
        ("impact", "code_vague")
    ]


def test_ce_qui_sort_de_l_entrepot_est_un_rang() -> None:
    """The analysts' file numbers the people of each association and year from 1; nothing goes from one to another."""
    con = duckdb.connect()
    con.execute("create schema enquete; create schema depot; create schema courant")
    con.execute("create table alias (cle varchar, vers varchar); insert into alias values ('B2', 'B')")
    con.execute("create table depot.en_vigueur (depot_id varchar, ordre integer, source varchar)")
    con.execute("insert into depot.en_vigueur values ('D', 1, 's')")
    con.execute(
        "create table enquete.impact as select * from (values ('A', 2025, 'ff'), ('A', 2025, 'aa'), ('A', 2025, 'ff'), "
        "('A', 2026, 'zz'), ('B', 2025, 'ff'), ('B2', 2025, 'aa'), ('A', 2025, null)) "
        "as e(cle_association, millesime, code_vague), (values ('D')) as d(depot_id)"
    )
    con.execute(_courant(ENQUETES["impact"], "memory"))
    lignes = con.execute(
        "select cle_association, millesime, code_vague from courant.impact order by all"
    ).fetchall()
    assert lignes == [
        ("A", 2025, "1"), ("A", 2025, "2"), ("A", 2025, "2"), ("A", 2025, None), ("A", 2026, "1"),
        ("B", 2025, "1"), ("B", 2025, "2"),
    ]  # fmt: skip
