"""What every staff page shares: title, sections, links between pages, refusals said in a sentence, confirmations."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import export
from observatoire.comptes.identite import OPERATEUR, AccesRefuse
from pipelines.guichet import REFUS

PAGES = Path(__file__).resolve().parent.parent / "guichet_pages"
STYLE = Path(__file__).resolve().parent.parent / "static" / "guichet.css"
# Errors whose message is a French sentence for the person, never a breakdown.
ATTENDUES = (AccesRefuse, *REFUS)
_MARQUES = frozenset("\\`*_{}[]()<>#+-!|~$:")
# An address is made a link even when its marks are escaped: an invisible joiner cuts it.
_LIEN, _JOINT = re.compile(r"@|www(?=\.)|/(?=/)"), "\u2060"
_ANNONCE, _DITE = "guichet-annonce", "guichet-annonce-dite"


def titre(texte: str, chapeau: str = "", sur: str = "Espace de dépôt") -> None:
    """Style and title of a page, then what the last action did."""
    st.html(STYLE)
    suite = f"<p>{escape(fr.typographie(chapeau))}</p>" if chapeau else ""
    st.html(
        f'<header class="ob-titre gu-titre"><p class="sur">{escape(sur)}</p><h1>{escape(texte)}</h1>{suite}</header>'
    )
    annonce = st.session_state[_DITE] = st.session_state.pop(_ANNONCE, None)
    if annonce:
        texte_dit, reussite = annonce
        if reussite:
            st.success(proteger(texte_dit), icon=":material/check_circle:")
        else:
            st.warning(proteger(texte_dit), icon=":material/sync_problem:")


def section(texte: str, chapeau: str = "") -> None:
    """Heading of a part of a page."""
    suite = f"<p>{escape(fr.typographie(chapeau))}</p>" if chapeau else ""
    st.html(f'<div class="ob-section"><h2>{escape(fr.typographie(texte))}</h2>{suite}</div>')


def note(texte: str) -> None:
    """A quiet sentence."""
    st.html(f'<div class="ob-note"><p>{escape(fr.typographie(texte))}</p></div>')


def encart(texte: str, titre_: str = "", genre: str = "neutre") -> None:
    """A framed sentence: `neutre`, `attention`, `refus` or `bien`; the text may hold data."""
    tete = f"<h2>{escape(titre_)}</h2>" if titre_ else ""
    st.html(f'<div class="gu-encart {genre}" role="note">{tete}<p>{escape(texte)}</p></div>')


def proteger(texte: str) -> str:
    """Text to put where Markdown is read: nothing in it is a mark, a link, an icon or a formula."""
    marque = "".join(f"\\{c}" if c in _MARQUES else c for c in texte.replace("\n", " "))
    return _LIEN.sub(lambda m: m[0] + _JOINT, marque)


def adresse(page: str) -> Path:
    """File of a page of the counter."""
    return PAGES / f"{page}.py"


def lien(page: str, texte: str, icone: str | None = None, **parametres: str) -> None:
    """A link to another page of the counter."""
    st.page_link(adresse(page), label=proteger(texte), icon=icone, query_params=parametres or None)


def aller(page: str, **parametres: str) -> None:
    """Go to another page of the counter."""
    st.switch_page(adresse(page), query_params=parametres or None)


def annoncer(texte: str, *, reussite: bool = True) -> None:
    """Say it at the top of the next page shown: what was done, or what was not."""
    st.session_state[_ANNONCE] = (texte, reussite)


def redire() -> None:
    """This page only waits: what it announced is said again by the one that follows."""
    if annonce := st.session_state.get(_DITE):
        st.session_state[_ANNONCE] = annonce


@contextmanager
def phrases() -> Iterator[None]:
    """Run an action; when it is refused, show the sentence that says why and go on with the page."""
    try:
        yield
    except ATTENDUES as refus:
        st.warning(proteger(str(refus)), icon=":material/block:")


def faire(action: Callable[[], object], annonce: str = "") -> None:
    """Do something, then show the page again with what was done; a refusal is said in place."""
    with phrases():
        action()
        if annonce:
            annoncer(annonce)
        st.rerun()


def confirmer(
    cle: str, bouton: str, question: str, icone: str, action: Callable[[], None], *, discret: bool = False
) -> None:
    """A button that asks before it acts; the question is in the URL, so that a refresh keeps it."""
    if st.query_params.get("confirmer") != cle:
        if st.button(bouton, icon=icone, type="tertiary" if discret else "secondary", key=f"demander-{cle}"):
            st.query_params["confirmer"] = cle
            st.rerun()
        return
    with st.container(border=True, key=f"confirmation-{cle}"):
        st.text(question)
        with st.container(horizontal=True):
            oui = st.button(bouton, icon=icone, type="primary", key=f"oui-{cle}")
            non = st.button("Ne rien changer", key=f"non-{cle}")
    if oui or non:
        del st.query_params["confirmer"]
    if oui:
        action()
    if non:
        st.rerun()


def telecharger_csv(
    texte: str, lignes: Sequence[export.Ligne], *morceaux: object, icone: str = ":material/download:"
) -> None:
    """Download of rows as a CSV for a French spreadsheet, formulas neutralised."""
    nom = export.nom_fichier(*morceaux)
    st.download_button(
        texte,
        data=lambda: export.csv_octets(tuple(lignes), francais=True),
        file_name=f"{nom}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"csv-{nom}",
        icon=icone,
    )


def quand(jour: dt.datetime | str | None) -> str:
    """A moment kept in universal time, as read in France: « 12/03/2026 à 14 h 05 »."""
    if jour is None:
        return fr.ND
    moment = dt.datetime.fromisoformat(jour) if isinstance(jour, str) else jour
    ici = (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(fr.PARIS)
    return f"{ici:%d/%m/%Y} à {ici.hour}{fr.INSECABLE}h{fr.INSECABLE}{ici:%M}"


def qui(sujet: str | None) -> str:
    """Who did it, as it is read; what nobody signed was done by a command on the machine."""
    return OPERATEUR.nom.lower() if sujet in (None, "", OPERATEUR.sujet) else str(sujet)
