"""The figure card, the one way to show a figure: value, sentence, reliability, comparison, move, source, identifier.

Nothing of the card is written by a page: a page composes a `Chiffre` and shows it here.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboards import affichage
from dashboards.chiffre import Chiffre
from dashboards.components import mention, provenance
from dashboards.components.donnees import Publication
from dashboards.textes import ETATS

# Width above which a range is written smaller.
LONGUE = 12
# Folded under the card, with the move of the same associations.
REPLIEES = (mention.METHODE, mention.REPONSES)
MEMES = "Mêmes associations"


def entete_html(c: Chiffre) -> str:
    """The card as HTML, without its provenance."""
    valeur, unite = affichage.valeur(c.carte, c.mesure, abregee=True), affichage.unite(c.carte, c.mesure)
    longue = " longue" if len(valeur) > LONGUE else ""
    suite = "".join((_raison(c), _reperes(c), _mouvements(c.mouvements[:1])))
    return (
        f'<article class="ob-chiffre {_classe(c)}" data-indicateur="{escape(c.carte.indicateur)}" '
        f'{mention.CHIFFRE}="{escape(str(c.identifiant))}"><h3>{escape(_titre(c))}</h3>'
        f'<p class="valeur{longue}"><strong>{escape(valeur)}</strong> '
        f'<span class="unite">{escape(unite)}</span>{_fiabilite(c)}</p>'
        f'<p class="phrase">{escape(c.phrase)}</p>{suite}{_appuis(c)}</article>'
    )


def _titre(c: Chiffre) -> str:
    return f"{c.carte.titre} · {c.ailleurs}" if c.ailleurs else c.carte.titre


def _statut(c: Chiffre) -> str:
    etat = affichage.etat(c.mesure)
    return next(code for code, e in ETATS.items() if e is etat)


def _classe(c: Chiffre) -> str:
    """Drawing of the card: a zero, a masked figure and a missing one each have their own."""
    masque = "masque " if affichage.est_masquee(c.mesure) else ""
    nulle = "zero " if c.mesure is not None and c.mesure.valeur == 0 else ""
    return f"{masque}{nulle}e-{_statut(c)}"


def _fiabilite(c: Chiffre) -> str:
    zero = " (zéro)" if c.mesure is not None and c.mesure.valeur == 0 else ""
    return f'<span class="etat e-{_statut(c)}">{escape(affichage.etat(c.mesure).libelle)}{zero}</span>'


def _raison(c: Chiffre) -> str:
    return f'<p class="repli">{escape(c.retenue.raison)}</p>' if c.retenue.raison else ""


def _reperes(c: Chiffre) -> str:
    lignes = [x for x in (c.comparaison, c.repere) if x]
    if not lignes:
        return ""
    return f'<ul class="reperes">{"".join(f"<li>{escape(x)}</li>" for x in lignes)}</ul>'


def _mouvements(mouvements: Sequence[tuple[str, str]]) -> str:
    if not mouvements:
        return ""
    lignes = "".join(
        f'<li><span class="sens" aria-hidden="true">{signe}</span><span>{escape(dit)}</span></li>'
        for signe, dit in mouvements
    )
    return f'<div class="evolution"><ul>{lignes}</ul></div>'


def _appuis(c: Chiffre) -> str:
    """What the figure rests on: view, source and dates at once; the rest one action further."""
    dites = mention.de(c)
    autres = c.mouvements[1:]
    titre = f"{MEMES}, méthode, réponses" if autres else "Méthode, réponses"
    suite = _mouvements(autres) + mention.liste([p for p in dites if p[0] in REPLIEES])
    return (
        f"{mention.liste([p for p in dites if p[0] not in REPLIEES])}"
        f'<details class="ob-plus"><summary>{titre}</summary>{suite}</details>'
    )


def afficher(c: Chiffre, pub: Publication) -> None:
    """One card with its provenance."""
    with st.container(key=f"chiffre-{c.carte.indicateur}", border=True, height="stretch"):
        st.html(entete_html(c))
        provenance.volet(c, pub)
