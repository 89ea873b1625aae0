"""A document (observatoire/documents) in a page: anchored sections, real tables, long ones folded, its PDF to download."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from observatoire.documents.modele import Bloc, Document, Liste, Paragraphe, Section, Tableau


def sommaire(sections: Sequence[Section], autres: Sequence[tuple[str, str]] = ()) -> None:
    """Links to the sections of the page; `autres`: (anchor, title) of those that the document does not hold."""
    liens = [*((s.nom, s.titre) for s in sections), *autres]
    elements = "".join(f'<li><a href="#{escape(nom)}">{escape(titre)}</a></li>' for nom, titre in liens)
    st.html(f'<nav class="ob-sommaire" aria-label="Sommaire de la page"><ul>{elements}</ul></nav>')


def titre(nom: str, texte: str, chapeau: str = "") -> None:
    """Heading of a section, with its anchor."""
    suite = f"<p>{escape(chapeau)}</p>" if chapeau else ""
    st.html(f'<div class="ob-section" id="{escape(nom)}"><h2>{escape(texte)}</h2>{suite}</div>')


def section(contenu: Section) -> None:
    """A section: text and short tables in the open, long tables folded."""
    titre(contenu.nom, contenu.titre)
    ouverts: list[str] = []
    for bloc in contenu.blocs:
        if isinstance(bloc, Tableau) and bloc.est_detail:
            _vider(ouverts)
            with st.expander(bloc.titre):
                st.html(_tableau(bloc))
        else:
            ouverts.append(_html(bloc))
    _vider(ouverts)


def _vider(morceaux: list[str]) -> None:
    if morceaux:
        st.html("".join(morceaux))
        morceaux.clear()


def _html(bloc: Bloc) -> str:
    if isinstance(bloc, Tableau):
        return _tableau(bloc)
    if isinstance(bloc, Liste):
        elements = "".join(
            f"<li>{f'<strong>{escape(tete)}</strong> ' if tete else ''}{escape(texte)}</li>"
            for tete, texte in bloc.elements
        )
        return f'<div class="ob-texte"><ul>{elements}</ul></div>'
    if isinstance(bloc, Paragraphe):
        classe = "ob-texte ob-avis" if bloc.est_avis else "ob-texte"
        return f'<div class="{classe}"><p>{escape(bloc.texte)}</p></div>'
    raise TypeError(f"{type(bloc).__name__} : ce bloc a sa propre écriture dans une page")


def _tableau(bloc: Tableau) -> str:
    colonnes = [
        Colonne(c.titre, nombre=c.nombre, entete_de_ligne=rang == 0) for rang, c in enumerate(bloc.colonnes)
    ]
    corps = tableau.html(colonnes, bloc.lignes, bloc.titre, defilant=len(bloc.lignes) > 20)
    return f'{corps}<p class="ob-source">{escape(bloc.source)}</p>'


def telecharger(document: Document, identite: str, nom: str, libelle: str) -> None:
    """Button of the PDF; it is made when somebody clicks, once for a publication (`identite`)."""
    st.download_button(
        libelle,
        data=_pdf(document, identite),
        file_name=f"{nom}.pdf",
        mime="application/pdf",
        on_click="ignore",
        key=f"pdf-{nom}",
        icon=":material/picture_as_pdf:",
    )


def _pdf(document: Document, identite: str) -> Callable[[], bytes]:
    return lambda: _composer(identite, document.titre, document)


@st.cache_resource(max_entries=8, show_spinner=False)
def _composer(identite: str, titre_document: str, _document: Document) -> bytes:
    from observatoire.documents.pdf import pdf

    return pdf(_document)
