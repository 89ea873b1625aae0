"""Published figures read from the command line: the same table as the pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from observatoire.domain.francais import FINE, ecrire_nombre
from observatoire.storage.connexion import ouvrir_publication

REQUETE = """
    select m.indicateur, i.titre, i.unite, i.decimales, m.millesime, m.niveau, m.code_territoire,
           t.libelle as territoire, m.domaine, m.financeur, m.vue, m.valeur, m.borne_basse, m.borne_haute,
           m.n_repondants, m.statut, m.publication
    from mesures m
    join indicateurs i using (indicateur)
    left join territoires t on t.niveau = m.niveau and t.code = m.code_territoire
    where ($indicateur is null or m.indicateur = $indicateur)
      and ($millesime is null or m.millesime = $millesime)
      and ($niveau is null or m.niveau = $niveau)
      and ($code_territoire is null or m.code_territoire = $code_territoire)
      and ($domaine is null or m.domaine = $domaine)
      and ($financeur is null or m.financeur = $financeur)
    order by m.indicateur, m.millesime, m.niveau, m.code_territoire, m.domaine, m.financeur"""

PART = "part"
LIBELLES_STATUT = {"secret": "s. s.", "nd": "n. d.", "non_publie": "non publié"}


def lire(publication: Path, filtres: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of `mesures` that match the filters (None: no filter), with titles and units."""
    with ouvrir_publication(publication).cursor() as curseur:
        curseur.execute(REQUETE, dict(filtres))
        colonnes = [c[0] for c in curseur.description]
        return [dict(zip(colonnes, ligne, strict=True)) for ligne in curseur.fetchall()]


def ecrire(valeur: float | None, decimales: int, unite: str) -> str:
    """1234.5 → « 1 234,5 »; a share is written as a percentage; empty when there is none."""
    if valeur is None:
        return ""
    if unite == PART:
        return f"{ecrire_nombre(100 * valeur, decimales)}{FINE}%"
    return ecrire_nombre(valeur, decimales)


def afficher(lignes: list[dict[str, Any]], console: Console) -> None:
    """A French table of the figures."""
    tableau = Table(box=None, header_style="bold")
    for titre in ("Indicateur", "Année", "Territoire", "Domaine", "Financeur", "Valeur", "Unité", "n"):
        tableau.add_column(titre, justify="right" if titre in ("Valeur", "n") else "left")
    for m in lignes:
        tableau.add_row(
            m["indicateur"],
            str(m["millesime"]),
            m["territoire"] or m["code_territoire"],
            m["domaine"],
            m["financeur"],
            _valeur(m),
            "" if m["unite"] == PART else m["unite"],
            "" if m["n_repondants"] is None else str(m["n_repondants"]),
        )
    console.print(tableau)
    if not lignes:
        console.print("Aucun chiffre pour ces critères.")


def _valeur(mesure: Mapping[str, Any]) -> str:
    if mesure["statut"] in LIBELLES_STATUT:
        return LIBELLES_STATUT[mesure["statut"]]
    forme = (mesure["decimales"], mesure["unite"])
    if mesure["borne_basse"] is not None and mesure["borne_haute"] is not None:
        bornes = (ecrire(mesure[b], *forme) for b in ("borne_basse", "borne_haute"))
        return " à ".join(bornes)
    return ecrire(mesure["valeur"], *forme)
