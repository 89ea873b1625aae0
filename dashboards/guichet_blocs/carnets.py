"""The notebooks, to read as pages and to download; they run on the same published files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from dashboards.guichet_blocs import commun

DOSSIER = Path(__file__).resolve().parent.parent / "notebooks"
MARKDOWN, CODE = "markdown", "code"
# Under the heading of the part of the page.
_TITRE = re.compile(r"^#+ ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Carnet:
    """One notebook: file, title, cells as (kind, text)."""

    chemin: Path
    titre: str
    cellules: tuple[tuple[str, str], ...]


@cache
def carnets(dossier: Path = DOSSIER) -> tuple[Carnet, ...]:
    """All notebooks, in the order of their file names; the title is their first line."""
    lus = []
    for chemin in sorted(dossier.glob("*.ipynb")):
        cellules = json.loads(chemin.read_text(encoding="utf-8"))["cells"]
        textes = tuple((c["cell_type"], "".join(c["source"])) for c in cellules)
        titre, _, reste = textes[0][1].partition("\n")
        lus.append(Carnet(chemin, titre.lstrip("# "), ((MARKDOWN, reste.strip()), *textes[1:])))
    return tuple(lus)


def lister() -> None:
    """Choose one, read it here, or take the file."""
    commun.section("Carnets", "Des analyses commentées, à lire ici ou à relancer chez soi avec Jupyter.")
    choisi = st.selectbox(
        "Carnet", carnets(), index=None, format_func=lambda c: c.titre, placeholder="Choisir un carnet"
    )
    if choisi is None:
        return
    st.download_button(
        "Télécharger le carnet (ipynb)",
        data=choisi.chemin.read_bytes(),
        file_name=choisi.chemin.name,
        mime="application/x-ipynb+json",
        on_click="ignore",
        icon=":material/download:",
    )
    with st.container(border=True):
        for genre, texte in choisi.cellules:
            if genre == CODE:
                st.code(texte, language="python", wrap_lines=True)
            else:
                st.markdown(_TITRE.sub("### ", texte))
