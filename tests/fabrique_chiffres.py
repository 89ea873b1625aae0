"""A publication small enough for the tests of the figures: every card, every view it may have, every status.

Texts, territories, sectors and constants are those of the product; values are invented.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from observatoire.config.settings import Settings
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.parametre import load_parametres
from observatoire.indicators.catalogue import (
    POUR_CENT,
    REPERES,
    REPONDANTES,
    SOURCE,
    THEMES,
    Carte,
    catalogue,
    francais,
)
from observatoire.storage.fichiers import PARQUET, PUBLIC
from observatoire.territoire import load_territoire

ZONES = (
    ("departement", "77"),
    ("arrondissement", "772"),
    ("epci", "200055655"),
    ("canton", "7716"),
    ("commune", "77285"),
)
ANNEES = (2024, 2025)
STATUTS = ("ok", "prudence", "secret", "nd", "non_publie")
FINANCEURS = ("Ville de L'Haÿ-les-Roses", "Ville de L’Haÿ-les-Roses", "<b>Région</b>")
DEPOTS = (
    ("aaaaaaaaaaaa", "benevolat", "tableur", None, "charge"),
    ("bbbbbbbbbbbb", "benevolat", "tableur", 2024, "charge"),
    ("cccccccccccc", "benevolat", "tableur", None, "annule"),
    ("dddddddddddd", "ressources", "tableur", 2025, "charge"),
)
Ligne = dict[str, Any]


def fabriquer(settings: Settings, version: int, changements: Sequence[str] = ()) -> Path:
    """Write publication `version` and make it the one in force; `changements` are SQL statements on its tables."""
    chemin = PUBLIC.final(settings, version)
    chemin.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(chemin)) as con:
        for nom, lignes in tables(version).items():
            _poser(con, nom, list(lignes))
        for changement in changements:
            con.execute(changement)
        copies = PARQUET.final(settings, version)
        copies.mkdir()
        for nom in ("_publication", "mesures", "indicateurs"):
            con.execute(f"copy {nom} to ? (format parquet)", [str(copies / f"{nom}.parquet")])
    settings.publication.unlink(missing_ok=True)
    settings.publication.symlink_to(chemin.name)
    return chemin


def tables(version: int) -> Mapping[str, Iterator[Ligne]]:
    """Rows of each table."""
    return {
        "_publication": iter([{"version": version, "publie_le": dt.datetime(2026, 11, version, 23, 30), "fictif": True}]),
        "mesures": mesures(version),
        "indicateurs": (_fiche(carte) for carte in catalogue().values()),
        "territoires": _territoires(),
        "domaines": ({"code": x.code, "libelle": x.libelle} for x in charger_nomenclature("secteurs").lignes),
        "parametres": (
            {c: getattr(p, c) for c in ("id", "libelle", "valeur", "unite", "valable_du", "valable_au", "source", "statut")}
            for p in load_parametres()
        ),
        "depots": (
            dict(zip(("depot_id", "questionnaire", "source", "millesime", "statut"), d, strict=True))
            | {"depose_le": dt.datetime(2026, 10, 1, 23, 30), "fictif": True}
            for d in DEPOTS
        ),
        "redressement": (
            {
                "millesime": a, "n_repondantes": 34, "n_bas": 100, "n_haut": 130, "taux_bas": 0.26, "taux_haut": 0.34,
                "ecart_max": -0.1, "ecart_ou": "secteur : sport", "n_efficace": 28.5, "deff": 1.2, "poids_min": 1.5,
                "poids_max": 6.0, "marges": "groupes", "refus": None,
            }
            for a in ANNEES
        ),
        "redressement_journal": iter(
            [
                {"millesime": 2025, "jeu": 1, "ordre": 0, "etape": "secteur", "groupe": "sport", "vers": "autres",
                 "raison": "trop peu de répondantes", "est_ensemble": True}
            ]
        ),
        "evolutions": iter([_evolution(0.05, 0.01, 0.09, True)]),
    }  # fmt: skip


def mesures(version: int) -> Iterator[Ligne]:
    """One row per card, view, year and zone, statuses in turn; sectors and funders for some."""
    statuts = itertools.cycle(STATUTS)
    for carte in catalogue().values():
        for vue, annee, (niveau, code) in itertools.product(carte.vues_permises, ANNEES, ZONES):
            if niveau == "commune" and not carte.communes:
                continue
            place = {
                "indicateur": carte.nom,
                "millesime": annee,
                "niveau": niveau,
                "code_territoire": code,
                "vue": vue,
            }
            statut = "ok" if niveau == "departement" else next(statuts)
            yield place | {"domaine": "tous", "financeur": "tous"} | _valeur(carte, vue, statut, version)
            if niveau == "arrondissement":
                yield (
                    place
                    | {"domaine": "sport", "financeur": "tous"}
                    | _valeur(carte, vue, next(statuts), version)
                )
            if carte.nom == "montant_subventions":
                for financeur in FINANCEURS:
                    yield (
                        place
                        | {"domaine": "tous", "financeur": financeur}
                        | _valeur(carte, vue, "ok", version)
                    )


def _valeur(carte: Carte, vue: str, statut: str, version: int) -> Ligne:
    montre = statut in ("ok", "prudence")
    valeur = 0.389 if carte.unite == "part" else 1234.5
    bornes = montre and (vue != REPONDANTES or carte.nom == "valeur_benevolat")
    return {
        "valeur": valeur if montre else None,
        "borne_basse": valeur * 0.9 if bornes else None,
        "borne_haute": valeur * 1.1 if bornes else None,
        "cv": 0.05 if montre and vue != REPONDANTES else None,
        "n_repondants": None if statut == "secret" else 34 if montre else 0,
        "taux_reponse": 0.3 if montre and vue != REPONDANTES else None,
        "statut": statut,
        "publication": version,
    }


def _fiche(carte: Carte) -> Ligne:
    constantes = {p.id: francais(p.valeur) for p in load_parametres()}
    constantes |= {f"{SOURCE}{p.id}": p.source.rstrip(".") for p in load_parametres()}
    constantes |= {f"{p.id}{POUR_CENT}": francais(round(100 * p.valeur, 6)) for p in load_parametres()}
    noms = (
        "titre",
        "theme",
        "unite",
        "decimales",
        "estimateur",
        "secret",
        "raison_secret",
        "dit",
        "ne_dit_pas",
        "sql",
    )
    return {
        "indicateur": carte.nom,
        "libelle_theme": THEMES[carte.theme],
        **{nom: getattr(carte, nom) for nom in (*noms, *REPERES)},
        **carte.textes(constantes),
        "parametres": " ; ".join(f"${nom} = {valeur}" for nom, valeur in carte.liees.items()),
    }


def _territoires() -> Iterator[Ligne]:
    territoire = load_territoire("77")
    for niveau, code in ZONES:
        zone = territoire.zone(niveau, code)
        yield {
            "niveau": niveau,
            "code": code,
            "libelle": zone.libelle,
            "population": zone.population,
            "note": zone.note,
        }


def _evolution(difference: float, basse: float, haute: float, est_significative: bool) -> Ligne:
    return {
        "indicateur": "part_deficit", "methode": "panel", "vue": REPONDANTES, "prix": "courants", "de": 2024, "a": 2025,
        "valeur_avant": 0.3, "valeur_apres": 0.3 + difference, "difference": difference, "borne_basse": basse,
        "borne_haute": haute, "est_significative": est_significative, "n_avant": 34, "n_apres": 34, "rupture": None,
        "statut": "ok",
    }  # fmt: skip


def _poser(con: duckdb.DuckDBPyConnection, nom: str, lignes: Sequence[Ligne]) -> None:
    con.register("lignes", pa.Table.from_pylist(list(lignes)))
    con.execute(f"create table {nom} as from lignes")
    con.unregister("lignes")
