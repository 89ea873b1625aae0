"""The command that tells how a publication was made: text, PDF or JSON, from its file alone."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from observatoire.config.settings import load_settings
from pipelines.cli_commun import SANS_PUBLICATION, Donnees, Json, commande, refuser, sortie

if TYPE_CHECKING:
    from observatoire.documents.modele import Document


@commande()
def methode(
    pdf: Annotated[
        Path | None, typer.Option("--pdf", help="Écrit le document complet dans ce fichier PDF.")
    ] = None,
    publication: Annotated[
        int | None, typer.Option("--publication", help="Numéro de la publication (par défaut : la dernière).")
    ] = None,
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Dit comment une publication a été faite : cadre, réponses, poids, conventions, secret, versions, changements."""
    from observatoire.methode.lecture import en_json as ecrire_json
    from observatoire.methode.lecture import lire_methodologie
    from observatoire.methode.texte import rediger
    from observatoire.storage.connexion import ouvrir_publication
    from observatoire.storage.fichiers import PUBLIC

    reglages = load_settings(donnees)
    chemin = reglages.publication if publication is None else PUBLIC.final(reglages, publication)
    if not chemin.exists():
        raise refuser(
            SANS_PUBLICATION
            if publication is None
            else f"La publication n° {publication} n’est pas dans {chemin.parent}."
        )
    with ouvrir_publication(chemin) as con:
        lue = lire_methodologie(con)
    document = rediger(lue)
    if pdf is not None:
        from observatoire.documents.pdf import pdf as composer

        pdf.write_bytes(composer(document))
        if not en_json:
            sortie.print(f"Écrit : {pdf} ({document.reference}).", soft_wrap=True, markup=False)
    if en_json:
        print(json.dumps(asdict(lue), ensure_ascii=False, indent=1, default=ecrire_json))
    elif pdf is None:
        _ecrire(document)


def _ecrire(document: Document) -> None:
    from rich.table import Table

    from observatoire.documents.modele import Liste, Paragraphe, Tableau

    sortie.print(f"{document.titre}, {document.chapeau}", style="bold", markup=False, soft_wrap=True)
    for section in document.sections:
        if section.est_annexe:
            continue
        sortie.print(f"\n{section.titre}", style="bold", markup=False)
        for bloc in section.blocs:
            if isinstance(bloc, Paragraphe):
                sortie.print(bloc.texte, markup=False, soft_wrap=True)
            elif isinstance(bloc, Liste):
                for tete, texte in bloc.elements:
                    sortie.print(f"- {tete} {texte}", markup=False, soft_wrap=True)
            elif isinstance(bloc, Tableau):
                tableau = Table(
                    title=bloc.titre, title_justify="left", caption=bloc.source, caption_justify="left"
                )
                for colonne in bloc.colonnes:
                    tableau.add_column(colonne.titre, justify="right" if colonne.nombre else "left")
                for ligne in bloc.lignes:
                    tableau.add_row(*(cellule.replace("[", "\\[") for cellule in ligne))
                sortie.print(tableau)
