"""The `observatoire` command. Every sentence is French; heavy libraries are imported by the command that needs them."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from observatoire.config.settings import ReglageInconnu, Settings, load_settings
from pipelines import (
    cli_chiffre,
    cli_depots,
    cli_exploitation,
    cli_fiche,
    cli_fiches,
    cli_methode,
    cli_moteurs,
    cli_paroles,
    cli_publications,
    cli_secret,
    cli_sources,
)
from pipelines.cli_commun import SANS_PUBLICATION, Donnees, app, commande, erreurs, refuser, sortie
from pipelines.francais import traduire

Port = Annotated[int, typer.Option(help="Port d’écoute.")]
Adresse = Annotated[str, typer.Option(help="Adresse d’écoute.")]
# Importing these modules is what adds their commands.
COMMANDES = (
    cli_chiffre, cli_depots, cli_exploitation, cli_fiche, cli_fiches, cli_methode, cli_moteurs, cli_paroles,
    cli_publications, cli_secret, cli_sources,
)  # fmt: skip


@commande()
def servir(
    port: Port = 8501,
    adresse: Adresse = "127.0.0.1",
    donnees: Donnees = None,
) -> None:
    """Sert les pages publiques de la dernière publication."""
    from dashboards import servir as serveur

    reglages = load_settings(donnees)
    if not reglages.publication.exists():
        raise refuser(SANS_PUBLICATION)
    sortie.print(f"Pages publiques : http://{adresse}:{port} (Ctrl+C pour arrêter)", soft_wrap=True)
    _devenir(serveur.commande(reglages, port, adresse), reglages)


@commande()
def guichet(
    port: Port = 8502,
    adresse: Adresse = "127.0.0.1",
    donnees: Donnees = None,
) -> None:
    """Sert l’application de dépôt de l’équipe, derrière son entrée ; la première fois, donne le lien du premier compte."""
    from dashboards import servir as serveur

    reglages = load_settings(donnees)
    reglages.donnees.mkdir(parents=True, exist_ok=True)
    sortie.print(f"Dépôt des tableurs : http://{adresse}:{port} (Ctrl+C pour arrêter)", soft_wrap=True)
    _devenir(serveur.commande_deposer(reglages, port, adresse), reglages)


def _devenir(arguments: list[str], reglages: Settings) -> NoReturn:
    """Become the server, so that a stop signal reaches it."""
    from dashboards import servir as serveur

    sys.stdout.flush()
    os.execve(arguments[0], arguments, serveur.environnement(reglages))


@commande()
def demo(
    port: Port = 8501,
    port_guichet: Annotated[
        int, typer.Option("--port-guichet", help="Port de l’application de dépôt.")
    ] = 8502,
    sans_pages: Annotated[bool, typer.Option("--sans-pages", help="Charge et publie sans servir.")] = False,
    donnees: Donnees = None,
) -> None:
    """Charge les dépôts de démonstration (fictifs), publie, sert les pages et l’application de dépôt."""
    from pipelines import demonstration

    reglages = load_settings(donnees)
    demonstration.charger(reglages, sortie)
    if sans_pages:
        return
    from dashboards import servir as serveur
    from dashboards.supervision import surveiller

    environnement = serveur.environnement(reglages)
    sortie.print(f"Pages publiques : http://127.0.0.1:{port}", soft_wrap=True)
    sortie.print(
        f"Dépôt des tableurs : http://127.0.0.1:{port_guichet} (Ctrl+C pour tout arrêter)", soft_wrap=True
    )
    sys.stdout.flush()
    services = [
        (serveur.commande(reglages, port), environnement),
        (serveur.commande_deposer(reglages, port_guichet), environnement),
    ]
    raise typer.Exit(surveiller(services))


def _de_la_machine() -> tuple[type[Exception], ...]:
    """Errors of the disk; DuckDB is only imported once something went wrong."""
    import duckdb

    return OSError, duckdb.Error


def main() -> None:
    """Entry point: usage errors in French, expected failures in one sentence, never a traceback for them."""
    from observatoire.storage.erreurs import ErreurEntrepot

    try:
        code = app(standalone_mode=False)
    except typer.TyperException as faute:
        erreurs.print(traduire(faute.format_message()), style="red", soft_wrap=True, markup=False)
        code = 2
    except (ErreurEntrepot, ReglageInconnu) as faute:
        erreurs.print(str(faute), style="red", soft_wrap=True, markup=False)
        code = 2
    except _de_la_machine() as faute:
        from pipelines.pannes import phrase_systeme

        phrase = phrase_systeme(faute)
        if phrase is None:
            raise
        erreurs.print(phrase, style="red", soft_wrap=True, markup=False)
        code = 2
    except (typer.Abort, KeyboardInterrupt):
        erreurs.print("Interrompu : rien n’a été changé après la dernière étape affichée.")
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
