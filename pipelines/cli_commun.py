"""What every command of `observatoire` shares: the application, its consoles, its options, its refusals."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pipelines.francais import Commande, Groupe

app = typer.Typer(
    cls=Groupe,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Observatoire de la vie associative : déposer, vérifier, publier, servir.",
    pretty_exceptions_enable=False,
)
SANS_PUBLICATION = "Aucune publication. Lancez « observatoire publier » après avoir déposé des fichiers."
erreurs = Console(stderr=True, highlight=False)
sortie = Console(highlight=False)

Donnees = Annotated[Path | None, typer.Option("--donnees", help="Dossier des données (par défaut : data).")]
Questionnaire = Annotated[
    str | None, typer.Option("--questionnaire", "-q", help="Nom du questionnaire (deviné sinon).")
]
Millesime = Annotated[
    int | None, typer.Option("--millesime", "-m", help="Année des données, par exemple 2025.")
]
Json = Annotated[bool, typer.Option("--json", help="Un objet JSON sur la sortie standard.")]
Fichier = Annotated[Path, typer.Argument(help="Le tableur : .xlsx, .xls, .ods ou .csv.")]
Colonnes = Annotated[
    list[str] | None,
    typer.Option("--colonne", help="« VOTRE COLONNE=champ » ; à répéter."),
]
Constantes = Annotated[
    list[str] | None,
    typer.Option("--constante", help="« champ=valeur » pour toutes les lignes ; à répéter."),
]
FichierCorrespondance = Annotated[
    Path | None, typer.Option("--correspondance", help="Fichier TOML des correspondances de colonnes.")
]


def commande(groupe: typer.Typer = app, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A command whose help is in French; one event says that it ran, for how long and how it ended.

    In a group of commands, the event bears the name of its module too: `publications-lister`.
    """
    ajouter = groupe.command(cls=Commande, **options)

    def decorer(fonction: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(fonction)
        def suivie(*args: Any, **choix: Any) -> Any:
            debut, fin = time.monotonic(), "fini"
            try:
                return fonction(*args, **choix)
            except typer.Exit as sortie_voulue:
                fin = "fini" if sortie_voulue.exit_code == 0 else f"code{sortie_voulue.exit_code}"
                raise
            except BaseException as faute:
                fin = type(faute).__name__
                raise
            finally:
                _noter(_nom(fonction, groupe), fin, time.monotonic() - debut, choix.get("donnees"))

        ajouter(suivie)
        return fonction

    return decorer


def _nom(fonction: Callable[..., Any], groupe: typer.Typer) -> str:
    module = fonction.__module__.rpartition("cli_")[2]
    return fonction.__name__ if groupe is app else f"{module}-{fonction.__name__}"


def _noter(nom: str, fin: str, secondes: float, donnees: Path | None) -> None:
    from observatoire.config.settings import load_settings
    from observatoire.storage.evenements import noter

    noter(load_settings(donnees), "commande", commande=nom, fin=fin, secondes=round(secondes, 3))


def refuser(phrase: str) -> typer.Exit:
    """Say in one sentence why nothing is done; to be raised."""
    erreurs.print(phrase, style="red", soft_wrap=True, markup=False)
    return typer.Exit(2)


@contextmanager
def barre() -> Iterator[Callable[[str, float], None]]:
    """A bar that names the step of the computation; nothing where nobody watches."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    colonnes = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*colonnes, console=erreurs, transient=True, disable=not erreurs.is_terminal) as progres:
        tache = progres.add_task("Préparation…", total=1.0)
        yield lambda etape, part: progres.update(tache, description=f"{etape}…", completed=part)
