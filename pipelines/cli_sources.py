"""Commands on what is known of the territory: official registers, priority districts, groupings of communes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from observatoire.config.settings import Settings, load_settings
from pipelines.cli_commun import Donnees, app, commande, refuser, sortie
from pipelines.francais import Groupe

sources = typer.Typer(
    cls=Groupe,
    no_args_is_help=True,
    help="Sources publiques : associations, subventions, population, revenus, quartiers, regroupements.",
)
app.add_typer(sources, name="sources")


QPV, REGROUPEMENTS = "qpv", "regroupements"
LISTES = {QPV: "Quartiers prioritaires", REGROUPEMENTS: "Regroupements de communes"}


@commande(sources)
def ajouter(
    genre: Annotated[
        str,
        typer.Argument(
            help="rna, sirene, sollicitees, populations, filosofi, subventions, qpv ou regroupements."
        ),
    ],
    fichier: Annotated[
        Path, typer.Argument(help="Le fichier officiel (CSV, .zip, .gz), ou la liste du réseau.")
    ],
    departement: Annotated[
        str | None, typer.Option(help="Garder un département (par défaut : celui de l’observatoire).")
    ] = None,
    france: Annotated[bool, typer.Option("--france", help="Garder toute la France.")] = False,
    extrait_le: Annotated[
        str | None,
        typer.Option(
            help="Jour d’extraction, AAAA-MM-JJ (par défaut : celui du nom du fichier, sinon inconnu)."
        ),
    ] = None,
    donnees: Donnees = None,
) -> None:
    """Ajoute un fichier : associations, subventions, population, revenus, quartiers, regroupements de communes.

    Le même fichier une seconde fois ne change rien. Une colonne attendue qui manque est nommée et rien n’est changé ;
    une colonne nouvelle est dite et n’est pas lue.
    """
    from pipelines.sources import publiques, registre

    reglages = load_settings(donnees)
    connus = tuple(dict.fromkeys((*registre.GENRES, *publiques.NOMS, *LISTES)))
    if genre not in connus:
        raise refuser(f"Source inconnue : « {genre} ». Choix : {', '.join(connus)}.")
    if france and departement:
        raise refuser("Choisissez « --departement » ou « --france », pas les deux.")
    if extrait_le is not None and not _est_un_jour(extrait_le):
        raise refuser(f"« {extrait_le} » n’est pas un jour. Écrivez AAAA-MM-JJ.")
    perimetre = publiques.FRANCE if france else departement or reglages.departement
    try:
        if genre in LISTES:
            phrases = _ajouter_liste(reglages, genre, fichier)
        elif _va_au_registre(reglages, genre, fichier, perimetre):
            phrases = _ajouter_registre(reglages, genre, fichier, extrait_le)
        else:
            phrases = _ajouter_table(reglages, genre, fichier, perimetre, extrait_le)
    except registre.SourceRefusee as faute:
        raise refuser(str(faute)) from None
    for phrase in phrases:
        sortie.print(phrase, soft_wrap=True, markup=False)


def _est_un_jour(texte: str) -> bool:
    import datetime as dt

    try:
        dt.date.fromisoformat(texte)
    except ValueError:
        return False
    return True


def _va_au_registre(reglages: Settings, genre: str, fichier: Path, perimetre: str) -> bool:
    """A file of our département on its associations goes straight to its register."""
    from pipelines.sources import publiques, registre

    return (
        genre in registre.GENRES
        and (perimetre == reglages.departement or genre not in publiques.NOMS)
        and not publiques.est_par_morceaux(genre, fichier)
    )


def _ajouter_table(
    reglages: Settings, genre: str, fichier: Path, perimetre: str, extrait_le: str | None
) -> list[str]:
    from pipelines.sources import publiques, registre

    bilan, au_registre = publiques.ajouter(reglages, genre, fichier, perimetre, extrait_le)
    if au_registre is None:
        return list(publiques.phrases(bilan))
    _rapprocher(reglages)
    return [*publiques.phrases(bilan), "Registre du département\u00a0:", *registre.phrases(au_registre)]


def _ajouter_liste(reglages: Settings, genre: str, fichier: Path) -> list[str]:
    from pipelines.sources import qpv, regroupements

    suite = ["Les chiffres de ces territoires paraîtront à la prochaine publication."]
    if genre == QPV:
        return [*qpv.phrases(qpv.ajouter(reglages, fichier)), *suite]
    return [*regroupements.phrases(regroupements.ajouter(reglages, fichier)), *suite]


def _ajouter_registre(reglages: Settings, genre: str, fichier: Path, extrait_le: str | None) -> list[str]:
    from pipelines.sources import registre

    bilan = registre.ajouter(reglages, genre, fichier, extrait_le=extrait_le or "")
    _rapprocher(reglages)
    return registre.phrases(bilan)


def _rapprocher(reglages: Settings) -> None:
    """Look again for who is who, now that the register has changed."""
    from observatoire.storage.entrepot import EntrepotEcriture
    from pipelines import qui_est_qui

    if reglages.entrepot.exists():
        with EntrepotEcriture(reglages) as con:
            qui_est_qui.recalculer(con, reglages)


@commande(sources)
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


@commande(sources)
def etat(donnees: Donnees = None) -> None:
    """Dit ce que contiennent le registre, les sources publiques et les listes de territoires, et d’où."""
    from pipelines.sources import listes, publiques, registre

    reglages = load_settings(donnees)
    for phrase in (*registre.phrases_etat(reglages), *publiques.phrases_etat(reglages)):
        sortie.print(phrase, soft_wrap=True, markup=False)
    for genre, titre in LISTES.items():
        chargees = list(listes.lister(reglages, _niveau(genre)))
        fichiers = ", ".join(sorted({f"« {a.source} »" for a in chargees}))
        dit = f"{len(chargees)}, de {fichiers}" if chargees else "aucun"
        sortie.print(f"{titre} : {dit}.", soft_wrap=True, markup=False)


@commande(sources)
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
