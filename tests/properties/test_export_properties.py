"""Exports: no text starts a formula, and what is exported is read back unchanged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from observatoire.domain.export import SANS_FORMULE, neutraliser, retablir

DEBUTS = "=+-@\t\r\n＝＋－＠"
TEXTES = st.one_of(st.text(), st.text(alphabet=f"'{DEBUTS}a1"))


@given(TEXTES)
def test_aller_retour(texte: str) -> None:
    assert retablir(neutraliser(texte)) == texte


@given(TEXTES)
def test_aucune_formule(texte: str) -> None:
    assert neutraliser(texte)[:1] not in tuple(DEBUTS)


def test_entre_ces_bornes_aucune_formule() -> None:
    for debut, fin in SANS_FORMULE:
        assert debut.encode() < fin.encode()
        dedans = [f"{chr(c)}=1" for c in range(0x11000) if debut <= f"{chr(c)}=1" < fin]
        assert dedans and all(neutraliser(texte) == texte for texte in dedans)
