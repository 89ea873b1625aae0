"""Commands on the sheets of one association."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from observatoire.config.settings import load_settings
from pipelines.cli_commun import Donnees, app, commande, refuser, sortie
from pipelines.francais import Groupe

if TYPE_CHECKING:
    from observatoire.fiche_benevolat import FicheBenevolat

FORMATS = (".xlsx", ".md")
TITRE = "Bénévolat\u00a0: fiche pour les comptes"
fiches = typer.Typer(cls=Groupe, no_args_is_help=True, help="Fiches d’une association, à lui remettre.")
app.add_typer(fiches, name="fiche")


@fiches.callback()
def _groupe() -> None:
    """Fiches d’une association, à lui remettre."""


@commande(fiches)
def benevolat(
    association: Annotated[str, typer.Option(help="Clé : RNA:W…, SIREN:… ou NOM:….")],
    millesime: Annotated[int, typer.Option(help="Année des heures.")],
    sortie_: Annotated[
        Path | None, typer.Option("--sortie", help="Fichier .xlsx ou .md à écrire (affiché sinon).")
    ] = None,
    donnees: Donnees = None,
) -> None:
    """Heures, équivalent temps plein, fourchette en euros et écriture comptable (864 et 875) d’une association."""
    from observatoire.fiche_benevolat import en_texte
    from observatoire.storage.erreurs import PublicationAbsente
    from observatoire.valorisation import ValorisationImpossible
    from pipelines.sorties.valeurs_propres import AssociationNonPubliee, fiche_benevolat

    if sortie_ is not None and sortie_.suffix.lower() not in FORMATS:
        raise refuser(f"« {sortie_.name} » : le fichier doit finir par {' ou '.join(FORMATS)}.")
    try:
        f = fiche_benevolat(load_settings(donnees), association, millesime)
    except (AssociationNonPubliee, PublicationAbsente, ValorisationImpossible) as refus:
        raise refuser(str(refus)) from None
    if sortie_ is None:
        sortie.print(en_texte(f), markup=False, highlight=False, soft_wrap=True)
        return
    if sortie_.suffix.lower() == ".xlsx":
        _classeur(f, sortie_)
    else:
        sortie_.write_text(_markdown(f), encoding="utf-8")
    sortie.print(f"Fiche écrite : {sortie_}", soft_wrap=True)


def _markdown(f: FicheBenevolat) -> str:
    from observatoire.fiche_benevolat import en_lignes

    tableau = ["| | |", "|---|---|", *(f"| {titre} | {_texte(dit)} |" for titre, dit in en_lignes(f))]
    return "\n".join([f"# {TITRE}", "", *tableau, "", *(f"- {m}" for m in f.mentions), ""])


def _texte(dit: str) -> str:
    return dit.replace("|", "\\|")


def _classeur(f: FicheBenevolat, chemin: Path) -> None:
    """The sheet as a workbook; every cell is a text, so that no name can be a formula."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    from observatoire.fiche_benevolat import en_lignes

    classeur = Workbook()
    feuille = classeur.active
    assert feuille is not None
    feuille.title = "Bénévolat"
    rang = 1
    for titre, dit in [(TITRE, ""), *en_lignes(f), ("", ""), *(("", m) for m in f.mentions)]:
        for colonne, texte in ((1, titre), (2, dit)):
            case = feuille.cell(rang, colonne)
            case.value, case.data_type = texte, "s"
            case.alignment = Alignment(wrap_text=True, vertical="top")
            case.font = Font(bold=colonne == 1)
        rang += 1
    feuille.column_dimensions["A"].width, feuille.column_dimensions["B"].width = 34, 90
    classeur.save(chemin)
