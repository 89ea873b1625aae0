"""Commands on published figures: tell one, list them, check those that a document quotes."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from observatoire.config.settings import Settings, load_settings
from pipelines.cli_commun import SANS_PUBLICATION, Donnees, Json, app, commande, refuser, sortie
from pipelines.francais import Groupe

if TYPE_CHECKING:
    from observatoire.chiffres.identifiant import Identifiant
    from observatoire.chiffres.lecture import Chiffre, Mesure
    from observatoire.chiffres.verification import Verdict
    from pipelines.contributions import Descente

VOIR = "voir"
MONTRES = 40


class _GroupeChiffre(Groupe):
    """`observatoire chiffre ID` is `observatoire chiffre voir ID`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `voir` first when the first word is no command."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [VOIR, *args]
        return super().parse_args(ctx, args)


chiffre = typer.Typer(
    cls=_GroupeChiffre,
    no_args_is_help=True,
    help="Chiffres publiés : d’où vient l’un d’eux (observatoire chiffre ID), lesquels existent, ce que cite un document.",
)
app.add_typer(chiffre, name="chiffre")


@commande(chiffre, name=VOIR)
def voir(
    identifiant: Annotated[
        str, typer.Argument(help="Par exemple participations.2025.departement-77.repondantes@3.")
    ],
    cellules: Annotated[
        bool,
        typer.Option("--cellules", help="Descend jusqu’aux cellules des tableurs reçus (entrepôt privé)."),
    ] = False,
    export: Annotated[
        Path | None, typer.Option("--export", help="Fichier .csv ou .xlsx où écrire toutes les cellules.")
    ] = None,
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Dit un chiffre publié et tout ce qui le défend : sa phrase, sa méthode, ses poids, ses dépôts."""
    from observatoire.chiffres.historique import version_courante

    reglages = load_settings(donnees)
    demande = _identifiant(identifiant)
    courante = version_courante(reglages)
    if not courante:
        raise refuser(SANS_PUBLICATION)
    lu = _lire(reglages, demande, courante)
    descente = _descendre(reglages, demande) if cellules or export else None
    if lu is None:
        _dire_ancien(reglages, demande, en_json=en_json)
    elif en_json:
        objet = _objet(lu) | (
            {"contributions": [asdict(c) for c in descente.contributions]} if descente else {}
        )
        print(json.dumps(objet, ensure_ascii=False, indent=1, default=str))
    else:
        _ecrire(lu)
        if lu.edition.version != courante:
            _dire_verdicts(_verifier(reglages, [lu.identifiant]))
    if descente is not None:
        _dire_cellules(descente, lu, export, en_json=en_json)


@commande(chiffre)
def lister(
    territoire: Annotated[
        str | None, typer.Option(help="Nom, code, ou niveau-code (epci-200040251).")
    ] = None,
    indicateur: Annotated[str | None, typer.Option("-i", "--indicateur", help="Nom de l’indicateur.")] = None,
    vue: Annotated[str | None, typer.Option(help="repondantes, representatif ou poids_economique.")] = None,
    millesime: Annotated[int | None, typer.Option("-m", "--millesime", help="Année.")] = None,
    domaine: Annotated[str | None, typer.Option(help="Code du domaine, « tous » pour tous.")] = None,
    tous: Annotated[
        bool, typer.Option("--tous", help="Aussi les chiffres masqués, non publiés ou absents.")
    ] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Fichier .csv ou .xlsx ; « - » pour la sortie standard.")
    ] = None,
    publication: Annotated[
        int | None, typer.Option(help="Numéro (par défaut : la publication en vigueur).")
    ] = None,
    donnees: Donnees = None,
) -> None:
    """Liste les chiffres publiés, avec leur identifiant ; --csv donne aussi leur phrase."""
    from observatoire.chiffres import lecture
    from observatoire.storage.connexion import ouvrir_publication
    from observatoire.storage.fichiers import PUBLIC

    reglages = load_settings(donnees)
    chemin = PUBLIC.final(reglages, publication) if publication else reglages.publication
    if not chemin.exists():
        raise refuser(
            SANS_PUBLICATION if not publication else f"La publication n° {publication} n’est plus gardée."
        )
    with ouvrir_publication(chemin) as con:
        place = _territoire(con, territoire)
        mesures = lecture.lister(
            con,
            indicateur=indicateur,
            millesime=millesime,
            territoire=place,
            vue=vue,
            domaine=domaine,
            montres=not tous,
        )
        lignes = _lignes(con, mesures if csv else mesures[:MONTRES])
    if csv is None:
        _tableau(lignes, len(mesures))
    else:
        _exporter(lignes, csv)


@commande(chiffre)
def verifier(
    fichiers: Annotated[list[Path], typer.Argument(help="Documents : md, txt, html, docx, odt, pdf…")],
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Dit si les chiffres cités par un document sont encore ceux de la publication en vigueur ; sort en 1 s’il faut le reprendre."""
    from observatoire.chiffres.documents import DocumentIllisible, est_muet, texte_du_document
    from observatoire.chiffres.historique import version_courante
    from observatoire.chiffres.identifiant import chercher_identifiants

    reglages = load_settings(donnees)
    if not version_courante(reglages):
        raise refuser(SANS_PUBLICATION)
    bilan: dict[str, list[Verdict]] = {}
    illisibles = 0
    for fichier in fichiers:
        try:
            cites = chercher_identifiants(texte_du_document(fichier))
        except DocumentIllisible as faute:
            illisibles += 1
            refuser(str(faute))
            continue
        bilan[str(fichier)] = _verifier(reglages, cites)
        if not en_json:
            sortie.print(
                f"{fichier.name} : {_compte(bilan[str(fichier)])}", style="bold", soft_wrap=True, markup=False
            )
            if not cites and est_muet(fichier):
                sortie.print(
                    "Le texte dessiné d’un PDF ne se lit pas toujours : vérifiez plutôt le document d’origine.",
                    soft_wrap=True,
                )
            _dire_verdicts(bilan[str(fichier)])
    if en_json:
        print(
            json.dumps(
                {f: [_verdict(v) for v in vs] for f, vs in bilan.items()}, ensure_ascii=False, indent=1
            )
        )
    if illisibles:
        raise typer.Exit(2)
    if any(v.est_a_reprendre for vs in bilan.values() for v in vs):
        raise typer.Exit(1)


def _identifiant(texte: str) -> Identifiant:
    from observatoire.chiffres.identifiant import lire_identifiant

    try:
        return lire_identifiant(texte)
    except ValueError as faute:
        raise refuser(str(faute)) from None


def _lire(reglages: Settings, demande: Identifiant, courante: int) -> Chiffre | None:
    """The figure in the publication asked for, else the one in force; None when that file is no longer kept."""
    from observatoire.chiffres.lecture import ChiffreInconnu, lire_chiffre
    from observatoire.storage.connexion import ouvrir_publication
    from observatoire.storage.fichiers import PUBLIC

    version = demande.publication or courante
    if version > courante:
        raise refuser(f"Aucune publication ne porte le numéro {version} : la dernière est la n° {courante}.")
    chemin = PUBLIC.final(reglages, version)
    if not chemin.exists():
        return None
    with ouvrir_publication(chemin) as con:
        try:
            return lire_chiffre(con, demande)
        except ChiffreInconnu as faute:
            raise refuser(str(faute)) from None


def _dire_ancien(reglages: Settings, demande: Identifiant, *, en_json: bool) -> None:
    """What is left of a figure whose publication was pruned."""
    verdicts = _verifier(reglages, [demande])
    if en_json:
        print(json.dumps(_verdict(verdicts[0]), ensure_ascii=False, indent=1))
        return
    sortie.print(
        f"Le fichier de la publication n° {demande.publication} n’est plus gardé ; ses chiffres le sont.",
        soft_wrap=True,
    )
    _dire_verdicts(verdicts)


def _verifier(reglages: Settings, cites: Sequence[Identifiant]) -> list[Verdict]:
    from observatoire.chiffres.verification import verifier as juger

    return juger(reglages, cites)


def _verdict(v: Verdict) -> dict[str, Any]:
    return {
        "identifiant": str(v.identifiant), "etat": v.etat, "titre": v.titre, "alors": v.alors,
        "maintenant": v.maintenant, "publication": v.publication, "n_maintenant": v.n_maintenant,
    }  # fmt: skip


def _compte(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return "aucun identifiant de chiffre."
    a_reprendre = sum(v.est_a_reprendre for v in verdicts)
    cites = (
        f"{len(verdicts)} chiffre{'s' if len(verdicts) > 1 else ''} cité{'s' if len(verdicts) > 1 else ''}"
    )
    return f"{cites}, {a_reprendre} à reprendre." if a_reprendre else f"{cites}, rien à reprendre."


def _dire_verdicts(verdicts: Sequence[Verdict]) -> None:
    from observatoire.chiffres.verification import A_JOUR, PERIME, SANS_NUMERO

    for v in verdicts:
        alors = f" Alors : {v.alors}." if v.alors and v.etat != A_JOUR else ""
        n = f", {v.n_maintenant} réponses" if v.n_maintenant and v.etat == PERIME else ""
        maintenant = f" En vigueur (publication n° {v.publication}{n}) : {v.maintenant}."
        aide = (
            " Citez-le avec @ et son numéro pour que la comparaison soit possible."
            if v.etat == SANS_NUMERO
            else ""
        )
        sortie.print(
            f"- {v.etat.upper() if v.est_a_reprendre else v.etat} — {v.identifiant} ({v.titre}).{alors}{maintenant}{aide}",
            soft_wrap=True,
            markup=False,
        )


def _ecrire(lu: Chiffre) -> None:
    from rich.table import Table
    from rich.text import Text

    from observatoire.chiffres.exposition import rubriques
    from observatoire.chiffres.requete import requete_publiee

    sortie.print(lu.fiche.titre, style="bold", soft_wrap=True, markup=False)
    sortie.print(str(lu.identifiant), style="dim", soft_wrap=True, markup=False)
    sortie.print()
    sortie.print(lu.phrase, markup=False)
    for rubrique in rubriques(lu):
        sortie.print(f"\n[bold]{rubrique.titre}[/]")
        for nommees, lignes in itertools.groupby(rubrique.lignes, key=lambda ligne: bool(ligne[0])):
            if not nommees:
                for _, texte in lignes:
                    sortie.print(texte, markup=False)
                continue
            grille = Table.grid(padding=(0, 2))
            grille.add_column(style="cyan", max_width=28)
            grille.add_column()
            for nom, texte in lignes:
                grille.add_row(Text(nom), Text(texte))
            sortie.print(grille)
    sortie.print("\n[bold]Requête, sur le fichier publié[/]")
    publiee = requete_publiee(replace(lu.identifiant, financeur=lu.mesure.financeur))
    sortie.print(publiee, soft_wrap=True, markup=False)
    sortie.print("\n[bold]Requête[/]")
    if lu.fiche.parametres:
        sortie.print(f"Avec {lu.fiche.parametres}", markup=False)
    sortie.print(lu.fiche.sql.strip(), soft_wrap=True, markup=False)


def _objet(lu: Chiffre) -> dict[str, Any]:
    from observatoire.chiffres.exposition import repere, rubriques, statut_en_mots
    from observatoire.chiffres.phrase import intervalle_en_mots, valeur_en_mots

    return {
        "identifiant": str(lu.identifiant),
        "phrase": lu.phrase,
        "valeur_en_mots": valeur_en_mots(lu.fiche, lu.mesure),
        "intervalle_en_mots": intervalle_en_mots(lu.fiche, lu.mesure),
        "statut_en_mots": statut_en_mots(lu),
        "repere": repere(lu),
        "mesure": asdict(lu.mesure),
        "fiche": asdict(lu.fiche),
        "territoire": asdict(lu.lieu),
        "domaine": lu.domaine,
        "publication": asdict(lu.edition),
        "constantes": [asdict(c) for c in lu.constantes],
        "reglages": dict(lu.reglages),
        "poids": lu.redressement,
        "journal_des_poids": list(lu.journal),
        "depots": [asdict(d) for d in lu.depots],
        "evolutions": [asdict(e) for e in lu.evolutions],
        "rubriques": {r.titre: [list(ligne) for ligne in r.lignes] for r in rubriques(lu)},
    }


def _descendre(reglages: Settings, demande: Identifiant) -> Descente:
    from pipelines.contributions import SansContribution, descendre

    try:
        return descendre(reglages, demande)
    except SansContribution as faute:
        raise refuser(str(faute)) from None


def _dire_cellules(descente: Descente, lu: Chiffre | None, export: Path | None, *, en_json: bool) -> None:
    from pipelines.contributions import en_lignes, phrases

    if export is not None:
        _exporter(en_lignes(descente), export)
    if en_json:
        return
    from rich.table import Table
    from rich.text import Text

    sortie.print("\n[bold]Réponses qui y contribuent[/] [red](privé : ne pas diffuser)[/]")
    for texte in phrases(descente, lu):
        sortie.print(texte, markup=False)
    lignes = en_lignes(descente)
    tableau = Table(box=None, header_style="bold")
    for titre in ("Association", "Apport", "Dépôt", "Feuille", "Cellule", "Champ", "Lu"):
        tableau.add_column(titre, overflow="fold")
    for x in lignes[:MONTRES]:
        tableau.add_row(
            *(
                Text("" if x[c] is None else str(x[c]))
                for c in ("association", "apport", "depot", "feuille", "cellule", "champ", "texte_lu")
            )
        )
    sortie.print(tableau)
    if len(lignes) > MONTRES:
        sortie.print(
            f"… et {len(lignes) - MONTRES} autres cellules : --export les donne toutes.", markup=False
        )


def _territoire(con: Any, texte: str | None) -> tuple[str, str] | None:
    from observatoire.chiffres.lecture import trouver_territoires

    if texte is None:
        return None
    trouves = trouver_territoires(con, texte)
    if len(trouves) != 1:
        proposes = " ; ".join(f"{niveau}-{code} ({libelle})" for niveau, code, libelle in trouves)
        raise refuser(
            f"Territoire « {texte} » : précisez lequel : {proposes}."
            if trouves
            else f"Territoire « {texte} » inconnu."
        )
    return trouves[0][:2]


def _lignes(con: Any, mesures: Sequence[Mesure]) -> list[dict[str, Any]]:
    from observatoire.chiffres.lecture import Redaction

    redaction = Redaction(con)
    return [redaction.ligne(m) for m in mesures]


def _tableau(lignes: Sequence[Mapping[str, Any]], total: int) -> None:
    from rich.table import Table
    from rich.text import Text

    tableau = Table(box=None, header_style="bold")
    for titre in ("Identifiant", "Titre", "Territoire", "Valeur", "n"):
        tableau.add_column(titre, overflow="fold")
    for x in lignes:
        valeur = x["valeur_en_mots"] or x["statut"]
        cellules = (x["identifiant"], x["titre"], x["territoire"], valeur, str(x["n_repondants"] or ""))
        tableau.add_row(*map(Text, cellules))
    sortie.print(tableau)
    if total > len(lignes):
        sortie.print(f"… {total} chiffres en tout : précisez, ou demandez --csv.", markup=False)
    elif not lignes:
        sortie.print("Aucun chiffre pour ces critères.")


def _exporter(lignes: Sequence[Mapping[str, Any]], chemin: Path) -> None:
    from pipelines.tableau_exporte import FormatInconnu, en_csv, exporter

    if str(chemin) == "-":
        sys.stdout.buffer.write(en_csv(lignes))
        return
    try:
        exporter(lignes, chemin)
    except FormatInconnu as faute:
        raise refuser(str(faute)) from None
    sortie.print(f"{len(lignes)} lignes écrites dans {chemin}.", soft_wrap=True, markup=False)
