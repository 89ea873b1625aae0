"""« Corriger ici »: a grid of the cells in error only; what is typed is examined like the rest of the file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboards import format_fr as fr
from dashboards.guichet_blocs import commun
from pipelines.guichet.en_cours import Correction

if TYPE_CHECKING:
    from pipelines.guichet import Guichet
    from pipelines.guichet.en_cours import Chantier, Verdict

NOUVELLE = "Nouvelle valeur"
FIXES = ("Feuille", "Cellule", "Association", "Colonne", "Valeur écrite", "Problème")
HAUTEUR_LIGNE, HAUTEUR_MAX = 35, 420
CELLULES_CITEES = 3
Groupe = list[Any]


def afficher(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    """The grid and its button, then the corrections already made."""
    if verdict.cellules:
        total = verdict.totaux.get("cellules", len(verdict.cellules))
        nb = fr.accord(total, "cellule")
        commun.section(
            "Corriger ici",
            f"{nb} à retaper dans la colonne «{fr.INSECABLE}{NOUVELLE}{fr.INSECABLE}». "
            "Votre fichier n’est pas modifié.",
        )
        if total > len(verdict.cellules):
            commun.note(
                f"Les {fr.nombre(len(verdict.cellules))} premières sont ici{fr.FINE}; "
                "toutes sont dans le fichier annoté."
            )
        _grille(g, chantier, _groupes(verdict.cellules))
    _faites(g, chantier)


def _groupes(cellules: list[Any]) -> list[Groupe]:
    """Cells to type one by one, or once for all those of a column that say the same."""
    ensemble = regrouper(cellules)
    if len(ensemble) == len(cellules):
        return ensemble
    combien = f"{fr.nombre(len(ensemble))} lignes au lieu de {fr.nombre(len(cellules))}"
    une_fois = st.toggle(
        f"Corriger en une fois les cellules identiques ({combien})", value=True, key="regrouper"
    )
    return ensemble if une_fois else [[c] for c in cellules]


def regrouper(cellules: list[Any]) -> list[Groupe]:
    """Cells of one column that say the same wrong thing; an empty cell stays alone."""
    groupes: dict[tuple[str, ...], Groupe] = {}
    for c in cellules:
        cle = (c.champ, c.valeur, c.probleme) if c.valeur else (c.champ, "", c.feuille, c.cellule)
        groupes.setdefault(cle, []).append(c)
    return list(groupes.values())


def tableau(groupes: list[Groupe]) -> pd.DataFrame:
    """One row per group of cells in error, with an empty column to type in."""
    return pd.DataFrame([_ligne(x) for x in groupes], columns=[*FIXES, NOUVELLE], dtype="object")


def _ligne(groupe: Groupe) -> tuple[str, ...]:
    c, reste = groupe[0], len(groupe) - CELLULES_CITEES
    cellules = ", ".join(x.cellule for x in groupe[:CELLULES_CITEES]) + (
        f" et {fr.accord(reste, 'autre', 'autres')}" if reste > 0 else ""
    )
    qui = c.repere or f"ligne {c.ligne}" if len(groupe) == 1 else f"{len(groupe)} lignes"
    return (c.feuille, cellules, qui, c.colonne, c.valeur or "(vide)", c.probleme, "")


def _grille(g: Guichet, chantier: Chantier, groupes: list[Groupe]) -> None:
    ordre = ["Cellule", NOUVELLE, "Valeur écrite", "Association", "Colonne", "Problème", "Feuille"]
    edite = st.data_editor(
        tableau(groupes),
        hide_index=True,
        num_rows="fixed",
        disabled=list(FIXES),
        column_order=ordre,
        column_config={
            NOUVELLE: st.column_config.TextColumn(NOUVELLE, width="medium", max_chars=500),
            "Problème": st.column_config.TextColumn("Problème", width="large"),
        },
        height=min(HAUTEUR_LIGNE * (len(groupes) + 1) + 3, HAUTEUR_MAX),
        key=f"corriger-{chantier.revision}-{len(groupes)}",
        alt="Cellules à corriger",
    )
    if st.button("Appliquer mes corrections", icon=":material/edit:", key="appliquer-corrections"):
        nouvelles = corrections(groupes, [str(v or "") for v in edite[NOUVELLE]])
        if nouvelles:
            nb = fr.accord(len(nouvelles), "cellule corrigée", "cellules corrigées")
            commun.faire(lambda: g.corriger(chantier.id, nouvelles), f"{nb}.")
        else:
            commun.note(f"Tapez d’abord une valeur dans la colonne «{fr.INSECABLE}{NOUVELLE}{fr.INSECABLE}».")


def corrections(groupes: list[Groupe], saisies: list[str]) -> list[Correction]:
    """What was typed, as decisions; an empty box changes nothing."""
    return [
        Correction(c.feuille, c.cellule, c.valeur, texte.strip())
        for groupe, texte in zip(groupes, saisies, strict=True)
        if texte.strip()
        for c in groupe
    ]


def _faites(g: Guichet, chantier: Chantier) -> None:
    faites = chantier.decisions.corrections
    if not faites:
        return
    with st.expander(fr.accord(len(faites), "correction faite ici", "corrections faites ici")):
        for rang, c in enumerate(faites):
            with st.container(horizontal=True, vertical_alignment="center", key=f"faite-{rang}"):
                st.text(
                    f"{c.feuille} · {c.cellule} : « {c.avant or 'vide'} » → « {c.apres} »",
                    width="content",
                )
                if st.button("Défaire", icon=":material/undo:", type="tertiary", key=f"defaire-{rang}"):
                    retour = [Correction(c.feuille, c.cellule, c.apres, c.avant or "")]
                    commun.faire(partial(g.corriger, chantier.id, retour), "Correction défaite.")
