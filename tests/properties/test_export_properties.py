"""Exports: no text starts a formula, and what is exported is read back unchanged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from observatoire.domain.export import neutraliser, retablir

DEBUTS = "=+-@\t\r\n＝＋－＠"
TEXTES = st.one_of(st.text(), st.text(alphabet=f"'{DEBUTS}a1"))


@given(TEXTES)
def test_aller_retour(texte: str) -> None:
    assert retablir(neutraliser(texte)) == texte


@given(TEXTES)
def test_aucune_formule(texte: str) -> None:
    assert neutraliser(texte)[:1] not in tuple(DEBUTS)
