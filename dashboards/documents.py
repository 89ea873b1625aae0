"""Registry of the printable documents: what is registered here is walked by the tests, figure by figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboards.components.donnees import Publication


@dataclass(frozen=True, slots=True)
class Document:
    """One kind of document. `textes` gives, for a publication, the plain text of each page of each copy."""

    nom: str
    textes: Callable[[Publication], list[str]]


DOCUMENTS: tuple[Document, ...] = ()
