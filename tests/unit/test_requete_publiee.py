"""The text of the queries that pages show: exact keys, values written in, nothing that cannot be pasted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from observatoire.chiffres.identifiant import Identifiant
from observatoire.chiffres.requete import (
    LISTE_MAX,
    TERRITOIRES_MAX,
    requete_evolutions,
    requete_liee,
    requete_publiee,
)

UN = Identifiant("budget", 2025, "epci", "247700057")


def test_un_chiffre() -> None:
    sql = requete_publiee(UN)
    assert sql.startswith("select valeur, borne_basse")
    assert sql.endswith("financeur = 'tous'\n    and vue = 'repondantes';")
    assert " in (" not in sql and "order by" not in sql


def test_plusieurs_chiffres_disent_ce_qui_les_distingue() -> None:
    sql = requete_publiee(UN, replace(UN, domaine="sport"), replace(UN, domaine="l'art"))
    assert sql.startswith("select domaine, valeur")
    assert "domaine in ('l''art', 'sport', 'tous')" in sql
    assert sql.endswith("order by domaine;")
    assert requete_publiee() == ""


def test_une_liste_trop_longue_devient_une_colonne() -> None:
    communes = [replace(UN, niveau="commune", code=str(c)) for c in range(77001, 77002 + TERRITOIRES_MAX)]
    sql = requete_publiee(*communes)
    assert (
        sql.startswith("select code_territoire,")
        and "code_territoire " not in sql.split("where")[1].split("order")[0]
    )
    assert "code_territoire in (" in requete_publiee(*communes[1:])
    indicateurs = [replace(UN, indicateur=f"i{rang:03}") for rang in range(1 + LISTE_MAX)]
    assert "indicateur in" not in requete_publiee(*indicateurs)
    assert "indicateur in (" in requete_publiee(*indicateurs[1:])


def test_valeurs_liees() -> None:
    assert requete_liee("\n    select a\n      from t where b = ? and c = ?\n", ["l’eau d'ici", 3]) == (
        "select a\n  from t where b = 'l’eau d''ici' and c = 3;"
    )
    assert requete_liee("select 1;", []) == "select 1;"
    with pytest.raises(ValueError, match="1 places pour 2"):
        requete_liee("select ?", [1, 2])
    with pytest.raises(TypeError):
        requete_liee("select ?", [["liste"]])


def test_evolutions() -> None:
    assert "where indicateur in ('budget')" in requete_evolutions(["budget"])
    assert "where" not in requete_evolutions()
