"""Page « Dépôts »: the table of everything loaded, with a link to each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun, recu
from dashboards.textes import QUESTIONNAIRES
from observatoire.comptes.identite import Role

if TYPE_CHECKING:
    from pipelines.guichet import Guichet

COLONNES = (
    Colonne("Fichier", entete_de_ligne=True),
    Colonne("Déposé le"),
    Colonne("Par"),
    Colonne("Questionnaire"),
    Colonne("Année"),
    Colonne("État"),
    Colonne("Lues", nombre=True),
    Colonne("Chargées", nombre=True),
    Colonne("En attente", nombre=True),
    Colonne("Ignorées", nombre=True),
)


def afficher(g: Guichet) -> None:
    """The table, the choice of one deposit, the CSV."""
    depots = g.depots()
    if not depots:
        commun.encart("Aucun dépôt n’a encore été chargé.")
        if g.qui.peut(Role.DEPOSANT):
            commun.lien("deposer", "Déposer un fichier", ":material/upload_file:")
        return
    par_id = {d.depot_id: d for d in depots}
    choisi = st.selectbox(
        "Ouvrir un dépôt",
        list(par_id),
        index=None,
        format_func=lambda i: f"{par_id[i].nom_fichier} — {commun.quand(par_id[i].depose_le)}",
        placeholder=f"Reçu, annulation, reprise{fr.INSECABLE}: choisissez un dépôt",
        key="ouvrir-depot",
    )
    if choisi is not None:
        commun.aller("depots", id=choisi)
    tableau.afficher(COLONNES, [_ligne(d) for d in depots], "Les dépôts, le plus récent en premier")
    titres = [c.titre for c in COLONNES]
    exportees = [{"Dépôt": d.depot_id, **dict(zip(titres, _ligne(d), strict=True))} for d in depots]
    commun.telecharger_csv("Télécharger la liste (CSV)", exportees, "depots")


def _ligne(depot: Any) -> list[str]:
    return [
        depot.nom_fichier,
        commun.quand(depot.depose_le),
        depot.depose_par or "commande locale",
        QUESTIONNAIRES.get(depot.questionnaire, depot.questionnaire),
        str(depot.millesime or "selon la ligne"),
        recu.etat(depot),
        *map(
            fr.nombre,
            (depot.lignes_lues, depot.lignes_chargees, depot.lignes_en_attente, depot.lignes_ignorees),
        ),
    ]
