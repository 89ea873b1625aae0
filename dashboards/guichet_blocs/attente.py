"""Page « En attente »: pending rows by deposit, with their reasons."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun, recu
from observatoire.comptes.identite import Role

if TYPE_CHECKING:
    from pipelines.guichet import Guichet

COLONNES = (Colonne("Où"), Colonne("Association", entete_de_ligne=True), Colonne("Ce qu’il manque"))


def afficher(g: Guichet) -> None:
    """One block per deposit."""
    lignes = g.attente()
    if not lignes:
        commun.encart("Aucune ligne n’attend.", genre="bien")
        return
    commun.note(f"{fr.accord(len(lignes), 'ligne')} en attente.")
    for (depot_id, fichier), groupe in groupby(lignes, key=lambda x: (x.depot_id, x.nom_fichier)):
        _depot(g, depot_id, fichier, list(groupe))
    exportees = [
        {
            "Dépôt": x.depot_id,
            "Fichier": x.nom_fichier,
            **dict(zip(("Où", "Association", "Motifs"), ligne(x), strict=True)),
        }
        for x in lignes
    ]
    commun.telecharger_csv("Télécharger la liste (CSV)", exportees, "lignes-en-attente")


def _depot(g: Guichet, depot_id: str, fichier: str, lignes: list[Any]) -> None:
    with st.container(border=True, key=f"attente-{depot_id}"):
        st.text(fichier)
        tableau.afficher(
            COLONNES,
            [ligne(x) for x in lignes],
            f"{fr.accord(len(lignes), 'ligne')} en attente de {fichier}",
            defilant=len(lignes) > 8,
        )
        with st.container(horizontal=True, key=f"suite-{depot_id}"):
            if g.qui.peut(Role.DEPOSANT) and st.button(
                "Reprendre", icon=":material/edit_note:", key=f"reprendre-{depot_id}"
            ):
                recu.reprendre(g, depot_id)
            commun.lien("depots", "Voir le dépôt", ":material/receipt_long:", id=depot_id)


def ligne(attente: Any) -> list[str]:
    """A pending row: where, who, why."""
    motifs = " ".join(attente.messages) or ", ".join(attente.motifs)
    return [f"{attente.feuille}, ligne {attente.ligne}", attente.repere or "sans nom", motifs]
