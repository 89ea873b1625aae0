"""Blocks of « Effets sur les personnes »: opinions in diverging bars, and what each design of survey allows to say."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboards import affichage
from dashboards.chiffre import Chiffre
from dashboards.components import cadre, encart, export, requete, tableau
from dashboards.components import mention as source
from dashboards.components.bloc_theme import Theme
from dashboards.components.tableau import Colonne
from dashboards.figures import parts, theme
from observatoire.estimation.effets import DISPOSITIFS

ACCORD, AUTRES = "_accord", ("_desaccord", "_nsp", "_solde")
PEU = "Un repérage, et non un diagnostic\u00a0: il ne se lit jamais pour une personne."
PERDUES = "Les personnes qu’on ne retrouve pas manquent à la mesure\u00a0: plus elles sont nombreuses, moins elle vaut pour tous."
AIDE = (
    "<strong>Vous allez mal, ou quelqu’un près de vous\u202f?</strong> Le <strong>3114</strong> répond jour et nuit, "
    "gratuitement, partout en France. En danger immédiat\u00a0: le 15 ou le 112."
)
NOMS = {
    "avant_apres_comparaison": "Avant et après, avec comparaison",
    "avant_apres": "Avant et après",
    "retrospectif": "Déclaratif rétrospectif",
    "satisfaction": "Ressenti d’un moment",
}


def mention(dispositif: str) -> str:
    """What must be written beside the figures of a design of survey."""
    return DISPOSITIFS[dispositif].mention


def avis(page: Theme) -> None:
    """What people agree with, by dimension; « ne sait pas » is shown, and is in neither share."""
    racines = [nom.removesuffix(ACCORD) for nom in page.cartes if nom.endswith(ACCORD)]
    rangees = [page.chiffres([r + ACCORD, *(r + fin for fin in AUTRES)]) for r in racines]
    rangees = [r for r in rangees if len(r) == 1 + len(AUTRES)]
    if not rangees:
        return
    choix, pub = page.choix, page.pub
    lieu = choix.territoire
    cadre.section("Ce qu’elles en disent", mention("satisfaction"))
    titre = f"Accord des personnes, {lieu.libelle}, {choix.annee}"
    dites = _mention(page, [c for r in rangees for c in r])
    requetes = requete.des(c.place for r in rangees for c in r)
    colonnes = [
        Colonne("Dimension", entete_de_ligne=True),
        Colonne("D’accord", nombre=True),
        Colonne("Pas d’accord", nombre=True),
        Colonne("Ne sait pas, à part", nombre=True),
        Colonne("Solde, en points", nombre=True),
        Colonne("Associations", nombre=True),
    ]
    lignes = [
        [
            _nom(r[0]),
            *(affichage.valeur(c.carte, c.mesure) for c in r),
            affichage.nombre_repondants(r[0].mesure),
        ]
        for r in rangees
    ]
    dessinables = [a for a in map(_avis, rangees) if a is not None]
    if dessinables:
        figure = encart.figure(
            lambda: theme.legender(
                parts.divergentes(dessinables), source.ligne(dites, encart.LARGEUR_LEGENDE)
            ),
            pub, "avis", choix.annee, lieu.niveau, lieu.code, choix.domaine, choix.vue,
        )  # fmt: skip
        phrases = " ".join(r[0].phrase for r in rangees)
        encart.afficher(
            figure, titre, "avis", (colonnes, lignes), dites, requetes, pub, phrases, [r[0] for r in rangees]
        )
    else:
        tableau.afficher(colonnes, lignes, titre, provenance=dites, requetes=requetes)
    _questions(rangees)
    lignes_export = [
        export.ligne_mesure(
            c.mesure, c.carte, pub, territoire=lieu.libelle, domaine_libelle=choix.domaine_libelle
        )
        for r in rangees
        for c in r
        if c.mesure is not None
    ]
    notice = export.Notice(titre, cartes=[r[0].carte for r in rangees])
    export.boutons(
        lignes_export, pub, "avis", lieu.niveau, lieu.code, choix.annee, choix.domaine, notice=notice
    )


def _avis(rangee: list[Chiffre]) -> parts.Avis | None:
    """None when one of the three shares is not shown."""
    valeurs = [None if c.mesure is None else c.mesure.valeur for c in rangee[:3]]
    if any(v is None for v in valeurs):
        return None
    accord, desaccord, nsp = (v or 0.0 for v in valeurs)
    return parts.Avis(_nom(rangee[0]), accord, desaccord, nsp)


def _nom(c: Chiffre) -> str:
    """« Lien social » of « Lien social : d’accord »."""
    return c.carte.titre.partition("\u00a0:")[0]


def _questions(rangees: list[list[Chiffre]]) -> None:
    """The very words that people were asked."""
    elements = "".join(f"<li>{escape(r[0].carte.definition)}</li>" for r in rangees)
    with st.expander("Les phrases posées", icon=":material/format_quote:"):
        st.html(f'<div class="ob-texte"><ul>{elements}</ul></div>')


def aide() -> None:
    """Whom to call: the questions on well-being may touch somebody who reads them."""
    st.html(f'<div class="ob-texte ob-avis" role="note"><p>{AIDE}</p></div>')


def dispositifs() -> None:
    """What each design of survey allows to say."""
    cadre.section("Ce que chaque façon de mesurer permet de dire")
    elements = "".join(
        f"<li><strong>{escape(NOMS[code])}.</strong> {escape(d.mention)}</li>"
        for code, d in DISPOSITIFS.items()
    )
    st.html(f'<div class="ob-texte"><ul>{elements}</ul></div>')


def _mention(page: Theme, chiffres: list[Chiffre]) -> source.Paires:
    return source.paires(
        vue=" · ".join(dict.fromkeys(c.vue for c in chiffres)),
        methode=" · ".join(dict.fromkeys(c.methode for c in chiffres)),
        reponses="colonne Associations du tableau",
        source=chiffres[0].carte.source,
        annee=page.choix.annee,
        edition=page.pub.edition,
    )
