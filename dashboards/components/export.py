"""Downloads of what is on the page: a CSV for French spreadsheets and a technical one.

Both carry the filters, the publication number and the fictitious mark in every row. Text that a
spreadsheet would run as a formula is neutralised; numbers never are.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components.donnees import Publication
from dashboards.modeles import Mesure
from observatoire.domain.export import neutraliser

__all__ = ["boutons", "csv_octets", "ligne_mesure", "neutraliser", "nom_fichier"]

Valeur = str | int | float | bool | None
Ligne = Mapping[str, Valeur]


def _cellule(valeur: Valeur, *, francais: bool) -> str | int | float:
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return ("oui" if valeur else "non") if francais else str(valeur).lower()
    if isinstance(valeur, str):
        return neutraliser(valeur)
    return fr.decimal_csv(valeur) if francais else valeur


def csv_octets(lignes: Sequence[Ligne], *, francais: bool) -> bytes:
    """CSV of the rows: French (BOM, « ; », decimal comma, CRLF) or technical (UTF-8, « , », point)."""
    sortie = io.StringIO(newline="")
    ecrivain = csv.writer(
        sortie, delimiter=";" if francais else ",", lineterminator="\r\n" if francais else "\n"
    )
    if lignes:
        ecrivain.writerow(list(lignes[0]))
    for ligne in lignes:
        ecrivain.writerow([_cellule(v, francais=francais) for v in ligne.values()])
    return sortie.getvalue().encode("utf-8-sig" if francais else "utf-8")


def ligne_mesure(mesure: Mesure, pub: Publication, **libelles: Valeur) -> dict[str, Valeur]:
    """One measure as an export row, filters and publication included."""
    return {
        "indicateur": mesure.indicateur,
        "millesime": mesure.millesime,
        "niveau": mesure.niveau,
        "code_territoire": mesure.code,
        "domaine": mesure.domaine,
        "financeur": mesure.financeur,
        **libelles,
        "valeur": mesure.valeur,
        "borne_basse": mesure.borne_basse,
        "borne_haute": mesure.borne_haute,
        "n_repondants": mesure.n_repondants,
        "statut": mesure.statut,
        "publication": pub.edition.version,
        "donnees_fictives": pub.edition.fictif,
    }


def nom_fichier(*morceaux: object) -> str:
    """File name in ASCII, from what it holds."""
    texte = "-".join(str(m) for m in morceaux)
    ascii_ = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_.lower()).strip("-")


def boutons(lignes: Sequence[Ligne], pub: Publication, *morceaux: object) -> None:
    """Two download buttons; the bytes are made when somebody clicks."""
    nom = nom_fichier(*morceaux, f"publication-{pub.edition.version}")
    formes = (
        ("Télécharger pour tableur (CSV)", "fr", True),
        ("CSV technique", "technique", False),
    )
    with st.container(horizontal=True, key=f"export-{nom}"):
        for titre, suffixe, francais in formes:
            st.download_button(
                titre,
                data=partial(csv_octets, tuple(lignes), francais=francais),
                file_name=f"{nom}-{suffixe}.csv",
                mime="text/csv",
                on_click="ignore",
                key=f"{nom}-{suffixe}",
                type="tertiary",
                icon=":material/download:",
            )
