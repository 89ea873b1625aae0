"""Blocks of the page « Méthode ». What was run, definitions and thresholds come from the publication, never from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from dashboards import affichage, lecture
from dashboards import format_fr as fr
from dashboards.components import document, export, tableau
from dashboards.components.donnees import Publication
from dashboards.components.tableau import Colonne
from dashboards.modeles import Indicateur
from dashboards.textes import ETATS
from observatoire.documents.modele import Document
from observatoire.methode.texte import rediger

_PRIVEE = """
<div class="ob-texte"><ul>
<li>Le fichier que lisent ces pages ne contient que des chiffres agrégés et déjà protégés\u00a0: aucun nom
d’association, de bénévole ou de personne interrogée.</li>
<li>Un chiffre qui repose sur trop peu d’associations, ou que l’une d’elles fait presque à elle seule, est
masqué au moment de la publication, ainsi que les chiffres qui permettraient de le retrouver par
différence.</li>
<li>Les colonnes de données personnelles (noms, adresses électroniques, numéros de téléphone) sont
refusées au dépôt et ne sont jamais enregistrées.</li>
<li>Ces pages ne reçoivent aucun fichier, ne déposent aucun témoin de suivi et n’appellent aucun autre
site.</li>
</ul></div>
"""
_ACCES = """
<div class="ob-texte"><p>Chaque graphique et chaque carte a son tableau, les états sont distingués par un
mot et un motif autant que par une couleur, et toutes les pages se parcourent au clavier. Aucun audit de
conformité au RGAA n’a encore été fait.</p></div>
"""


PROPRES = (
    ("etats", "Quand il n’y a pas de chiffre"),
    ("definitions", "Définitions"),
    ("vie-privee", "Vie privée"),
    ("accessibilite", "Accessibilité"),
)
_TITRES = dict(PROPRES)


def document_courant(pub: Publication) -> Document:
    """The method of the publication, written."""
    return rediger(pub.lire(lecture.lire_methodologie))


def tete(methode: Document, pub: Publication) -> None:
    """PDF, then the contents of the page."""
    nom = export.nom_fichier("methode", f"publication-{pub.edition.version}")
    document.telecharger(methode, pub.identite, nom, "Télécharger la méthode complète (PDF)")
    document.sommaire([s for s in methode.sections if not s.est_annexe], PROPRES)


def corps(methode: Document, lignes: Sequence[Mapping[str, Any]], pub: Publication) -> None:
    """What was run, section by section; the constants with their file."""
    for section in methode.sections:
        if section.est_annexe:
            continue
        document.section(section)
        if section.nom == "parametres" and lignes:
            export.boutons(_exportes(lignes, pub), pub, "parametres")


def _exportes(lignes: Sequence[Mapping[str, Any]], pub: Publication) -> list[dict[str, Any]]:
    return [
        {
            **{c: v if isinstance(v, int | float) else str(v or "") for c, v in ligne.items()},
            "publication": pub.edition.version,
        }
        for ligne in lignes
    ]


def etats() -> None:
    """The signs met in place of a figure."""
    document.titre("etats", _TITRES["etats"])
    zero = ["0", "zéro", "Des associations ont répondu, et leur total est nul."]
    lignes = [zero, *([e.signe, e.libelle, e.phrase] for e in ETATS.values() if e.signe)]
    colonnes = [Colonne("Signe", entete_de_ligne=True), Colonne("Nom"), Colonne("Sens")]
    tableau.afficher(colonnes, lignes, "Signes employés à la place d’un chiffre")


def _definition(carte: Indicateur) -> str:
    paragraphes = [f"<p>{escape(carte.definition)}</p>"]
    for libelle, texte in (
        ("Calcul", carte.formule),
        ("Dit", carte.dit),
        ("Ne dit pas", carte.ne_dit_pas),
        ("À savoir", carte.precautions),
        ("Repère", affichage.repere(carte)),
        ("Source", carte.source),
    ):
        if texte:
            paragraphes.append(f'<p class="detail"><b>{libelle}</b>\u00a0: {escape(texte)}</p>')
    return (
        f'<div class="ob-definition" id="{escape(carte.indicateur)}"><h3>{escape(carte.titre)}</h3>'
        f"{''.join(paragraphes)}</div>"
    )


def definitions(cartes: Sequence[Indicateur]) -> None:
    """Every indicator, as its card says it."""
    document.titre(
        "definitions", _TITRES["definitions"], f"{fr.accord(len(cartes), 'indicateur')}, par thème."
    )
    themes = dict.fromkeys(carte.libelle_theme for carte in cartes)
    for theme in themes:
        contenu = [carte for carte in cartes if carte.libelle_theme == theme]
        with st.expander(f"{theme} ({fr.accord(len(contenu), 'indicateur')})"):
            st.html("".join(_definition(carte) for carte in contenu))


def vie_privee() -> None:
    """What protects people and associations."""
    document.titre("vie-privee", _TITRES["vie-privee"])
    st.html(_PRIVEE)


def accessibilite() -> None:
    """State of accessibility, without a claim that was not audited."""
    document.titre("accessibilite", _TITRES["accessibilite"])
    st.html(_ACCES)
