"""Commands on what is known of the territory: official registers, priority districts, groupings of communes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from observatoire.config.settings import Settings, load_settings
from pipelines.cli_commun import Donnees, app, refuser, sortie
from pipelines.francais import Commande, Groupe

sources = typer.Typer(
    cls=Groupe,
    no_args_is_help=True,
    help="Sources : registre des associations, quartiers prioritaires, regroupements.",
)
app.add_typer(sources, name="sources")


QPV, REGROUPEMENTS = "qpv", "regroupements"
LISTES = {QPV: "Quartiers prioritaires", REGROUPEMENTS: "Regroupements de communes"}


@sources.command(cls=Commande)
def ajouter(
    genre: Annotated[str, typer.Argument(help="rna, sirene, sollicitees, qpv ou regroupements.")],
    fichier: Annotated[Path, typer.Argument(help="Le fichier officiel, ou la liste du réseau.")],
    donnees: Donnees = None,
) -> None:
    """Ajoute un fichier : registre des associations, quartiers prioritaires ou regroupements de communes."""
    from pipelines.sources import registre

    reglages = load_settings(donnees)
    if genre not in (*registre.GENRES, *LISTES):
        raise refuser(f"Source inconnue : « {genre} ». Choix : {', '.join((*registre.GENRES, *LISTES))}.")
    try:
        phrases = (
            _ajouter_liste(reglages, genre, fichier)
            if genre in LISTES
            else _ajouter_registre(reglages, genre, fichier)
        )
    except registre.SourceRefusee as faute:
        raise refuser(str(faute)) from None
    for phrase in phrases:
        sortie.print(phrase, soft_wrap=True, markup=False)


def _ajouter_liste(reglages: Settings, genre: str, fichier: Path) -> list[str]:
    from pipelines.sources import qpv, regroupements

    suite = ["Les chiffres de ces territoires paraîtront à la prochaine publication."]
    if genre == QPV:
        return [*qpv.phrases(qpv.ajouter(reglages, fichier)), *suite]
    return [*regroupements.phrases(regroupements.ajouter(reglages, fichier)), *suite]


def _ajouter_registre(reglages: Settings, genre: str, fichier: Path) -> list[str]:
    from observatoire.storage.entrepot import EntrepotEcriture
    from pipelines import qui_est_qui
    from pipelines.sources import registre

    bilan = registre.ajouter(reglages, genre, fichier)
    if reglages.entrepot.exists():
        with EntrepotEcriture(reglages) as con:
            qui_est_qui.recalculer(con, reglages)
    return registre.phrases(bilan)


@sources.command(cls=Commande)
def retirer(
    genre: Annotated[str, typer.Argument(help="qpv ou regroupements.")],
    codes: Annotated[list[str] | None, typer.Argument(help="Codes à retirer (par défaut : tous).")] = None,
    donnees: Donnees = None,
) -> None:
    """Retire des quartiers ou des regroupements : ils ne seront plus dans la prochaine publication."""
    from pipelines.sources import listes, registre

    if genre not in LISTES:
        raise refuser(f"« {genre} » ne se retire pas. Choix : {', '.join(LISTES)}.")
    try:
        otes = listes.retirer(load_settings(donnees), _niveau(genre), codes or [])
    except registre.SourceRefusee as faute:
        raise refuser(str(faute)) from None
    for ote in otes:
        sortie.print(f"Retiré : {ote.libelle} ({ote.code}).", soft_wrap=True, markup=False)
    if not otes:
        sortie.print(f"{LISTES[genre]} : la liste était vide.", markup=False)


def _niveau(genre: str) -> str:
    from observatoire.territoire.lieux import QPV as NIVEAU_QPV
    from observatoire.territoire.lieux import REGROUPEMENT

    return NIVEAU_QPV if genre == QPV else REGROUPEMENT


@sources.command(cls=Commande)
def etat(donnees: Donnees = None) -> None:
    """Dit ce que contiennent le registre et les listes de territoires, et d’où."""
    from pipelines.sources import listes, registre

    reglages = load_settings(donnees)
    for phrase in registre.phrases_etat(reglages):
        sortie.print(phrase, soft_wrap=True, markup=False)
    for genre, titre in LISTES.items():
        chargees = list(listes.lister(reglages, _niveau(genre)))
        fichiers = ", ".join(sorted({f"« {a.source} »" for a in chargees}))
        dit = f"{len(chargees)}, de {fichiers}" if chargees else "aucun"
        sortie.print(f"{titre} : {dit}.", soft_wrap=True, markup=False)


@sources.command(cls=Commande)
def lister(
    genre: Annotated[str, typer.Argument(help="qpv ou regroupements.")],
    donnees: Donnees = None,
) -> None:
    """Liste les quartiers ou les regroupements chargés : code, nom, communes."""
    from pipelines.sources import listes

    if genre not in LISTES:
        raise refuser(f"Liste inconnue : « {genre} ». Choix : {', '.join(LISTES)}.")
    for zone in listes.lister(load_settings(donnees), _niveau(genre)):
        note = f" ({zone.note})" if zone.note else ""
        sortie.print(
            f"{zone.code} — {zone.libelle}{note} : {', '.join(zone.communes)}", soft_wrap=True, markup=False
        )
