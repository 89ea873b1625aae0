"""Blocks of the page « Qualité des données »."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from dashboards import format_fr as fr
from dashboards import lecture
from dashboards.components import cadre, encart, export, images, mention, requete, tableau
from dashboards.components.donnees import Publication
from dashboards.components.encart import LARGEUR_LEGENDE
from dashboards.components.tableau import Colonne
from dashboards.figures import barres, theme
from dashboards.modeles import CauseAnomalie, Depot, Lignes
from dashboards.textes import NIVEAUX_ANOMALIE, QUESTIONNAIRES, STATUTS_DEPOT


def invariant(depots: Sequence[Depot], pub: Publication) -> None:
    """The equality that nothing was lost, with its numbers, and whether each deposit holds it."""
    toutes = next(iter(pub.lire(lecture.comptes)), Lignes(None, 0, 0, 0, 0, 0))
    ecarts = [d.depot_id for d in depots if not d.equilibre]
    if ecarts:
        verdict = f"Écart constaté sur {fr.accord(len(ecarts), 'dépôt')}{fr.INSECABLE}: {', '.join(ecarts)}."
    else:
        nb = fr.accord(len(depots), "dépôt")
        verdict = f"Égalité vérifiée sur {nb}{fr.INSECABLE}: aucune ligne n’a disparu."
    st.html(
        f'<div class="ob-invariant" {mention.COMPTE}="dépôts de cette publication"><p>Lignes lues = chargées + en attente + ignorées</p>'
        f'<p class="egalite">{fr.nombre(toutes.lues)} = {fr.nombre(toutes.chargees)} + {fr.nombre(toutes.en_attente)} '
        f"+ {fr.nombre(toutes.ignorees)}</p><p>{verdict} Une ligne en attente n’entre dans aucun chiffre "
        "tant qu’elle n’a pas été corrigée\u202f; une ligne ignorée est un total, une note ou un doublon."
        f"</p>{requete.volet(pub.requetes(lecture.comptes))}</div>"
    )


def _mention(depots: Sequence[Depot], pub: Publication) -> mention.Paires:
    """What the counts of lines rest on."""
    annees = sorted({d.millesime for d in depots if d.millesime})
    return mention.paires(
        vue="lignes de fichiers, sans pondération",
        methode="comptes des lignes lues au dépôt",
        reponses=fr.accord(len(depots), "dépôt"),
        source="dépôts de cette publication",
        annee=", ".join(str(a) for a in annees) or "selon la ligne",
        edition=pub.edition,
    )


@st.cache_resource(max_entries=50, show_spinner=False)
def _figure(depots: tuple[Depot, ...], legende: str) -> go.Figure:
    return theme.legender(barres.lignes_par_questionnaire(depots), legende)


def par_questionnaire(depots: tuple[Depot, ...], pub: Publication) -> None:
    """Lines by questionnaire, as a chart and as a table."""
    if not depots:
        return
    dites = _mention(depots, pub)
    cadre.section("Lignes par questionnaire")
    noms = barres.questionnaires(depots)
    titres = ("Lignes lues", "Chargées", "En attente", "Ignorées")
    colonnes = [Colonne("Questionnaire", entete_de_ligne=True), *(Colonne(t, nombre=True) for t in titres)]
    comptes = {c.questionnaire: c for c in pub.lire(lecture.comptes)}
    lignes = [
        [
            QUESTIONNAIRES.get(nom, nom),
            *(fr.nombre(n) for n in (c.lues, c.chargees, c.en_attente, c.ignorees)),
        ]
        for nom in noms
        if (c := comptes.get(nom))
    ]
    alt = "Lignes chargées, en attente et ignorées, par questionnaire"
    requetes = pub.requetes(lecture.comptes)
    graphique, table = st.tabs(["Graphique", "Tableau"], key="onglets-questionnaires")
    with graphique:
        figure = _figure(depots, mention.ligne(dites, LARGEUR_LEGENDE))
        encart.dessiner(figure, "questionnaires", alt, requetes)
        images.de_graphique(figure, f"Lignes par questionnaire, {alt.partition(', par')[0].lower()}", "", pub)
    with table:
        tableau.afficher(colonnes, lignes, alt, provenance=dites, requetes=requetes)


def liste(depots: Sequence[Depot], pub: Publication) -> None:
    """Every deposit, without its file name."""
    cadre.section("Les dépôts", "Le nom des fichiers et celui des associations ne sont pas publiés.")
    colonnes = [
        Colonne("Dépôt", entete_de_ligne=True),
        Colonne("Questionnaire"),
        Colonne("Source"),
        Colonne("Année"),
        Colonne("Déposé le"),
        Colonne("État"),
        Colonne("Lues", nombre=True),
        Colonne("Chargées", nombre=True),
        Colonne("En attente", nombre=True),
        Colonne("Ignorées", nombre=True),
    ]
    lignes = [
        [
            d.depot_id,
            QUESTIONNAIRES.get(d.questionnaire, d.questionnaire),
            d.source or "",
            str(d.millesime or "selon la ligne"),
            fr.date_courte(d.depose_le),
            STATUTS_DEPOT.get(d.statut, d.statut),
            *(fr.nombre(n) for n in (d.lues, d.chargees, d.en_attente, d.ignorees)),
        ]
        for d in depots
    ]
    tableau.afficher(
        colonnes,
        lignes,
        "Dépôts de cette publication",
        defilant=len(lignes) > 12,
        provenance=_mention(depots, pub),
        requetes=pub.requetes(lecture.depots),
    )
    exportes: list[dict[str, export.Valeur]] = [
        {
            "depot_id": d.depot_id,
            "questionnaire": d.questionnaire,
            "source": d.source,
            "millesime": d.millesime,
            "statut": d.statut,
            "depose_le": None if d.depose_le is None else d.depose_le.date().isoformat(),
            "lignes_lues": d.lues,
            "lignes_chargees": d.chargees,
            "lignes_en_attente": d.en_attente,
            "lignes_ignorees": d.ignorees,
            "publication": pub.edition.version,
            "publie_le": fr.date_iso(pub.edition.publie_le),
            "donnees_fictives": d.fictif,
        }
        for d in depots
    ]
    export.boutons(exportes, pub, "depots")


def causes(anomalies: Sequence[CauseAnomalie], depots: Sequence[Depot], pub: Publication) -> None:
    """Anomalies by cause, the most frequent first."""
    cadre.section(
        "Anomalies par cause",
        "Chacune a été signalée à la personne qui a déposé le fichier, avec la feuille et la cellule.",
    )
    if not anomalies:
        st.info(
            "Aucune anomalie n’a été relevée dans les dépôts de cette publication.", icon=":material/info:"
        )
        return
    colonnes = [
        Colonne("Cause", entete_de_ligne=True),
        Colonne("Ce qui en découle"),
        Colonne("Anomalies", nombre=True),
        Colonne("Dépôts concernés", nombre=True),
    ]
    lignes = [
        [a.cause, NIVEAUX_ANOMALIE.get(a.niveau, a.niveau), fr.nombre(a.nb), fr.nombre(a.nb_depots)]
        for a in anomalies
    ]
    tableau.afficher(
        colonnes, lignes, "Anomalies par cause", defilant=len(lignes) > 12, provenance=_mention(depots, pub),
        requetes=pub.requetes(lecture.causes),
    )  # fmt: skip
    exportes: list[dict[str, export.Valeur]] = [
        {
            "cause": a.cause,
            "niveau": a.niveau,
            "nb_anomalies": a.nb,
            "nb_depots": a.nb_depots,
            "publication": pub.edition.version,
            "publie_le": fr.date_iso(pub.edition.publie_le),
            "donnees_fictives": pub.edition.fictif,
        }
        for a in anomalies
    ]
    export.boutons(exportes, pub, "anomalies")
