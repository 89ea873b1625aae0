"""Rules of alert on precarity: every rule with its evidence, whether it is met or not.

A rule is a dated constant `alerte_<indicateur>` of the publication: a network may change one, or add another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import streamlit as st

from dashboards import affichage, lecture
from dashboards import format_fr as fr
from dashboards.chiffre import Chiffre
from dashboards.components import cadre, mention, requete, tableau
from dashboards.components.bloc_theme import Theme
from dashboards.components.tableau import Colonne

PREFIXE = "alerte_"
DEPASSE, SOUS, INCERTAIN = (
    "seuil dépassé",
    "sous le seuil",
    "rien d’assuré\u00a0: l’intervalle contient le seuil",
)
PLUS_HAUT, PLUS_BAS = "plus haut que le seuil chez les répondantes", "sous le seuil chez les répondantes"


@dataclass(frozen=True, slots=True)
class Regle:
    """One rule: a figure and the threshold above which it alerts."""

    chiffre: Chiffre
    seuil: float
    source: str

    @property
    def verdict(self) -> str:
        """What the interval allows to say; the value alone speaks for the respondents only."""
        mesure = self.chiffre.mesure
        if mesure is None or mesure.valeur is None:
            return affichage.etat(mesure).libelle
        if mesure.borne_basse is None or mesure.borne_haute is None:
            return PLUS_HAUT if mesure.valeur > self.seuil else PLUS_BAS
        if mesure.borne_basse > self.seuil:
            return DEPASSE
        return SOUS if mesure.borne_haute < self.seuil else INCERTAIN

    @property
    def seuil_ecrit(self) -> str:
        """The threshold as its figure is written."""
        carte = self.chiffre.carte
        return fr.valeur(self.seuil, carte.unite, carte.decimales)


def regles(page: Theme) -> list[Regle]:
    """The rules in force at the end of the year shown, on the figures that the publication has."""
    trouvees = []
    for parametre in _en_vigueur(page.pub.lire(lecture.parametres), page.choix.annee):
        c = page.chiffre(parametre["id"].removeprefix(PREFIXE))
        if c is not None:
            trouvees.append(Regle(c, parametre["valeur"], parametre["source"]))
    return trouvees


def _en_vigueur(parametres: tuple[Mapping[str, Any], ...], annee: int) -> Iterator[Mapping[str, Any]]:
    jour = date(annee, 12, 31)
    for p in parametres:
        du, au = p["valable_du"] or jour, p["valable_au"] or jour
        if p["id"].startswith(PREFIXE) and du <= jour <= au:
            yield p


def afficher(page: Theme) -> None:
    """The alerts in sentences, then every rule in a table."""
    lieu = page.choix.territoire
    toutes = regles(page)
    cadre.section(
        "Alertes sur la précarité",
        f"{lieu.libelle}, {page.choix.annee}. Un seuil n’est dépassé que si tout l’intervalle l’est.",
    )
    if not toutes:
        st.info("Aucune règle d’alerte dans cette publication.", icon=":material/info:")
        return
    seuils = page.pub.requetes(lecture.parametres)
    requetes = requete.des((r.chiffre.place for r in toutes), *seuils)
    st.html(mention.entourer(_phrases(toutes) + _table(page, toutes), "alertes", _mention(page), requetes))


def _phrases(toutes: list[Regle]) -> str:
    alertes = [r for r in toutes if r.verdict == DEPASSE]
    if not alertes:
        return '<p class="ob-alerte calme">Aucun seuil n’est dépassé à coup sûr.</p>'
    elements = "".join(
        f"<li><strong>{escape(r.chiffre.carte.titre)}{fr.INSECABLE}: seuil de {escape(r.seuil_ecrit)} dépassé.</strong> "
        f"{escape(r.chiffre.phrase)}</li>"
        for r in alertes
    )
    return f'<ul class="ob-alerte">{elements}</ul>'


def _table(page: Theme, toutes: list[Regle]) -> str:
    colonnes = [
        Colonne("Indicateur", entete_de_ligne=True),
        Colonne("Verdict"),
        Colonne("Valeur", nombre=True),
        Colonne("Intervalle", nombre=True),
        Colonne("Seuil", nombre=True),
        Colonne("Période"),
        Colonne("Répondantes", nombre=True),
        Colonne("Origine du seuil"),
    ]
    lignes = [
        [
            r.chiffre.carte.titre,
            r.verdict,
            affichage.valeur(r.chiffre.carte, r.chiffre.mesure),
            affichage.bornes(r.chiffre.carte, r.chiffre.mesure),
            r.seuil_ecrit,
            str(page.choix.annee),
            affichage.nombre_repondants(r.chiffre.mesure),
            r.source,
        ]
        for r in toutes
    ]
    return tableau.html(
        colonnes, lignes, f"Règles d’alerte, {page.choix.territoire.libelle}, {page.choix.annee}"
    )


def _mention(page: Theme) -> mention.Paires:
    return mention.paires(
        vue="celle de chaque indicateur, écrite sur sa carte",
        methode="valeur et intervalle comparés à un seuil convenu",
        reponses="colonne Répondantes",
        source="Questionnaire de l’observatoire «\u00a0L’emploi salarié\u00a0»",
        annee=page.choix.annee,
        edition=page.pub.edition,
    )
