"""The report of a deposit in a terminal: counts, causes, first cells. French, no jargon."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from observatoire.domain.anomalie import Anomalie, Niveau
from observatoire.domain.francais import ecrire_nombre
from pipelines.bilan import CAUSES_DE_COLONNE, Bilan, Groupe

COULEURS = {
    Niveau.BLOQUANT: "bold red",
    Niveau.A_CORRIGER: "red",
    Niveau.A_CONFIRMER: "magenta",
    Niveau.A_VERIFIER: "yellow",
    Niveau.REPARE: "green",
    Niveau.INFO: "dim",
}
GROUPES_MAX = 15
EXEMPLES_PAR_CAUSE = 3
CELLULES_PAR_EXEMPLE = 4


def lignes(n: int) -> str:
    """« 1 ligne », « 2 lignes »."""
    return f"{ecrire_nombre(n)} ligne{'s' if n > 1 else ''}"


def compte_rendu(bilan: Bilan, console: Console, *, verifie: bool = False) -> None:
    """Print what became of the file: one sentence when refused, else counts and causes."""
    if bilan.refus:
        console.print(f"[bold red]Fichier refusé[/] — {escape(bilan.refus.message)}")
        if bilan.refus.commande:
            console.print(f"En ligne de commande\u00a0: {escape(bilan.refus.commande)}", style="dim")
        _causes(bilan, console)
        return
    if bilan.deja:
        console.print(escape(bilan.anomalies[0].message))
        return
    annees = ", ".join(map(str, bilan.millesimes)) or "année inconnue"
    console.print(
        f"[bold]{escape(bilan.fichier)}[/] · {bilan.questionnaire} · {annees} · dépôt {bilan.depot_id}"
    )
    console.print(f"Reconnu\u00a0: {escape(bilan.raison)}", style="dim")
    verbe = "à charger" if verifie else "chargées" if bilan.lignes_chargees > 1 else "chargée"
    console.print(
        f"{lignes(bilan.lignes_lues)} = {ecrire_nombre(bilan.lignes_chargees)} {verbe} "
        f"+ {ecrire_nombre(bilan.lignes_en_attente)} en attente + {ecrire_nombre(bilan.lignes_ignorees)} ignorées"
    )
    _causes(bilan, console)
    if bilan.valeurs_ecartees:
        pluriel = "s" if bilan.valeurs_ecartees > 1 else ""
        console.print(
            f"{ecrire_nombre(bilan.valeurs_ecartees)} valeur{pluriel} écartée{pluriel} dans des colonnes facultatives : "
            "les lignes sont prises sans elles, le texte est gardé à côté."
        )
    if bilan.a_revoir:
        console.print("[yellow]Dépôt à revoir\u00a0: beaucoup de lignes sont en attente.[/]")


def _causes(bilan: Bilan, console: Console) -> None:
    groupes = [g for g in bilan.groupes() if not (bilan.refus and g.anomalies == [bilan.refus])]
    if not groupes:
        if not bilan.refus:
            console.print("Aucune anomalie.", style="green")
        return
    tableau = Table(box=None, pad_edge=False, header_style="bold")
    tableau.add_column("Niveau")
    tableau.add_column("Code", no_wrap=True)
    tableau.add_column("Cas", justify="right")
    tableau.add_column("Cause et premières cellules", overflow="fold")
    feuilles = {a.feuille for a in bilan.anomalies}
    for groupe in groupes[:GROUPES_MAX]:
        colonne = f" — {escape(groupe.colonne)}" if groupe.colonne else ""
        exemples = "".join(f"\n[dim]· {escape(e)}[/]" for e in _exemples(groupe, len(feuilles) > 1))
        niveau = f"[{COULEURS[groupe.niveau]}]{groupe.niveau.libelle}[/]"
        tableau.add_row(niveau, groupe.code, ecrire_nombre(groupe.nb), f"{groupe.cause}{colonne}{exemples}")
    console.print(tableau)
    reste = len(groupes) - GROUPES_MAX
    if reste > 0:
        console.print(f"… et {reste} autres causes\u00a0: --json les donne toutes.", style="dim")


def _exemples(groupe: Groupe, plusieurs_feuilles: bool) -> list[str]:
    """The first different sentences of a group, each with the cells it is true of."""
    lignes = []
    for phrase, anomalies in list(groupe.phrases.items())[:EXEMPLES_PAR_CAUSE]:
        lieux = [_lieu(a, plusieurs_feuilles) for a in anomalies[:CELLULES_PAR_EXEMPLE]]
        reste = len(anomalies) - len(lieux)
        suite = f" et {ecrire_nombre(reste)} autres" if reste > 0 else ""
        lieu = ", ".join(filter(None, lieux)) + suite
        option = f" ({anomalies[0].commande})" if anomalies[0].commande else ""
        lignes.append(f"{lieu}\u00a0: {phrase}{option}" if lieu else f"{phrase}{option}")
    return lignes


def _lieu(anomalie: Anomalie, plusieurs_feuilles: bool) -> str:
    lieu = anomalie.cellule or (f"ligne {anomalie.ligne}" if anomalie.ligne else "")
    if anomalie.code in CAUSES_DE_COLONNE and anomalie.colonne:
        lieu = f"{lieu} «\u00a0{anomalie.colonne}\u00a0»"
    return f"{anomalie.feuille}!{lieu}" if plusieurs_feuilles and anomalie.feuille and lieu else lieu
