"""Commands on disclosure control: attack what is published, and say what a reader would recover."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from observatoire.config.settings import Settings, load_settings
from observatoire.domain.francais import accord, ecrire_nombre
from pipelines.cli_commun import SANS_PUBLICATION, Donnees, Json, app, barre, commande, refuser, sortie
from pipelines.francais import Groupe

if TYPE_CHECKING:
    from observatoire.estimation.audit import Distances, Fuite, TableAuditee, Verite

# Leaks printed for each table; the JSON has them all.
MONTREES = 5
secret = typer.Typer(
    cls=Groupe, no_args_is_help=True, help="Secret : attaquer ce qui est publié et dire ce qu’on retrouve."
)
app.add_typer(secret, name="secret")


@commande(secret)
def auditer(
    publication: Annotated[
        int | None, typer.Option("--publication", help="Numéro de la publication (par défaut : la dernière).")
    ] = None,
    verite: Annotated[
        Path | None,
        typer.Option(
            help="Fichier Parquet des vraies cases (indicateur, millesime, niveau, code, domaine, financeur, n, valeur)."
        ),
    ] = None,
    contre: Annotated[
        int | None,
        typer.Option(
            "--contre", help="Numéro d’une publication plus ancienne : compare les deux par différences."
        ),
    ] = None,
    tableaux: Annotated[
        bool, typer.Option("--tableaux", help="Une ligne par tableau, même quand rien n’y est retrouvé.")
    ] = False,
    en_json: Json = False,
    donnees: Donnees = None,
) -> None:
    """Attaque chaque tableau publié par programmation linéaire et par différences ; échoue si une case est retrouvée."""
    from observatoire.estimation.audit import auditer as attaquer
    from observatoire.estimation.audit import comparer
    from observatoire.storage.connexion import ouvrir_publication

    reglages = load_settings(donnees)
    chemin = _chemin(reglages, publication)
    with ouvrir_publication(chemin) as con:
        (version,) = con.execute("select version from _publication").fetchall()[0]
        with barre() as dire, ExitStack() as pile:
            if contre is None:
                attaques = attaquer(con, _distances(con, reglages), _verite(verite))
            else:
                ancienne = pile.enter_context(ouvrir_publication(_chemin(reglages, contre)))
                attaques = comparer(ancienne, con, int(_constantes(con)["secret_lot"]))
            tables = list(_suivre(attaques, con, dire))
    if en_json:
        print(json.dumps(_objet(version, tables), ensure_ascii=False, indent=1))
    else:
        _ecrire(version, tables, tous=tableaux)
    if any(table.fuites or table.contredites for table in tables):
        raise typer.Exit(1)


def _suivre(
    attaques: Iterable[TableAuditee], con: Any, dire: Callable[[str, float], None]
) -> Iterator[TableAuditee]:
    """The same tables; says which one was attacked, and the share of the work that is done."""
    ((total,),) = con.execute("select count(distinct (indicateur, millesime)) from mesures").fetchall()
    for rang, table in enumerate(attaques, 1):
        dire(f"{table.indicateur} {table.millesime}", min(1.0, rang / total))
        yield table


def _chemin(reglages: Settings, publication: int | None) -> Path:
    from observatoire.storage.fichiers import PUBLIC

    if publication is None:
        if not reglages.publication.exists():
            raise refuser(SANS_PUBLICATION)
        return reglages.publication
    chemin = PUBLIC.final(reglages, publication)
    if not chemin.exists():
        raise refuser(f"La publication n° {publication} n’est pas dans {chemin.parent}.")
    return chemin


def _distances(con: Any, reglages: Settings) -> Distances:
    """The thresholds of that publication, as its own file gives them."""
    from observatoire.estimation.audit import Distances

    lues = _constantes(con)
    return Distances(
        float(reglages.secret_min_associations or lues["secret_min_associations"]),
        float(lues["secret_min_personnes"]),
        float(lues["secret_marge"]),
    )


def _constantes(con: Any) -> dict[str, float]:
    """The constants of a publication; one older than a constant is judged by today's."""
    from observatoire.domain.parametre import parametres

    return {p.id: p.valeur for p in parametres()} | dict(
        con.execute("select id, valeur from parametres order by valable_du nulls first").fetchall()
    )


def _verite(fichier: Path | None) -> Verite | None:
    if fichier is None:
        return None
    import duckdb

    from observatoire.estimation.systeme import Case

    lignes = duckdb.read_parquet(str(fichier)).select(
        "indicateur, millesime, niveau, code, domaine, financeur, n, valeur"
    )
    return {
        (indicateur, int(millesime), Case(*place)): (float(n), float(valeur or 0))
        for indicateur, millesime, *place, n, valeur in lignes.fetchall()
    }


def _ecrire(version: int, tables: Sequence[TableAuditee], *, tous: bool) -> None:
    """One line per table where something was recovered (or `tous`), then the leaks, then the total."""
    from rich.table import Table

    from observatoire.estimation.audit import DEMASQUEE, DIFFERENCE, ETROITE, EXACTE, LOT, VUE

    titres = (
        "Affichées",
        "Masquées",
        "Différences",
        "Exactes",
        "Étroites",
        "Petits groupes",
        "Vues",
        "Publications",
    )
    tableau = Table(title=f"Attaque de la publication n° {version}")
    tableau.add_column("Tableau")
    for titre in titres:
        tableau.add_column(titre, justify="right")
    lignes: list[tuple[str, list[int]]] = []
    for table in tables:
        fuites = [table.compter(genre) for genre in (EXACTE, ETROITE, DIFFERENCE, VUE)]
        entre = table.compter(LOT) + table.compter(DEMASQUEE)
        nombres = [table.montrees, table.masquees, table.differences, *fuites, entre]
        lignes.append((f"{table.indicateur} {table.millesime}", nombres))
    sommes = [sum(nombres[i] for _, nombres in lignes) for i in range(len(titres))]
    for nom, nombres in (*lignes, ("Ensemble", sommes)):
        if tous or any(nombres[3:]) or nom == "Ensemble":
            tableau.add_row(nom, *map(ecrire_nombre, nombres))
    sortie.print(tableau)
    for table in tables:
        _ecrire_fuites(table)
    total = sum(len(table.fuites) for table in tables)
    masquees = ecrire_nombre(sum(table.masquees for table in tables))
    sortie.print(
        f"{len(tables)} tableaux attaqués, {masquees} cases masquées, {accord(total, 'retrouvée')}.",
        markup=False,
    )


def _ecrire_fuites(table: TableAuditee) -> None:
    for fuite in table.fuites[:MONTREES]:
        sortie.print(_phrase(fuite), soft_wrap=True, markup=False)
    if (reste := len(table.fuites) - MONTREES) > 0:
        sortie.print(f"… et {reste} autres dans {table.indicateur} {table.millesime}.", markup=False)
    for colonne in table.non_additives:
        sortie.print(
            f"{table.indicateur} {table.millesime} : {colonne} ne s’additionne pas, attaque par différences seule.",
            soft_wrap=True,
            markup=False,
        )


def _phrase(fuite: Fuite) -> str:
    case = fuite.case
    lieu = f"{case.niveau} {case.code}, {case.domaine}, {case.financeur}"
    moyen = f" par {fuite.moyen}" if fuite.moyen else ""
    vraie = "" if fuite.vraie is None else f" (vraie valeur : {fuite.vraie:g})"
    return (
        f"{fuite.genre} — {fuite.indicateur} {fuite.millesime}, {lieu} : {fuite.mesure} "
        f"entre {fuite.bas:g} et {fuite.haut:g}{moyen}{vraie}"
    )


def _objet(version: int, tables: Sequence[TableAuditee]) -> dict[str, Any]:
    return {
        "publication": version,
        "retrouvees": sum(len(table.fuites) for table in tables),
        "tables": [
            {
                "indicateur": table.indicateur,
                "millesime": table.millesime,
                "montrees": table.montrees,
                "masquees": table.masquees,
                "differences": table.differences,
                "non_additives": table.non_additives,
                "contredites": table.contredites,
                "fuites": [
                    {
                        "genre": f.genre, "vue": f.vue, "mesure": f.mesure, **f.case._asdict(),
                        "bas": f.bas, "haut": f.haut, "moyen": f.moyen, "vraie": f.vraie,
                    }
                    for f in table.fuites
                ],
            }
            for table in tables
        ],
    }  # fmt: skip
