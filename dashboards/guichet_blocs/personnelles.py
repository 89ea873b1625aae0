"""Personal data found in a file in progress: what, where, masked examples, and the way to leave it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun

if TYPE_CHECKING:
    from pipelines.guichet import Guichet
    from pipelines.guichet.en_cours import Chantier, Verdict

COLONNES = (
    Colonne("Où", entete_de_ligne=True),
    Colonne("Ce que c’est"),
    Colonne("Cellules", nombre=True),
    Colonne("Exemples masqués"),
)


def afficher(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    """The finding and its button; once agreed, a reminder."""
    if not verdict.personnelles:
        return
    nb = fr.accord(len(verdict.personnelles), "endroit")
    if not verdict.bloque_par_personnel:
        commun.encart(
            f"Les données personnelles trouvées ({nb}) ont été retirées. Elles n’ont été enregistrées nulle part.",
            "Données personnelles retirées",
            "bien",
        )
        with st.expander("Voir ce qui a été retiré"):
            _table(verdict.personnelles)
        return
    commun.encart(
        "Ce fichier contient des données sur des personnes, dont l’observatoire n’a pas besoin. Rien n’a été "
        "enregistré. Retirez-les ici pour continuer, ou redéposez un fichier qui ne les contient pas.",
        f"Données personnelles trouvées à {nb}",
        "attention",
    )
    _table(verdict.personnelles)
    if st.button(
        "Retirer ces colonnes et continuer", type="primary", icon=":material/person_off:", key="retirer"
    ):
        st.query_params.pop("etape", None)
        commun.faire(lambda: g.decider(chantier.id, retirer_personnelles=True))


def _table(trouvailles: list[dict[str, Any]]) -> None:
    lignes = [
        [_lieu(t), t["nature"], fr.nombre(t["nb"]), ", ".join(t["exemples_masques"]) or "(masqués)"]
        for t in trouvailles
    ]
    tableau.afficher(COLONNES, lignes, "Données personnelles trouvées", defilant=len(lignes) > 10)


def _lieu(trouvaille: dict[str, Any]) -> str:
    if trouvaille["entete"]:
        return f"Feuille «{fr.INSECABLE}{trouvaille['feuille']}{fr.INSECABLE}», colonne «{fr.INSECABLE}{trouvaille['entete']}{fr.INSECABLE}»"
    cellules = ", ".join(trouvaille["cellules"])
    return f"Feuille «{fr.INSECABLE}{trouvaille['feuille']}{fr.INSECABLE}», {cellules}"
