"""« D’où vient ce chiffre ? »: what is shown when somebody opens it. Nothing of it is made before.

Headings and lines are those of `observatoire.chiffres.exposition`, shared with the command line.
"""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode, urlsplit

import streamlit as st

from dashboards import format_fr as fr
from dashboards import lecture_territoire
from dashboards.chiffre import Chiffre
from dashboards.components import export, images, requete
from dashboards.components.donnees import Publication
from observatoire.chiffres.exposition import EVOLUTION, MESURE, Rubrique, rubriques
from observatoire.chiffres.lecture import Chiffre as ChiffreLu
from observatoire.chiffres.requete import requete_evolutions, requete_publiee

TITRE = f"D’où vient ce chiffre{fr.FINE}?"
PUBLIEE = f"Ce chiffre, dans le fichier à télécharger (Données ouvertes){fr.INSECABLE}:"
ASSOCIATIONS = f"La valeur de chaque association, dont il est fait avant publication{fr.INSECABLE}:"
# Kinds of queries: the figure, the same in the territory it is read beside, how it moved.
CHIFFRE, REFERENCE, EVOLUTIONS = "publiee", "reference", "evolutions"


def cle(indicateur: str) -> str:
    """Key of the fold, and its name in the address: a link may open it."""
    return f"source-{indicateur}"


def volet(c: Chiffre, pub: Publication) -> None:
    """The fold under a figure; its content is read when it is open."""
    ouvert = st.expander(
        TITRE, icon=":material/travel_explore:", key=cle(c.carte.indicateur), bind="query-params"
    )
    if ouvert.open:
        with ouvert:
            _contenu(c, pub)


def _contenu(c: Chiffre, pub: Publication) -> None:
    st.html(html(c, pub.lire(lecture_territoire.chiffre, str(c.identifiant))))
    _a_copier("Pour citer ce chiffre", str(c.identifiant))
    _a_copier("Lien vers cette vue", lien())
    if c.mesure is not None:
        _telecharger(c, pub)
    images.de_chiffre(c, pub)


def _a_copier(titre: str, texte: str) -> None:
    """A text with its button « copier »."""
    st.html(f'<div class="ob-provenance"><h4>{escape(titre)}</h4></div>')
    st.code(texte, language=None, wrap_lines=True)


def lien() -> str:
    """Address of the page as it is shown now, filters and open folds included."""
    adresse = st.context.url or ""
    parametres = urlencode(st.query_params.to_dict())
    racine = "" if urlsplit(adresse).path else "/"
    return f"{adresse}{racine}{'?' if parametres else ''}{parametres}"


def html(c: Chiffre, lu: ChiffreLu | None) -> str:
    """What the figure measures, its constants, its weights, its deposits, and its query one action further."""
    dites = rubriques(lu) if lu is not None else _de_la_fiche(c)
    # The card already tells the move; what the figure measures comes first.
    dites = sorted((r for r in dites if r.titre != EVOLUTION), key=lambda r: r.titre != MESURE)
    corps = "".join(_rubrique(r) for r in dites)
    return f'<div class="ob-provenance">{corps}{requetes_html(c)}</div>'


def requetes_html(c: Chiffre) -> str:
    """What « Voir la requête SQL » shows: this figure in the published file, what the card says beside it, then the
    value of each association."""
    reglages = f"-- {c.carte.parametres}\n" if c.carte.parametres else ""
    return (
        f"<details><summary>{requete.TITRE}</summary><p>{PUBLIEE}</p>"
        f"{requete.bloc(requete_publiee(c.identifiant), CHIFFRE)}{_a_cote(c)}"
        f"<p>{ASSOCIATIONS}</p><pre><code>{escape(reglages + c.carte.sql.strip())}</code></pre></details>"
    )


def _a_cote(c: Chiffre) -> str:
    """Queries of the territory of reference and of the move from the year before, when the card says them."""
    ecrits = ""
    if c.comparaison and c.reference is not None:
        ecrits += f"<p>{escape(c.lieu_reference)}{fr.INSECABLE}:</p>{requete.bloc(requete_publiee(c.reference), REFERENCE)}"
    if c.mouvements:
        ecrits += f"<p>{EVOLUTION}{fr.INSECABLE}:</p>{requete.bloc(requete_evolutions([c.carte.indicateur]), EVOLUTIONS)}"
    return ecrits


def _de_la_fiche(c: Chiffre) -> list[Rubrique]:
    """What is known without any row for this figure."""
    lignes = (("Définition", c.carte.definition), ("Formule", c.carte.formule), ("Source", c.carte.source))
    return [Rubrique(MESURE, lignes)]


def _rubrique(rubrique: Rubrique) -> str:
    lignes = "".join(
        f"<p>{f'<b>{escape(nom)}</b>{fr.INSECABLE}: ' if nom else ''}{escape(texte)}</p>"
        for nom, texte in rubrique.lignes
    )
    return f"<h4>{escape(rubrique.titre)}</h4>{lignes}"


def _telecharger(c: Chiffre, pub: Publication) -> None:
    if c.mesure is None:
        return
    lieu = c.cadrage.lieu
    ligne = export.ligne_mesure(
        c.mesure, c.carte, pub, territoire=lieu.libelle, domaine_libelle=c.cadrage.domaine_libelle
    )
    ligne["phrase"] = c.phrase
    notice = export.Notice(f"{c.carte.titre}, {lieu.libelle}, {c.cadrage.annee}", cartes=(c.carte,))
    export.boutons(
        [ligne], pub, c.carte.indicateur, lieu.niveau, lieu.code, c.cadrage.annee, c.cadrage.domaine,
        c.retenue.vue, notice=notice,
    )  # fmt: skip
