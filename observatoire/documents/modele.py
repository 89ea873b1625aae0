"""A document as pages, PDF and command show it alike: sections, sentences and tables already written in French."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Colonne:
    """A column: `nombre` is aligned right, `part` is its share of the width of the page."""

    titre: str
    nombre: bool = False
    part: float = 1.0


@dataclass(frozen=True, slots=True)
class Paragraphe:
    """Plain text."""

    texte: str
    est_avis: bool = False


@dataclass(frozen=True, slots=True)
class Liste:
    """Items: what is said first, in bold (may be empty), then the sentence."""

    elements: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Tableau:
    """A table with its source line; ValueError without a source, or with rows of another width.

    `est_detail`: a page may fold it.
    """

    titre: str
    colonnes: Sequence[Colonne]
    lignes: Sequence[Sequence[str]]
    source: str
    est_detail: bool = False

    def __post_init__(self) -> None:
        if not self.source:
            raise ValueError(f"« {self.titre} » : un tableau dit sa source")
        if any(len(ligne) != len(self.colonnes) for ligne in self.lignes):
            raise ValueError(f"« {self.titre} » : une ligne n’a pas {len(self.colonnes)} cellules")


@dataclass(frozen=True, slots=True)
class Definition:
    """A name, and what is said of it under short labels."""

    nom: str
    titre: str
    textes: Sequence[tuple[str, str]]


Bloc: TypeAlias = Paragraphe | Liste | Tableau | Definition


@dataclass(frozen=True, slots=True)
class Section:
    """A part: `nom` is its anchor. `est_annexe`: at the end of the PDF, shown in its own way by a page."""

    nom: str
    titre: str
    blocs: Sequence[Bloc]
    est_annexe: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """Title, author, the line that says which publication, and the sections. `date`: ISO day of the publication."""

    titre: str
    auteur: str
    chapeau: str
    reference: str
    date: str
    avis: str
    sections: Sequence[Section]

    def textes(self) -> list[str]:
        """Every text of the document, in order."""
        lus = [self.titre, self.chapeau, self.reference, self.avis]
        for section in self.sections:
            lus.append(section.titre)
            for bloc in section.blocs:
                lus += _textes(bloc)
        return lus


def _textes(bloc: Bloc) -> list[str]:
    if isinstance(bloc, Paragraphe):
        return [bloc.texte]
    if isinstance(bloc, Liste):
        return [t for couple in bloc.elements for t in couple]
    if isinstance(bloc, Definition):
        return [bloc.titre, *(t for couple in bloc.textes for t in couple)]
    titres = [c.titre for c in bloc.colonnes]
    return [bloc.titre, *titres, *(c for ligne in bloc.lignes for c in ligne), bloc.source]
