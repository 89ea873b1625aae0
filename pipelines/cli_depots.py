"""Commands on deposits: template, verify, load, undo, publish, read the figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from observatoire.comptes.identite import OPERATEUR
from observatoire.config.settings import load_settings
from pipelines.cli_commun import (
    SANS_PUBLICATION,
    Colonnes,
    Constantes,
    Donnees,
    Fichier,
    FichierCorrespondance,
    Json,
    Millesime,
    Questionnaire,
    barre,
    commande,
    erreurs,
    refuser,
    sortie,
)

if TYPE_CHECKING:
    from pipelines.bilan import Bilan


Identifiant = Annotated[str, typer.Argument(metavar="DEPOT", help="Identifiant du dépôt.")]
PUBLIER = "Lancez « observatoire publier » pour mettre les pages à jour."


@commande()
def gabarit(
    questionnaire: Annotated[str, typer.Argument(help="associations, benevolat, emploi, ressources…")],
    sortie_fichier: Annotated[Path | None, typer.Option("--sortie", "-o", help="Fichier à écrire.")] = None,
    millesime: Millesime = None,
    donnees: Donnees = None,
) -> None:
    """Écrit le gabarit Excel d’un questionnaire, à envoyer aux associations.

    Sans --sortie, dans le dossier courant, ou dans le sous-dossier « gabarits » de --donnees.
    """
    from observatoire.domain.loader import load_enquetes
    from pipelines.ingestion.gabarit import ecrire_gabarit

    enquetes = load_enquetes()
    if questionnaire not in enquetes:
        raise refuser(f"Questionnaire inconnu : « {questionnaire} ». Choix : {', '.join(enquetes)}.")
    annee = f"-{millesime}" if millesime else ""
    dossier = load_settings(donnees).donnees / "gabarits" if donnees else Path()
    chemin = sortie_fichier or dossier / f"{questionnaire}{annee}.xlsx"
    chemin.parent.mkdir(parents=True, exist_ok=True)
    ecrire_gabarit(enquetes[questionnaire], chemin, millesime=millesime)
    sortie.print(f"Gabarit écrit : {chemin}", soft_wrap=True)


def _rendre(bilan: Bilan, en_json: bool, *, verifie: bool) -> None:
    from pipelines.rapport import compte_rendu

    if en_json:
        typer.echo(json.dumps(bilan.to_dict(), ensure_ascii=False))
        if bilan.refus:
            suite = f" ({bilan.refus.commande})" if bilan.refus.commande else ""
            erreurs.print(f"{bilan.refus.message}{suite}", soft_wrap=True, markup=False)
    else:
        compte_rendu(bilan, sortie, verifie=verifie)
    raise typer.Exit(bilan.code_sortie)


def _avec_progres(en_json: bool, travail: Callable[[Callable[[str], None]], Bilan]) -> Bilan:
    """Run `travail` under a spinner that names the current step (nothing with --json)."""
    if en_json or not erreurs.is_terminal:
        return travail(lambda _: None)
    with erreurs.status("…") as etat:
        return travail(lambda etape: etat.update(f"{etape}…"))


def _options(
    questionnaire: str | None,
    millesime: int | None,
    fichier: Path | None,
    colonnes: list[str] | None,
    constantes: list[str] | None,
) -> dict[str, Any]:
    """Options shared by `verifier` and `deposer`; exits with one French sentence when one is wrong."""
    from observatoire.domain.loader import load_enquetes
    from pipelines.ingestion.entetes import correspondance_de

    enquetes = load_enquetes()
    if questionnaire is not None and questionnaire not in enquetes:
        raise refuser(f"Questionnaire inconnu : « {questionnaire} ». Choix : {', '.join(enquetes)}.")
    try:
        correspondance = correspondance_de(fichier, colonnes or [], constantes or [], questionnaire, enquetes)
    except ValueError as faute:
        raise refuser(str(faute)) from None
    return {"questionnaire": questionnaire, "millesime": millesime, "correspondance": correspondance}


@commande()
def verifier(
    fichier: Fichier,
    questionnaire: Questionnaire = None,
    millesime: Millesime = None,
    correspondance: FichierCorrespondance = None,
    colonne: Colonnes = None,
    constante: Constantes = None,
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Dit tout ce qui ne va pas dans un tableur, cellule par cellule, sans rien charger.

    Code de retour : 0 tout est chargeable, 1 des lignes sont en attente, 2 le fichier est refusé.
    """
    from pipelines import depot

    options = _options(questionnaire, millesime, correspondance, colonne, constante)
    reglages = load_settings(donnees)
    bilan = _avec_progres(en_json, lambda suivi: depot.verifier(fichier, reglages, suivi=suivi, **options))
    _rendre(bilan, en_json, verifie=True)


@commande()
def deposer(
    fichier: Fichier,
    questionnaire: Questionnaire = None,
    millesime: Millesime = None,
    correspondance: FichierCorrespondance = None,
    colonne: Colonnes = None,
    constante: Constantes = None,
    fictif: Annotated[
        bool, typer.Option("--fictif", help="Données inventées, marquées sur chaque page.")
    ] = False,
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Vérifie un tableur puis charge ce qui est bon ; le reste attend, rien n’est perdu."""
    from pipelines import depot

    options = _options(questionnaire, millesime, correspondance, colonne, constante)
    reglages = load_settings(donnees)
    bilan = _avec_progres(
        en_json, lambda suivi: depot.deposer(fichier, reglages, suivi=suivi, fictif=fictif, **options)
    )
    _rendre(bilan, en_json, verifie=False)


@commande()
def depots(en_json: Json = False, donnees: Donnees = None) -> None:
    """Liste les dépôts : ce qui a été lu, chargé, mis en attente, ignoré."""
    from rich.table import Table

    from pipelines import depot

    lignes = depot.lister(load_settings(donnees))
    if en_json:
        typer.echo(json.dumps(lignes, ensure_ascii=False, default=str))
        return
    tableau = Table(box=None, header_style="bold")
    for titre in (
        "Dépôt",
        "Fichier",
        "Questionnaire",
        "Statut",
        "Lues",
        "Chargées",
        "En attente",
        "Ignorées",
    ):
        tableau.add_column(titre)
    for ligne in lignes:
        cles = ("depot_id", "nom_fichier", "questionnaire", "statut", "lignes_lues", "lignes_chargees")
        tableau.add_row(*(str(ligne[c]) for c in (*cles, "lignes_en_attente", "lignes_ignorees")))
    sortie.print(tableau)


@commande()
def annuler(
    depot_id: Identifiant,
    oui: Annotated[bool, typer.Option("--oui", help="Ne demande pas de confirmation.")] = False,
    donnees: Donnees = None,
) -> None:
    """Retire un dépôt des chiffres. Rien n’est effacé : « retablir » le remet."""
    from pipelines import depot
    from pipelines.rapport import lignes

    reglages = load_settings(donnees)
    apercu = depot.apercu_annulation(depot_id, reglages)
    for annee, nb in apercu.items():
        sortie.print(f"{annee or 'sans année'} : {lignes(nb)} ne compteront plus.")
    if not oui and not typer.confirm("Annuler ce dépôt ?"):
        raise typer.Exit(1)
    depot.annuler(depot_id, reglages, OPERATEUR.sujet)
    sortie.print(f"Dépôt {depot_id} annulé. {PUBLIER}")


@commande()
def retablir(depot_id: Identifiant, donnees: Donnees = None) -> None:
    """Remet un dépôt annulé dans les chiffres."""
    from pipelines import depot

    depot.retablir(depot_id, load_settings(donnees), OPERATEUR.sujet)
    sortie.print(f"Dépôt {depot_id} rétabli. {PUBLIER}")


@commande()
def valider(depot_id: Identifiant, donnees: Donnees = None) -> None:
    """Laisse compter un dépôt qui attend le regard d’une autre personne que son déposant."""
    from pipelines import depot

    depot.valider(depot_id, load_settings(donnees), OPERATEUR.sujet)
    sortie.print(f"Dépôt {depot_id} validé. {PUBLIER}")


@commande()
def publier(donnees: Donnees = None) -> None:
    """Calcule les chiffres et publie une nouvelle version, numérotée, en lecture seule."""
    from pipelines import depot

    reglages = load_settings(donnees)
    with barre() as suivi:
        publication = depot.publier(reglages, OPERATEUR.sujet, suivi=suivi)
    sortie.print(f"Publication n° {publication.version} : {publication.chemin}", soft_wrap=True)


@commande()
def mesures(
    indicateur: Annotated[
        str | None, typer.Argument(help="Identifiant de l’indicateur (tous sinon).")
    ] = None,
    millesime: Millesime = None,
    niveau: Annotated[str | None, typer.Option(help="departement, epci, commune…")] = "departement",
    territoire: Annotated[str | None, typer.Option(help="Code du territoire.")] = None,
    domaine: Annotated[str | None, typer.Option(help="Code du domaine, ou tous.")] = "tous",
    financeur: Annotated[str | None, typer.Option(help="Nom du financeur, tous, ou * pour chacun.")] = "tous",
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Donne les chiffres publiés, les mêmes que sur les pages."""
    from pipelines import mesures as lecture

    reglages = load_settings(donnees)
    if not reglages.publication.exists():
        raise refuser(SANS_PUBLICATION)
    filtres = {
        "indicateur": indicateur,
        "millesime": millesime,
        "niveau": niveau,
        "code_territoire": territoire,
        "domaine": domaine,
        "financeur": None if financeur == "*" else financeur,
    }
    lignes = lecture.lire(reglages.publication, filtres)
    if en_json:
        typer.echo(json.dumps(lignes, ensure_ascii=False, default=str))
    else:
        lecture.afficher(lignes, sortie)
