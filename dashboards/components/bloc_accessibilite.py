"""The accessibility statement (RGAA 4.1): state, checks, contents that are not accessible, contact, remedies."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboards import format_fr as fr
from dashboards import textes
from dashboards.app_pages import PAGES
from dashboards.components import cadre
from dashboards.contact import contact

VERIFIE = (
    f"À chaque version, les {len(PAGES)} pages sont ouvertes dans un vrai navigateur, en 1280 et en 390 pixels de large, en thème clair et en "
    "thème sombre\u00a0: l’outil axe-core n’y relève aucune erreur.",
    "Tout se fait au clavier\u00a0: un lien mène droit au contenu, l’ordre suit la lecture, le cadre de l’élément choisi se voit.",
    "Contrastes\u00a0: 4,5 pour 1 au moins pour les textes, 3 pour 1 pour les traits, calculés depuis les couleurs, dans les deux thèmes.",
    "Rien n’est dit par la seule couleur\u00a0: un mot, un signe ou un motif l’accompagne\u202f; les séries restent distinctes pour les "
    "daltoniens.",
    "Chaque graphique et chaque carte a une phrase de remplacement et son tableau, avec titre et en-têtes.",
    "La page tient sur un téléphone sans défilement de côté, s’agrandit, s’imprime, et ne bouge pas si l’appareil le demande.",
    "Les documents PDF suivent la norme PDF/UA-1.",
)
MANQUE = (
    "Dans un graphique ou une carte, les valeurs ne sont pas lues une à une par un lecteur d’écran\u00a0: le tableau voisin les donne.",
    "Un territoire se choisit dans une liste\u202f; le clic sur la carte n’a pas d’équivalent au clavier dans la carte elle-même.",
    "Le menu se replie sur un téléphone\u00a0: les mêmes liens sont au pied de chaque page.",
    "Aucun lecteur d’écran n’a encore servi d’épreuve avec des personnes concernées.",
)


SANS_CONTACT = "la personne ou l’association qui vous a donné l’adresse de ce site"


def _liste(lignes: tuple[str, ...]) -> None:
    st.html(f'<div class="ob-texte"><ul>{"".join(f"<li>{ligne}</li>" for ligne in lignes)}</ul></div>')


def afficher() -> None:
    """The whole statement."""
    st.html(
        f'<div class="ob-avis"><p><strong>{escape(textes.NOM)}{fr.INSECABLE}: {textes.CONFORMITE}</strong> avec le référentiel général '
        "d’amélioration de l’accessibilité (RGAA 4.1). C’est une auto-évaluation\u00a0: aucun audit complet n’a encore été fait par un "
        "tiers.</p></div>"
    )
    cadre.section("Ce qui est vérifié")
    _liste(VERIFIE)
    cadre.section("Ce qui n’est pas encore accessible")
    _liste(MANQUE)
    cadre.section("Obtenir une information, signaler un défaut")
    st.html(
        f'<div class="ob-texte"><p>Écrivez à {escape(contact() or SANS_CONTACT)}\u00a0: le contenu vous sera donné sous une autre forme.</p>'
        "<p>Sans réponse satisfaisante, vous pouvez saisir le Défenseur des droits\u00a0: par son formulaire en ligne "
        "(formulaire.defenseurdesdroits.fr), par téléphone au 09\u00a069\u00a039\u00a000\u00a000, par courrier gratuit sans timbre "
        "(Défenseur des droits, Libre réponse 71120, 75342 Paris Cedex 07), ou auprès de ses délégués.</p></div>"
    )
