"""Who is looking at this page: first line of the staff application and of each of its pages."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboards.connexion import COOKIE_CSRF
from dashboards.identification import lire_config, resoudre_identite
from observatoire.comptes import Identite, Role
from pipelines.guichet import Atelier, Guichet, ouvrir_atelier


def identite_courante() -> Identite | None:
    """The person of this session, with the role of this very moment; None once it is over.

    Call it in callbacks and fragments too: they run without the first lines of the page.
    """
    entetes = {nom.lower(): st.context.headers.get_all(nom) for nom in st.context.headers}
    uniques = {nom: valeurs[0] for nom, valeurs in entetes.items() if len(valeurs) == 1}
    return resoudre_identite(uniques, st.context.cookies, lire_config())


def exiger(role: Role) -> Identite:
    """The person, when she has at least this role; otherwise a sentence, a link and the end of the page."""
    identite = identite_courante()
    if identite is None:
        _refuser("Votre session est terminée.", "/connexion", "Se connecter")
    elif not identite.peut(role):
        _refuser(
            f"Cette page demande le droit de {role.libelle}. Demandez-le à la personne qui administre l’observatoire.",
            "/",
            "Revenir à l’accueil",
        )
    else:
        return identite
    st.stop()


@st.cache_resource(show_spinner=False)
def atelier() -> Atelier:
    """The workers that examine the deposits, one pool for the whole server."""
    return ouvrir_atelier()


def guichet(role: Role) -> Guichet:
    """The counter for the person of this session, when she has at least this role; otherwise the end of the page."""
    return Guichet(lire_config().settings, exiger(role), atelier())


def _refuser(phrase: str, adresse: str, lien: str) -> None:
    st.html(
        f'<div class="ob-note" role="alert"><p>{escape(phrase)}</p>'
        f'<p><a href="{adresse}" target="_self">{escape(lien)}</a></p></div>'
    )


def bandeau(identite: Identite) -> None:
    """Who is signed in, and the way out."""
    jeton = escape(st.context.cookies.get(COOKIE_CSRF, ""))
    sortie = (
        '<form method="post" action="/deconnexion">'
        f'<input type="hidden" name="csrf" value="{jeton}"><button type="submit">Se déconnecter</button></form>'
    )
    cle = ' <a href="/mot-de-passe" target="_self">Mot de passe</a>' if identite.porte == "local" else ""
    droit = identite.role.libelle if identite.role else "aucun droit"
    st.html(
        f'<div class="ob-session"><p><strong>{escape(identite.nom)}</strong> · {escape(droit)}{cle}</p>'
        f"{'' if identite.porte == 'proxy' else sortie}</div>"
    )
