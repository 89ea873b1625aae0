"""A small fictitious publication for the tests of the pages: the tables of a real one, invented figures.

The texts of the indicators, the territories, the sectors and the constants are those of the product; only the
figures, the deposits and the anomalies are made up. Every state a figure may have is present.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.parametre import load_parametres
from observatoire.indicators.catalogue import POUR_CENT, SOURCE, THEMES, Carte, catalogue, francais
from observatoire.publications.schemas import BASE, Origine, poser_schemas
from observatoire.territoire.territoire import NIVEAUX, Territoire, load_territoire

# Folder that the tests of a run share (tests/conftest.py).
MEMOIRE = "OBSERVATOIRE_MEMOIRE"
ANNEES = (2023, 2024)
DEPARTEMENT = "77"
FINANCEURS = (
    "Agence nationale de la cohésion des territoires",
    "Conseil départemental de Seine-et-Marne",
    "Région Île-de-France",
    "Ville de Meaux",
    "Ville de Melun",
    "Caisse d’allocations familiales",
    "CA Paris - Vallée de la Marne",
    "Ville de Fontainebleau",
    "<b>Ville de Provins</b>",
    "Ville de Torcy",
)
DEPOTS: tuple[tuple[Any, ...], ...] = (
    ("D-0001", "associations", "gabarit", 2024, "charge", datetime(2026, 10, 1, 9), 412, 380, 20, 12, True),
    ("D-0002", "benevolat", "gabarit", 2024, "charge", datetime(2026, 10, 2, 9), 398, 350, 38, 10, True),
    ("D-0003", "benevolat", "bénévalibre", 2024, "a_revoir", datetime(2026, 10, 3, 9), 96, 60, 30, 6, True),
    ("D-0004", "emploi", "gabarit", 2024, "charge", datetime(2026, 10, 4, 9), 240, 231, 4, 5, True),
    ("D-0005", "ressources", "gabarit", 2024, "charge", datetime(2026, 10, 5, 9), 301, 290, 8, 3, True),
    ("D-0006", "subventions", "SCDL", None, "charge", datetime(2026, 10, 6, 9), 1250, 1204, 31, 15, True),
    ("D-0007", "benevolat", "gabarit", 2023, "charge", datetime(2026, 10, 7, 9), 310, 300, 6, 4, True),
)
ANOMALIES = (
    ("D-0001", "ID-01", "a_confirmer", "Identifiant abîmé par le tableur", 20),
    ("D-0002", "NB-03", "a_corriger", "Nombre illisible", 17),
    ("D-0002", "LG-02", "info", "Ligne de total ignorée", 10),
    ("D-0003", "NB-03", "a_corriger", "Nombre illisible", 8),
    ("D-0006", "DA-01", "repare", "Date écrite en toutes lettres", 31),
)
_ORDRES = {
    "participations": 0.02,
    "heures_benevolat": 1.3,
    "etp_benevolat": 1.3 / 1607,
    "valeur_benevolat": 15.4,
    "nb_salaries": 0.012,
    "etp_salaries": 0.008,
    "budget_total": 45.0,
    "montant_subventions": 9.0,
    "nb_associations_repondantes": 0.0006,
}
# Parts of one whole: their sum stays under one.
STRUCTURE = (
    "part_financement_public", "part_commandes_publiques", "part_cotisations", "part_activites", "part_dons_mecenat",
)  # fmt: skip
Ligne = tuple[Any, ...]
_EVOLUTION = ("coupes", "representatif", "courants", 2023, 2024)
# Extracts: named places or not, a domain kept silent, a cut, numbers and marks that a page must show as they are.
PAROLES: tuple[Ligne, ...] = (
    (
        1,
        2024,
        "departement",
        DEPARTEMENT,
        "social",
        "Nous servons 2 fois plus de familles, avec 12 bénévoles.",
    ),
    (
        2,
        2024,
        "epci",
        "247700057",
        "sport",
        "Le <b>gymnase</b> reste fermé le dimanche […] et nous refusons du monde.",
    ),
    (3, 2023, "epci", "247700057", "culture", "=1+1 ; la salle est trouvée !"),
    (4, 2024, "departement", DEPARTEMENT, None, "Il nous manque un local où laisser le matériel."),
)
PAROLES_BILAN: tuple[Ligne, ...] = ((2023, 6, None, None), (2024, 14, 9, None))
# What a register adds beside the figures: a move that is sure, one that is not, a broken series, a masked one.
REDRESSEMENT: dict[str, Sequence[Ligne]] = {
    "evolutions": (
        ("participations", *_EVOLUTION, 1000.0, 1100.0, 100.0, 20.0, 180.0, True, 90, 95, None, "ok"),
        ("heures_benevolat", *_EVOLUTION, 5000.0, 4900.0, -100.0, -400.0, 200.0, False, 90, 95, None, "ok"),
        ("nb_salaries", *_EVOLUTION, 40.0, 44.0, 4.0, 1.0, 7.0, None, 30, 31, "Question reformulée", "ok"),
        ("budget_total", *_EVOLUTION, None, None, None, None, None, None, None, None, None, "secret"),
        (
            "participations", "panel", "repondantes", "courants", 2023, 2024, 800.0, 790.0, -10.0, -30.0, 10.0,
            False, 70, 70, None, "ok",
        ),
    ),
    "representativite": (
        (2024, "employeuse", "employeuse", 70, 200, 210, 0.2, 0.1, 0.1, 0.33, 0.35),
        (2024, "employeuse", "sans", 280, 1800, 2000, 0.8, 0.9, -0.1, 0.14, 0.16),
        (2024, "secteur", "sport", 200, 900, 1000, 0.57, 0.45, 0.12, 0.2, 0.22),
        (2024, "secteur", "autres", 150, 1100, 1210, 0.43, 0.55, -0.12, 0.12, 0.14),
    ),
    "redressement": (
        (
            2024, 350, 2000, 2210, 0.158, 0.175, 0.12, "secteur : sport", 21.4, 1, 0.00001, 300.5, 1.2, 1.1,
            9.75, "groupes, EPCI des associations sans salarié", True, True, None,
        ),
        (2023, None, None, None, None, None, None, None, None, None, None, None, None, None, None, None, True, True,
         "aucune employeuse n’a répondu"),
    ),
    "redressement_journal": (
        (2024, 1, 0, "secteur, 1_2", "sante", "autres", "trop peu de répondantes", True),
        (2024, 2, 0, "EPCI", "247700057", "autres", "ne se voit pas", False),
    ),
}  # fmt: skip


def fabriquer(donnees: Path, *, fictif: bool = True, version: int = 1, registre: bool = False) -> Path:
    """Write `donnees/curated/observatoire-000N.duckdb` and move the symlink to it; gives its real path.

    With `registre`, the weighted views and what tells of the weighting are there too.
    """
    curated = donnees / "curated"
    curated.mkdir(parents=True, exist_ok=True)
    chemin = curated / f"observatoire-{version:04d}.duckdb"
    shutil.copyfile(_modele(fictif, version, registre), chemin)
    lien = curated / "observatoire.duckdb"
    lien.unlink(missing_ok=True)
    lien.symlink_to(chemin.name)
    return chemin


def _modele(fictif: bool, version: int, registre: bool) -> Path:
    """The same file for all the tests of a run: the first one that needs it writes it."""
    chemin = Path(os.environ[MEMOIRE]) / f"fabrique-{fictif:d}-{version}-{registre:d}.duckdb"
    if not chemin.exists():
        provisoire = chemin.with_name(f"{os.getpid()}-{chemin.name}")
        _ecrire(provisoire, fictif, version, registre)
        provisoire.replace(chemin)
    return chemin


def _ecrire(chemin: Path, fictif: bool, version: int, registre: bool) -> None:
    territoire = load_territoire(DEPARTEMENT)
    with duckdb.connect(":memory:") as con:
        con.execute(f"attach '{chemin}' as {BASE}")
        con.execute(f"use {BASE}")
        _reference(con, territoire)
        _depots(con, version, fictif)
        mesures = [*_mesures(), *(_ponderees() if registre else ())]
        _remplir(con, "mesures", [(*ligne, version) for ligne in mesures])
        _remplir(con, "paroles", PAROLES)
        _remplir(con, "paroles_bilan", PAROLES_BILAN)
        for table, lignes in REDRESSEMENT.items():
            _remplir(con, table, lignes if registre else lignes[:0])
        con.execute("use memory")
        poser_schemas(con, [Origine("essai", "Essai", "Essai", "Licence Ouverte 2.0", None, "2026-01-01", 1)])


TABLES = {
    "mesures": (
        "indicateur varchar, millesime integer, niveau varchar, code_territoire varchar, domaine varchar, "
        "financeur varchar, vue varchar, valeur double, borne_basse double, borne_haute double, cv double, "
        "n_repondants integer, taux_reponse double, statut varchar, publication integer"
    ),
    "territoires": (
        "niveau varchar, code varchar, libelle varchar, population bigint, note varchar, "
        "code_departement varchar"
    ),
    "communes": (
        "code varchar, libelle varchar, population bigint, code_epci varchar, code_arrondissement varchar, "
        "code_canton varchar"
    ),
    "indicateurs": (
        "indicateur varchar, titre varchar, theme varchar, libelle_theme varchar, definition varchar, "
        "formule varchar, precautions varchar, unite varchar, decimales integer, estimateur varchar, "
        "source varchar, dit varchar, ne_dit_pas varchar, repere_valeur double, repere_territoire varchar, "
        "repere_annee varchar, repere_source varchar, sql varchar"
    ),
    "domaines": "code varchar, libelle varchar",
    "parametres": (
        "id varchar, valeur double, unite varchar, valable_du date, valable_au date, source varchar, "
        "statut varchar"
    ),
    "depots": (
        "depot_id varchar, questionnaire varchar, source varchar, millesime integer, statut varchar, "
        "depose_le timestamp, lignes_lues bigint, lignes_chargees bigint, lignes_en_attente bigint, "
        "lignes_ignorees bigint, fictif boolean"
    ),
    "evolutions": (
        "indicateur varchar, methode varchar, vue varchar, prix varchar, de integer, a integer, "
        "valeur_avant double, valeur_apres double, difference double, borne_basse double, borne_haute double, "
        "est_significative boolean, n_avant integer, n_apres integer, rupture varchar, statut varchar"
    ),
    "representativite": (
        "millesime integer, dimension varchar, modalite varchar, n_repondantes integer, n_cadre integer, "
        "n_cadre_haut integer, part_repondantes double, part_cadre double, ecart double, taux_bas double, "
        "taux_haut double"
    ),
    "redressement": (
        "millesime integer, n_repondantes integer, n_bas integer, n_haut integer, taux_bas double, "
        "taux_haut double, ecart_max double, ecart_ou varchar, chi2 double, chi2_ddl integer, chi2_p double, "
        "n_efficace double, deff double, poids_min double, poids_max double, marges varchar, "
        "est_salariat boolean, est_date boolean, refus varchar"
    ),
    "redressement_journal": (
        "millesime integer, jeu integer, ordre integer, etape varchar, groupe varchar, vers varchar, "
        "raison varchar, est_ensemble boolean"
    ),
    "paroles": (
        "rang integer, millesime integer, niveau varchar, code_territoire varchar, domaine varchar, extrait varchar"
    ),
    "paroles_bilan": "millesime integer, nb_recus integer, nb_accords integer, nb_publies integer",
    "anomalies": "depot_id varchar, code varchar, niveau varchar, cause varchar, nb bigint",
    "_publication": (
        "version integer, publie_le timestamp, fictif boolean, depots varchar, duckdb_version varchar"
    ),
}


def _remplir(con: duckdb.DuckDBPyConnection, table: str, lignes: Sequence[Ligne]) -> None:
    """Make one table; columns pass as lists, far quicker than row by row."""
    con.execute(f"create table {table} ({TABLES[table]})")
    if not lignes:
        return
    champs = [c.split() for c in TABLES[table].split(", ")]
    colonnes = ", ".join(f"unnest(cast(? as {genre}[]))" for _, genre in champs)
    con.execute(f"insert into {table} select {colonnes}", [list(c) for c in zip(*lignes, strict=True)])


def _reference(con: duckdb.DuckDBPyConnection, territoire: Territoire) -> None:
    zones = [z for niveau in NIVEAUX for z in territoire.zones(niveau)]
    _remplir(
        con,
        "territoires",
        [(z.niveau, z.code, z.libelle, z.population, z.note, z.code_departement) for z in zones],
    )
    communes = [
        (c.code, c.nom, c.population, c.code_epci, c.code_arrondissement, c.code_canton)
        for c in territoire.communes
    ]
    _remplir(con, "communes", communes)
    constantes = {p.id: francais(p.valeur) for p in load_parametres()}
    constantes |= {f"{SOURCE}{p.id}": p.source.rstrip(".") for p in load_parametres()}
    constantes |= {f"{p.id}{POUR_CENT}": francais(round(100 * p.valeur, 6)) for p in load_parametres()}
    _remplir(con, "indicateurs", [_fiche(carte, constantes) for carte in catalogue().values()])
    _remplir(con, "domaines", [(x.code, x.libelle) for x in charger_nomenclature("secteurs").lignes])
    noms = ("id", "valeur", "unite", "valable_du", "valable_au", "source", "statut")
    parametres = [tuple(getattr(p, nom) for nom in noms) for p in load_parametres()]
    _remplir(con, "parametres", parametres)


def _fiche(carte: Carte, constantes: dict[str, str]) -> Ligne:
    textes = carte.textes(constantes)
    return (
        carte.nom,
        carte.titre,
        carte.theme,
        THEMES[carte.theme],
        textes["definition"],
        textes["formule"],
        textes["precautions"],
        carte.unite,
        carte.decimales,
        carte.estimateur,
        textes["source"],
        carte.dit,
        carte.ne_dit_pas,
        carte.repere_valeur,
        carte.repere_territoire,
        carte.repere_annee,
        carte.repere_source,
        carte.sql,
    )


def _depots(con: duckdb.DuckDBPyConnection, version: int, fictif: bool) -> None:
    _remplir(con, "depots", DEPOTS)
    _remplir(con, "anomalies", ANOMALIES)
    identifiants = ", ".join(d[0] for d in DEPOTS)
    _remplir(
        con,
        "_publication",
        [(version, datetime(2026, 11, 20, 8, 30), fictif, identifiants, duckdb.__version__)],
    )


def _etat(niveau: str, hasard: random.Random) -> str:
    """State of one cell: always published for the département, all states below."""
    if niveau == "departement":
        return "ok"
    poids = (2, 0.5, 0.5, 3, 4) if niveau == "commune" else (12, 2, 1, 2, 1)
    return hasard.choices(("ok", "prudence", "non_publie", "secret", "nd"), poids)[0]


def _valeur(carte: Carte, population: int, hasard: random.Random) -> float:
    if carte.nom in STRUCTURE:
        return round(hasard.uniform(0.12, 0.19), 4)
    if carte.unite == "part":
        return round(hasard.uniform(0.1, 0.9), 4)
    if carte.estimateur == "moyenne":
        return round(hasard.uniform(40, 80) if carte.nom == "oms5" else hasard.uniform(3, 9), 2)
    brut = population * _ORDRES.get(carte.nom, 0.01) * hasard.uniform(0.4, 1.6)
    return float(round(brut, 1 if carte.decimales else 0))


def _mesure(carte: Carte, annee: int, zone: tuple[str, str, int], domaine: str, financeur: str) -> Ligne:
    niveau, code, population = zone
    hasard = random.Random(f"{carte.nom}/{annee}/{code}/{domaine}/{financeur}")
    statut = _etat(niveau, hasard)
    montree = statut in ("ok", "prudence")
    valeur = _valeur(carte, population, hasard) if montree else None
    if valeur is not None and niveau == "epci" and domaine == "tous" and code.endswith("01"):
        valeur = 0.0
    bas = haut = None
    if valeur is not None and carte.nom == "valeur_benevolat":
        bas, haut = valeur, valeur * 2
    n = hasard.randint(5, 400) if montree else (None if statut == "secret" else hasard.randint(0, 4))
    return (
        carte.nom,
        annee,
        niveau,
        code,
        domaine,
        financeur,
        "repondantes",
        valeur,
        bas,
        haut,
        None,
        n,
        None,
        statut,
    )


@cache
def _mesures() -> tuple[Ligne, ...]:
    """All measures, without the number of the publication."""
    return tuple(_toutes_les_mesures(load_territoire(DEPARTEMENT)))


@cache
def _ponderees() -> tuple[Ligne, ...]:
    """The weighted views of the published figures: wider, with an interval; none for a commune or a funder."""
    lignes = []
    for ligne in _mesures():
        carte = catalogue()[ligne[0]]
        if ligne[2] == "commune" or ligne[5] != "tous":
            continue
        for vue in carte.vues_permises[1:]:
            facteur = 1.0 if carte.unite == "part" else 4.0
            valeur = None if ligne[7] is None else ligne[7] * facteur
            bornes = (
                (None, None)
                if valeur is None
                else (0.9 * valeur, min(1.1 * valeur, 1.0) if facteur == 1 else 1.1 * valeur)
            )
            taux = None if ligne[11] is None else 0.2
            lignes.append((*ligne[:6], vue, valeur, *bornes, valeur and 0.05, ligne[11], taux, ligne[13]))
    return tuple(lignes)


def _toutes_les_mesures(territoire: Territoire) -> Iterator[Ligne]:
    domaines = [x.code for x in charger_nomenclature("secteurs").lignes]
    zones = [(z.niveau, z.code, z.population) for niveau in NIVEAUX for z in territoire.zones(niveau)]
    for carte in catalogue().values():
        for annee in ANNEES:
            for zone in zones:
                if zone[0] == "commune":
                    if carte.communes:
                        yield _mesure(carte, annee, zone, "tous", "tous")
                    continue
                for domaine in ("tous", *domaines):
                    yield _mesure(carte, annee, zone, domaine, "tous")
                if carte.nom == "montant_subventions":
                    for financeur in FINANCEURS:
                        yield _mesure(carte, annee, zone, "tous", financeur)
