"""What goes with every figure: view, method, respondents, source, year, publication. Pure HTML.

`CHIFFRE` (a card) and `CHIFFRES` (a table) are the marks by which a test finds every figure of a page and checks
that its mention is whole; `TITRES` are the parts it looks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TypeAlias

from dashboards import affichage
from dashboards import format_fr as fr
from dashboards.chiffre import Chiffre
from dashboards.components import requete
from dashboards.modeles import Edition

CHIFFRE, CHIFFRES = "data-chiffre", "data-chiffres"
# Counts that are not figures of the sector (inhabitants, answers, lines of a file): the mark names their origin.
COMPTE = "data-compte"
VUE, METHODE, REPONSES, SOURCE = "Vue", "Méthode", "Réponses", "Source"
ANNEE, DIFFUSION = "Données de", "Diffusion"
TITRES = (VUE, METHODE, REPONSES, SOURCE, ANNEE, DIFFUSION)
Paires: TypeAlias = Sequence[tuple[str, str]]


def reference(edition: Edition) -> str:
    """Number and date of the publication, as every figure quotes them."""
    return f"Publication n°{fr.INSECABLE}{edition.version} du {fr.date_courte(edition.publie_le)}"


def paires(
    *, vue: str, methode: str, reponses: str, source: str, annee: int | str, edition: Edition
) -> Paires:
    """The whole mention; nothing of it is optional."""
    return (
        (VUE, vue),
        (METHODE, methode),
        (REPONSES, reponses),
        (SOURCE, source.rstrip(".")),
        (ANNEE, str(annee)),
        (DIFFUSION, reference(edition)),
    )


def de(c: Chiffre) -> Paires:
    """The mention of one figure."""
    return paires(
        vue=c.vue,
        methode=c.methode,
        reponses=affichage.reponses(c.carte, c.mesure),
        source=c.carte.source,
        annee=c.cadrage.annee,
        edition=c.cadrage.edition,
    )


def texte(dites: Paires) -> str:
    """The mention in one paragraph."""
    return " ".join(f"{titre}{fr.INSECABLE}: {dit}." for titre, dit in dites)


def liste(dites: Paires) -> str:
    """The mention as a list of definitions."""
    lignes = "".join(f"<div><dt>{escape(t)}</dt><dd>{escape(d)}</dd></div>" for t, d in dites)
    return f'<dl class="ob-mention">{lignes}</dl>'


def entourer(contenu: str, nom: str, dites: Paires, requetes: Sequence[str]) -> str:
    """A block of figures (already HTML) with its mention, and the queries that give its figures back."""
    suite = f"{liste(dites)}{requete.volet(requetes)}"
    return f'<div class="ob-chiffres" {CHIFFRES}="{escape(nom)}">{contenu}{suite}</div>'


def ligne(dites: Paires, largeur: int) -> str:
    """The mention in lines of at most `largeur` characters, to write inside an image."""
    lignes: list[str] = []
    for mot in texte(dites).split(" "):
        if lignes and len(lignes[-1]) + 1 + len(mot) <= largeur:
            lignes[-1] += f" {mot}"
        else:
            lignes.append(mot)
    return "<br>".join(escape(x, quote=False) for x in lignes)
