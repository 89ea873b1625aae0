"""Checks across the rows of a deposit and against what is already loaded, in DuckDB."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from observatoire.domain.anomalie import enumerer
from observatoire.domain.enquete import IDENTITE, Regle
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.identite import cle_nom
from observatoire.domain.parametre import parametre
from observatoire.domain.types import type_de
from pipelines.ingestion.lot import Lot
from pipelines.quality.jumelles import feuilles_jumelles
from pipelines.quality.porte import table_typee

# A value is far when it is 40 times the median and, since the sector is very uneven, 6 median deviations of the
# logarithms away from it.
RAPPORT_MEDIANE = 40
ECARTS_LOG = 6
EFFECTIF_MIN_MEDIANE = 10
QUANTITES = ("effectif", "montant", "heures", "etp")


def controler(lot: Lot) -> None:
    """Run every check on the loadable rows of `lot`; anomalies are added, some rows set aside or held."""
    _doublons(lot)
    feuilles_jumelles(lot)
    indices = lot.chargeables
    if not indices:
        return
    with duckdb.connect(":memory:") as con:
        con.register("lot", table_typee(lot, indices))
        _annees_a_venir(lot)
        _sans_reponse(lot)
        for regle in lot.enquete.regles:
            REGLES[regle.kind](lot, con, regle)
        _lointaines(lot, con)
    _noms_proches(lot, indices)


def _cle_ligne(lot: Lot, i: int) -> tuple[Any, ...]:
    autres = [c for c in lot.enquete.cle if c not in lot.enquete.millesime_de]
    return (lot.cles[i], lot.millesimes[i], *(lot.colonnes[c][i] for c in autres))


def _doublons(lot: Lot) -> None:
    """Identical rows (DO-03, DO-04) and two different answers of one association (DO-01)."""
    noms = [c.name for c in lot.enquete.champs_actifs()]
    ignorer = lot.enquete.doublon_identique == "ignorer"
    # Two rows that are both kept are alike only when every cell is, the ones that feed no field included.
    brutes = {} if ignorer else {(feuille, n): tuple(cellules) for feuille, n, cellules in lot.brutes()}
    anonyme = not ignorer and lot.enquete.identite["nom"] == IDENTITE["nom"]
    vues: dict[tuple[Any, ...], int] = {}
    for i in lot.chargeables:
        origine = lot.origines[i]
        brute = brutes.get((origine.feuille, origine.ligne), ())
        premier = vues.setdefault((*(lot.colonnes[n][i] for n in noms), brute), i)
        if premier == i:
            continue
        autre = _place(lot, premier)
        if ignorer:
            lot.doublons[i] = premier
            lot.anomalie("DO-03", i, autre=autre)
        elif not anonyme:
            lot.anomalie("DO-04", i, autre=autre)
    if not lot.enquete.cle:
        return
    groupes: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for i in lot.chargeables:
        if lot.cles[i] is not None:
            groupes[_cle_ligne(lot, i)].append(i)
    for membres in groupes.values():
        if len(membres) > 1:
            lignes = enumerer(_place(lot, i) for i in membres)
            for i in membres:
                lot.anomalie("DO-01", i, lot.enquete.identite["nom"], lot.repere(i), lignes=lignes)
                lot.retenir(i, "DO-01")


def _place(lot: Lot, i: int) -> str:
    """Row number of `i`, with its sheet when several were read."""
    origine = lot.origines[i]
    suite = f" (feuille «\u00a0{origine.feuille}\u00a0»)" if len(lot.grilles) > 1 else ""
    feuille = lot.feuilles.get(origine.feuille)
    return f"{feuille.rang_dit(origine.ligne - 1) if feuille else origine.ligne}{suite}"


def _annees_a_venir(lot: Lot) -> None:
    """A year that has not begun (CO-04), at the field that gives its year to the row."""
    for nom in lot.enquete.millesime_de:
        for i in lot.chargeables:
            valeur = lot.colonnes[nom][i] if nom in lot.colonnes else None
            if isinstance(valeur, int) and valeur > dt.date.today().year:
                lot.anomalie("CO-04", i, nom, valeur)


def _sans_reponse(lot: Lot) -> None:
    """A row of which only the name is filled (LG-02): a note or a section title, most often."""
    nom = lot.enquete.identite["nom"]
    lus: dict[str, list[str]] = defaultdict(list)
    for feuille, champ in lot.adresses:
        if champ != nom:
            lus[feuille].append(champ)
    for i in lot.chargeables:
        autres = lus[lot.origines[i].feuille]
        if len(autres) > 1 and i not in lot.qualite and all(lot.colonnes[c][i] is None for c in autres):
            lot.anomalie("LG-02", i, nom, lot.repere(i))


def _parties(lot: Lot, con: duckdb.DuckDBPyConnection, regle: Regle) -> None:
    for partie in regle.parties:
        requete = f'select _rang from lot where "{partie}" > "{regle.tout}" order by _rang'
        for (i,) in con.execute(requete).fetchall():
            lot.anomalie(
                "CO-01",
                i,
                partie,
                lot.colonnes[partie][i],
                valeur=ecrire_nombre(lot.colonnes[partie][i]),
                partie=lot.enquete.champ(partie).title,
                tout=lot.enquete.champ(regle.tout).title,
                valeur_tout=ecrire_nombre(lot.colonnes[regle.tout][i]),
            )


def _somme(lot: Lot, con: duckdb.DuckDBPyConnection, regle: Regle) -> None:
    """Total against the sum of its parts; only when at least two parts are given."""
    termes = " + ".join(f'coalesce("{p}", 0)' for p in regle.parties)
    donnees = " + ".join(f'("{p}" is not null)::int' for p in regle.parties)
    requete = f"""
        select _rang, {termes} from lot
        where "{regle.tout}" is not null and ({donnees}) >= 2
          and abs(({termes}) - "{regle.tout}") > ? * greatest(abs("{regle.tout}"), 1)
        order by _rang"""
    for i, somme in con.execute(requete, [regle.tolerance]).fetchall():
        lot.anomalie(
            "CO-02",
            i,
            regle.tout,
            _nombre(lot.colonnes[regle.tout][i]),
            valeur=ecrire_nombre(lot.colonnes[regle.tout][i]),
            tout=lot.enquete.champ(regle.tout).title,
            somme=ecrire_nombre(somme),
            tolerance=f"{regle.tolerance * 100:.0f}\u00a0%",
        )


def _plafond(lot: Lot, con: duckdb.DuckDBPyConnection, regle: Regle) -> None:
    """Hours per person above a whole paid year (CO-03)."""
    plafond = parametre("heures_max_par_benevole", dt.date.today()).valeur
    for partie in regle.parties:
        requete = f"""
            select _rang, "{partie}", "{regle.tout}", "{partie}" / "{regle.tout}" from lot
            where "{regle.tout}" > 0 and "{partie}" > ? * "{regle.tout}" order by _rang"""
        for i, heures, nb, moyenne in con.execute(requete, [plafond]).fetchall():
            details = {
                "valeur": ecrire_nombre(heures),
                "nb": ecrire_nombre(nb),
                "moyenne": ecrire_nombre(round(moyenne)),
                "plafond": ecrire_nombre(plafond),
            }
            lot.anomalie(regle.code, i, partie, _nombre(heures), **details)


REGLES = {"partie": _parties, "somme": _somme, "plafond": _plafond}


def _nombre(valeur: Any) -> Any:
    return None if valeur is None else float(valeur)


def _lointaines(lot: Lot, con: duckdb.DuckDBPyConnection) -> None:
    """Values very far above the median of their column (NB-02)."""
    for champ in lot.enquete.champs_actifs():
        if type_de(champ).nom not in QUANTITES:
            continue
        requete = f"""
            with v as (select _rang, "{champ.name}"::double as x from lot where "{champ.name}" > 0),
            m as (select median(x) as med, mad(ln(x)) as ecart, count(*) as n from v)
            select _rang, x, med from v, m
            where n >= ? and x >= ? * med and ln(x / med) > ? * ecart order by _rang"""
        valeurs = [EFFECTIF_MIN_MEDIANE, RAPPORT_MEDIANE, ECARTS_LOG]
        for i, x, mediane in con.execute(requete, valeurs).fetchall():
            lot.anomalie(
                "NB-02",
                i,
                champ.name,
                _nombre(x),
                valeur=ecrire_nombre(x),
                rapport=ecrire_nombre(round(x / mediane)),
                mediane=ecrire_nombre(mediane),
            )


def _noms_proches(lot: Lot, indices: Iterable[int]) -> None:
    """Two rows whose names are the same once general words are dropped, in one commune (DO-05)."""
    if not lot.enquete.cle:
        return
    communes = lot.colonnes.get(lot.enquete.identite["commune"], [])
    vus: dict[tuple[Any, ...], int] = {}
    for i in indices:
        nom = lot.repere(i)
        if nom is None:
            continue
        autres = _cle_ligne(lot, i)[1:]
        premier = vus.setdefault((cle_nom(nom), communes[i] if communes else None, *autres), i)
        if premier != i and lot.cles[premier] != lot.cles[i]:
            lot.anomalie(
                "DO-05",
                i,
                lot.enquete.identite["nom"],
                nom,
                autre=lot.repere(premier),
                ligne_autre=_place(lot, premier),
            )


def cles_chargeables(lot: Lot) -> list[tuple[Any, ...]]:
    """Keys (association, year, other key fields) of the rows that can be loaded."""
    return [_cle_ligne(lot, i) for i in lot.chargeables]


def comparer(lot: Lot, existants: Mapping[tuple[Any, ...], tuple[str, tuple[Any, ...]]]) -> None:
    """Say the rows whose association already answered for the year with other values (DO-02).

    `existants` gives, by row key, the deposit that holds the row and its values in the order of the fields.
    """
    noms = [c.name for c in lot.enquete.champs_actifs()]
    for i in lot.chargeables:
        depot, valeurs = existants.get(_cle_ligne(lot, i), ("", ()))
        if depot and valeurs != tuple(lot.colonnes[n][i] for n in noms):
            nom = lot.enquete.identite["nom"]
            lot.anomalie("DO-02", i, nom, lot.repere(i), annee=lot.millesimes[i], depot=depot)
