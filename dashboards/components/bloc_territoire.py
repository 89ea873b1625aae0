"""Blocks of « Mon territoire »: where the place lies, its figures or those of what holds it, who answered there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from dashboards import affichage, lecture, lecture_territoire, textes
from dashboards.chiffre import Chiffre
from dashboards.components import bloc_theme, blocs, cadre
from dashboards.components.bloc_theme import Theme
from dashboards.modeles import Territoire
from observatoire.chiffres.lieux import de


def englobants(page: Theme) -> tuple[Territoire, ...]:
    """Territories that hold the place, those of the publication's département only."""
    lieu = page.choix.territoire
    tous = page.pub.lire(lecture_territoire.englobants, lieu.niveau, lieu.code)
    return tuple(t for t in tous if t.niveau != "departement" or t.code == page.pub.departement)


def ou(page: Theme) -> None:
    """What holds the place."""
    noms = [f"{t.libelle} ({textes.NIVEAUX[t.niveau].lower()})" for t in englobants(page)]
    if noms:
        st.html(f'<div class="ob-note"><p>Fait partie de\u00a0: {escape(" · ".join(noms))}.</p></div>')


def chiffres(page: Theme, noms: Sequence[str]) -> None:
    """The figures of the place; where it is hidden, the smallest territory that holds it and may speak."""
    tries = sorted(englobants(page), key=lambda lieu: lieu.niveau == "departement")
    plus_larges = [_dans(page, lieu) for lieu in tries]
    bloc_theme.grille([_avec_repli(c, plus_larges) for c in page.chiffres(noms)], page.pub)


def _dans(page: Theme, lieu: Territoire) -> Theme:
    """The same page, seen from a territory that holds the place."""
    choix = replace(page.choix, territoire=lieu)
    fiche = page.pub.lire(lecture.fiche, choix.annee, lieu.niveau, lieu.code, choix.domaine)
    return replace(
        page, choix=choix, fiche=fiche, cadrage=replace(page.cadrage, lieu=lieu), reference=("", {})
    )


def _avec_repli(c: Chiffre, plus_larges: Sequence[Theme]) -> Chiffre:
    if not affichage.est_masquee(c.mesure):
        return c
    autres = (page.chiffre(c.carte.indicateur) for page in plus_larges)
    autre = next((x for x in autres if x is not None and not affichage.est_masquee(x.mesure)), None)
    if autre is None:
        return c
    lieu = autre.cadrage.lieu
    raison = f"{c.phrase} Voici le chiffre {de(lieu)}."
    return replace(autre, retenue=replace(autre.retenue, raison=raison), ailleurs=lieu.libelle)


def qui_a_repondu(page: Theme, nom: str) -> None:
    """How many answered, in which sectors, and where to read whom they look like."""
    c = page.chiffre(nom)
    if c is None:
        return
    cadre.section("Qui a répondu ici", "Un chiffre ne vaut que par les réponses sur lesquelles il repose.")
    bloc_theme.grille([c], page.pub)
    blocs.par_domaine(c.carte, page.choix, c, page.pub)
    st.page_link(
        "app_pages/qualite.py", label="À qui ressemblent les répondantes", icon=":material/fact_check:"
    )
