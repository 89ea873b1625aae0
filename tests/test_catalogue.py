"""Nothing defined is unused, nothing used is undefined: types, lists, anomaly codes, examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from observatoire.domain.anomalie import CATALOGUE, catalogue
from observatoire.domain.controles import exemples_refuses
from observatoire.domain.loader import load_enquetes
from observatoire.domain.nomenclature import noms_nomenclatures
from observatoire.domain.types import TYPES

RACINE = Path(__file__).parents[1]
ENQUETES = load_enquetes()
CODE = re.compile(r"\b[A-Z]{2}-\d{2}\b")


def codes_cites() -> dict[str, str]:
    """Anomaly codes written in the code and in the questionnaires, each with a file that cites it."""
    cites: dict[str, str] = {}
    for dossier in ("observatoire", "pipelines"):
        for motif in ("*.py", "*.toml", "*.sql"):
            for fichier in sorted(RACINE.joinpath(dossier).rglob(motif)):
                if fichier != CATALOGUE:
                    trouves = CODE.findall(fichier.read_text(encoding="utf-8"))
                    cites |= dict.fromkeys(trouves, fichier.relative_to(RACINE).as_posix())
    return cites


def test_chaque_type_sert_et_chaque_type_cite_existe() -> None:
    cites = {c.type for enquete in ENQUETES.values() for c in enquete.champs}
    assert cites == set(TYPES)


def test_chaque_nomenclature_sert() -> None:
    cites = {c.nomenclature for enquete in ENQUETES.values() for c in enquete.champs if c.nomenclature}
    assert cites == set(noms_nomenclatures())


@pytest.mark.parametrize("code", catalogue())
def test_chaque_code_d_anomalie_est_emis_quelque_part(code: str) -> None:
    assert code in codes_cites()


def test_chaque_code_emis_est_au_catalogue() -> None:
    inconnus = {code: fichier for code, fichier in codes_cites().items() if code not in catalogue()}
    assert inconnus == {}


@pytest.mark.parametrize("nom", ENQUETES)
def test_chaque_exemple_est_valable(nom: str) -> None:
    assert exemples_refuses(ENQUETES[nom]) == []
    assert all(c.example for c in ENQUETES[nom].champs)
