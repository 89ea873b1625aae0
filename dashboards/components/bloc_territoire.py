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
    """The figures of the place; the first territory that holds it speaks where the place is hidden."""
    repli = next(iter(englobants(page)), None)
    bloc_theme.grille([_avec_repli(page, c, repli) for c in page.chiffres(noms)], page.pub)


def _avec_repli(page: Theme, c: Chiffre, repli: Territoire | None) -> Chiffre:
    if repli is None or not affichage.est_masquee(c.mesure):
        return c
    choix = page.choix
    plus_large = replace(
        page,
        choix=replace(choix, territoire=repli),
        fiche=page.pub.lire(lecture.fiche, choix.annee, repli.niveau, repli.code, choix.domaine),
        cadrage=replace(page.cadrage, lieu=repli),
        reference=page.reference if page.reference[0] != repli.libelle else ("", {}),
    )
    autre = plus_large.chiffre(c.carte.indicateur)
    if autre is None or affichage.est_masquee(autre.mesure):
        return c
    raison = f"{c.phrase} Voici le chiffre {de(repli)}."
    return replace(autre, retenue=replace(autre.retenue, raison=raison), ailleurs=repli.libelle)


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
