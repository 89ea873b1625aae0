"""Real HTML tables: caption, header cells, aligned numbers, scrolling on a narrow screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

import streamlit as st

from dashboards.components import mention


@dataclass(frozen=True, slots=True)
class Colonne:
    """A header and how its cells are laid out: `nombre` is aligned right, `rang` heads the row."""

    titre: str
    nombre: bool = False
    entete_de_ligne: bool = False


@dataclass(frozen=True, slots=True)
class Lien:
    """A cell that leads somewhere; `adresse` may be relative to the page."""

    texte: str
    adresse: str


Cellule: TypeAlias = str | Lien


def _cellule(colonne: Colonne, cellule: Cellule) -> str:
    classe = ' class="n"' if colonne.nombre else ""
    if isinstance(cellule, Lien):
        contenu = f'<a href="{escape(cellule.adresse)}" target="_self">{escape(cellule.texte)}</a>'
    else:
        contenu = escape(cellule)
    if colonne.entete_de_ligne and contenu:  # an empty header would name nothing
        return f'<th scope="row"{classe}>{contenu}</th>'
    return f"<td{classe}>{contenu}</td>"


def html(
    colonnes: Sequence[Colonne],
    lignes: Sequence[Sequence[Cellule]],
    legende: str,
    *,
    nom: str = "",
    defilant: bool = False,
    marquee: int | None = None,
    provenance: mention.Paires = (),
    requetes: Sequence[str] = (),
) -> str:
    """The table as HTML. `nom` names its region (the caption by default); `defilant` bounds its height;
    `marquee` is the row to highlight; `provenance` says what its figures rest on, `requetes` give them back."""
    nombres = [' class="n"' if c.nombre else "" for c in colonnes]
    tete = "".join(
        f'<th scope="col"{n}>{escape(c.titre)}</th>' for c, n in zip(colonnes, nombres, strict=True)
    )
    corps = []
    for rang, ligne in enumerate(lignes):
        attribut = ' class="choisie" aria-current="true"' if rang == marquee else ""
        cellules = "".join(_cellule(c, t) for c, t in zip(colonnes, ligne, strict=True))
        corps.append(f"<tr{attribut}>{cellules}</tr>")
    classe = "ob-tableau defilant" if defilant else "ob-tableau"
    table = (
        f'<div class="{classe}" role="region" tabindex="0" aria-label="{escape(nom or legende)}">'
        f"<table><caption>{escape(legende)}</caption><thead><tr>{tete}</tr></thead>"
        f"<tbody>{''.join(corps)}</tbody></table></div>"
    )
    return mention.entourer(table, nom or legende, provenance, requetes) if provenance else table


def afficher(
    colonnes: Sequence[Colonne],
    lignes: Sequence[Sequence[Cellule]],
    legende: str,
    *,
    nom: str = "",
    defilant: bool = False,
    marquee: int | None = None,
    provenance: mention.Paires = (),
    requetes: Sequence[str] = (),
) -> None:
    """Show the table in the page."""
    st.html(
        html(
            colonnes, lignes, legende, nom=nom, defilant=defilant, marquee=marquee, provenance=provenance,
            requetes=requetes,
        )
    )  # fmt: skip
