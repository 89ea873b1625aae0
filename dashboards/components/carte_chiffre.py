"""The figure card: no figure is shown without unit, respondents, source, date and provenance."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboards import affichage, lecture
from dashboards import format_fr as fr
from dashboards.components import cadre
from dashboards.components.donnees import Publication
from dashboards.modeles import Depot, Indicateur, Mesure
from dashboards.textes import QUESTIONNAIRES, THEMES


def entete_html(carte: Indicateur, mesure: Mesure | None, annee: int, pub: Publication) -> str:
    """Title, value, unit, precision, definition and the line of sources, as HTML."""
    valeur = affichage.valeur(carte, mesure, abregee=True)
    unite = affichage.unite(carte, mesure)
    masque = affichage.est_masquee(mesure)
    etat = escape(affichage.etat(mesure).libelle)
    marque = ""
    if masque:
        marque = f'<span class="etat">{etat}</span>'
    elif mesure is not None and mesure.statut == "prudence":
        marque = f'<span class="prudence">{etat}</span>'
    lignes = (
        ("Source", carte.source.rstrip(".")),
        ("Données de", str(annee)),
        ("Diffusion", cadre.reference(pub)),
    )
    sources = "".join(f"<div><dt>{escape(t)}</dt><dd>{escape(d)}</dd></div>" for t, d in lignes)
    longue = " longue" if len(valeur) > 12 else ""
    classe = "ob-chiffre masque" if masque else "ob-chiffre"
    return (
        f'<article class="{classe}" data-indicateur="{escape(carte.indicateur)}">'
        f"<h3>{escape(carte.titre)}</h3>"
        f'<p class="valeur{longue}"><strong>{escape(valeur)}</strong> '
        f'<span class="unite">{escape(unite)}</span>{marque}</p>'
        f'<p class="precision">{escape(affichage.precision(carte, mesure))}</p>'
        f'<p class="definition">{escape(carte.definition)}</p><dl>{sources}</dl></article>'
    )


def depots_de(carte: Indicateur, annee: int, depots: Sequence[Depot]) -> list[Depot]:
    """Deposits of the questionnaires behind a card, of the year shown (or without a year of their own)."""
    lus = THEMES.get(carte.theme, tuple(QUESTIONNAIRES))
    return [
        d for d in depots if d.statut != "annule" and d.questionnaire in lus and d.millesime in (None, annee)
    ]


def _nature(depot: Depot) -> str:
    """« Bénévolat (tableur) »."""
    nom = QUESTIONNAIRES.get(depot.questionnaire, depot.questionnaire)
    return f"{nom} ({depot.source})" if depot.source else nom


def provenance(carte: Indicateur, annee: int, pub: Publication) -> None:
    """« D’où vient ce chiffre ? »: formula in words, precautions, deposits, SQL."""
    with st.expander("D’où vient ce chiffre\u202f?", icon=":material/travel_explore:"):
        depots = depots_de(carte, annee, pub.lire(lecture.depots))
        blocs = [f"<h4>Calcul</h4><p>{escape(carte.formule)}</p>"]
        for titre, texte in (
            ("À savoir", carte.precautions),
            ("Ce que ce chiffre dit", carte.dit),
            ("Ce qu’il ne dit pas", carte.ne_dit_pas),
            ("Repère", affichage.repere(carte)),
        ):
            if texte:
                blocs.append(f"<h4>{titre}</h4><p>{escape(texte)}</p>")
        liste = "".join(
            f"<li><code>{escape(d.depot_id)}</code> {escape(_nature(d))}, "
            f"{fr.accord(d.chargees, 'ligne chargée', 'lignes chargées')}</li>"
            for d in depots
        )
        blocs.append(f"<h4>Dépôts utilisés</h4><ul>{liste or '<li>Aucun dépôt pour cette année.</li>'}</ul>")
        st.html(f'<div class="ob-provenance">{"".join(blocs)}<h4>Requête</h4></div>')
        st.code(carte.sql.strip(), language="sql", wrap_lines=True)
        if carte.parametres:
            st.html(f'<div class="ob-provenance"><p>Avec {escape(carte.parametres)}.</p></div>')


def afficher(carte: Indicateur, mesure: Mesure | None, annee: int, pub: Publication) -> None:
    """One card with its provenance."""
    with st.container(key=f"chiffre-{carte.indicateur}", border=True, height="stretch"):
        st.html(entete_html(carte, mesure, annee, pub))
        provenance(carte, annee, pub)
