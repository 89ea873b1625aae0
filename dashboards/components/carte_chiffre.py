"""The figure card, the one way to show a figure: value, interval, reliability, view, answers, source, identifier.

Nothing of the card is written by a page: a page composes a `Chiffre` and shows it here.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboards import affichage, chiffre, lecture
from dashboards import format_fr as fr
from dashboards.chiffre import Chiffre
from dashboards.components import export, mention
from dashboards.components.donnees import Publication
from dashboards.modeles import Depot, Indicateur
from dashboards.textes import ETATS, QUESTIONNAIRES, THEMES

# Width above which a range is written smaller.
LONGUE = 12


def phrase(c: Chiffre) -> str:
    """The sentence that reads the figure aloud, under its value."""
    return affichage.lecture(c.carte, c.mesure)


def mentions(c: Chiffre) -> mention.Paires:
    """View, method, answers, source, year and publication of a figure."""
    return mention.paires(
        vue=c.vue,
        methode=c.methode,
        reponses=affichage.reponses(c.carte, c.mesure),
        source=c.carte.source,
        annee=c.cadrage.annee,
        edition=c.cadrage.edition,
    )


def entete_html(c: Chiffre) -> str:
    """The card as HTML, without its provenance."""
    valeur, unite = affichage.valeur(c.carte, c.mesure, abregee=True), affichage.unite(c.carte, c.mesure)
    longue = " longue" if len(valeur) > LONGUE else ""
    suite = "".join((_raison(c), _definition(c), _reperes(c), _evolutions(c)))
    return (
        f'<article class="ob-chiffre {_classe(c)}" data-indicateur="{escape(c.carte.indicateur)}" '
        f'{mention.CHIFFRE}="{escape(str(c.identifiant))}"><h3>{escape(c.carte.titre)}</h3>'
        f'<p class="valeur{longue}"><strong>{escape(valeur)}</strong> '
        f'<span class="unite">{escape(unite)}</span>{_fiabilite(c)}</p>'
        f'<p class="precision">{escape(phrase(c))}</p>{suite}{mention.liste(mentions(c))}</article>'
    )


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


def _definition(c: Chiffre) -> str:
    return f'<p class="definition">{escape(c.definition)}</p>'


def _reperes(c: Chiffre) -> str:
    lignes = [x for x in (c.comparaison, c.repere) if x]
    if not lignes:
        return ""
    return f'<ul class="reperes">{"".join(f"<li>{escape(x)}</li>" for x in lignes)}</ul>'


def _evolutions(c: Chiffre) -> str:
    if not c.evolutions:
        return ""
    lignes = "".join(
        f'<li><span class="sens" aria-hidden="true">{chiffre.sens(e)}</span>'
        f"<span><b>{escape(chiffre.titre_evolution(e))}</b>{fr.INSECABLE}: "
        f"{escape(chiffre.phrase_evolution(c.carte, e))}</span></li>"
        for e in c.evolutions
    )
    de, a = c.evolutions[0].de, c.evolutions[0].a
    return f'<div class="evolution"><h4>De {de} à {a}</h4><ul>{lignes}</ul></div>'


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


def provenance(c: Chiffre, pub: Publication) -> None:
    """« D’où vient ce chiffre ? »: identifier, formula in words, precautions, deposits, SQL, downloads."""
    carte = c.carte
    with st.expander("D’où vient ce chiffre\u202f?", icon=":material/travel_explore:"):
        st.html('<div class="ob-provenance"><h4>Pour citer ce chiffre</h4></div>')
        st.code(str(c.identifiant), language=None, wrap_lines=True)
        blocs = [f"<h4>Calcul</h4><p>{escape(carte.formule)}</p>"]
        for titre, texte in (
            ("À savoir", carte.precautions),
            ("Ce que ce chiffre dit", carte.dit),
            ("Ce qu’il ne dit pas", carte.ne_dit_pas),
            ("Repère", affichage.repere(carte)),
            ("Source", carte.source),
        ):
            if texte:
                blocs.append(f"<h4>{titre}</h4><p>{escape(texte)}</p>")
        liste = "".join(
            f"<li><code>{escape(d.depot_id)}</code> {escape(_nature(d))}, "
            f"{fr.accord(d.chargees, 'ligne chargée', 'lignes chargées')}</li>"
            for d in depots_de(carte, c.cadrage.annee, pub.lire(lecture.depots))
        )
        blocs.append(f"<h4>Dépôts utilisés</h4><ul>{liste or '<li>Aucun dépôt pour cette année.</li>'}</ul>")
        st.html(f'<div class="ob-provenance">{"".join(blocs)}<h4>Requête</h4></div>')
        st.code(carte.sql.strip(), language="sql", wrap_lines=True)
        if carte.parametres:
            avec = f"Avec {escape(carte.parametres)}. Source{fr.INSECABLE}: {escape(carte.source)}"
            st.html(f'<div class="ob-provenance"><p>{avec}</p></div>')
        if c.mesure is not None:
            _telecharger(c, pub)


def _telecharger(c: Chiffre, pub: Publication) -> None:
    if c.mesure is None:
        return
    lieu = c.cadrage.lieu
    ligne = export.ligne_mesure(
        c.mesure, c.carte, pub, territoire=lieu.libelle, domaine_libelle=c.cadrage.domaine_libelle
    )
    notice = export.Notice(f"{c.carte.titre}, {lieu.libelle}, {c.cadrage.annee}", cartes=(c.carte,))
    export.boutons(
        [ligne], pub, c.carte.indicateur, lieu.niveau, lieu.code, c.cadrage.annee, c.cadrage.domaine,
        c.retenue.vue, notice=notice,
    )  # fmt: skip


def afficher(c: Chiffre, pub: Publication) -> None:
    """One card with its provenance."""
    with st.container(key=f"chiffre-{c.carte.indicateur}", border=True, height="stretch"):
        st.html(entete_html(c))
        provenance(c, pub)
