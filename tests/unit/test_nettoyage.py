"""Text and number helpers of the field types."""

from __future__ import annotations

from decimal import Decimal

import pytest

from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.types._nettoyage import absence, nettoyer, plier, reparer_mojibake


def test_plier_est_une_seule_forme() -> None:
    memes = [
        "Bénévoles",
        "Be\u0301ne\u0301voles",
        "BÉNÉVOLES",
        " bénévoles\u00a0",
        "béné\u00advoles",
        "b\u200bénévoles",
    ]
    assert {plier(t) for t in memes} == {"benevoles"}
    assert plier("L’Œuvre  de\tl`Été\nd‑ici") == "l'oeuvre de l'ete d-ici"
    assert plier("…") == "..." and plier("Ｍeaux") == "meaux"


def test_nettoyer_garde_ce_qui_se_voit() -> None:
    assert nettoyer(" L’Été\u00a0! ") == "L’Été !"
    assert nettoyer("a\u202eb\x00c\ud800") == "abc"
    assert nettoyer("un\n\n\n\ndeux  mots", lignes=True) == "un\n\ndeux mots"


@pytest.mark.parametrize(
    ("abime", "juste"),
    [
        ("BÃ©nÃ©voles", "Bénévoles"),
        ("FÃ©dÃ©ration des Å“uvres", "Fédération des œuvres"),
        ("Lâ€™Ã©tÃ© â€“ 12â‚¬", "L’été – 12€"),
        ("BÃƒÂ©nÃƒÂ©voles", "Bénévoles"),
        ("BÃ©nÃ©voles – café", "Bénévoles – café"),
        ("soutien Ã  la culture Ã©crite", "soutien à la culture écrite"),
    ],
)
def test_mojibake(abime: str, juste: str) -> None:
    assert reparer_mojibake(abime) == juste


def test_mojibake_ne_touche_pas_le_francais() -> None:
    for texte in (
        "CAFÉ » ouvert",
        "Île-de-France",
        "pâté",
        "Irmã Lucia",
        "IRMÃ LUCIA",
        "Hawaï\u00a0»",
        "À l’œuvre",
        "Åland",
    ):
        assert reparer_mojibake(texte) == texte


def test_absence_ne_se_trompe_pas_de_mot() -> None:
    for texte in ("Nancy", "non", "sport", "12", "Sophie", "aucun", "n"):
        assert absence(texte) is None


def test_ecrire_nombre() -> None:
    cas = {
        1234.5: "1\u202f234,5",
        1000000: "1\u202f000\u202f000",
        0.1: "0,1",
        -12: "-12",
        10: "10",
        1e15: "1\u202f000\u202f000\u202f000\u202f000\u202f000",
    }
    assert {n: ecrire_nombre(n) for n in cas} == cas
    assert ecrire_nombre(Decimal("1250.50")) == "1\u202f250,5"


@pytest.mark.parametrize(
    ("valeur", "decimales", "texte"),
    [(0.125, 2, "0,13"), (2.5, 0, "3"), (-1234.5, None, "-1\u202f234,5"), (12.0, None, "12"), (7, 1, "7,0")],
)
def test_une_seule_facon_d_ecrire_un_nombre(valeur: float, decimales: int | None, texte: str) -> None:
    """Command, pages and messages share it: half up, or they would show two figures for one."""
    assert ecrire_nombre(valeur, decimales) == texte
