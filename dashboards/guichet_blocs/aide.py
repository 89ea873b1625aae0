"""Page « Aide »: one code, or the index of all, straight from the catalogue of anomalies."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import format_fr as fr
from dashboards.guichet_blocs import commun
from observatoire.domain.anomalie import Modele, Niveau, catalogue
from observatoire.domain.derived.messages import EFFETS

if TYPE_CHECKING:
    from pipelines.guichet import Guichet

FAMILLES = {
    "FI": "Le fichier",
    "FE": "Les feuilles",
    "EN": "Les titres des colonnes",
    "LG": "Les lignes",
    "TO": "Les totaux et les lignes ignorées",
    "MO": "Les saisies inachevées",
    "VA": "Les informations obligatoires",
    "NB": "Les nombres",
    "PC": "Les pourcentages",
    "TX": "Les textes",
    "LI": "Les listes de choix",
    "BO": "Les réponses par oui ou non",
    "DA": "Les dates",
    "ID": "Les numéros et les codes",
    "CM": "Les communes",
    "CO": "Les contradictions",
    "DO": "Les doublons",
    "FO": "Les formules",
    "RG": "Les données personnelles",
}

# Where it can be put right without touching the file, for the levels that hold a cell or a row.
SANS_LE_FICHIER = {
    Niveau.A_CORRIGER: (
        "Les cellules citées à l’étape «\u00a0Vérifier\u00a0» peuvent y être retapées, sans toucher à votre fichier. "
        "Sinon, corrigez-le et redéposez-le."
    ),
    Niveau.A_CONFIRMER: (
        "Les lignes en cause attendent votre réponse. À l’étape «\u00a0Vérifier\u00a0», vous pouvez aussi les laisser de côté."
    ),
}


def afficher(g: Guichet, code: str) -> None:
    """The entry of `code`, then all of them."""
    if code:
        modele = g.aide(code)
        if modele is None:
            commun.encart(f"Aucun message ne porte le code {code}.", genre="attention")
        else:
            st.html(entree(modele))
    commun.section("Tous les messages")
    for famille, modeles in groupby(sorted(catalogue().values(), key=_rang), key=lambda m: m.code[:2]):
        liste = list(modeles)
        with st.expander(f"{FAMILLES.get(famille, famille)} ({len(liste)})"):
            for modele in liste:
                commun.lien("aide", f"{modele.code} — {modele.cause}", code=modele.code)


def _rang(modele: Modele) -> tuple[int, str]:
    familles = list(FAMILLES)
    famille = modele.code[:2]
    return (familles.index(famille) if famille in FAMILLES else len(familles), modele.code)


def entree(modele: Modele) -> str:
    """An entry: cause, level and what follows, the sentence with its blanks, what to do."""
    ailleurs = SANS_LE_FICHIER.get(modele.niveau, "")
    aide = "".join(f"<p>{escape(texte)}</p>" for texte in (modele.aide, ailleurs) if texte)
    return (
        f'<article class="gu-aide"><h2>{escape(modele.code)} — {escape(modele.cause)}</h2>'
        f'<p><span class="gu-marque {modele.niveau.value}">{escape(modele.niveau.libelle)}</span> {escape(EFFETS[modele.niveau])}</p>'
        f"<h3>Le message</h3><p>{_phrase(modele.message)}</p><h3>Que faire</h3>{aide}</article>"
    )


def _phrase(message: str) -> str:
    """The message; what changes from one file to the other is in italics."""
    morceaux = escape(message).split("{")
    texte = morceaux[0]
    for morceau in morceaux[1:]:
        nom, _, suite = morceau.partition("}")
        texte += f"<em>{nom.replace('_', ' ')}</em>{suite}"
    return fr.typographie(texte)
