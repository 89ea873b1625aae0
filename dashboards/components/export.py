"""Downloads of what is on the page: a CSV for French spreadsheets, a technical one, and a workbook.

All carry, in every row, the view, the source, the method, the number of respondents, the publication and the
fictitious mark; the workbook adds a sheet « Lisez-moi ». Text that a spreadsheet would run as a formula is
neutralised; numbers never are.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from dashboards import affichage, chiffre, textes, vues
from dashboards import format_fr as fr
from dashboards.components.donnees import Publication
from dashboards.modeles import Indicateur, Mesure
from observatoire.domain.export import neutraliser

__all__ = [
    "FORMES",
    "Notice",
    "boutons",
    "csv_octets",
    "ligne_mesure",
    "neutraliser",
    "nom_fichier",
    "xlsx_octets",
]

Valeur = str | int | float | bool | None
Ligne = Mapping[str, Valeur]
LISEZ_MOI, DONNEES = "Lisez-moi", "Données"
LARGEUR_MAX = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the sheet « Lisez-moi » says above the definitions: title, filters of the page, cards of its figures."""

    titre: str
    filtres: Sequence[tuple[str, str]] = ()
    cartes: Sequence[Indicateur] = ()


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


def lisez_moi(lignes: Sequence[Ligne], notice: Notice, pub: Publication) -> list[tuple[str, str]]:
    """Pairs of the sheet « Lisez-moi »: what is here, which views, which states, which definitions."""
    edition = pub.edition
    paires = [
        (textes.NOM, notice.titre),
        ("Publication", f"n° {edition.version} du {fr.date_courte(edition.publie_le)}"),
        ("Lignes", fr.nombre(len(lignes))),
        *notice.filtres,
    ]
    if edition.fictif:
        paires.append(("Attention", "Données fictives de démonstration : elles ne décrivent rien de réel."))
    montrees = dict.fromkeys(str(x["vue"]) for x in lignes if "vue" in x)
    paires += [(f"Vue « {vues.LIBELLES[v]} » ({v})", vues.SENS[v]) for v in montrees if v in vues.LIBELLES]
    if any(x.get("cv") is not None for x in lignes):
        paires.append(("Intervalles", textes.INDICATIF_LONG))
    if any("statut" in x for x in lignes):
        paires.append(("Statut 0", "Un zéro est une réponse ; les autres cases vides disent pourquoi."))
        paires += [(f"Statut {code}", f"{e.libelle}. {e.phrase}".strip()) for code, e in textes.ETATS.items()]
    for carte in notice.cartes:
        paires.append((carte.titre, carte.definition))
        paires.append(("Calcul", carte.formule))
        paires += [
            (t, x) for t, x in (("À savoir", carte.precautions), ("Ne dit pas", carte.ne_dit_pas)) if x
        ]
        paires.append(("Source", carte.source))
    return paires


def xlsx_octets(lignes: Sequence[Ligne], notice: Notice, pub: Publication) -> bytes:
    """Workbook with the sheets « Lisez-moi » and « Données »; numbers stay numbers."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    classeur = Workbook()
    page = classeur.active
    page.title = LISEZ_MOI
    for rang, (titre, texte) in enumerate(lisez_moi(lignes, notice, pub), start=1):
        page.cell(rang, 1, neutraliser(titre)).font = Font(bold=True)
        page.cell(rang, 2, neutraliser(texte)).alignment = Alignment(wrap_text=True, vertical="top")
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 34, 110
    feuille = classeur.create_sheet(DONNEES)
    feuille.freeze_panes = "A2"
    titres = list(lignes[0]) if lignes else []
    feuille.append(titres)
    for ligne in lignes:
        feuille.append(
            [
                v if isinstance(v, int | float | bool) else _cellule(v, francais=True) or None
                for v in ligne.values()
            ]
        )
    for rang, titre in enumerate(titres, start=1):
        feuille.cell(1, rang).font = Font(bold=True)
        longueur = max([len(titre), *(len(str(x[titre] or "")) for x in lignes)])
        feuille.column_dimensions[feuille.cell(1, rang).column_letter].width = min(longueur + 2, LARGEUR_MAX)
    sortie = io.BytesIO()
    classeur.save(sortie)
    return sortie.getvalue()


def ligne_mesure(
    mesure: Mesure, carte: Indicateur, pub: Publication, **libelles: Valeur
) -> dict[str, Valeur]:
    """One measure as an export row: what, where, when, in which view, how sure, from whom, by which method."""
    return {
        "identifiant": chiffre.cite(mesure, pub.edition),
        "indicateur": mesure.indicateur,
        "titre": carte.titre,
        "millesime": mesure.millesime,
        "niveau": mesure.niveau,
        "code_territoire": mesure.code,
        "domaine": mesure.domaine,
        "financeur": mesure.financeur,
        **libelles,
        "vue": mesure.vue,
        "vue_libelle": vues.libelle(carte, mesure.vue),
        "valeur": mesure.valeur,
        "unite": carte.unite,
        "borne_basse": mesure.borne_basse,
        "borne_haute": mesure.borne_haute,
        "cv": mesure.cv,
        "n_repondants": mesure.n_repondants,
        "taux_reponse": mesure.taux_reponse,
        "statut": mesure.statut,
        "fiabilite": affichage.etat(mesure).libelle,
        "methode": chiffre.methode(carte, mesure.vue),
        "precision_intervalle": textes.INDICATIF if affichage.est_estimee(mesure) else "",
        "source": carte.source,
        "publication": pub.edition.version,
        "publie_le": fr.date_iso(pub.edition.publie_le),
        "donnees_fictives": pub.edition.fictif,
    }


def nom_fichier(*morceaux: object) -> str:
    """File name in ASCII, from what it holds."""
    texte = "-".join(str(m) for m in morceaux)
    ascii_ = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_.lower()).strip("-")


Octets = Callable[[tuple[Ligne, ...], Notice, Publication], bytes]
# Title of the button, end of the file name, type, and what makes the bytes: all the forms a figure leaves in.
FORMES: tuple[tuple[str, str, str, Octets], ...] = (
    (
        "Télécharger pour tableur (CSV)",
        "fr.csv",
        "text/csv",
        lambda lignes, _n, _p: csv_octets(lignes, francais=True),
    ),
    ("Classeur avec notice (XLSX)", "fr.xlsx", XLSX, xlsx_octets),
    ("CSV technique", "technique.csv", "text/csv", lambda lignes, _n, _p: csv_octets(lignes, francais=False)),
)


def boutons(
    lignes: Sequence[Ligne], pub: Publication, *morceaux: object, notice: Notice | None = None
) -> None:
    """The download buttons; the bytes are made when somebody clicks. None without a row."""
    if not lignes:
        return
    nom = nom_fichier(*morceaux, f"publication-{pub.edition.version}")
    dite = notice or Notice(" ".join(str(m) for m in morceaux))
    with st.container(horizontal=True, key=f"export-{nom}"):
        for titre, suffixe, genre, octets in FORMES:
            st.download_button(
                titre,
                data=partial(octets, tuple(lignes), dite, pub),
                file_name=f"{nom}-{suffixe}",
                mime=genre,
                on_click="ignore",
                key=f"{nom}-{suffixe}",
                type="tertiary",
                icon=":material/download:",
            )
