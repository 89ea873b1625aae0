"""Commands past one machine: indicators on another engine, lake of a federation (docs/grandir.md)."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from observatoire.config.settings import MOTEURS, Settings, load_settings
from observatoire.domain.francais import accord, ecrire_nombre
from pipelines.cli_commun import SANS_PUBLICATION, Donnees, app, commande, refuser, sortie
from pipelines.francais import Groupe

moteur = typer.Typer(
    cls=Groupe,
    no_args_is_help=True,
    help="Calculer les indicateurs sur un autre moteur, et comparer deux moteurs ligne à ligne.",
)
federer = typer.Typer(
    cls=Groupe,
    no_args_is_help=True,
    help="Lac d’une fédération : y envoyer ses réponses, les reprendre, voir son état.",
)
app.add_typer(moteur, name="moteur")
app.add_typer(federer, name="federer")

Depuis = Annotated[
    Path | None, typer.Option("--depuis", help="Dossier Parquet à lire, au lieu du jeu des analystes.")
]
Ensemble = Annotated[
    bool, typer.Option("--federation", help="Tous les départements ensemble, sans découpage par territoire.")
]


@commande(moteur)
def calculer(
    dossier: Annotated[Path, typer.Argument(help="Dossier (privé) où écrire les tables en Parquet.")],
    depuis: Depuis = None,
    federation: Ensemble = False,
    donnees: Donnees = None,
) -> None:
    """Calcule tous les indicateurs sur le moteur réglé ; avant pondération et secret : rien n’en est publiable."""
    from pipelines import moteurs

    reglages = load_settings(donnees)
    debut = time.monotonic()
    tables = moteurs.calculer(reglages, dossier, depuis, federation=federation)
    secondes = ecrire_nombre(time.monotonic() - debut, 1)
    lignes = ", ".join(f"{table} {ecrire_nombre(n)}" for table, n in tables.items())
    sortie.print(f"Moteur {reglages.moteur}, {secondes} s : {lignes}", soft_wrap=True)


@commande(moteur)
def comparer(
    autre: Annotated[str, typer.Argument(help="Moteur à comparer à duckdb : ducklake ou spark.")],
    depuis: Depuis = None,
    donnees: Donnees = None,
) -> None:
    """Compare un moteur à DuckDB, ligne à ligne, sur tous les indicateurs ; code 1 s’ils diffèrent."""
    import tempfile

    from observatoire.moteurs.comparaison import TOLERANCE
    from observatoire.moteurs.comparaison import comparer as mettre_face_a_face
    from pipelines import moteurs

    if autre not in MOTEURS:
        raise refuser(f"« {autre} » est inconnu (moteurs possibles : {', '.join(MOTEURS)}).")
    reglages = load_settings(donnees)
    dossiers: list[Path] = []
    with tempfile.TemporaryDirectory() as travail:
        for nom in ("duckdb", autre):
            dossiers.append(Path(travail) / f"{len(dossiers)}-{nom}")
            debut = time.monotonic()
            moteurs.calculer(replace(reglages, moteur=nom), dossiers[-1], depuis)
            sortie.print(f"{nom} : {ecrire_nombre(time.monotonic() - debut, 1)} s")
        ecarts = list(mettre_face_a_face(*dossiers))
    for e in ecarts:
        sortie.print(
            f"{e.table} : {e.indicateurs} indicateurs, {ecrire_nombre(e.lignes)} lignes, {e.seules} d’un seul côté, "
            f"écart relatif au plus {e.relatif:.1e}",
            soft_wrap=True,
        )
    egaux = all(e.est_nul for e in ecarts)
    sortie.print(f"Égaux à {TOLERANCE:.0e} près." if egaux else "Les deux moteurs diffèrent.")
    if not egaux:
        raise typer.Exit(1)


@commande(federer)
def preparer(donnees: Donnees = None) -> None:
    """Crée le lac dans la base PostgreSQL vide qui l’attend ; à faire une fois, par qui l’administre."""
    from observatoire.federation import lac

    lac.creer(load_settings(donnees))
    sortie.print("Le lac est prêt : chaque installation peut y envoyer ses réponses.")


@commande(federer)
def pousser(donnees: Donnees = None) -> None:
    """Envoie au lac les réponses de la publication en vigueur : ce qui a changé, en une fois ; rien deux fois."""
    from observatoire.domain.loader import load_enquetes
    from observatoire.federation.envoi import envoyer
    from observatoire.storage.fichiers import ANALYSE, cible

    reglages = load_settings(donnees)
    fichier = cible(reglages.analyse)
    version = ANALYSE.version(fichier) if fichier else None
    if fichier is None or version is None:
        raise refuser(SANS_PUBLICATION)
    fait = envoyer(reglages, load_enquetes(), version, fichier)
    if fait.est_vide:
        sortie.print(f"Département {fait.departement} : le lac a déjà la publication n° {fait.publication}.")
        return
    sortie.print(
        f"Département {fait.departement}, publication n° {fait.publication} : "
        f"{accord(fait.nouveaux, 'dépôt nouveau', 'dépôts nouveaux')}, "
        f"{accord(fait.changes, 'changé')}, {accord(fait.retires, 'retiré')}, "
        f"{accord(fait.lignes, 'ligne envoyée', 'lignes envoyées')}.",
        soft_wrap=True,
    )


@commande(federer)
def tirer(
    dossier: Annotated[Path, typer.Argument(help="Dossier (privé) où écrire les réponses en Parquet.")],
    federation: Ensemble = False,
    donnees: Donnees = None,
) -> None:
    """Copie les réponses du lac à un même instant, rangées comme le jeu Parquet des analystes."""
    from observatoire.domain.loader import load_enquetes
    from observatoire.federation import lac, lecture

    reglages = load_settings(donnees)
    departement = "" if federation else reglages.departement
    with lac.ouvrir(reglages, lecture=True) as con:
        numero = lecture.tirer(con, load_enquetes().values(), dossier, departement)
    sortie.print(f"Instantané n° {numero} écrit dans {dossier}", soft_wrap=True)


@commande(federer)
def etat(donnees: Donnees = None) -> None:
    """Dit ce que le lac contient de chaque département."""
    from observatoire.domain.loader import load_enquetes
    from observatoire.federation import lac, lecture

    reglages: Settings = load_settings(donnees)
    with lac.ouvrir(reglages, lecture=True) as con:
        lignes = lecture.lire_etat(con)
        communes = lecture.partagees(con, load_enquetes().values())
    for d in lignes:
        sortie.print(
            f"{d.departement} : publication n° {d.publication}, {accord(d.depots, 'dépôt')}, "
            f"{accord(d.lignes, 'ligne')}, envoyé le {d.envoi_le} (UTC)",
            soft_wrap=True,
        )
    sortie.print(f"Associations présentes dans plusieurs départements pour une même année : {communes}")


@commande(federer)
def elaguer(donnees: Donnees = None) -> None:
    """Retire du lac les instantanés passés et les lignes qu’eux seuls gardaient : après un oubli, par exemple."""
    from observatoire.federation import lac

    retires = lac.elaguer(load_settings(donnees))
    sortie.print(
        f"{accord(retires, 'fichier retiré', 'fichiers retirés')} ; seul l’état présent du lac se lit encore."
    )
