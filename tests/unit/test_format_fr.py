"""French numbers, amounts, ranges and dates: value in, text out, with the exact spaces."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import format_fr as fr

F, N, M = "\u202f", "\u00a0", "\u2212"


@pytest.mark.parametrize(
    ("valeur", "decimales", "attendu"),
    [
        (0, 0, "0"),
        (-0.4, 0, "0"),
        (999, 0, "999"),
        (1234, 0, f"1{F}234"),
        (1234567.5, 1, f"1{F}234{F}567,5"),
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (1.005, 2, "1,01"),
        (-1234.5, 1, f"{M}1{F}234,5"),
        (1e15, 0, f"1{F}000{F}000{F}000{F}000{F}000"),
        (None, 0, f"n.{N}d."),
        (float("nan"), 2, f"n.{N}d."),
        (float("inf"), 0, f"n.{N}d."),
    ],
)
def test_nombre(valeur: float | None, decimales: int, attendu: str) -> None:
    assert fr.nombre(valeur, decimales) == attendu


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_nombre_se_relit(entier: int) -> None:
    texte = fr.nombre(entier)
    assert int(texte.replace(F, "").replace(M, "-")) == entier
    assert all(len(groupe) == 3 for groupe in texte.lstrip(M).split(F)[1:])


@pytest.mark.parametrize(
    ("valeur", "unite", "decimales", "attendu"),
    [
        (0.1234, "part", None, f"12,3{N}%"),
        (0.5, "part", 0, f"50{N}%"),
        (48200, "€", 0, f"48{F}200{N}€"),
        (1465.0, "ETP", 1, f"1{F}465,0"),
        (12.25, "ETP", None, "12,3"),
        (12.0, "salariés", None, "12"),
        (0.024, "€ par habitant", None, "0,02"),
        (120.4, "heures", None, "120"),
        (None, "part", 1, f"n.{N}d."),
        (None, "€", 0, f"n.{N}d."),
    ],
)
def test_valeur_selon_l_unite(valeur: float | None, unite: str, decimales: int | None, attendu: str) -> None:
    assert fr.valeur(valeur, unite, decimales) == attendu


@pytest.mark.parametrize(
    ("montant", "attendu"),
    [
        (999_999, f"999{F}999{N}€"),
        (1_240_000, f"1,24{N}M€"),
        (2_500_000_000, f"2,50{N}Md€"),
        (-1_240_000, f"{M}1,24{N}M€"),
        (None, f"n.{N}d."),
    ],
)
def test_euros_abreges(montant: float | None, attendu: str) -> None:
    assert fr.euros_abreges(montant) == attendu


@pytest.mark.parametrize(
    ("bas", "haut", "unite", "attendu"),
    [
        (1_200_000, 3_400_000, "€", f"de{N}1,20 à{N}3,40{N}M€"),
        (900_000, 1_800_000, "€", f"de{N}900{F}000{N}€ à{N}1,80{N}M€"),
        (0.1, 0.25, "part", f"de{N}10,0 à{N}25,0{N}%"),
        (3, 8, "associations", f"de{N}3 à{N}8"),
        (None, 8, "associations", f"n.{N}d."),
    ],
)
def test_plage(bas: float | None, haut: float | None, unite: str, attendu: str) -> None:
    assert fr.plage(bas, haut, unite) == attendu


@pytest.mark.parametrize(
    ("jour", "courte", "longue"),
    [
        (date(2025, 3, 12), "12/03/2025", f"12{N}mars{N}2025"),
        (date(2024, 8, 1), "01/08/2024", f"1er{N}août{N}2024"),
        (datetime(2025, 12, 31, 23, 30), "01/01/2026", f"1er{N}janvier{N}2026"),
        (datetime(2025, 7, 14, 21, 0, tzinfo=UTC), "14/07/2025", f"14{N}juillet{N}2025"),
        (None, f"n.{N}d.", f"n.{N}d."),
    ],
)
def test_dates(jour: date | None, courte: str, longue: str) -> None:
    assert (fr.date_courte(jour), fr.date_longue(jour)) == (courte, longue)


@pytest.mark.parametrize(
    ("nb", "attendu"),
    [(0, f"0{N}réponse"), (1, f"1{N}réponse"), (2, f"2{N}réponses"), (1200, f"1{F}200{N}réponses")],
)
def test_accord(nb: int, attendu: str) -> None:
    assert fr.accord(nb, "réponse") == attendu


@pytest.mark.parametrize(
    ("valeur", "attendu"), [(1607.0, f"1{F}607"), (12.31, "12,31"), (0.15, "0,15"), (23000, f"23{F}000")]
)
def test_tel_quel(valeur: float, attendu: str) -> None:
    assert fr.tel_quel(valeur) == attendu


@pytest.mark.parametrize(
    ("brut", "attendu"),
    [
        ("Dit : « oui » ; non ?", f"Dit{N}: «{N}oui{N}»{F}; non{F}?"),
        ("12:30 et http://x", "12:30 et http://x"),
        (f"déjà{N}: fait", f"déjà{N}: fait"),
    ],
)
def test_typographie(brut: str, attendu: str) -> None:
    assert fr.typographie(brut) == attendu
    assert fr.typographie(attendu) == attendu


@pytest.mark.parametrize(
    ("valeur", "attendu"), [(1234.5, "1234,5"), (1e-7, "0,0000001"), (1e6, "1000000"), (None, ""), (0, "0")]
)
def test_decimal_csv(valeur: float | None, attendu: str) -> None:
    assert fr.decimal_csv(valeur) == attendu
