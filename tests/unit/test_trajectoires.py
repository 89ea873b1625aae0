"""From one year to the next: interval of the difference, constant panel, constant euros, breaks, secret."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from observatoire.domain.rupture import Rupture, entre, load_ruptures
from observatoire.estimation.intervalles import quantile
from observatoire.estimation.ponderation import REPRESENTATIF, Demande
from observatoire.estimation.trajectoires import COLONNES, Regles, evolutions

REGLES = Regles(min_associations=5, min_personnes=11, dominance=0.85)
IPC = {2023: 100.0, 2024: 110.0, 2025: 121.0}
BUDGET = Demande("budget", "total", ("repondantes", REPRESENTATIF), est_de_toutes=True)
PART = Demande("part", "proportion", ("repondantes", REPRESENTATIF), est_part=True)


def monde(valeurs: dict[tuple[str, int], float], statut: str = "ok") -> duckdb.DuckDBPyConnection:
    """Tables as they are once the secret is applied; every association weighs 2, in one set a year."""
    con = duckdb.connect()
    lignes = [
        {
            "indicateur": nom,
            "cle_association": cle,
            "millesime": annee,
            "valeur": float(valeur),
            "poids": 1.0,
            "nb_personnes": 3.0,
        }
        for nom in ("budget", "part")
        for (cle, annee), valeur in (
            (c, v if nom == "budget" else float(v > 100)) for c, v in valeurs.items()
        )
    ]
    con.register("u", pl.DataFrame(lignes).to_arrow())
    con.execute(
        "create temp table unites as select * replace (cast(millesime as integer) as millesime) from u"
    )
    con.execute(
        "create temp table jeux as select distinct indicateur, 'representatif' as vue, millesime, millesime as jeu from unites"
    )
    con.execute(
        "create temp table poids as select distinct millesime as jeu, cle_association, millesime, 2::double as poids from unites"
    )
    con.execute(
        "create temp table cadre as select distinct cle_association, millesime, 'sans' as classe from unites"
    )
    con.execute(
        "create temp table cellules as select distinct indicateur, millesime, 'departement' as niveau, 'tous' as domaine, "
        "'tous' as financeur, 'representatif' as vue, 'ok' as fiabilite, $statut as statut from unites",
        {"statut": statut},
    )
    return con


def suivre(
    con: duckdb.DuckDBPyConnection,
    demandes: Sequence[Demande] = (BUDGET,),
    ruptures: Sequence[Rupture] = (),
    ipc: dict[int, float] | None = None,
) -> dict[tuple[Any, ...], dict[str, Any]]:
    lignes = evolutions(
        con, demandes, REGLES, IPC if ipc is None else ipc, ["budget"], ["part"],
        lambda nom, de, a: entre(ruptures, nom, de, a),
    )  # fmt: skip
    assert all(list(x) == list(COLONNES) for x in lignes)
    return {(x["indicateur"], x["methode"], x["prix"], x["de"], x["a"]): x for x in lignes}


def budgets(graine: int, n: int = 60, hausse: float = 5) -> dict[tuple[str, int], float]:
    rng = np.random.default_rng(graine)
    base = rng.normal(100, 30, n)
    return {
        (f"A{i}", annee): round(float(base[i] + hausse * rang + rng.normal(0, 4)), 3)
        for i in range(n)
        for rang, annee in enumerate((2023, 2024))
    }


def test_difference_appariee() -> None:
    """The same associations twice: the interval is that of the paired differences, far narrower than apart."""
    valeurs = budgets(1)
    x = suivre(monde(valeurs))["budget", "coupes", "courants", 2023, 2024]
    d = np.array([valeurs[f"A{i}", 2024] - valeurs[f"A{i}", 2023] for i in range(60)])
    assert x["difference"] == pytest.approx(2 * d.sum())
    demi = float(quantile(59)) * 2 * 60**0.5 * d.std(ddof=1)
    assert (x["borne_basse"], x["borne_haute"]) == pytest.approx((2 * d.sum() - demi, 2 * d.sum() + demi))
    assert x["est_significative"] is True
    assert (x["n_avant"], x["n_apres"], x["statut"], x["vue"]) == (60, 60, "ok", REPRESENTATIF)


def test_rien_ne_bouge() -> None:
    assert (
        suivre(monde(budgets(2, hausse=0)))["budget", "coupes", "courants", 2023, 2024]["est_significative"]
        is False
    )


def test_panel_seulement_les_fideles() -> None:
    """Newcomers make the repeated survey rise; the panel beside it does not move."""
    valeurs = budgets(3, hausse=0) | {(f"B{i}", 2024): 900.0 for i in range(20)}
    lignes = suivre(monde(valeurs))
    coupes = lignes["budget", "coupes", "courants", 2023, 2024]
    panel = lignes["budget", "panel", "courants", 2023, 2024]
    assert (coupes["n_avant"], coupes["n_apres"]) == (60, 80)
    assert (panel["n_avant"], panel["n_apres"], panel["vue"]) == (60, 60, "repondantes")
    assert coupes["est_significative"] is True and panel["est_significative"] is False
    assert panel["valeur_avant"] == pytest.approx(sum(v for (_, a), v in valeurs.items() if a == 2023))


def test_euros_constants() -> None:
    """A rise of prices is not a rise: 10 % more euros with prices 10 % higher is no difference."""
    base = budgets(4, hausse=0)
    valeurs = {(c, a): base[c, 2023] * (1.1 if a == 2024 else 1) for c, a in base}
    lignes = suivre(monde(valeurs))
    courants, constants = (lignes["budget", "panel", p, 2023, 2024] for p in ("courants", "constants"))
    assert courants["difference"] == pytest.approx(0.1 * courants["valeur_avant"])
    assert constants["difference"] == pytest.approx(0, abs=1e-6)
    assert constants["valeur_avant"] == pytest.approx(courants["valeur_apres"])
    assert constants["valeur_apres"] == pytest.approx(courants["valeur_apres"])
    sans = suivre(monde(valeurs), ipc={2023: 100.0})["budget", "panel", "constants", 2023, 2024]
    assert (sans["statut"], sans["difference"]) == ("nd", None)
    assert all(prix == "courants" for _, _, prix, _, _ in suivre(monde(valeurs), (PART,)))


def test_rupture_de_serie() -> None:
    """The break is said and nothing is called significant across it."""
    rupture = Rupture("budget", 2024, "Question reformulée", "Questionnaire 2024")
    x = suivre(monde(budgets(5)), ruptures=[rupture])["budget", "coupes", "courants", 2023, 2024]
    assert (x["rupture"], x["est_significative"]) == ("Question reformulée", None)
    assert entre([rupture], "budget", 2024, 2025) is None
    assert entre([rupture], "part", 2023, 2024) is None


def test_secret_du_panel() -> None:
    """A panel that leaves three associations out of a published total would give them away."""
    valeurs = budgets(6) | {(f"B{i}", 2024): 50.0 for i in range(3)}
    x = suivre(monde(valeurs))["budget", "panel", "courants", 2023, 2024]
    assert (x["statut"], x["valeur_avant"], x["difference"], x["n_avant"]) == ("secret", None, None, None)
    petites = {c: v for c, v in budgets(6).items() if c[0] in ("A1", "A2", "A3")}
    assert suivre(monde(petites))["budget", "panel", "courants", 2023, 2024]["statut"] == "secret"
    grosse = budgets(6) | {("A1", 2023): 1e6, ("A1", 2024): 1e6}
    assert suivre(monde(grosse))["budget", "panel", "courants", 2023, 2024]["statut"] == "secret"


def test_figure_masquee_sans_difference() -> None:
    x = suivre(monde(budgets(7), statut="secret"))["budget", "coupes", "courants", 2023, 2024]
    assert (x["statut"], x["valeur_apres"], x["difference"]) == ("secret", None, None)


def test_fichier_des_ruptures(tmp_path: Path) -> None:
    load_ruptures()
    faux = tmp_path / "ruptures.csv"
    faux.write_text("indicateur,millesime,raison,source\nx,abc,,s\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"ligne 2.*millesime.*ligne 2.*raison"):
        load_ruptures(faux)
