"""Page « Dépôts »: the table of everything loaded, with a link to each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne, Lien
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
    """The table, a link per deposit, the CSV."""
    depots = g.depots()
    if not depots:
        commun.encart("Aucun dépôt n’a encore été chargé.")
        if g.qui.peut(Role.DEPOSANT):
            commun.lien("deposer", "Déposer un fichier", ":material/upload_file:")
        return
    lignes = [_ligne(d) for d in depots]
    tableau.afficher(
        COLONNES,
        [
            [Lien(nom, f"?id={quote(d.depot_id)}"), *reste]
            for d, (nom, *reste) in zip(depots, lignes, strict=True)
        ],
        "Les dépôts, le plus récent en premier. Un clic sur le fichier ouvre son reçu.",
    )
    titres = [c.titre for c in COLONNES]
    exportees = [
        {"Dépôt": d.depot_id, **dict(zip(titres, ligne, strict=True))}
        for d, ligne in zip(depots, lignes, strict=True)
    ]
    commun.telecharger_csv("Télécharger la liste (CSV)", exportees, "depots")


def _ligne(depot: Any) -> list[str]:
    return [
        depot.nom_fichier,
        commun.quand(depot.depose_le),
        commun.qui(depot.depose_par),
        QUESTIONNAIRES.get(depot.questionnaire, depot.questionnaire),
        str(depot.millesime or "selon la ligne"),
        recu.etat(depot),
        *map(
            fr.nombre,
            (depot.lignes_lues, depot.lignes_chargees, depot.lignes_en_attente, depot.lignes_ignorees),
        ),
    ]
