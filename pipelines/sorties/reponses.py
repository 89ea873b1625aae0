"""Which associations answered, under which keys; what one of them answered. One short opening of the warehouse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.enquete import Enquete
from observatoire.domain.identite import cle_association
from observatoire.storage.connexion import nom_sql
from observatoire.storage.entrepot import EntrepotLecture
from observatoire.storage.erreurs import EntrepotAbsent
from observatoire.storage.insertion import en_table

LIENS = "select cle, vers from depot.rapprochements where statut in ('sur', 'confirme')"


@dataclass(frozen=True, slots=True)
class Repondante:
    """An association that answered: its key, every key known for it, where it is, its sector."""

    cle: str
    cles: frozenset[str]
    nom: str
    commune: str | None
    secteur: str | None


def lire_repondantes(settings: Settings, enquete: Enquete, millesime: int) -> list[Repondante]:
    """Associations with an answer in force to `enquete` for `millesime`; empty when nothing was ever loaded.

    Two keys that the same row or a kept link brings together are one association.
    """
    try:
        with EntrepotLecture(settings) as con, con.cursor() as cur:
            lignes = cur.execute(_identites(enquete), [millesime]).fetchall()
            liens = cur.execute(LIENS).fetchall()
            secteurs = _secteurs(cur, millesime)
    except EntrepotAbsent:
        return []
    vers: dict[str, set[str]] = defaultdict(set)
    for cle, autre in liens:
        vers[cle].add(autre)
    groupes = _grouper({cle: cles_de(*x) | vers[cle] for cle, *x in lignes})
    details = {cle: (nom, commune) for cle, nom, _, _, commune in lignes}
    return [
        Repondante(
            min(cles & details.keys()),
            frozenset(cles),
            details[min(cles & details.keys())][0] or min(cles & details.keys()),
            next((details[c][1] for c in sorted(cles & details.keys()) if details[c][1]), None),
            next((secteurs[c] for c in sorted(cles) if c in secteurs), None),
        )
        for cles in groupes
    ]


def cles_de(nom: str | None, rna: str | None, siret: str | None, commune: str | None) -> set[str]:
    """The keys that one row gives its association."""
    cles = {cle_association(None, rna, None, None), cle_association(None, None, siret, None)}
    return {c for c in cles if c}


def _identites(enquete: Enquete) -> str:
    nom, rna, siret, commune = (nom_sql(enquete.identite[c]) for c in ("nom", "rna", "siret", "commune"))
    return f"""
        select cle_association, max({nom}), max({rna}), max({siret}), max({commune})
        from {en_table("courant", enquete.name)}
        where millesime = ? and cle_association is not null
        group by cle_association order by cle_association"""


def _secteurs(cur: duckdb.DuckDBPyConnection, millesime: int) -> dict[str, str]:
    """Sector of each association on its own card, the latest one."""
    requete = """
        select cle_association, arg_max(secteur, millesime) from courant.associations
        where secteur is not null and millesime <= ? group by cle_association"""
    return dict(cur.execute(requete, [millesime]).fetchall())


def _grouper(cles: Mapping[str, Collection[str]]) -> list[set[str]]:
    """Sets of keys that share one, in a stable order."""
    groupes: list[set[str]] = []
    de: dict[str, set[str]] = {}
    for cle, autres in cles.items():
        groupe = {cle, *autres}
        for ancien in _distincts(de[c] for c in list(groupe) if c in de):
            groupe |= ancien
            groupes.remove(ancien)
        groupes.append(groupe)
        de |= dict.fromkeys(groupe, groupe)
    return groupes


def _distincts(groupes: Iterable[set[str]]) -> list[set[str]]:
    return list({id(g): g for g in groupes}.values())


def lignes_de(
    con: duckdb.DuckDBPyConnection, enquete: Enquete, cles: Collection[str]
) -> list[dict[str, Any]]:
    """Rows in force of one association, the latest year first."""
    with con.cursor() as cur:
        cur.execute(
            f"select * from {en_table('courant', enquete.name)} where list_contains(?, cle_association) "
            "order by millesime desc nulls last, feuille, ligne",
            [sorted(cles)],
        )
        noms = [d[0] for d in cur.description or ()]
        return [dict(zip(noms, ligne, strict=True)) for ligne in cur.fetchall()]


def autres_cles(con: duckdb.DuckDBPyConnection, enquetes: Iterable[Enquete], cle: str) -> set[str]:
    """Every key of the association `cle`: its own numbers, and the links kept, never through a third key.

    A number that two associations gave is left out: nobody must receive the answers of another.
    """
    identites = " union ".join(
        f"select cle_association as cle, {nom_sql(e.identite['rna'])} as rna, "
        f"substr({nom_sql(e.identite['siret'])}, 1, 9) as siren from {en_table('courant', e.name)}"
        for e in enquetes
    )
    requete = f"""
        with identites as ({identites}),
        paires as (
            select cle, 'RNA:' || rna as autre from identites where rna is not null
            union select cle, 'SIREN:' || siren from identites where siren is not null
            union {LIENS}
        ),
        sures as (
            select p.cle, p.autre from paires as p
            where p.cle <> p.autre and (
                select count(distinct q.cle) from paires as q where q.autre = p.autre and q.cle <> q.autre) = 1)
        select autre from sures where cle = $cle union select cle from sures where autre = $cle"""
    with con.cursor() as cur:
        return {cle, *(autre for (autre,) in cur.execute(requete, {"cle": cle}).fetchall())}
