"""Commands on the publications: list, compare, verify, put back in force, prune."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from observatoire.comptes.identite import OPERATEUR
from observatoire.config.settings import load_settings
from observatoire.domain.francais import accord, date_courte, ecrire_nombre
from pipelines.cli_commun import SANS_PUBLICATION, Donnees, Json, app, commande, refuser, sortie
from pipelines.francais import Groupe

publications = typer.Typer(
    cls=Groupe,
    no_args_is_help=True,
    help="Publications : les lister, les comparer, les vérifier, en remettre une en vigueur, élaguer.",
)
app.add_typer(publications, name="publications")

Oui = Annotated[bool, typer.Option("--oui", help="Ne demande pas de confirmation.")]
_MEGA = 1_000_000


@commande(publications)
def lister(en_json: Json = False, donnees: Donnees = None) -> None:
    """Liste les publications, la plus récente d’abord : date, dépôts, chiffres, place prise, celle en vigueur."""
    from rich.table import Table

    from observatoire.storage.publications import lister_publications, octets

    reglages = load_settings(donnees)
    lues = [(p, octets(reglages, p.version)) for p in lister_publications(reglages)]
    if en_json:
        typer.echo(json.dumps([{**asdict(p), "octets": n} for p, n in lues], ensure_ascii=False, default=str))
        return
    if not lues:
        raise refuser(SANS_PUBLICATION)
    tableau = Table(box=None, header_style="bold")
    for titre in ("N°", "Publiée le (UTC)", "Par", "Dépôts", "Chiffres", "Place", "État"):
        tableau.add_column(titre)
    for p, n in lues:
        etat = "en vigueur" if p.courante else "gardée" if p.presente else "élaguée, chiffres gardés"
        tableau.add_row(
            str(p.version),
            f"{date_courte(p.publie_le)} {p.publie_le:%H:%M}",
            p.qui or "—",
            str(len(p.depots)),
            "—" if p.chiffres is None else ecrire_nombre(p.chiffres),
            f"{ecrire_nombre(n / _MEGA, 1)} Mo",
            etat,
        )
    sortie.print(tableau)


@commande(publications)
def comparer(
    avant: Annotated[int, typer.Argument(metavar="A", help="Numéro de la première publication.")],
    apres: Annotated[int, typer.Argument(metavar="B", help="Numéro de la seconde.")],
    limite: Annotated[int, typer.Option(help="Chiffres dits un par un (tous avec --json).")] = 20,
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Dit quels chiffres diffèrent entre deux publications, et pourquoi.

    Code de retour : 0 tous pareils, 1 des chiffres diffèrent, 2 une des deux n’est pas gardée.
    """
    from observatoire.publications.comparaison import PublicationSansChiffres, raisons
    from observatoire.publications.comparaison import comparer as comparer_les
    from observatoire.publications.notices import lignes_comparaison

    try:
        c = comparer_les(load_settings(donnees), avant, apres, limite=None if en_json else max(limite, 1))
    except PublicationSansChiffres as faute:
        raise refuser(str(faute)) from None
    if en_json:
        typer.echo(json.dumps({**asdict(c), "raisons": list(raisons(c))}, ensure_ascii=False))
    else:
        for ligne in lignes_comparaison(c):
            sortie.print(ligne, soft_wrap=True, markup=False)
    raise typer.Exit(0 if c.pareilles else 1)


@commande(publications)
def verifier(
    numero: Annotated[int | None, typer.Argument(metavar="N", help="Numéro (toutes sinon).")] = None,
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Vérifie les empreintes, le format et les contrôles d’une publication, ou de toutes.

    Code de retour : 0 tout est intact, 1 quelque chose a changé, 2 la publication n’est pas gardée.
    """
    from observatoire.storage.publications import gardees, verifier_publication

    reglages = load_settings(donnees)
    numeros = gardees(reglages) if numero is None else [numero]
    if not numeros:
        raise refuser(SANS_PUBLICATION)
    fautes = {n: verifier_publication(reglages, n) for n in numeros}
    if en_json:
        typer.echo(json.dumps({str(n): f for n, f in fautes.items()}, ensure_ascii=False))
    else:
        for n, liste in fautes.items():
            sortie.print(f"Publication n° {n} : {accord(len(liste), 'faute') if liste else 'intacte'}.")
            for faute in liste:
                sortie.print(f"  {faute}", style="red", soft_wrap=True, markup=False)
    raise typer.Exit(1 if any(fautes.values()) else 0)


@commande(publications)
def restaurer(
    numero: Annotated[int, typer.Argument(metavar="N", help="Numéro de la publication à remettre.")],
    oui: Oui = False,
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Remet en vigueur une publication gardée. Rien n’est effacé ; la suivante prendra un numéro neuf."""
    from observatoire.storage.publications import restaurer as remettre
    from observatoire.storage.publications import version_courante

    reglages = load_settings(donnees)
    courante = version_courante(reglages)
    if courante is None:
        raise refuser(SANS_PUBLICATION)
    if not (oui or en_json or courante == numero):
        phrase = f"Les pages montreront la publication n° {numero} au lieu de la n° {courante}. Continuer ?"
        if not typer.confirm(phrase):
            raise typer.Exit(1)
    avant = remettre(reglages, numero, OPERATEUR.sujet)
    if en_json:
        typer.echo(json.dumps({"en_vigueur": numero, "avant": avant}))
    elif avant == numero:
        sortie.print(f"La publication n° {numero} est déjà en vigueur.")
    else:
        sortie.print(f"Publication n° {numero} en vigueur ; la n° {avant} est gardée.")


@commande(publications)
def elaguer(
    garder: Annotated[int, typer.Option("--garder", min=1, help="Nombre de publications à garder.")],
    essai: Annotated[bool, typer.Option("--essai", help="Dit ce qui partirait, sans rien retirer.")] = False,
    oui: Oui = False,
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Retire les fichiers des plus anciennes publications ; leurs chiffres restent.

    Ne retire jamais celle en vigueur, ni celle dont la prochaine a besoin pour tenir le secret.
    """
    from observatoire.storage.publications import elaguer as retirer

    reglages = load_settings(donnees)
    a_retirer = retirer(reglages, garder, essai=True)
    if not essai and a_retirer:
        if not (oui or en_json) and not typer.confirm(f"Retirer {_nommer(a_retirer)} ?"):
            raise typer.Exit(1)
        a_retirer = retirer(reglages, garder)
    if en_json:
        typer.echo(json.dumps({"essai": essai, "retirees": a_retirer}))
    elif not a_retirer:
        sortie.print("Rien à retirer.")
    else:
        verbe = "Seraient retirées" if essai else "Retirées"
        sortie.print(f"{verbe} : {_nommer(a_retirer)}. Leurs chiffres restent.")


def _nommer(numeros: list[int]) -> str:
    return "n° " + ", ".join(map(str, numeros))
