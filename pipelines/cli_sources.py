"""Commands on the register of associations: official files in, links between names and numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from observatoire.config.settings import load_settings
from pipelines.cli_commun import Donnees, app, refuser, sortie
from pipelines.francais import Commande, Groupe

sources = typer.Typer(
    cls=Groupe, no_args_is_help=True, help="Registre des associations : RNA, Sirene, liste des sollicitées."
)
app.add_typer(sources, name="sources")


@sources.command(cls=Commande)
def ajouter(
    genre: Annotated[str, typer.Argument(help="rna, sirene ou sollicitees.")],
    fichier: Annotated[Path, typer.Argument(help="Le fichier officiel, ou la liste du réseau.")],
    donnees: Donnees = None,
) -> None:
    """Ajoute un fichier officiel au registre, puis rapproche de nouveau les noms sans numéro."""
    from observatoire.storage.entrepot import EntrepotEcriture
    from pipelines import qui_est_qui
    from pipelines.sources import registre

    if genre not in registre.GENRES:
        raise refuser(f"Source inconnue : « {genre} ». Choix : {', '.join(registre.GENRES)}.")
    reglages = load_settings(donnees)
    try:
        bilan = registre.ajouter(reglages, genre, fichier)
    except registre.SourceRefusee as faute:
        raise refuser(str(faute)) from None
    for phrase in registre.phrases(bilan):
        sortie.print(phrase, soft_wrap=True, markup=False)
    if reglages.entrepot.exists():
        with EntrepotEcriture(reglages) as con:
            qui_est_qui.recalculer(con, reglages)


@sources.command(cls=Commande)
def etat(donnees: Donnees = None) -> None:
    """Dit ce que contient le registre, et d’où."""
    from pipelines.sources import registre

    for phrase in registre.phrases_etat(load_settings(donnees)):
        sortie.print(phrase, soft_wrap=True, markup=False)
