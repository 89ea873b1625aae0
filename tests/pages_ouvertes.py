"""A public page as AppTest runs it, its filters written in its address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from streamlit.testing.v1 import AppTest

from dashboards import textes

ENTREE = Path(textes.__file__).parent / "public.py"
# Seconds before a page is said to be stuck: a guard, no promise on speed.
DELAI = 300
Ouvrir = Callable[..., AppTest]


def page_ouverte(fichier: str, parametres: Mapping[str, str]) -> AppTest:
    """The page of `app_pages`, opened at once: a bound filter that two pages share keeps its default after a change of page."""
    at = AppTest.from_file(str(ENTREE), default_timeout=DELAI).switch_page(f"app_pages/{fichier}")
    for cle, valeur in parametres.items():
        at.query_params[cle] = valeur
    at.run()
    assert not at.exception and not at.error
    return at
