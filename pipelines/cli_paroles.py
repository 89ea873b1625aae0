"""Commands on the extracts: list those to read again, accept, cut, refuse, take a decision back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from observatoire.comptes.identite import OPERATEUR
from observatoire.config.settings import load_settings
from pipelines.cli_commun import Donnees, Json, app, commande, sortie
from pipelines.francais import Groupe

if TYPE_CHECKING:
    from pipelines.paroles import Parole

paroles = typer.Typer(
    cls=Groupe,
    no_args_is_help=True,
    help="Parole du terrain : relire les extraits dont la publication est acceptée.",
)
app.add_typer(paroles, name="paroles")
Identifiant = Annotated[
    str, typer.Argument(metavar="EXTRAIT", help="Identifiant donné par « paroles lister ».")
]
PUBLIER = "Lancez « observatoire publier » pour mettre les pages à jour."


def _ligne(parole: Parole) -> dict[str, Any]:
    extrait, prise = parole.extrait, parole.extrait.decision
    return {
        "identifiant": extrait.identifiant,
        "etat": prise.decision if prise else "a_relire",
        "association": extrait.nom,
        "millesime": extrait.millesime,
        "depot_id": extrait.depot_id,
        "lieu": extrait.lieu,
        "texte": extrait.texte,
        "texte_publie": prise.texte if prise else None,
        "raison": prise.raison if prise else None,
        "avertissements": [*parole.avertissements, *([parole.bloquee] if parole.bloquee else [])],
    }


@commande(paroles)
def lister(
    toutes: Annotated[bool, typer.Option("--toutes", help="Aussi les extraits déjà relus.")] = False,
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Liste les extraits à relire, avec ce qui permettrait de reconnaître l’association."""
    from observatoire.storage.entrepot import EntrepotLecture
    from pipelines.paroles import relecture

    reglages = load_settings(donnees)
    with EntrepotLecture(reglages) as con:
        trouvees = relecture(con, reglages)
    lignes = [x for x in map(_ligne, trouvees.paroles) if toutes or x["etat"] == "a_relire"]
    if en_json:
        typer.echo(json.dumps(lignes, ensure_ascii=False))
        return
    for x in lignes:
        sortie.print(
            f"{x['identifiant']} · {x['association']}, {x['millesime']} · {x['etat']}",
            soft_wrap=True,
            markup=False,
        )
        sortie.print(f"  « {x['texte']} »", soft_wrap=True, markup=False)
        for avertissement in x["avertissements"]:
            sortie.print(
                f"  Attention : l’extrait {avertissement}.", style="yellow", soft_wrap=True, markup=False
            )
    if not lignes:
        sortie.print("Aucun extrait à relire.")


@commande(paroles)
def accepter(
    extrait: Identifiant,
    texte: Annotated[
        str | None,
        typer.Option(help="Texte coupé : on peut seulement ôter des mots ou les remplacer par « […] »."),
    ] = None,
    donnees: Donnees = None,
) -> None:
    """Accepte un extrait, entier ou coupé ; il paraîtra dans la prochaine publication."""
    decision = _decider(extrait, donnees, coupe=texte)
    sortie.print(f"Extrait {extrait} {'coupé et accepté' if decision == 'coupee' else 'accepté'}. {PUBLIER}")


@commande(paroles)
def refuser(
    extrait: Identifiant,
    raison: Annotated[str, typer.Option(help="Pourquoi cet extrait ne peut pas paraître.")],
    donnees: Donnees = None,
) -> None:
    """Refuse un extrait : il ne paraîtra pas."""
    _decider(extrait, donnees, refus=raison)
    sortie.print(f"Extrait {extrait} refusé. {PUBLIER}")


@commande(paroles)
def revenir(extrait: Identifiant, donnees: Donnees = None) -> None:
    """Revient sur une décision : l’extrait est de nouveau à relire."""
    from observatoire.storage import paroles as decisions
    from observatoire.storage.entrepot import EntrepotEcriture

    with EntrepotEcriture(load_settings(donnees)) as con:
        decisions.revenir(con, extrait, OPERATEUR.sujet)
    sortie.print(f"Extrait {extrait} à relire. {PUBLIER}")


def _decider(extrait: str, donnees: Any, **choix: str | None) -> str:
    from observatoire.storage.entrepot import EntrepotEcriture
    from pipelines.paroles import decider

    with EntrepotEcriture(load_settings(donnees)) as con:
        return decider(con, extrait, OPERATEUR.sujet, **choix)
