"""From a figure down to the answers that make it: associations, then deposit, sheet, row and A1 cell.

Private: needs the warehouse. `sonde.py` finds the cells.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import duckdb

from observatoire.chiffres.identifiant import Identifiant, code_financeur
from observatoire.chiffres.lecture import Chiffre
from observatoire.chiffres.sources import COURANT, REGISTRE, tables_sources
from observatoire.config.settings import Settings
from observatoire.domain.enquete import Enquete
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.loader import load_enquetes
from observatoire.domain.types import type_de
from observatoire.estimation.systeme import TOUS
from observatoire.indicators.catalogue import QUOTIENTS, REPONDANTES, Carte, catalogue
from observatoire.indicators.run import lire_constantes, placer, preparer, remplir_unites
from observatoire.indicators.vues import poids_d_un_indicateur
from observatoire.storage.connexion import CONFIG_ENTREPOT, litteral, nom_sql
from observatoire.storage.entrepot import ouvrir_lecture, verrouiller
from observatoire.storage.insertion import en_table
from observatoire.territoire import load_territoire
from pipelines.publication import references, resoudre
from pipelines.sonde import CHIFFRES, Cellule, Cle, Sonde

LigneExportee: TypeAlias = dict[str, str | int | float | bool | None]


class SansContribution(LookupError):
    """This figure has no answer behind it, or its territory is not one the answers are placed in."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one association brings (to one funder when there are several), and the cells it comes from.

    `poids` is below the line of a ratio; `redressement` is the weight of the association in a weighted view.
    """

    cle: str
    nom: str
    financeur: str | None
    valeur: float
    poids: float
    valeur_basse: float | None
    valeur_haute: float | None
    nb_personnes: float | None
    commune: str | None
    domaine: str
    cellules: tuple[Cellule, ...]
    redressement: float | None = None


@dataclass(frozen=True, slots=True)
class Descente:
    """All the contributions to a figure. `recalcul`: the figure as the warehouse gives it now, None when not told."""

    identifiant: Identifiant
    contributions: tuple[Contribution, ...]
    recalcul: float | None
    remplaces: Mapping[str, tuple[str, ...]]
    est_registre: bool


def descendre(settings: Settings, identifiant: Identifiant) -> Descente:
    """The answers behind a figure. SansContribution, EntrepotAbsent, EntrepotOccupe."""
    carte = catalogue().get(identifiant.indicateur)
    if carte is None:
        raise SansContribution(f"L’indicateur «\u00a0{identifiant.indicateur}\u00a0» n’existe plus.")
    enquetes = load_enquetes()
    with _atelier(settings) as con:
        resoudre(con, enquetes.values())
        _completer(con, enquetes.values())
        references(con, settings)
        preparer(con)
        remplir_unites(con, [carte])
        placer(con, load_territoire(settings.departement, settings.territoires))
        unites = _unites(con, identifiant)
        if not unites:
            raise SansContribution("Aucune réponse en vigueur ne contribue à ce chiffre.")
        poids = _redressement(con, settings, carte, identifiant)
        tables = tables_sources(carte.sql, carte.liees.values())
        noms = [n for n in enquetes if f"{COURANT}{n}" in tables]
        sonde = Sonde(con, carte, identifiant, unites.keys(), enquetes)
        cellules = sonde.cellules(noms)
        contributions = tuple(
            Contribution(
                redressement=poids.get(cle[0]),
                cle=cle[0],
                nom=sonde.nom(cle[0]),
                financeur=cle[1],
                cellules=tuple(cellules[cle]),
                **u,
            )
            for cle, u in unites.items()
        )
        lus = {c.depot_id for x in contributions for c in x.cellules}
        remplaces = {d: a for d in sorted(lus) if (a := sonde.lecteur.ancetres(d))}
    return Descente(
        identifiant,
        contributions,
        _recalcul(carte, identifiant.vue, contributions),
        remplaces,
        REGISTRE in tables,
    )


@contextmanager
def _atelier(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """In-memory database with the warehouse attached read-only as `entrepot`; the lock is held meanwhile."""
    with verrouiller(settings), duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        # Through the reader first: it says when nothing was loaded, and brings an old file to date.
        with ouvrir_lecture(settings):
            pass
        con.execute(f"attach {litteral(str(settings.entrepot))} as entrepot (read_only)")
        yield con


def _completer(con: duckdb.DuckDBPyConnection, enquetes: Iterable[Enquete]) -> None:
    """Give the answers the fields that were added since the warehouse was last written."""
    for enquete in enquetes:
        for champ in enquete.champs_actifs():
            con.execute(
                f"alter table {en_table('courant', enquete.name)} "
                f"add column if not exists {nom_sql(champ.name)} {type_de(champ).sql}"
            )


def _unites(con: duckdb.DuckDBPyConnection, i: Identifiant) -> dict[Cle, dict[str, Any]]:
    """Rows of `unites` inside the year, territory, sector and funder of the figure."""
    place = {"niveau": i.niveau, "code": i.code}
    if not con.execute("select 1 from zones where niveau = $niveau and code = $code", place).fetchall():
        raise SansContribution(f"Le territoire «\u00a0{i.niveau}-{i.code}\u00a0» n’est plus connu.")
    lignes = con.execute(
        f"select cle_association, financeur, {', '.join(CHIFFRES)}, code_commune as commune, domaine from unites "
        "where millesime = $annee and ($niveau = 'departement' or code_commune in "
        "(select code_commune from rattachements where niveau = $niveau and code = $code)) "
        "and ($domaine = $tous or domaine = $domaine) order by cle_association, financeur",
        {"annee": i.millesime, **place, "domaine": i.domaine, "tous": TOUS},
    ).fetchall()
    voulu = code_financeur(i.financeur)
    noms = (*CHIFFRES, "commune", "domaine")
    return {
        (c, f): dict(zip(noms, u, strict=True))
        for c, f, *u in lignes
        if voulu == TOUS or code_financeur(f or TOUS) == voulu
    }


def _redressement(
    con: duckdb.DuckDBPyConnection, settings: Settings, carte: Carte, i: Identifiant
) -> dict[str, float]:
    """Weight of each association in the view of the figure, worked out again; empty without one."""
    if i.vue == REPONDANTES or not settings.registre.is_file():
        return {}
    constantes = lire_constantes(con, catalogue())
    return poids_d_un_indicateur(
        con, carte, i.vue, i.millesime, settings.registre, constantes, settings.memoire_poids
    )


def _recalcul(carte: Carte, vue: str, contributions: Sequence[Contribution]) -> float | None:
    """The figure from its contributions; None for an estimator of territories, or a weighted median."""
    if vue != REPONDANTES and any(c.redressement is None for c in contributions):
        return None
    poids = [1.0 if c.redressement is None else c.redressement for c in contributions]
    somme = sum(w * c.valeur for w, c in zip(poids, contributions, strict=True))
    if carte.estimateur == "compte":
        return float(len({c.cle for c in contributions}))
    if carte.estimateur == "total":
        return somme
    if carte.estimateur == "mediane" and vue == REPONDANTES:
        return statistics.median(c.valeur for c in contributions)
    if carte.estimateur in QUOTIENTS:
        base = sum(w * c.poids for w, c in zip(poids, contributions, strict=True))
        return somme / base if base else None
    return None


def phrases(descente: Descente, chiffre: Chiffre | None) -> Iterator[str]:
    """What to know before reading the cells."""
    n = len({c.cle for c in descente.contributions})
    yield f"{ecrire_nombre(n)} association{'s' if n > 1 else ''} dans l’entrepôt, tel qu’il est maintenant."
    if descente.est_registre:
        yield "Ce chiffre compte les associations du registre officiel : aucune cellule de dépôt n’y entre."
    if descente.identifiant.vue != REPONDANTES:
        yield "Chaque apport compte avec le poids de son association (colonne « redressement » de l’export)."
    if chiffre is not None and chiffre.mesure.valeur is not None and descente.recalcul is not None:
        pareil = math.isclose(chiffre.mesure.valeur, descente.recalcul, rel_tol=1e-9, abs_tol=1e-9)
        yield (
            "Leur calcul redonne la valeur publiée."
            if pareil
            else f"Leur calcul donne {ecrire_nombre(descente.recalcul, 4)}, et non la valeur publiée : des dépôts ont changé depuis."
        )
    for depot, anciens in descente.remplaces.items():
        yield f"Le dépôt {depot} remplace {', '.join(anciens)}."


def en_lignes(descente: Descente) -> list[LigneExportee]:
    """One row per cell, ready for a table or an export; a contribution without cell has one row too."""
    lignes: list[LigneExportee] = []
    for x in descente.contributions:
        tete: LigneExportee = {
            "association": x.nom,
            "cle": x.cle,
            "financeur": x.financeur,
            "apport": x.valeur,
            "denominateur": x.poids,
            "apport_bas": x.valeur_basse,
            "apport_haut": x.valeur_haute,
            "redressement": x.redressement,
        }
        lignes += [tete | _de_la_cellule(c) for c in x.cellules] or [tete | dict.fromkeys(COLONNES_CELLULE)]
    return lignes


COLONNES_CELLULE = (
    "depot", "questionnaire", "depose_le", "feuille", "ligne", "cellule", "champ", "titre", "role", "texte_lu",
    "valeur_retenue", "corrigee",
)  # fmt: skip


def _de_la_cellule(c: Cellule) -> LigneExportee:
    adresse = c.adresse or "même valeur pour tout le dépôt"
    valeurs = (
        c.depot_id, c.questionnaire, c.depose_le, c.feuille, c.ligne, adresse, c.champ, c.titre, c.role, c.texte,
        c.valeur, c.corrigee,
    )  # fmt: skip
    return dict(zip(COLONNES_CELLULE, valeurs, strict=True))
